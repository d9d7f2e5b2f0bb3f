"""Median: the middle of the observed values.

Among values that cannot be averaged (dates, as codes in their order) the lower of
two middle ones is taken, so that the median is a value that occurs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fit(y: NDArray[Any], *, classes: int = 0) -> float:
    """Find the median of numbers, or the lower median of codes."""
    if classes:
        middle = (len(y) - 1) // 2
        return float(np.partition(y, middle)[middle])
    with np.errstate(over="ignore"):
        found = float(np.median(y))
    # The sum of two of the largest floats is infinite, their mean is not.
    return found if np.isfinite(found) else float(np.median(y / 2) * 2)


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64] | None,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator | None = None,
    classes: int = 0,
    **_: Any,
) -> NDArray[np.float64]:
    """Fill with the median of the observed values.

    Examples
    --------
    >>> y = np.array([1.0, np.nan, 4.0])
    >>> impute(y, ~np.isnan(y), None, np.isnan(y))
    array([2.5])
    """
    del x, rng
    return np.full(int(wy.sum()), fit(y[ry], classes=classes))
