"""The correlation ratio eta: how much of numbers the classes explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.correlate.pair import Found, symmetric

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def correlation_ratio(classes: Codes, y: Floats) -> Found:
    """Measure how far the means of classes are apart; both columns are complete.

    Returns
    -------
    Found
        Root of the share of the variance of `y` that is between the classes, from 0
        to 1, and the p-value of the F-test of equal means.

    References
    ----------
    .. [1] R. A. Fisher (1925), Statistical Methods for Research Workers, chapter 8.

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 5.0, 6.0])
    >>> found = correlation_ratio(np.array([0, 0, 1, 1]), y)
    >>> round(found.r, 3), round(found.p, 3)
    (0.97, 0.03)
    """
    # Imported when needed, as everywhere in what kernels load.
    from scipy.special import betainc  # noqa: PLC0415

    away = y - y.mean()
    away /= max(float(away.max()), -float(away.min()))
    counts = np.bincount(classes)
    sums = np.bincount(classes, weights=away)
    there = counts > 0
    between = float((sums[there] ** 2 / counts[there]).sum())
    share = min(max(between / float(away @ away), 0.0), 1.0)
    n, k = len(y), int(there.sum())
    p = np.nan
    if n > k:
        p = float(betainc((n - k) / 2.0, (k - 1) / 2.0, 1.0 - share))
    return symmetric(float(np.sqrt(share)), p)
