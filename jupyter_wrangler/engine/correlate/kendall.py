"""Kendall's tau-b: how often two rows are in the same order in both columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.correlate.pair import Found, symmetric

Floats = NDArray[np.float64]


def kendall(x: Floats, y: Floats) -> Found:
    """Correlate two complete columns; costs n log n.

    References
    ----------
    .. [1] M. G. Kendall (1945), The treatment of ties in ranking problems,
       Biometrika 33(3), 239-251.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 3.0, 4.0])
    >>> kendall(x, np.array([1.0, 3.0, 2.0, 4.0])).r
    0.666...
    """
    # Imported when needed, as everywhere in what kernels load.
    from scipy.stats import kendalltau  # noqa: PLC0415

    found = kendalltau(x, y)
    return symmetric(float(found.statistic), float(found.pvalue))
