"""Mean: the average of the observed values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fit(y: NDArray[np.float64]) -> float:
    """Average the observed values of a numeric column.

    Examples
    --------
    >>> fit(np.array([1e308, 1.2e308]))
    1.1e+308
    """
    with np.errstate(over="ignore"):
        found = float(np.mean(y))
    # The sum of the largest floats is infinite, their mean is not.
    return found if np.isfinite(found) else float(np.mean(y / len(y)) * len(y))


def impute(
    y: NDArray[np.float64],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64] | None,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator | None = None,
    **_: Any,
) -> NDArray[np.float64]:
    """Fill with the mean of the observed values.

    Examples
    --------
    >>> y = np.array([1.0, np.nan, 4.0])
    >>> impute(y, ~np.isnan(y), None, np.isnan(y))
    array([2.5])
    """
    del x, rng
    return np.full(int(wy.sum()), fit(y[ry]))
