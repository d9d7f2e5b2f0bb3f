"""What a result says about itself: a verdict of three checks, and why one value."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jupyter_wrangler.contract.base import Label, Request, View

#: "ok"; "look" before use; "problem": do not use as it is; "unknown": the check could
#: not be made, and says why.
Mark = Literal["ok", "look", "problem", "unknown"]


class ColumnFinding(View):
    """What one check found in one column."""

    column: str
    mark: Mark
    #: A whole sentence with its numbers.
    sentence: str
    #: Number -> its value; which numbers there are differs by check.
    numbers: dict[str, float | None]


class Check(View):
    """One of the questions that a result is asked."""

    #: "distributions", "chains" or "missing".
    name: str
    #: The question.
    title: str
    mark: Mark
    #: The answer, a whole sentence.
    sentence: str
    #: What to do; empty where there is nothing to do.
    action: str = ""
    #: How it is decided, and by whose rule.
    rule: str
    #: Columns that stand out, the worst first; the others are counted only.
    columns: tuple[ColumnFinding, ...] = ()
    #: Columns that were judged, and among them those that stand out.
    n_judged: int
    n_standing_out: int


class Verdict(View):
    """Whether imputed values can be used, in words and by three checks."""

    mark: Mark
    #: A whole sentence.
    sentence: str
    checks: tuple[Check, ...]


class Donor(View):
    """A row whose value was handed on."""

    imputation: int
    #: Its label and its position, from 0.
    row: str
    position: int
    value: str
    #: Mean difference over the other columns: of numbers in standard deviations, of
    #: classes 0 or 1; None where no other column can be compared.
    distance: float | None
    #: Share of the rows with an observed value that are farther away.
    nearer_than: float | None


class Influence(View):
    """What the value of one other column did to the imputed value."""

    column: str
    #: Its value in this row.
    value: str
    #: How far it moves the value from that of a typical row: in the units of the
    #: column, or of classes in log-odds or in probability.
    effect: float


class WhyQuestion(Request):
    """Which cell is asked about."""

    #: Position of the row in the data, from 0, as `RowPage.rows` gives it.
    row: int = Field(ge=0, lt=2**53)
    column: Label
    #: The completed data set whose value and predictors are told.
    imputation: int = Field(default=0, ge=0, lt=2**31)


class WhyDocument(View):
    """Why a cell holds its value."""

    row: str
    position: int
    column: str
    level: str
    imputed: bool
    #: The value in the completed data set of this number.
    value: str
    imputation: int = 0
    #: The value in each imputation.
    draws: tuple[str, ...] = ()
    #: Ends of the range in which the value lies with 90 % probability, judged by the
    #: draws; of classes None.
    low: str | None = None
    high: str | None = None
    #: Class -> share of the draws; of numbers empty.
    shares: dict[str, float] = Field(default_factory=dict)
    #: Empty for an observed value.
    method: str = ""
    #: What the method did, in whole sentences.
    reasons: tuple[str, ...]
    donors: tuple[Donor, ...] = ()
    influences: tuple[Influence, ...] = ()
    #: What the effects are measured in: "units", "log-odds" or "probability".
    effects_in: str = ""
    #: How the effects were computed, a whole sentence.
    effects_how: str = ""
    #: Columns that the method could use.
    n_predictors: int = 0
