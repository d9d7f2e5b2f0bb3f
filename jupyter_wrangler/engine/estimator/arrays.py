"""Arrays and nested lists seen as frames, and filled: numbers, objects or dates.

As in scikit-learn, numbers come out as floats, and lists in which there is text become
arrays of objects.  What the fit saw decides which of them comes out, whatever later
rows hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

from jupyter_wrangler.engine.columns.values import EXACT, Values
from jupyter_wrangler.errors import EmptyFrame, UnsupportedFrame

#: Column -> positions of rows and the values that fill them.
Cells = Mapping[str, tuple[NDArray[np.intp], Values]]

#: How pandas calls numbers among objects.
_NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "decimal"})


def array_of(X: Any, name: str) -> Any:
    """Take nested lists with text as an array of objects; anything else as it is.

    Parameters
    ----------
    X : array-like
        What was given.
    name : str
        What messages call the estimator.

    Raises
    ------
    UnsupportedFrame
        If it is an array of text of fixed width, in which no value can be missing.
    EmptyFrame
        If it has no rows.

    Examples
    --------
    >>> array_of([["a", np.nan]], "Imputer")
    array([['a', nan]], dtype=object)
    """
    if isinstance(X, list | tuple) and any(
        isinstance(value, str | bytes)
        for row in X
        if isinstance(row, list | tuple)
        for value in row
    ):
        X = np.array(X, dtype=object)
    if isinstance(X, np.ndarray) and X.dtype.kind in "SU":
        raise UnsupportedFrame(
            f"{name} does not support data of dtype {X.dtype}, in which a missing "
            "value is no more than the text 'nan'. Make an array of objects from what "
            "it was made of, np.array(..., dtype=object), or give a DataFrame."
        )
    if isinstance(X, np.ndarray) and X.ndim == 2 and not len(X):
        raise EmptyFrame(*X.shape)
    return X


def frame_of_array(
    array: NDArray[Any], names: Sequence[str], marker: Any
) -> pd.DataFrame:
    """See an array as a frame with missing values.

    Whole numbers become floats, and objects what they are by column.  The `marker`
    stands for missing values beside NaN, None and NA.

    Examples
    --------
    >>> array = np.array([[1, "a"], [pd.NA, None]], dtype=object)
    >>> frame = frame_of_array(array, ["x0", "x1"], np.nan)
    >>> frame["x0"].tolist(), frame["x1"].isna().tolist()
    ([1.0, nan], [False, True])
    """
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    labels: Any = pd.Index(list(names), dtype=object)
    frame = pd.DataFrame(array, columns=labels)
    if not pd.isna(marker):
        frame = frame.mask(frame == marker)
    if array.dtype != object:
        return frame
    columns = {name: _inferred(series) for name, series in frame.items()}
    found = pd.DataFrame(columns, index=frame.index)
    found.columns = labels
    return found


def _inferred(series: pd.Series) -> pd.Series:
    """Give a column of objects the dtype of what was observed."""
    missing = series.isna().to_numpy(dtype=bool)
    observed = series[~missing].tolist()
    content = infer_dtype(observed, skipna=False)
    if content in _NUMBERS:
        if content == "integer" and max(map(abs, observed)) > EXACT:
            # Floats cannot tell them apart, so they stay what they are.
            return series.mask(missing, None)
        numbers = np.full(len(series), np.nan)
        numbers[~missing] = [float(value) for value in observed]
        return pd.Series(numbers)
    if not observed:
        return pd.Series(np.full(len(series), np.nan))
    return series.mask(missing, None).infer_objects()


def kind_of(array: Any, columns: Sequence[Any]) -> str:
    """Tell what comes out for arrays: the name of a dtype, or "float".

    Parameters
    ----------
    array : ndarray or DataFrame
        What the fit saw.
    columns : sequence of dtype
        Of its columns, as they are imputed.

    Examples
    --------
    >>> kind_of(np.array([[1, 2]]), [np.dtype("f8")] * 2)
    'float'
    """
    if all(getattr(dtype, "kind", "O") in "iuf" for dtype in columns):
        return "float"
    kinds = {str(dtype) for dtype in columns}
    given = getattr(getattr(array, "dtype", None), "kind", "O")
    return kinds.pop() if given in "Mm" and len(kinds) == 1 else "object"


def fill_array(
    X: Any,
    frame: pd.DataFrame,
    cells: Cells,
    kept: Sequence[str],
    flagged: Sequence[str],
    kind: str,
) -> NDArray[Any]:
    """Fill the columns that are kept, and flag missing values of some behind them.

    Parameters
    ----------
    X : array-like of shape (n, p)
        What was given.
    frame : DataFrame of shape (n, p)
        The same, as `frame_of_array` sees it.
    cells : mapping
        Column -> rows, and what fills them.
    kept, flagged : sequence of str
        Columns that come out, and those that have an indicator.
    kind : str
        As `kind_of` tells it of the fit.

    Returns
    -------
    ndarray of shape (n, kept + flagged)
    """
    given = np.asarray(X)
    dtype = np.dtype(kind)
    if kind == "float" and given.dtype.kind == "f":
        dtype = given.dtype
    array = np.empty((len(frame), len(kept) + len(flagged)), dtype=dtype)
    places = {str(name): k for k, name in enumerate(frame.columns)}
    if kind == "float":
        whole = frame if len(kept) == frame.shape[1] else frame[list(kept)]
        if given.dtype.kind == "f":
            # nothing else than floats is in there, and NaN is missing already
            array[:, : len(kept)] = whole.to_numpy()
        else:
            array[:, : len(kept)] = whole.to_numpy(dtype, na_value=np.nan)
    for k, name in enumerate(kept):
        if kind == "object":
            # The objects as they came; a marker that nothing replaces is missing.
            own = given[:, places[name]].astype(object)
            marked = frame[name].isna().to_numpy() & ~pd.isna(own)
            array[:, k] = np.where(marked, np.nan, own) if marked.any() else own
        elif kind != "float":
            array[:, k] = frame[name].to_numpy()
        if name in cells:
            rows, values = cells[name]
            array[rows, k] = np.asarray(values, dtype=dtype)
    for k, name in enumerate(flagged, start=len(kept)):
        array[:, k] = frame[name].isna()
    return array
