"""Pearson: the product-moment correlation over the rows that have both columns.

Counts, sums and cross-products of all pairs of a block come out of a few matrix
products over pieces of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Numbers of a piece of rows, which fits into the caches of a processor.
_PIECE = 1_000_000
#: Share of a sum of squares below which a spread has lost digits.
_LOST = 1e-8


def product_moment(
    x: Sequence[Floats] | Floats, centre: Floats, scale: Floats, first: int
) -> tuple[Floats, Floats]:
    """Correlate the first columns with all, pairwise complete.

    Parameters
    ----------
    x : sequence of ndarray of shape (n,), or ndarray of shape (p, n)
        Columns as lines, NaN for missing values.
    centre, scale : ndarray of shape (p,)
        A middle value of each column, and the largest distance from it.
    first : int
        Number of columns b that are correlated with all p.

    Returns
    -------
    r : ndarray of shape (b, p)
        NaN where fewer than two rows have both, or one is constant in them.
    n : ndarray of shape (b, p)
        Rows that have both.

    Notes
    -----
    Costs 12 n b p flops.  Pairs whose spread in the shared rows is next to nothing
    beside their distance from the middle are computed once more from their rows.

    Examples
    --------
    >>> x = np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 4.0, np.nan, 9.0]])
    >>> r, n = product_moment(x, np.array([2.0, 4.0]), np.array([2.0, 5.0]), 1)
    >>> r.round(3), n
    (array([[1.   , 0.999]]), array([[4., 3.]]))
    """
    p, rows = len(x), len(x[0])
    unit = np.where(scale > 0, scale, 1.0)
    # n, sums of both, sums of squares of both, and of products
    n, sx, sy, sxx, syy, sxy = (np.zeros((first, p)) for _ in range(6))
    step = max(256, _PIECE // max(p, 1))
    room = np.empty((p, min(step, rows)))
    stack = np.empty((3 * first, min(step, rows)))
    for start in range(0, rows, step):
        size = min(step, rows - start)
        z, left = room[:, :size], stack[:, :size]
        for line, middle, out in zip(x, centre, z, strict=True):
            np.subtract(line[start : start + size], middle, out=out)
        np.divide(z, unit[:, None], out=z)
        has = z == z  # noqa: PLR0124  is no NaN
        if has.all():
            n += z.shape[1]
            total, square = z.sum(axis=1), np.einsum("ij,ij->i", z, z)
            sx += total[:first, None]
            sy += total
            sxx += square[:first, None]
            syy += square
            sxy += z[:first] @ z.T
            continue
        np.copyto(z, 0.0, where=~has)
        mask = has.astype(np.float64)
        left[:first], left[first : 2 * first] = mask[:first], z[:first]
        np.square(z[:first], out=left[2 * first :])
        seen = left @ mask.T
        n += seen[:first]
        sx += seen[first : 2 * first]
        sxx += seen[2 * first :]
        both = left[: 2 * first] @ z.T
        sy += both[:first]
        sxy += both[first:]
        np.square(z, out=z)
        syy += left[:first] @ z.T
    many = np.maximum(n, 1.0)
    vx, vy = sxx - sx * sx / many, syy - sy * sy / many
    fine = (n >= 2) & (vx > _LOST * sxx) & (vy > _LOST * syy)
    norm = np.sqrt(np.where(fine, vx, 1.0)) * np.sqrt(np.where(fine, vy, 1.0))
    r = np.where(fine, (sxy - sx * sy / many) / norm, np.nan)
    doubtful = ~fine & (n >= 2) & (sxx > 0) & (syy > 0)
    for i, j in zip(*np.nonzero(doubtful), strict=True):
        r[i, j] = directly(x[i], x[j])
    return np.clip(r, -1.0, 1.0), n


def directly(x: Floats, y: Floats) -> float:
    """Correlate two columns over the rows that have both; NaN if one is constant."""
    both = ~np.isnan(x) & ~np.isnan(y)
    a, b = x[both], y[both]
    if not len(a) or a.min() == a.max() or b.min() == b.max():
        return np.nan
    a, b = a - a.mean(), b - b.mean()
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    return float(np.clip((a @ b) / np.sqrt(a @ a) / np.sqrt(b @ b), -1.0, 1.0))


def p_values(r: Floats, n: Floats) -> Floats:
    """Two-sided p-values of correlations of n rows, by Student's t.

    Examples
    --------
    >>> p_values(np.array([0.5, 1.0]), np.array([20.0, 20.0])).round(4)
    array([0.0248, 0.    ])
    """
    # Imported when needed, as everywhere in what kernels load.
    from scipy.special import betainc  # noqa: PLC0415

    freedom = np.maximum(n - 2.0, 1e-300)
    p: Floats = betainc(freedom / 2.0, 0.5, np.clip(1.0 - r * r, 0.0, 1.0))
    return np.where(np.isnan(r) | (n < 3), np.nan, p)
