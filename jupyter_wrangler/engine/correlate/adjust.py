"""p-values corrected for their number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def adjusted(p: Floats, how: str) -> Floats:
    """Correct p-values; those that are NaN stay so and do not count.

    Parameters
    ----------
    p : ndarray of shape (k,)
        The p-values.
    how : {"holm", "bonferroni", "fdr_bh", "none"}
        Holm's and Bonferroni's bound the chance of any false finding, that of
        Benjamini and Hochberg the share of false ones among the findings.

    References
    ----------
    .. [1] S. Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure,
       Scandinavian Journal of Statistics 6(2), 65-70.
    .. [2] Y. Benjamini and Y. Hochberg (1995), Controlling the False Discovery Rate,
       JRSS B 57(1), 289-300.

    Examples
    --------
    >>> adjusted(np.array([0.01, np.nan, 0.04, 0.03]), "holm")
    array([0.03,  nan, 0.06, 0.06])
    """
    out = p.copy()
    known = np.flatnonzero(~np.isnan(p))
    m = len(known)
    if how == "none" or not m:
        return out
    order = known[np.argsort(p[known], kind="stable")]
    ranked = p[order]
    if how == "bonferroni":
        found = ranked * m
    elif how == "holm":
        found = np.maximum.accumulate(ranked * (m - np.arange(m)))
    else:
        found = ranked * m / np.arange(1, m + 1)
        found = np.minimum.accumulate(found[::-1])[::-1]
    out[order] = np.minimum(found, 1.0)
    return out
