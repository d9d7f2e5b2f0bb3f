"""Bfill: the next value after.

Rows after the last value take the last.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.columns.row_order import Order, after, before, handed_on
from jupyter_wrangler.engine.methods.protocol import ByRow

Rows = NDArray[np.intp]


def fill(
    order: Order, y: NDArray[Any], ry: NDArray[np.bool_]
) -> tuple[NDArray[Any], Rows]:
    """Take the next value after; after the last one, the last.

    Notes
    -----
    Costs one sort of the rows.

    Examples
    --------
    >>> from jupyter_wrangler.engine.columns.row_order import alone
    >>> y = np.array([np.nan, 1.0, np.nan, 4.0, np.nan])
    >>> fill(alone(5), y, ~np.isnan(y))
    (array([1., 1., 4., 4., 4.]), array([1, 1, 3, 3, 3]))
    """
    donors = after(order, ry)
    return handed_on(y, np.where(donors < 0, before(order, ry), donors))


METHOD = ByRow(
    name="bfill",
    title="the next observed value after",
    levels=PREDICTORS,
    donates=True,
    fill=fill,
)
