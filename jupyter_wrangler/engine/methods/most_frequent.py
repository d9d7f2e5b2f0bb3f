"""Most frequent: the mode, the smallest one where several are equally frequent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fit(y: NDArray[Any]) -> int:
    """Position of the first most frequent value among the observed ones.

    Examples
    --------
    >>> fit(np.array([3.0, 1.0, 3.0, 1.0]))
    1
    """
    _, first, counts = np.unique(y, return_index=True, return_counts=True)
    return int(first[np.argmax(counts)])


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64] | None,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator | None = None,
    **_: Any,
) -> NDArray[Any]:
    """Fill with the most frequent of the observed values.

    Examples
    --------
    >>> y = np.array([1.0, np.nan, 4.0, 4.0])
    >>> impute(y, ~np.isnan(y), None, np.isnan(y))
    array([4.])
    """
    del x, rng
    observed = y[ry]
    return np.full(int(wy.sum()), observed[fit(observed)])
