"""A cell of a frame as a value that JSON and worksheets hold exactly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

#: Whole numbers up to here are the same in every reader of JSON, and in a worksheet,
#: which has floats only.
_EXACT = 2**53


def plain(value: Any) -> Any:
    """Return a cell as a plain value, where there is one for it.

    Parameters
    ----------
    value : object
        A cell, with its own type of pandas, NumPy or Python.

    Returns
    -------
    None, bool, int, float, str or object
        None for a missing value; a number that would be rounded, or is infinite, as
        text; anything that is no number as it is.

    Examples
    --------
    >>> plain(np.int64(3)), plain(pd.NA), plain(2**60), plain(float("inf"))
    (3, None, '1152921504606846976', 'inf')
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value) if abs(int(value)) <= _EXACT else str(value)
    if isinstance(value, float | np.floating):
        return _plain_float(float(value))
    return value


def _plain_float(number: float) -> float | str | None:
    if math.isnan(number):
        return None
    return number if math.isfinite(number) else str(number)
