"""Interpolate: straight lines between the values, all rows equally far apart."""

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
    >>> fill(alone(4), y, ~np.isnan(y))[0]
    array([1. , 2.5, 4. , 4. ])
    """
    return between(order, y, ry, None), None


METHOD = ByRow(
    name="interpolate",
    title="linear interpolation between rows",
    levels=NUMERIC | DATES,
    stand_in="ffill",
    fill=fill,
)
