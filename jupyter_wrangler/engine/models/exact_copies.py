"""Columns that are copies of one another, but for unit and origin: y = a x + b exactly.

A model knows such a relation up to what its prior and its last step leave open; the
rows that have one of the columns tell the other exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Rows with both columns that are looked at first.
LOOKED_AT = 2_000
#: Beyond rounding, as a share of the largest number.
ROUNDING = 1e-12
#: So many different values, or so many rows without the most frequent one, say that a
#: relation is no chance.
DISTINCT, ROWS = 5, 10


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Coordinate `target` is a times coordinate `source` plus b."""

    source: int
    target: int
    a: float
    b: float


def copies_of(x: Floats, which: Sequence[int]) -> tuple[Copy, ...]:
    """Find the coordinates that are copies of others, in both directions.

    Parameters
    ----------
    x : ndarray of shape (n, w)
        Rows, NaN where missing.
    which : sequence of int
        Coordinates to look at.

    Returns
    -------
    tuple of Copy
        Ascending by source.

    Notes
    -----
    Over all rows that have both, no number may be off by more than rounding; and there
    must be 5 different numbers, or 10 rows without the most frequent one, for a
    relation to be no chance.  Costs n w^2 for 2 000 rows at most, and n for each pair.

    Examples
    --------
    >>> x = np.column_stack([np.arange(8.0), 2 * np.arange(8.0) + 1, np.ones(8)])
    >>> [(c.source, c.target, c.a, c.b) for c in copies_of(x, [0, 1, 2])]
    [(0, 1, 2.0, 1.0), (1, 0, 0.5, -0.5)]
    """
    step = max(1, len(x) // LOOKED_AT)
    likely = np.argwhere(_related(x[::step][:, list(which)]))
    found: list[Copy] = []
    for i, j in likely:
        one = _copy(x, which[int(i)], which[int(j)])
        if one is not None:
            found.append(one)
    return tuple(found)


def _related(x: Floats) -> NDArray[np.bool_]:
    """Tell which pairs have a correlation near 1 over the rows that have both."""
    has = ~np.isnan(x)
    z = np.where(has, x, 0.0)
    n = np.maximum(has.sum(axis=0), 1)
    z = np.where(has, z - z.sum(axis=0) / n, 0.0)
    scale = np.sqrt((z**2).sum(axis=0) / n)
    z = z / np.where(scale > 0, scale, 1.0)
    seen = has.astype(np.float64)
    both = np.maximum(seen.T @ seen, 1.0)
    mean = (z.T @ seen) / both
    square = (z**2).T @ seen / both - mean**2
    cross = z.T @ z / both - mean * mean.T
    spread = np.sqrt(np.maximum(square * square.T, 0.0))
    near = (spread > 0) & (np.abs(cross) > (1.0 - 1e-6) * spread)
    np.fill_diagonal(near, val=False)
    return near


def _copy(x: Floats, source: int, target: int) -> Copy | None:
    both = ~np.isnan(x[:, source]) & ~np.isnan(x[:, target])
    u, v = x[both, source], x[both, target]
    values, counts = np.unique(u, return_counts=True)
    if len(values) < DISTINCT and len(u) - counts.max(initial=0) < ROWS:
        return None
    low, high = int(u.argmin()), int(u.argmax())
    if u[low] == u[high] or v[low] == v[high]:
        return None
    a = float((v[high] - v[low]) / (u[high] - u[low]))
    b = float(v[low] - a * u[low])
    most = max(float(np.abs(v).max()), abs(b))
    if float(np.abs(a * u + b - v).max()) > ROUNDING * most:
        return None
    return Copy(source=source, target=target, a=a, b=b)


def copied(x: Floats, copies: Sequence[Copy]) -> Floats:
    """Fill in what a copy tells, where it is there itself.

    Examples
    --------
    >>> copied(np.array([[2.0, np.nan]]), [Copy(source=0, target=1, a=3.0, b=1.0)])
    array([[2., 7.]])
    """
    if not copies:
        return x
    done = x.copy()
    for copy in copies:
        lost = np.isnan(done[:, copy.target])
        done[lost, copy.target] = copy.a * done[lost, copy.source] + copy.b
    return done


def kept_together(done: Floats, x: Floats, copies: Sequence[Copy]) -> Floats:
    """Let imputed copies agree: with what a copy tells, or with the first of them.

    Parameters
    ----------
    done : ndarray of shape (n, w)
        Completed rows.
    x : ndarray of shape (n, w)
        The same as they came, NaN where missing.
    copies : sequence of Copy
        See `copies_of`.

    Returns
    -------
    ndarray of shape (n, w)
    """
    if not copies:
        return done
    restored = copied(x, copies)
    done = np.where(np.isnan(restored), done, restored)
    for copy in copies:
        if copy.source < copy.target:
            lost = np.isnan(restored[:, copy.target])
            done[lost, copy.target] = copy.a * done[lost, copy.source] + copy.b
    return done
