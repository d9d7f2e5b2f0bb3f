"""Pages of rows of a frame: filtered, sorted, as JSON, with imputed cells marked.

Loads pandas and reads files of users, so it runs in a process of its own (see
`runtime.row_reader`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import (
    MOST_CELLS,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    RowColumn,
    RowFilter,
    RowPage,
    RowQuestion,
)
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn
from jupyter_wrangler.frames.plain_values import plain

#: Filters that need no column.
_OF_ANY = ("missing", "imputed", "contains")


def page_of(
    df: pd.DataFrame, imputed: dict[str, NDArray[np.int64]], asked: RowQuestion
) -> RowPage:
    """Return one page of a frame's rows.

    Parameters
    ----------
    df : pandas.DataFrame
        The data, completed or not, with string names of columns.
    imputed : dict of str to ndarray
        Column -> positions of the rows that were imputed.
    asked : RowQuestion
        Which rows and columns, in which order.

    Raises
    ------
    UnknownColumn
        If there is no such column.
    InvalidSpec
        If a filter's value does not fit its column, or the page has too many cells.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [3.0, 1.0, 2.0]})
    >>> page = page_of(
    ...     df, {"a": np.array([1])}, RowQuestion(imputation=0, sort="a", limit=2)
    ... )
    >>> page.rows, page.cells, page.imputed
    ((1, 2), ((1.0,), (2.0,)), ((0,), ()))
    """
    names = [str(name) for name in df.columns]
    shown = list(asked.columns) if asked.columns else names[:MOST_COLUMNS]
    at = [_position(names, name) for name in shown]
    limit = min(asked.limit, MOST_ROWS)
    if limit * len(at) > MOST_CELLS:
        limit = max(1, MOST_CELLS // max(1, len(at)))
    rows = _found(df, names, imputed, asked.filters)
    n_found = len(rows)
    if asked.sort is not None:
        column = df.iloc[rows, _position(names, asked.sort)]
        rows = rows[_order(column, descending=asked.descending)]
    rows = rows[asked.offset : asked.offset + limit]
    marks = [np.isin(rows, imputed.get(name, ())) for name in shown]
    columns = [[_cell(value) for value in df.iloc[rows, i]] for i in at]
    return RowPage(
        imputation=asked.imputation,
        n_rows=len(df),
        n_found=n_found,
        offset=asked.offset,
        columns=tuple(
            RowColumn(name=name, dtype=str(df.dtypes.iloc[i]))
            for name, i in zip(shown, at, strict=True)
        ),
        rows=tuple(int(row) for row in rows),
        index=tuple(str(label)[:MOST_CHARACTERS] for label in df.index[rows]),
        cells=tuple(zip(*columns, strict=True)) if columns else ((),) * len(rows),
        imputed=tuple(
            tuple(j for j, mark in enumerate(marks) if mark[i])
            for i in range(len(rows))
        ),
    )


def _position(names: list[str], name: str) -> int:
    if name not in names:
        raise UnknownColumn(name, names)
    return names.index(name)


def _found(
    df: pd.DataFrame,
    names: list[str],
    imputed: dict[str, NDArray[np.int64]],
    filters: tuple[RowFilter, ...],
) -> NDArray[np.int64]:
    """Return the positions of the rows that pass every filter."""
    passed = np.ones(len(df), dtype=bool)
    for one in filters:
        if one.column is None:
            passed &= _any_column(df, names, imputed, one)
            continue
        column = df.iloc[:, _position(names, one.column)]
        mark = np.zeros(len(df), dtype=bool)
        mark[imputed.get(one.column, np.array([], dtype=np.int64))] = True
        match one.operator:
            case "imputed":
                passed &= mark
            case "not_imputed":
                passed &= ~mark
            case "missing":
                passed &= column.isna().to_numpy()
            case "observed":
                passed &= column.notna().to_numpy() & ~mark
            case _:
                passed &= _compare(column, one)
    return np.flatnonzero(passed)


def _any_column(
    df: pd.DataFrame,
    names: list[str],
    imputed: dict[str, NDArray[np.int64]],
    one: RowFilter,
) -> NDArray[np.bool_]:
    """Return in which rows any column is as asked for."""
    if one.operator not in _OF_ANY:
        raise InvalidSpec(
            f"The filter {one.operator!r} needs a column; only "
            f"{', '.join(map(repr, _OF_ANY))} can be asked of any."
        )
    if one.operator == "missing":
        return np.asarray(df.isna().any(axis=1), dtype=bool)
    found = np.zeros(len(df), dtype=bool)
    if one.operator == "imputed":
        for name in imputed.keys() & set(names):
            found[imputed[name]] = True
        return found
    for at in range(df.shape[1]):
        left = ~found
        if left.any():
            found[left] = _compare(df.iloc[left, at], one)
    return found


def _compare(column: pd.Series[Any], one: RowFilter) -> NDArray[np.bool_]:
    """Compare the cells of a column with the value of a filter; missing ones fail."""
    there = column.notna().to_numpy()
    if one.operator == "contains":
        text = column.astype(object).map(str)
        found = text.str.contains(str(one.value), case=False, regex=False)
        return found.to_numpy(dtype=bool) & there
    try:
        kind = _kind(column)
        value = kind(one.value)
        cells = column.astype(object) if kind is str else column
        if kind is str:
            cells = cells.where(column.isna(), cells.map(str))
        left = cells[there]
        found = {
            "==": left.eq, "!=": left.ne, "<": left.lt,
            "<=": left.le, ">": left.gt, ">=": left.ge,
        }[one.operator](value)  # fmt: skip
    except (TypeError, ValueError, OverflowError):
        raise InvalidSpec(
            f"The column {one.column!r} holds {column.dtype} and cannot be compared "
            f"with {one.value!r}; give a value of its own kind."
        ) from None
    out = np.zeros(len(column), dtype=bool)
    out[there] = found.to_numpy(dtype=bool)
    return out


def _kind(column: pd.Series[Any]) -> Any:
    """Return what makes a value comparable with a column's."""
    dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return _truth
    if pd.api.types.is_numeric_dtype(dtype):
        return float
    if pd.api.types.is_datetime64_any_dtype(dtype):
        zone = getattr(dtype, "tz", None)
        return lambda value: pd.Timestamp(value, tz=zone)
    if pd.api.types.is_timedelta64_dtype(dtype):
        return pd.Timedelta
    return str


def _truth(value: Any) -> bool:
    words = {"true": True, "false": False, "1": True, "0": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _order(column: pd.Series[Any], *, descending: bool) -> NDArray[np.intp]:
    """Return the order of a column's cells, equal ones as they stand, missing last."""
    plain = pd.Series(column.array, dtype=column.dtype)
    try:
        ranked = plain.sort_values(ascending=not descending, kind="stable")
    except TypeError:
        words = plain.astype(object).where(plain.isna(), plain.map(str))
        ranked = words.sort_values(ascending=not descending, kind="stable")
    return ranked.index.to_numpy(dtype=np.intp)


def _cell(value: Any) -> bool | int | float | str | None:
    """Return a value as JSON has it."""
    found = plain(value)
    if found is None or isinstance(found, bool | int | float):
        return found
    if isinstance(found, dt.date):
        return found.isoformat()
    return str(found)[:MOST_CHARACTERS]
