"""Which measure a pair of columns gets: by the levels of both."""

from __future__ import annotations

from typing import get_args

from jupyter_wrangler.contract import CorrelationSpec, Level, Measure
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, DATES, NUMERIC
from jupyter_wrangler.errors import InvalidSpec, UnknownMethod

MEASURES: tuple[Measure, ...] = get_args(Measure)
#: Stands for no measure where one is reported by position.
UNMEASURED = -1
#: Measures of numbers and ranks; booleans count as 0 and 1.
OF_NUMBERS: frozenset[str] = frozenset({"pearson", "spearman", "kendall", "distance"})
#: Measures of classes.
OF_CLASSES: frozenset[str] = frozenset({"cramers_v", "theils_u"})
#: Measures that are slow, and look at some rows of long data only.
SAMPLED: frozenset[str] = frozenset({"distance", "mutual_info"})

#: Levels that stand as numbers, without ranks and without.
_NUMBERS: frozenset[Level] = NUMERIC | DATES | {"boolean"}
_RANKED: frozenset[Level] = _NUMBERS | {"ordered"}


def check_method(spec: CorrelationSpec) -> None:
    """Refuse a measure that is not there, or not by maximum likelihood.

    Examples
    --------
    >>> check_method(CorrelationSpec(method="kendal"))
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.UnknownMethod: There is no method 'kendal'; did you mean
    'kendall'? Choose one of auto, pearson, ...
    """
    known = ["auto", *MEASURES]
    if spec.method not in known:
        raise UnknownMethod(spec.method, known)
    if spec.use == "em" and spec.method not in {"auto", "pearson"}:
        raise InvalidSpec(
            f"use='em' was asked for with method={spec.method!r}, but maximum "
            "likelihood is for Pearson's correlation; use method='pearson' or "
            "'auto', or use='pairwise'."
        )


def fits(method: str, level: Level) -> str:
    """Say why columns of a level have no place in a measure; nothing if they have.

    Examples
    --------
    >>> fits("pearson", "nominal")
    "It is nominal, and 'pearson' is for numbers and ranks; 'auto' takes it too."
    """
    if method in OF_NUMBERS and level not in _RANKED:
        what = "numbers and ranks"
    elif method in OF_CLASSES and level not in CATEGORICAL:
        what = "classes"
    else:
        return ""
    return f"It is {level}, and {method!r} is for {what}; 'auto' takes it too."


def measure_of(a: Level, b: Level, method: str) -> Measure | None:
    """Tell the measure of a pair; None where the one asked for does not fit it.

    Numbers, dates and booleans correlate by Pearson, with an ordered column by
    Spearman; two columns of classes by Cramer's V, classes with numbers by the
    correlation ratio.

    Examples
    --------
    >>> measure_of("continuous", "boolean", "auto")
    'pearson'
    >>> measure_of("nominal", "integer", "auto")
    'correlation_ratio'
    """
    if method == "auto":
        if a in _NUMBERS and b in _NUMBERS:
            return "pearson"
        if a in _RANKED and b in _RANKED:
            return "spearman"
        if a in CATEGORICAL and b in CATEGORICAL:
            return "cramers_v"
        return "correlation_ratio"
    if method == "correlation_ratio" and (a in CATEGORICAL) == (b in CATEGORICAL):
        return None
    return next(measure for measure in MEASURES if measure == method)
