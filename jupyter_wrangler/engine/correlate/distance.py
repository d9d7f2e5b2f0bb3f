"""Distance correlation: zero only for columns that do not depend on each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.correlate.pair import Found, symmetric

Floats = NDArray[np.float64]


def distance(x: Floats, y: Floats) -> Found:
    """Correlate two complete columns of n rows by the distances of their rows.

    Returns
    -------
    Found
        The distance correlation, from 0 to 1, and the p-value of the chi-squared test
        of its unbiased version, which is a little cautious.

    Notes
    -----
    Costs n^2 time and memory.

    References
    ----------
    .. [1] G. J. Szekely, M. L. Rizzo and N. K. Bakirov (2007), Measuring and testing
       dependence by correlation of distances, Annals of Statistics 35(6), 2769-2794.
    .. [2] G. J. Szekely and M. L. Rizzo (2013), The distance correlation t-test of
       independence in high dimension, J. Multivariate Analysis 117, 193-213.
    .. [3] C. Shen, S. Panda and J. T. Vogelstein (2022), The Chi-Square Test of
       Distance Correlation, J. Comput. Graph. Statist. 31(1), 254-262.

    Examples
    --------
    >>> x = np.linspace(-1.0, 1.0, 41)
    >>> found = distance(x, x**2)
    >>> round(found.r, 3), found.p < 0.01
    (0.492, True)
    """
    # Imported when needed, as everywhere in what kernels load.
    from scipy.special import chdtrc  # noqa: PLC0415

    n = len(x)
    a, b = (np.abs(v[:, None] - v) for v in (x, y))
    sums_a, sums_b = a.sum(axis=1), b.sum(axis=1)
    r = _ratio(a, b, sums_a, sums_b, n, n * n)
    root = float(np.sqrt(min(max(r, 0.0), 1.0)))
    if n < 4:
        return symmetric(root, np.nan)
    unbiased = _ratio(a, b, sums_a, sums_b, n - 2, (n - 1) * (n - 2))
    p = float(chdtrc(1, max(n * unbiased + 1.0, 0.0)))
    return symmetric(root, p)


def _ratio(
    a: Floats, b: Floats, sums_a: Floats, sums_b: Floats, line: int, every: int
) -> float:
    """Covariance of two distance matrices over the root of their variances.

    The sum of products of doubly centred matrices is sum(ab) less twice the products
    of line sums, plus the product of both totals, each over its count.
    """

    def product(u: Floats, v: Floats, su: Floats, sv: Floats) -> float:
        whole = float(np.einsum("ij,ij->", u, v))
        lines = float(su @ sv)
        totals = float(su.sum() * sv.sum())
        return whole - 2.0 * lines / line + totals / every

    spread = product(a, a, sums_a, sums_a) * product(b, b, sums_b, sums_b)
    return product(a, b, sums_a, sums_b) / np.sqrt(spread) if spread > 0 else 0.0
