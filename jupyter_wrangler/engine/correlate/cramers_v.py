"""Cramer's V, less what chance alone would give: association of classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.correlate.crosstab import crosstab
from jupyter_wrangler.engine.correlate.pair import (
    ALL_CLASSES,
    Found,
    symmetric,
    undefined,
)

Codes = NDArray[np.intp]


def cramers_v(x: Codes, y: Codes) -> Found:
    """Measure the association of two complete columns of classes.

    Returns
    -------
    Found
        From 0 to 1, corrected for bias, and the p-value of the chi-squared test.

    References
    ----------
    .. [1] W. Bergsma (2013), A bias-correction for Cramer's V and Tschuprow's T,
       J. Korean Statistical Society 42(3), 323-328.

    Examples
    --------
    >>> x = np.repeat([0, 1], 10)
    >>> cramers_v(x, x).r
    1.0
    >>> cramers_v(x, np.tile([0, 1], 10)).r
    0.0
    """
    found = crosstab(x, y)
    n, rows, columns = found.n, len(found.x), len(found.y)
    by_chance = (rows - 1) * (columns - 1) / (n - 1)
    phi2 = max(0.0, found.chi2 / n - by_chance)
    room = min(k - 1 - (k - 1) ** 2 / (n - 1) for k in (rows, columns))
    if room <= 0:
        return undefined(ALL_CLASSES)
    return symmetric(float(min(np.sqrt(phi2 / room), 1.0)), found.p)
