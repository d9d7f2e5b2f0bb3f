"""Ffill: the last value before, as measurements that stand until the next one.

Rows before the first value take the first.
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
    """Take the last value before; before the first one, the first.

    Notes
    -----
    Costs one sort of the rows.

    Examples
    --------
    >>> from jupyter_wrangler.engine.columns.row_order import alone
    >>> y = np.array([np.nan, 1.0, np.nan, 4.0, np.nan])
    >>> fill(alone(5), y, ~np.isnan(y))
    (array([1., 1., 1., 4., 4.]), array([1, 1, 1, 3, 3]))
    """
    donors = before(order, ry)
    return handed_on(y, np.where(donors < 0, after(order, ry), donors))


METHOD = ByRow(
    name="ffill",
    title="the last observed value before",
    levels=PREDICTORS,
    donates=True,
    fill=fill,
)
