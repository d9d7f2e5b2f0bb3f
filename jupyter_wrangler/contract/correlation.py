"""What a correlation found: one measure for each pair of columns.

Pairs stand in the order (0, 1), (0, 2), ..., (1, 2), ... of `columns`, as in the upper
triangle of a matrix read by lines.  None stands where a number is not defined.
"""

from __future__ import annotations

from typing import Literal

from jupyter_wrangler.contract.base import View

Measure = Literal[
    "pearson",
    "spearman",
    "kendall",
    "distance",
    "mutual_info",
    "cramers_v",
    "theils_u",
    "correlation_ratio",
]


class CorrelatedColumn(View):
    """A column that was correlated."""

    name: str
    #: continuous, integer, boolean, nominal, ordered, datetime or timedelta.
    level: str
    n_observed: int


class ColumnLeftOut(View):
    """A column that was not correlated, and why, in a whole sentence."""

    name: str
    reason: str


class MissingCorrelation(View):
    """Correlation of the indicators of missing values (phi), by pairs of columns."""

    #: Columns with missing and observed values.
    columns: tuple[str, ...] = ()
    r: tuple[float | None, ...] = ()
    #: Of the chi-squared test on one degree of freedom, and corrected.
    p: tuple[float | None, ...] = ()
    p_adjusted: tuple[float | None, ...] = ()


class CorrelationDocument(View):
    """All that a correlation found."""

    n_rows: int
    #: Rows that the slow measures looked at, where these are fewer.
    n_sampled: int | None = None
    method: str
    use: str
    adjust: str
    columns: tuple[CorrelatedColumn, ...]
    left_out: tuple[ColumnLeftOut, ...] = ()
    #: Positions of the columns, similar ones next to each other.
    order: tuple[int, ...] = ()
    #: Names of the measures; `measure` says by position which one a pair has.
    measures: tuple[Measure, ...] = ()
    measure: tuple[int, ...] = ()
    r: tuple[float | None, ...] = ()
    #: The other direction of measures that have one; empty if there are none.
    back: tuple[float | None, ...] = ()
    #: Rows that have both columns.
    n: tuple[int, ...] = ()
    p: tuple[float | None, ...] = ()
    p_adjusted: tuple[float | None, ...] = ()
    #: Why a number is not defined, in whole sentences; `reason` says by position
    #: which one a pair has, and -1 where it is defined.
    reasons: tuple[str, ...] = ()
    reason: tuple[int, ...] = ()
    missing: MissingCorrelation = MissingCorrelation()
    #: What stands out, in whole sentences.
    findings: tuple[str, ...] = ()
