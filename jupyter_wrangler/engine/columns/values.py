"""Values of one column in its own dtype: as numbers, within its range, put in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Larger whole numbers are not all floats.
EXACT = 2.0**53
#: Largest float of fewer than eight bytes, by their number.
_LARGEST = {n: float(np.finfo(f"f{n}").max) for n in (2, 4)}
#: Values of one column in its own dtype.
Values = Any


def as_floats(series: pd.Series) -> NDArray[np.float64]:
    """Numbers of any dtype as float64, missing ones as NaN."""
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def lent_floats(series: pd.Series) -> NDArray[np.float64]:
    """Numbers as `as_floats` gives them, without a copy where they are such already.

    They may be those of the frame, so they are only to be read.

    Examples
    --------
    >>> series = pd.Series([1.0, None])
    >>> np.shares_memory(lent_floats(series), series.to_numpy())
    True
    """
    if isinstance(series.dtype, np.dtype) and series.dtype == np.float64:
        return series.to_numpy()
    return as_floats(series)


def placed(own: Values, rows: NDArray[np.intp], values: Values) -> Values:
    """Copy an array and put values of its dtype into some rows.

    Examples
    --------
    >>> placed(np.array([1, 2, 3]), np.array([1]), np.array([7]))
    array([1, 7, 3])
    """
    if own.dtype != object and values.dtype == object:
        # A column of nothing but NaN, which a constant makes one of objects.
        own = np.asarray(own, dtype=object)
    if isinstance(own.dtype, pd.ArrowDtype) and own.dtype == values.dtype:
        # An assignment goes by way of Python's objects, which not all dates fit.
        order = np.arange(len(own))
        order[rows] = len(own) + np.arange(len(values))
        both = [pd.Series(part, dtype=own.dtype) for part in (own, values)]
        return pd.concat(both, ignore_index=True).array.take(order)
    found = own.copy()
    found[rows] = values
    return found


def within_floats(values: NDArray[np.float64], dtype: Any) -> NDArray[np.float64]:
    """Keep numbers within the range of the floats of a dtype.

    Examples
    --------
    >>> within_floats(np.array([1.0, 1e300]), np.dtype("float32"))
    array([1.00000000e+00, 3.40282347e+38])
    """
    most = _LARGEST.get(getattr(dtype, "itemsize", 8))
    return values if most is None else np.clip(values, -most, most)


def whole(values: NDArray[np.float64], kind: str) -> NDArray[Any]:
    """Round half to even, within the range of an integer dtype.

    Examples
    --------
    >>> whole(np.array([2.5, 300.0]), "i1")
    array([  2, 127], dtype=int8)
    """
    limits = np.iinfo(kind)
    # float(2**63 - 1) is 2**63, one too many: step down to a float that fits.
    top = float(limits.max)
    if top > limits.max:
        top = float(np.nextafter(top, 0))
    return np.clip(np.rint(values), float(limits.min), top).astype(kind)


def whole_objects(values: NDArray[np.float64], observed: pd.Series) -> list[int]:
    """Round for a column of objects, within 64 bits where its own numbers are.

    Only such numbers can be stored as a column.

    Examples
    --------
    >>> whole_objects(np.array([1e30, -2.5]), pd.Series([5, 7], dtype=object))
    [9223372036854774784, -2]
    """
    if len(observed):
        low, high = int(observed.min()), int(observed.max())
        for kind in ("i8", "u8"):
            limits = np.iinfo(kind)
            if limits.min <= low and high <= limits.max:
                kept: list[int] = whole(values, kind).tolist()
                return kept
    return [int(value) for value in np.rint(values)]
