"""How near the rows whose values were handed on are to the row that got them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.columns.levels import PREDICTORS, measure

Floats = NDArray[np.float64]


def distances(
    done: pd.DataFrame, position: int, predictors: list[str]
) -> Floats | None:
    """Mean difference of every row from one row.

    Parameters
    ----------
    done : DataFrame of shape (n, p)
        Completed data, with string names.
    position : int
        The row.
    predictors : list of str
        Columns that are compared: numbers by their difference in standard deviations,
        classes by 0 or 1.

    Returns
    -------
    ndarray of shape (n,) or None
        None if no column can be compared.

    Examples
    --------
    >>> done = pd.DataFrame({"x": [0.0, 2.0, 4.0], "c": ["a", "b", "a"]})
    >>> distances(done, 0, ["x", "c"]).round(2)
    array([0.  , 1.11, 1.22])
    """
    total = np.zeros(len(done))
    counted = 0
    for name in predictors:
        if name not in done.columns:
            continue
        level = measure(done[name]).level
        if level not in PREDICTORS:
            continue
        column = column_of(name, done[name], level)
        y = column.y.astype(np.float64)
        if not column.ry[position] or not column.ry.all():
            continue
        if column.numeric:
            sd = float(y.std())
            if not sd > 0 or not np.isfinite(sd):
                continue
            total += np.abs(y - y[position]) / sd
        else:
            total += y != y[position]
        counted += 1
    return total / counted if counted else None
