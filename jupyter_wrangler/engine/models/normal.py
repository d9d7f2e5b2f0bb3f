"""The multivariate normal with missing values: patterns of rows, and expectations.

Symbols follow Little and Rubin (2019): `mean` and `cov` are mu and Sigma; here
`k` is the inverse of Sigma.  Rows with the same missing values form a pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Numbers in the stack of small matrices that are inverted at once.
STACK = 2_000_000
#: Eigenvalues of a covariance of standardised columns are at least this.
FLOOR = 1e-10


@dataclass(frozen=True, kw_only=True)
class Normal:
    """Mean and covariance by maximum likelihood."""

    #: Shape (p,), in the units of the columns.
    mean: Floats
    #: Shape (p, p), with divisor n.
    cov: Floats
    #: Logarithm of the likelihood of what was observed.
    loglik: float
    n_iter: int
    #: Whether the last step changed no parameter by more than tol.
    converged: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """Patterns with equally many missing values, and their rows."""

    #: Which columns are missing, shape (patterns, missing values).
    missing: Rows
    #: Rows in the order of their patterns, shape (rows,).
    rows: Rows
    #: Pattern of each row, ascending, shape (rows,).
    pattern: Rows
    #: Rows of each pattern, shape (patterns,).
    counts: Rows


def groups_of(has: NDArray[np.bool_]) -> tuple[Group, ...]:
    """Sort rows by pattern, and patterns by their number of missing values.

    Parameters
    ----------
    has : ndarray of bool of shape (n, p)
        Where a value is observed.

    Returns
    -------
    tuple of Group
        Without the complete rows.

    Examples
    --------
    >>> has = np.array([[True, True], [True, False], [False, True], [True, False]])
    >>> (group,) = groups_of(has)
    >>> group.missing.tolist(), group.rows.tolist(), group.counts.tolist()
    ([[0], [1]], [2, 1, 3], [1, 2])
    """
    rows = np.flatnonzero(~has.all(axis=1))
    if not len(rows):
        return ()
    packed = np.packbits(has[rows], axis=1)
    keys = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    patterns = ~has[rows[first]]
    n_missing = patterns.sum(axis=1)
    order = np.argsort(inverse, kind="stable")
    counts = np.bincount(inverse, minlength=len(first))
    stops = np.cumsum(counts)
    made: list[Group] = []
    for m in np.unique(n_missing):
        every = np.flatnonzero(n_missing == m)
        size = max(1, STACK // int(m * m))
        for start in range(0, len(every), size):
            kept = every[start : start + size]
            at = [order[stops[q] - counts[q] : stops[q]] for q in kept]
            made.append(
                Group(
                    missing=np.nonzero(patterns[kept])[1].reshape(len(kept), m),
                    rows=rows[np.concatenate(at)],
                    pattern=np.repeat(np.arange(len(kept)), counts[kept]),
                    counts=counts[kept],
                )
            )
    return tuple(made)


def inverse_of(cov: Floats) -> tuple[Floats, float]:
    """Inverse and log-determinant of a covariance; a singular one is lifted a little.

    Examples
    --------
    >>> k, logdet = inverse_of(np.diag([1.0, 4.0]))
    >>> k.diagonal(), round(logdet, 4)
    (array([1.  , 0.25]), 1.3863)
    """
    values, vectors = np.linalg.eigh(cov)
    values = np.maximum(values, FLOOR * max(float(values.max(initial=0.0)), 1.0))
    return (vectors / values) @ vectors.T, float(np.log(values).sum())


def fill(
    r: Floats,
    k: Floats,
    groups: tuple[Group, ...],
    rng: np.random.Generator | None = None,
) -> tuple[Floats, float]:
    """Fill missing values by their expectation given what is observed, in place.

    Parameters
    ----------
    r : ndarray of shape (n, p)
        Rows less the mean, with zero for missing values.
    k : ndarray of shape (p, p)
        Inverse of the covariance.
    groups : tuple of Group
        Of these rows.
    rng : Generator, optional
        Draws the missing values from their distribution instead.

    Returns
    -------
    spread : ndarray of shape (p, p)
        Sum over rows of the conditional covariances of their missing values.
    logdet : float
        Sum over rows of the log-determinant of the block of `k` of their missing
        values.

    Notes
    -----
    Sweeping Sigma on the observed columns gives the regression of the missing values on
    them; sweeping the inverse back on the few missing values gives the same numbers:
    the conditional covariance is the inverse of that block of `k`.  Costs patterns *
    missing values^3 + n p^2.
    """
    p = r.shape[1]
    spread = np.zeros(p * p)
    logdet = 0.0
    pull = r @ k
    for group in groups:
        missing, m = group.missing, group.missing.shape[1]
        block = k[missing[:, :, None], missing[:, None, :]]
        lower = np.linalg.cholesky(block)
        covs = np.linalg.inv(block)
        logdet += float(
            2.0
            * group.counts
            @ np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
        )
        flat = missing[:, :, None] * p + missing[:, None, :]
        spread += np.bincount(
            flat.ravel(),
            weights=(covs * group.counts[:, None, None]).ravel(),
            minlength=p * p,
        )
        factor = np.swapaxes(np.linalg.inv(lower), 1, 2) if rng is not None else covs
        for part, which in _parts(group, m):
            rows = group.rows[part]
            cells = rows[:, None], missing[group.pattern[part]]
            given = -pull[cells]
            drawn = _times(covs, which, given)
            if rng is not None:
                drawn += _times(factor, which, rng.standard_normal(given.shape))
            r[cells] = drawn
    return spread.reshape(p, p), logdet


def _parts(group: Group, m: int) -> Iterator[tuple[slice, Rows | int]]:
    """Pieces of the rows of a group: one pattern each, or many of few rows."""
    if len(group.rows) > 8 * len(group.counts):
        start = 0
        for q, count in enumerate(group.counts):
            yield slice(start, start + int(count)), q
            start += int(count)
        return
    size = max(1, STACK // (m * m))
    for start in range(0, len(group.rows), size):
        part = slice(start, start + size)
        yield part, group.pattern[part]


def _times(matrices: NDArray[Any], which: Rows | int, vectors: NDArray[Any]) -> Floats:
    """Multiply each row by the matrix of its pattern."""
    if isinstance(which, int):
        return cast("Floats", vectors @ matrices[which].T)
    return cast("Floats", np.matmul(matrices[which], vectors[:, :, None])[:, :, 0])


def standard(x: Floats) -> tuple[Floats, Floats]:
    """Means and deviations of what is observed in each column; 0 and 1 if nothing.

    Examples
    --------
    >>> standard(np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, np.nan]]))
    (array([2., 5.]), array([1., 1.]))
    """
    mean, scale, varies = _deviations(x)
    return mean, np.where(varies, scale, 1.0)


def constant(x: Floats) -> NDArray[np.bool_]:
    """Whether all that is observed in a column is the same, but for rounding.

    Examples
    --------
    >>> constant(np.array([[1.0, 5.0, np.nan], [3.0, np.nan, np.nan]]))
    array([False,  True, False])
    """
    return ~_deviations(x)[2] & ~np.isnan(x).all(axis=0)


def _deviations(x: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Means, standard deviations, and whether these are more than rounding."""
    has = ~np.isnan(x)
    n = np.maximum(has.sum(axis=0), 1)
    mean = np.where(has, x, 0.0).sum(axis=0) / n
    scale = np.sqrt((np.where(has, x - mean, 0.0) ** 2).sum(axis=0) / n)
    return mean, scale, scale > 1e-12 * np.abs(mean)
