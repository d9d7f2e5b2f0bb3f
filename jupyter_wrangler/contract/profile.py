"""What a look at a dataset found: columns, missing values, and sentinel values.

JSON through and through: a number that cannot be given is None, never NaN.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jupyter_wrangler.contract.base import Scalar, View


class Count(View):
    """A value, as text, and how often it occurs."""

    value: str
    n: int


class MissingRun(View):
    """Rows in a row in which a column is missing."""

    #: Labels of the first and the last row: the index, or the time that was named.
    first: str
    last: str
    n: int


class ColumnProfile(View):
    """One column."""

    name: str
    dtype: str
    #: continuous, integer, boolean, nominal, ordered, datetime, timedelta or text;
    #: mixed and nested where cells hold values of several types, or containers.
    level: str
    n_missing: int
    #: Cells whose value surely stands for a missing one (`disguised`): left out of
    #: quantiles, most frequent values and histogram.
    n_codes: int = 0
    #: Different observed values, codes included; None where they cannot be
    #: distinguished.
    n_distinct: int | None = None
    #: Numbers: min, q1, median, q3, max, mean, sd; moments and spans without the last
    #: two, as text.
    quantiles: dict[str, float | str | None] = Field(default_factory=dict)
    #: The most frequent values of all other columns.
    top: tuple[Count, ...] = ()
    #: Observed values in bins of equal width from min to max; or the most frequent
    #: classes.
    histogram: tuple[int, ...] = ()
    #: The longest runs of missing rows, and the number of runs.
    runs: tuple[MissingRun, ...] = ()
    n_runs: int = 0
    #: A whole sentence where something is odd.
    note: str = ""
    #: A whole sentence where texts read as dates or numbers: how many do, and how to
    #: convert them.
    advice: str = ""


class Disguised(View):
    """A value that seems to stand for a missing value."""

    column: str
    #: As `mark_missing` takes it: infinite numbers as "inf" and "-inf", moments as
    #: ISO 8601.
    value: Scalar
    n: int
    #: Share of the observed values of the column.
    share: float
    #: Whether the evidence is enough to mark it unasked.
    sure: bool
    #: A whole sentence.
    evidence: str


class MissingPattern(View):
    """Rows that lack the same columns."""

    #: Positions of the missing columns in `MissingPatterns.columns`.
    missing: tuple[int, ...]
    n_rows: int


class MissingPatterns(View):
    """Which columns are missing together."""

    #: In ascending order of missing values; columns without any come first.
    columns: tuple[str, ...]
    n_missing: tuple[int, ...]
    #: In the order of md.pattern; the most frequent ones where there are too many.
    listed: tuple[MissingPattern, ...]
    #: How many there are.
    n_patterns: int
    #: Whether a row that lacks a column lacks all columns to the right of it.
    monotone: bool


class MissingPairs(View):
    """Columns with missing values, two by two."""

    columns: tuple[str, ...]
    #: Rows in which both are observed.
    both: tuple[tuple[int, ...], ...]
    #: Correlation of being missing (phi); None for a column without any value.
    correlation: tuple[tuple[float | None, ...], ...]


class ColumnFlux(View):
    """How a column is connected to the others through what is missing."""

    column: str
    observed: float
    influx: float | None
    outflux: float | None
    inbound: float
    outbound: float
    incomplete: float | None


class Dependence(View):
    """A column whose missing values go with the values of another one."""

    #: The column with missing values, and the other one.
    column: str
    on: str
    #: Rows with both a missing value and a value of the other column, and with two
    #: values.
    n_missing: int
    n_observed: int
    measure: Literal["standardised mean difference", "Cramer's V"]
    effect: float
    p_value: float
    #: After Holm's correction for all comparisons.
    p_adjusted: float


class Dependences(View):
    """Whether missing values go with what is observed; codes are taken as missing."""

    #: The largest effects among those with an adjusted p-value below 0.05.
    listed: tuple[Dependence, ...]
    #: How many have an adjusted p-value below 0.05, and how many were compared.
    n_found: int
    n_compared: int
    #: How it was done, and what was left out.
    notes: tuple[str, ...] = ()


class Mcar(View):
    """Little's test, or why there is none; codes are taken as missing."""

    statistic: float | None = None
    df: int | None = None
    p_value: float | None = None
    n_patterns: int | None = None
    #: Rows that were looked at, and whether they are a sample.
    n_rows: int | None = None
    sample: bool = False
    columns: tuple[str, ...] = ()
    #: Column -> why it was not looked at.
    left_out: dict[str, str] = Field(default_factory=dict)
    #: What it says in words, or why it was not made.
    sentence: str
    #: What it takes for granted.
    assumptions: tuple[str, ...] = ()


class ProfileDocument(View):
    """All of it; what an analysis job stores."""

    kind: Literal["analysis"] = "analysis"
    n_rows: int
    n_columns: int
    n_missing: int
    n_complete_rows: int
    #: What stands out, in whole sentences, most important first.
    sentences: tuple[str, ...]
    columns: tuple[ColumnProfile, ...]
    disguised: tuple[Disguised, ...]
    patterns: MissingPatterns
    flux: tuple[ColumnFlux, ...]
    #: None where there are too many columns with missing values; `notes` says so.
    pairs: MissingPairs | None
    dependences: Dependences
    mcar: Mcar
    #: What was left out or sampled, in whole sentences.
    notes: tuple[str, ...] = ()
