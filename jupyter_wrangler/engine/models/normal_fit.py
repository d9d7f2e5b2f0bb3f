"""The parameters of a normal with missing values: by EM, and drawn (the P-step).

Symbols are those of `engine.models.normal`.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from jupyter_wrangler.engine.models.normal import (
    FLOOR,
    Floats,
    Normal,
    fill,
    groups_of,
    inverse_of,
    standard,
)


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
