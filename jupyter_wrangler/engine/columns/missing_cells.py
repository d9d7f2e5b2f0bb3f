"""Which cells of a column count as missing, and how a cell becomes missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.values import as_floats
from jupyter_wrangler.errors import UnsupportedFrame


def may_hide_nan(dtype: Any) -> bool:
    """Whether pandas tells NaN from NA in such columns, so that NaN is not missing."""
    other = isinstance(dtype, np.dtype | pd.SparseDtype)
    return not other and bool(dtype.kind == "f")


def masked(series: pd.Series, hit: NDArray[np.bool_]) -> pd.Series:
    """Make some cells of a column missing.

    Examples
    --------
    >>> masked(pd.Series([1.0, 2.0]), np.array([False, True])).tolist()
    [1.0, nan]
    """
    if isinstance(series.dtype, pd.ArrowDtype):
        # As in `placed`.
        order = np.where(hit, -1, np.arange(len(series)))
        own = series.array.take(order, allow_fill=True)
        return pd.Series(own, index=series.index, name=series.name)
    return series.mask(hit)


def nan_as_missing(series: pd.Series) -> pd.Series:
    """See NaN in a nullable or Arrow column of floats as missing; else hand it on.

    Examples
    --------
    >>> own = pd.arrays.FloatingArray(np.array([np.nan, 1.0]), np.array([False] * 2))
    >>> ratio = pd.Series(own)
    >>> ratio.isna().tolist(), nan_as_missing(ratio).isna().tolist()
    ([False, False], [True, False])
    """
    if not may_hide_nan(series.dtype):
        return series
    lost = np.isnan(as_floats(series))
    if lost.any():
        lost &= series.notna().to_numpy(bool)
    if not lost.any():
        return series
    own: Any = series.array.copy()
    own[lost] = pd.NA
    return pd.Series(own, index=series.index, name=series.name)


def see_missing(frame: pd.DataFrame) -> pd.DataFrame:
    """See NaN as missing in columns where pandas does not; changes this frame."""
    for k, dtype in enumerate(frame.dtypes):
        if may_hide_nan(dtype):
            series = frame.iloc[:, k]
            seen: Any = nan_as_missing(series)
            if seen is not series:
                frame.isetitem(k, seen)
    return frame


def unmasked(given: Any) -> Any:
    """See the masked cells of a NumPy array as NaN; anything else as it is.

    Raises
    ------
    UnsupportedFrame
        If an array that is masked does not hold numbers.

    Examples
    --------
    >>> unmasked(np.ma.array([[1, 2]], mask=[[False, True]]))
    array([[ 1., nan]])
    """
    if not isinstance(given, np.ma.MaskedArray):
        return given
    if not np.ma.is_masked(given):
        return given.data
    if given.dtype.kind not in "iuf":
        raise UnsupportedFrame(
            f"The masked array holds {given.dtype}, and masks are understood of "
            "numbers only; give a DataFrame, or an array of objects with None where "
            "it is masked."
        )
    dtype = given.dtype if given.dtype.kind == "f" else np.dtype(np.float64)
    numbers: Any = given.astype(dtype)
    return numbers.filled(np.nan)
