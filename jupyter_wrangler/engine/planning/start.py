"""Where the chained equations start, if the analyst says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.missing_cells import see_missing, unmasked
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn, shown


def start_of(given: Any, frame: pd.DataFrame, *, labelled: bool) -> pd.DataFrame | None:
    """See what was given as a frame with the names of the data.

    Parameters
    ----------
    given : DataFrame, array of shape (n, p), or None
        As the analyst gave it; an array is taken by position.
    frame : DataFrame of shape (n, p)
        The data, with string column names.
    labelled : bool
        Whether the rows of the data have labels of their own; those of an array
        have none, so that the labels of `given` say nothing.

    Returns
    -------
    DataFrame or None
        Checked against the data by `check_start` only.

    Raises
    ------
    InvalidSpec
        If an array has another shape than the data.

    Examples
    --------
    >>> start_of([[1.0, 2.0]], pd.DataFrame({"a": [None], "b": [None]}), labelled=True)
         a    b
    0  1.0  2.0
    """
    if given is None:
        return None
    if isinstance(given, pd.DataFrame):
        named = see_missing(given.rename(columns=str))
        if not labelled and len(named) == len(frame):
            named = named.set_axis(frame.index, axis=0)
        return named
    array = np.asarray(unmasked(given))
    if array.shape != frame.shape:
        raise InvalidSpec(
            f"start has the shape {array.shape}, and the data {frame.shape}; give an "
            "array of the same shape, or a DataFrame with the columns that you mean."
        )
    found = pd.DataFrame(array, index=frame.index, columns=frame.columns)
    return found.infer_objects() if array.dtype == object else found


def check_start(start: pd.DataFrame, frame: pd.DataFrame) -> None:
    """Refuse a start that does not belong to these data.

    Raises
    ------
    UnknownColumn
        If it has a column that the data have not.
    InvalidSpec
        If it has other rows.

    Examples
    --------
    >>> df = pd.DataFrame({"x": [1.0, None]})
    >>> check_start(df.fillna(0.0)[::-1], df)
    Traceback (most recent call last):
    jupyter_wrangler.errors.InvalidSpec: start has other row labels than the data...
    """
    names = [str(name) for name in frame.columns]
    for name in map(str, start.columns):
        if name not in names:
            raise UnknownColumn(name, names)
    check_rows("start", start, frame)


def check_rows(what: str, given: pd.DataFrame, frame: pd.DataFrame) -> None:
    """Refuse a frame whose rows are not those of the data.

    Raises
    ------
    InvalidSpec
        If it has other rows.
    """
    if len(given) != len(frame):
        raise InvalidSpec(
            f"{what} has {len(given)} rows and the data has {len(frame)}; give one row "
            "for each row of the data, in the same order."
        )
    if not given.index.equals(frame.index):
        raise InvalidSpec(
            f"{what} has other row labels than the data, or in another order; give "
            f"{what}.reindex(df.index), or {what}.set_axis(df.index) if the rows are "
            "in the order of the data."
        )


def started(column: Column, y: NDArray[Any], start: pd.Series) -> NDArray[Any]:
    """Put the values of a start into the missing values of a column, as far as given.

    Parameters
    ----------
    column : Column
        With missing values.
    y : ndarray of shape (n,)
        Its numbers or codes, completed in another way.
    start : Series of shape (n,)
        Values for the missing values; those of observed rows do not matter.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    InvalidSpec
        If a value is of another kind, infinite, or a class that was never observed.
    """
    missing = ~column.ry
    asked = missing & start.notna().to_numpy(bool)
    if not asked.any():
        return y
    try:
        found, has = column.read(start.where(pd.Series(asked, index=start.index)))
    except (ValueError, TypeError):
        found, has = np.full(len(y), np.nan), np.zeros(len(y), dtype=bool)
    unfit = asked & ~(np.isfinite(found) if column.numeric else has)
    if unfit.any():
        examples = ", ".join(map(shown, pd.unique(start[unfit].astype(object))[:3]))
        wanted = (
            f"finite values of its kind ({column.level}) are"
            if column.numeric
            else "one of its observed classes is"
        )
        raise InvalidSpec(
            f"start has {examples} for missing values of column {column.name!r}; "
            f"{wanted} "
            "wanted, or a missing value where the chain may start by itself."
        )
    return np.where(missing & has, found, y)
