"""Time: straight lines between the values, as far apart as their times are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.row_order import Order, alone, between


def lines(
    order: Order, y: NDArray[np.float64], ry: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Value of each row on its line; NaN where its group has none."""
    return between(order, y, ry, order.times)


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
    """Fill with the straight line between the values on both sides.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Target: numbers.
    ry : ndarray of bool of shape (n,)
        Where `y` is observed.
    x : ndarray, optional
        Not used: the method looks at its column only.
    wy : ndarray of bool of shape (n,)
        Where to impute.
    rng : Generator, optional
        Not used: the method is deterministic.
    groups : ndarray of shape (n,), optional
        Codes of groups; lines stay within them.
    times : ndarray of shape (n,), optional
        When the rows were; without them the rows are equally far apart.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Numbers; without any observed value in the group the median of all.

    Notes
    -----
    Outside of the observed values the line is level.  Costs one sort of the rows.

    Examples
    --------
    >>> y = np.array([1.0, np.nan, 4.0, np.nan])
    >>> times = np.array([0.0, 1.0, 3.0, 4.0])
    >>> impute(y, ~np.isnan(y), None, np.isnan(y), times=times)
    array([2., 4.])
    """
    del x, rng
    found = lines(alone(len(y), groups, times), y, ry)
    filled: NDArray[Any] = np.where(np.isnan(found), np.median(y[ry]), found)[wy]
    return filled
