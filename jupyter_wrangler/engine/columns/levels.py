"""The measurement level of a column decides what may fill its missing values.

Levels: continuous, integer, boolean, nominal, ordered, datetime, timedelta and
text.  A float column is continuous even where every observed value is whole,
since a missing value alone turns whole numbers into floats; methods that hand on
observed values (`pmm`, `most_frequent`) keep such a column whole, means and regressions
do not.

Strings count as nominal when they are *few*: at most 20 different values, or at
most 50 that fill twice as many rows; but not when every value is another, which
is how names and keys look.  All other strings are text: no method but
`most_frequent` and `constant`, asked for by name, fills them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd
from pandas.api.types import infer_dtype, is_object_dtype

from jupyter_wrangler.contract import Level
from jupyter_wrangler.engine.columns.texts import reading_of
from jupyter_wrangler.errors import MixedTypes, UnsupportedFrame, shown

#: Levels whose values are numbers that can be averaged.
NUMERIC: frozenset[Level] = frozenset({"continuous", "integer"})
#: Levels whose values are one of a few classes.
CATEGORICAL: frozenset[Level] = frozenset({"boolean", "nominal", "ordered"})
#: Levels that models take as numbers, on a scale of their own.
DATES: frozenset[Level] = frozenset({"datetime", "timedelta"})
#: Levels that can help to predict other columns.
PREDICTORS = NUMERIC | CATEGORICAL | DATES

#: So many different strings are always few.
FEW = 20
#: So many are few where each fills two rows or more on average.
FEW_REPEATED = 50
#: Types of a mixed column of which an example is shown.
SHOWN = 5

_BY_KIND: dict[str, Level] = {
    "b": "boolean",
    "i": "integer",
    "u": "integer",
    "f": "continuous",
    "M": "datetime",
    "m": "timedelta",
}
_BY_CONTENT: dict[str, Level] = {
    "boolean": "boolean",
    "integer": "integer",
    "floating": "continuous",
    "mixed-integer-float": "continuous",
}
#: Objects that a dtype of pandas holds, and how they come into it.
_CONVERTED = {
    "date": "pd.to_datetime({})",
    "datetime": "pd.to_datetime({})",
    "datetime64": "pd.to_datetime({})",
    "timedelta": "pd.to_timedelta({})",
    "timedelta64": "pd.to_timedelta({})",
    "decimal": "pd.to_numeric({})",
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Level of one column, and why it is left alone if it is."""

    level: Level
    #: A whole sentence where the level is text, otherwise empty.
    reason: str = ""
    #: Whether its cells can be filled at all.
    fillable: bool = True
    #: A whole sentence where the strings read as dates or numbers: how to convert them.
    advice: str = ""


def measure(series: pd.Series) -> Measured:
    """Tell the measurement level of a column from its dtype and values.

    Parameters
    ----------
    series : Series
        Any NumPy, nullable, Arrow-backed, categorical or string column.

    Returns
    -------
    Measured
        Level and, for text, the reason.

    Raises
    ------
    MixedTypes
        If an object column holds values of several types.
    UnsupportedFrame
        If cells hold lists, dicts or other containers.

    Examples
    --------
    >>> measure(pd.Series([1.0, None, 2.5])).level
    'continuous'
    >>> measure(pd.Series(["f", "m", None, "m"])).level
    'nominal'
    >>> measure(pd.Series(["Ann", "Bob", "Cy"])).reason
    'It is text, and all 3 observed values differ, as names and keys do; if they are
    categories, convert with .astype("category").'
    """
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return Measured(level="ordered" if dtype.ordered else "nominal")
    if isinstance(dtype, pd.SparseDtype):
        return Measured(
            level="text",
            reason="Sparse columns take no values; convert with .sparse.to_dense().",
            fillable=False,
        )
    if isinstance(dtype, pd.StringDtype) or dtype.kind == "U":
        return _strings(series)
    if dtype.kind in _BY_KIND:
        return Measured(level=_BY_KIND[dtype.kind])
    if is_object_dtype(dtype):
        return _objects(series)
    return _unsupported(str(dtype))


def holds_codes(series: pd.Series) -> bool:
    """Tell whether the numbers of a column may be codes of classes: whole and few.

    Examples
    --------
    >>> holds_codes(pd.Series([0.0, 1.0, None])), holds_codes(pd.Series([0.5, 1.0]))
    (True, False)
    """
    observed = series.dropna()
    if observed.nunique() > FEW_REPEATED:
        return False
    return all(float(value).is_integer() for value in observed.unique())


def _objects(series: pd.Series) -> Measured:
    content = infer_dtype(series, skipna=True)
    if content in _BY_CONTENT:
        return Measured(level=_BY_CONTENT[content])
    if content == "string":
        return _strings(series)
    if content == "empty":
        return Measured(level="text", reason="It has no observed value.")
    if content.startswith("mixed"):
        _refuse(series)
    return _unsupported(f"object of {content}", _CONVERTED.get(content), series.name)


def _strings(series: pd.Series) -> Measured:
    observed = int(series.count())
    distinct = int(series.nunique())
    reading = reading_of(series)
    advice = "" if reading is None else reading.advice
    how = '; if they are categories, convert with .astype("category").'
    if reading is not None and reading.what in {"dates", "decimals"}:
        # Some may be classes, such as the days of three visits; so many are none.
        how = f". {advice}"
        few = distinct <= FEW
    else:
        few = distinct <= FEW or (distinct <= FEW_REPEATED and 2 * distinct <= observed)
    if 1 < distinct == observed:
        text = f"and all {observed} observed values differ, as names and keys do"
    elif few:
        return Measured(level="nominal", advice=advice)
    else:
        text = f"with {distinct} different strings, too many for categories"
    return Measured(level="text", reason=f"It is text, {text}{how}", advice=advice)


def _unsupported(
    what: str, converted: str | None = None, name: object = None
) -> Measured:
    how = "convert the column to numbers, categories or strings."
    if converted is not None:
        column = f"df[{name!r}]"
        how = f"convert them with {column} = {converted.format(column)}."
    return Measured(
        level="text",
        reason=f"Values of type {what} cannot be imputed by a model; {how}",
    )


def _refuse(series: pd.Series) -> None:
    """Raise for an object column of several types, if it is one."""
    observed = series.dropna()
    kinds = Counter(type(value).__name__ for value in observed)
    nested = sorted(set(kinds) & {"list", "dict", "tuple", "set", "ndarray"})
    if nested:
        raise UnsupportedFrame(
            f"Cells of column {str(series.name)!r} hold values of type "
            f"{', '.join(nested)}; one number, string or date per cell is wanted. "
            "Unpack them into columns, for example with pd.json_normalize or "
            ".explode(), or leave the column out."
        )
    if len(kinds) > 1:
        # The rarer types are most likely the slips, so they are shown first.
        rare = [kind for kind, _ in reversed(kinds.most_common())][:SHOWN]
        examples = [
            f"{shown(next(v for v in observed if type(v).__name__ == kind)):.60}"
            for kind in rare
        ]
        raise MixedTypes(str(series.name), sorted(kinds), examples)
