"""The multivariate normal with missing values: EM, and draws from its posterior.

Symbols follow Little and Rubin (2019): `mean` and `cov` are mu and Sigma; here
`k` is the inverse of Sigma.  Rows with the same missing values form a pattern.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
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


def em(
    x: Floats, *, tol: float = 1e-8, max_iter: int = 10_000, ridge: float = 0.0
) -> Normal:
    """Estimate mean and covariance of incomplete normal rows by maximum likelihood.

    Parameters
    ----------
    x : ndarray of shape (n, p)
        Rows, with NaN for missing values; missing at random.
    tol : float, default=1e-8
        Change of a parameter, in standard deviations, below which it ends.
    max_iter : int, default=10_000
        Steps at most.
    ridge : float, default=0
        Rows' worth of prior belief that columns are uncorrelated, which few rows with
        many columns need.

    Returns
    -------
    Normal
        In the units of the columns.

    Notes
    -----
    E: fill the missing values by their expectation given what is observed in the row,
    and add their conditional covariance to the cross-products; M: mean and covariance
    of these.  A step costs patterns * missing values^3 + n p^2; the number of steps
    grows with the share of information that is missing.

    References
    ----------
    .. [1] A. P. Dempster, N. M. Laird and D. B. Rubin (1977), JRSS B 39(1), 1-38.
    .. [2] R. J. A. Little and D. B. Rubin (2019), Statistical Analysis with Missing
       Data, section 11.2; the sweep operator: section 7.4.3.

    Examples
    --------
    >>> x = np.array([[1.0, 2.0], [2.0, 4.5], [3.0, 5.5], [4.0, np.nan]])
    >>> found = em(x)
    >>> found.mean.round(3), found.converged
    (array([2.5  , 4.875]), True)
    """
    mean, scale = standard(x)
    steps = em_steps((x - mean) / scale, tol=tol, max_iter=max_iter, ridge=ridge)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: Normal = stop.value
            break
    observed = (~np.isnan(x)).sum(axis=0)
    return Normal(
        mean=mean + scale * found.mean,
        cov=found.cov * scale * scale[:, None],
        loglik=found.loglik - float(observed @ np.log(scale)),
        n_iter=found.n_iter,
        converged=found.converged,
    )


def em_steps(
    z: Floats, *, tol: float, max_iter: int, ridge: float, shares: bool = False
) -> Generator[int, None, Normal]:
    """Run `em` on standardised columns; yields after each step.

    With `shares` it goes on until what the other columns leave of each moves by no more
    than `tol` as a share of itself: of a strong relation it is small, and still wrong
    by many times when no parameter moves any more.
    """
    n, p = z.shape
    has = ~np.isnan(z)
    groups = groups_of(has)
    filled = np.where(has, z, 0.0)
    mean, cov = np.zeros(p), np.diag(np.where(has, z, 0.0).var(axis=0) + FLOOR)
    loglik, converged, step = -np.inf, False, 0
    left = np.full(p, np.inf)
    constant = float(has.sum()) * np.log(2.0 * np.pi)
    for step in range(1, max_iter + 1):
        k, logdet = inverse_of(cov)
        r = np.where(has, filled - mean, 0.0)
        spread, from_missing = fill(r, k, groups)
        products = r.T @ r
        loglik = -0.5 * (
            constant + n * logdet + from_missing + float((k * products).sum())
        )
        moved = r.mean(axis=0)
        scatter = products + spread - n * moved[:, None] * moved
        new = (scatter + ridge * np.eye(p)) / (n + ridge)
        change = max(
            float(np.abs(moved).max(initial=0.0)),
            float(np.abs(new - cov).max(initial=0.0)),
        )
        if shares:
            # The inverse holds what is left of each, one over its diagonal.
            left, before = np.log(k.diagonal()), left
            change = max(change, float(np.abs(left - before).max(initial=0.0)))
        mean, cov = mean + moved, new
        yield step
        if change < tol:
            converged = True
            break
    return Normal(mean=mean, cov=cov, loglik=loglik, n_iter=step, converged=converged)


def draw_parameters(
    z: Floats,
    ridge: float,
    rng: np.random.Generator,
    prior: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Draw mean and covariance given complete rows (the P-step).

    Parameters
    ----------
    z : ndarray of shape (n, p)
        Completed rows.
    ridge : float
        As in `em`: rows' worth of prior belief, added to the degrees of freedom and,
        times `prior`, to the scatter.
    rng : Generator
        Source of the draws.
    prior : ndarray of shape (p, p), optional
        Covariance that is believed in; the identity by default.

    Returns
    -------
    mean : ndarray of shape (p,)
    cov : ndarray of shape (p, p)

    Notes
    -----
    Sigma is drawn from the inverse Wishart of the centred scatter on n - 1 degrees of
    freedom (Jeffreys' prior), then mu from the normal around the mean with Sigma / n.

    References
    ----------
    .. [1] J. L. Schafer (1997), Analysis of Incomplete Multivariate Data, sections
       5.2.2 and 5.4.1.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(10_000, 2))
    >>> mean, cov = draw_parameters(z, 0.0, np.random.default_rng(0))
    >>> bool(abs(cov - np.eye(2)).max() < 0.1)
    True
    """
    n, p = z.shape
    mean = z.mean(axis=0)
    centred = z - mean
    believed = ridge * (np.eye(p) if prior is None else prior)
    values, vectors = np.linalg.eigh(centred.T @ centred + believed)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    # Bartlett: lower lower' is a Wishart draw of the identity.
    lower = np.tril(rng.standard_normal((p, p)), -1)
    freedom = np.maximum(n - 1 + ridge - np.arange(p), 1.0)
    lower[np.diag_indices(p)] = np.sqrt(rng.chisquare(freedom))
    factor = root @ np.linalg.inv(lower).T
    return mean + factor @ rng.standard_normal(p) / np.sqrt(n), factor @ factor.T
