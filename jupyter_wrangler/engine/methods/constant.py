"""Constant: a value that the analyst gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64] | None,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator | None = None,
    fill_value: float,
    **_: Any,
) -> NDArray[Any]:
    """Fill with the value given, whatever was observed.

    Examples
    --------
    >>> y = np.array([1.0, np.nan])
    >>> impute(y, ~np.isnan(y), None, np.isnan(y), fill_value=-1.0)
    array([-1.])
    """
    del y, ry, x, rng
    return np.full(int(wy.sum()), fill_value)
