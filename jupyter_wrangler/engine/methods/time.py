"""Time: straight lines between the values, as far apart as their times are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC
from jupyter_wrangler.engine.columns.row_order import Order, between
from jupyter_wrangler.engine.methods.protocol import ByRow


def fill(
    order: Order, y: NDArray[np.float64], ry: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], None]:
    """Give each row its value on the line between the values on both sides.

    Notes
    -----
    Outside of the observed values the line is level.  Costs one sort of the rows.

    Examples
    --------
    >>> from jupyter_wrangler.engine.columns.row_order import alone
    >>> y = np.array([1.0, np.nan, 4.0, np.nan])
    >>> fill(alone(4, times=np.array([0.0, 1.0, 3.0, 4.0])), y, ~np.isnan(y))[0]
    array([1., 2., 4., 4.])
    """
    return between(order, y, ry, order.times), None


METHOD = ByRow(
    name="time",
    title="linear interpolation in time",
    levels=NUMERIC | DATES,
    stand_in="ffill",
    timed=True,
    fill=fill,
)
