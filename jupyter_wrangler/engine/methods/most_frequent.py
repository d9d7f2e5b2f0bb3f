"""Most frequent: the mode, the smallest one where several are equally frequent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, OneValue


def fit(y: NDArray[Any]) -> int:
    """Position of the first most frequent value among the observed ones.

    Examples
    --------
    >>> fit(np.array([3.0, 1.0, 3.0, 1.0]))
    1
    """
    _, first, counts = np.unique(y, return_index=True, return_counts=True)
    return int(first[np.argmax(counts)])


METHOD = OneValue(
    name="most_frequent",
    title="the most frequent observed value",
    levels=PREDICTORS | {"text"},
    donates=True,
    trial=AutoTrial(guess=2),
    what="most frequent value",
    row=fit,
)
