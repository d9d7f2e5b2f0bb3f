"""Sentinel values become missing values."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_object_dtype

from jupyter_wrangler.engine.columns.dates import local_values
from jupyter_wrangler.engine.columns.missing_cells import masked
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn, shown

#: Whole numbers beyond are more than a float can tell apart.
EXACT = 2**53


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A frame with more missing values, and what they were."""

    frame: pd.DataFrame
    #: Column -> value as text -> cells that held it.
    counts: dict[str, dict[str, int]]

    @property
    def n(self) -> int:
        """Cells that became missing values."""
        return sum(n for counts in self.counts.values() for n in counts.values())

    def __str__(self) -> str:
        descriptions = [
            f"{name} {value} ({n:,})"
            for name, counts in self.counts.items()
            for value, n in counts.items()
        ]
        cells = "1 cell" if self.n == 1 else f"{self.n:,} cells"
        return f"{cells} became missing" + (
            f": {', '.join(descriptions)}." if descriptions else "."
        )


def mark(df: pd.DataFrame, codes: Mapping[Any, Any]) -> Marked:
    """Turn sentinel values into missing values.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data; never changed.
    codes : mapping of column to value or values
        What stands for a missing value: numbers, strings, or moments (also as text in
        ISO 8601, by the clock on the wall); "inf" and "-inf" in columns of numbers.

    Returns
    -------
    Marked
        The frame with missing values, and how many cells held each value.  Whole
        numbers and booleans that cannot be missing become float64 (nullable where that
        would lose digits) and boolean; categories that stand for missing values are
        taken out.

    Raises
    ------
    UnknownColumn
        If the frame has no such column.
    InvalidSpec
        If a column cannot hold a value that was given.

    Examples
    --------
    >>> df = pd.DataFrame({"rate": [60.0, 255.0], "sex": ["f", "?"]})
    >>> marked = mark(df, {"rate": 255, "sex": ["?", "unknown"]})
    >>> print(marked)
    2 cells became missing: rate 255 (1), sex '?' (1), sex 'unknown' (0).
    >>> int(marked.frame.isna().sum().sum())
    2
    """
    frame = named(df)
    names = list(frame.columns)
    columns: dict[str, pd.Series] = {}
    counts: dict[str, dict[str, int]] = {}
    for label, given in codes.items():
        name = str(label)
        if name not in names:
            raise UnknownColumn(name, names)
        series = frame[name]
        hits = {
            shown(value): _matching_rows(name, series, value)
            for value in _as_list(given)
        }
        counts[name] = {value: int(hit.sum()) for value, hit in hits.items()}
        if sum(counts[name].values()):
            some = np.logical_or.reduce(list(hits.values()))
            columns[name] = _with_missing(series, some)
    marked = frame.assign(**columns)
    marked.columns = df.columns
    return Marked(frame=marked, counts=counts)


def _as_list(given: Any) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [given]
    values: list[Hashable] = list(given)
    return values


def _matching_rows(name: str, series: pd.Series, value: Any) -> NDArray[np.bool_]:
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return np.asarray(series == value, dtype=bool) & series.notna().to_numpy(bool)
    if is_object_dtype(dtype):
        return np.fromiter(
            (type(own) is type(value) and own == value for own in series),
            dtype=bool,
            count=len(series),
        ) | _rows_of_equal_number(series, value)
    wanted = ""
    if dtype.kind in "iufb" and not isinstance(value, int | float | np.number):
        if str(value) not in {"inf", "-inf"}:
            wanted = "a number"
        else:
            value = float(value)
    elif dtype.kind == "M":
        try:
            moment = pd.Timestamp(value)
        except (ValueError, TypeError):
            wanted = "a moment, for example '1900-01-01',"
        else:
            return _same_moment(series, moment)
    elif _is_string_dtype(dtype) and not isinstance(value, str):
        wanted = "a string"
    if wanted:
        raise InvalidSpec(
            f"{shown(value)} cannot stand for missing values in column {name!r}, which "
            "is "
            f"{dtype}; {wanted} is wanted."
        )
    same: NDArray[np.bool_] = (series == value).to_numpy(dtype=bool, na_value=False)
    return same


def _same_moment(series: pd.Series, moment: pd.Timestamp) -> NDArray[np.bool_]:
    own = local_values(series)
    unit: Any = np.datetime_data(own.dtype)[0]
    try:
        same = moment.tz_localize(None).as_unit(unit, round_ok=False)
    except ValueError:
        # No date of this unit, so none of these.
        return np.zeros(len(series), dtype=bool)
    return np.asarray(own == same.to_datetime64(), dtype=bool)


def _is_string_dtype(dtype: Any) -> bool:
    return isinstance(dtype, pd.StringDtype) or dtype.kind == "U"


def _rows_of_equal_number(series: pd.Series, value: Any) -> NDArray[np.bool_]:
    """Numbers among anything else that equal a number of another type."""
    numbers = (int, float, np.number)
    if isinstance(value, bool) or not isinstance(value, numbers):
        return np.zeros(len(series), dtype=bool)
    return np.fromiter(
        (
            isinstance(own, numbers) and not isinstance(own, bool) and own == value
            for own in series
        ),
        dtype=bool,
        count=len(series),
    )


def _with_missing(series: pd.Series, hits: NDArray[np.bool_]) -> pd.Series:
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        gone = series[hits].unique()
        return series.cat.remove_categories(list(gone))
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        large = bool((series.abs() > EXACT).any()) if len(series) else False
        wide: Any = "UInt64" if dtype.kind == "u" else "Int64"
        series = series.astype(wide if large else np.float64)
    elif isinstance(dtype, np.dtype) and is_bool_dtype(dtype):
        series = series.astype("boolean")
    return masked(series, hits)
