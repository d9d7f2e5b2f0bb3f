"""Bfill: the next value after.

Rows after the last value take the last.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.row_order import Order, after, alone, before

Rows = NDArray[np.intp]


def donors(order: Order, ry: NDArray[np.bool_]) -> Rows:
    """Row whose value each row takes; -1 where its group has none."""
    found = after(order, ry)
    return np.where(found < 0, before(order, ry), found)


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64] | None,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator | None = None,
    groups: NDArray[np.intp] | None = None,
    times: NDArray[np.float64] | None = None,
    **_: Any,
) -> NDArray[Any]:
    """Fill with the next value after; after the last one, with the last.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Target: numbers or codes.
    ry : ndarray of bool of shape (n,)
        Where `y` is observed.
    x : ndarray, optional
        Not used: the method looks at its column only.
    wy : ndarray of bool of shape (n,)
        Where to impute.
    rng : Generator, optional
        Not used: the method is deterministic.
    groups : ndarray of shape (n,), optional
        Codes of groups; values stay within them.
    times : ndarray of shape (n,), optional
        When the rows were; without them the rows stand in their order.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Observed values; without any observed value in the group one of another group.

    Notes
    -----
    Costs one sort of the rows.

    Examples
    --------
    >>> y = np.array([np.nan, 1.0, np.nan, 4.0, np.nan])
    >>> impute(y, ~np.isnan(y), None, np.isnan(y))
    array([1., 4., 4.])
    """
    del x, rng
    found = donors(alone(len(y), groups, times), ry)
    found = np.where(found < 0, np.flatnonzero(ry)[0], found)
    filled: NDArray[Any] = y[found[wy]]
    return filled
