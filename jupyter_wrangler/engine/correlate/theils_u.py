"""Theil's U: what share of the uncertainty of one column another takes away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.correlate.crosstab import crosstab
from jupyter_wrangler.engine.correlate.pair import Found

Codes = NDArray[np.intp]


def theils_u(x: Codes, y: Codes) -> Found:
    """Measure how much two complete columns of classes tell of each other.

    Returns
    -------
    Found
        `r` is U(x|y), the share of the entropy of x that is gone when y is known;
        `back` is U(y|x); the p-value is that of the chi-squared test.

    References
    ----------
    .. [1] H. Theil (1970), On the Estimation of Relationships Involving Qualitative
       Variables, American Journal of Sociology 76(1), 103-154.

    Examples
    --------
    >>> city = np.array([0, 1, 2, 3])
    >>> country = np.array([0, 0, 1, 1])
    >>> found = theils_u(country, city)
    >>> found.r, found.back
    (1.0, 0.5)
    """
    found = crosstab(x, y)
    n = found.n
    share = found.cells / n
    together = float(share @ np.log(found.cells * n / (found.of_x * found.of_y)))
    of_x, of_y = (-float(m / n @ np.log(m / n)) for m in (found.x, found.y))
    coefficients = [min(max(together / whole, 0.0), 1.0) for whole in (of_x, of_y)]
    return Found(coefficients[0], found.p, coefficients[1])
