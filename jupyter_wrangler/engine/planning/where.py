"""Which cells are imputed, if the analyst says so."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype

from jupyter_wrangler.engine.planning.start import check_rows
from jupyter_wrangler.errors import (
    DuplicateColumns,
    InvalidSpec,
    UnknownColumn,
    listed,
)


def where_of(
    given: Any, frame: pd.DataFrame, *, labelled: bool
) -> NDArray[np.bool_] | None:
    """See what was given as an array of the shape of the data.

    Parameters
    ----------
    given : DataFrame, array of shape (n, p), or None
        As the analyst gave it; an array is taken by position, a frame by its labels.
    frame : DataFrame of shape (n, p)
        The data, with string column names.
    labelled : bool
        Whether the data came with labels; those of an array have none, so that all
        is taken by position.

    Returns
    -------
    ndarray or None
        Checked against the data by `Given.check` only, where it was an array.

    Raises
    ------
    UnknownColumn, DuplicateColumns
        If a frame has a column that the data have not, or one twice.
    InvalidSpec
        If a frame lacks columns, has other rows, or holds something else than True
        and False.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1.0], "b": [None]})
    >>> where_of(pd.DataFrame({"b": [True], "a": [False]}), df, labelled=True)
    array([[False,  True]])
    """
    if given is None:
        return None
    if not isinstance(given, pd.DataFrame):
        return np.asarray(given)
    found = given.set_axis(list(map(str, given.columns)), axis=1)
    if labelled:
        check_rows("where", found, frame)
        found = _by_name(found, [str(name) for name in frame.columns])
    columns = [_truths(name, column) for name, column in found.items()]
    return np.stack(columns, axis=1) if columns else np.empty(found.shape, dtype=bool)


def _by_name(found: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Put columns into the order of the data."""
    twice = [name for name, n in Counter(found.columns).items() if n > 1]
    if twice:
        raise DuplicateColumns(twice)
    for name in found.columns:
        if name not in names:
            raise UnknownColumn(name, names)
    lacking = [name for name in names if name not in found.columns]
    if lacking:
        raise InvalidSpec(
            f"where says nothing of column {listed(lacking)}; True or "
            "False for each cell is wanted. Begin with df.isna()."
        )
    return found[names]


def _truths(name: Any, column: pd.Series) -> NDArray[np.bool_]:
    what = str(column.dtype)
    if is_bool_dtype(column.dtype):
        if not column.hasnans:
            return column.to_numpy(dtype=bool)
        what = f"missing in {int(column.isna().sum())} cells"
    raise InvalidSpec(
        f"where is {what} in column {name!r}; True or False for each cell is wanted. "
        "Begin with df.isna()."
    )
