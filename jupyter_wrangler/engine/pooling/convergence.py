"""Whether chains that started apart have mixed: R-hat and autocorrelation.

A *chain* is the mean (or variance) of a column's imputed cells, round after round, of
one imputation.  Chains that have converged vary around one another without a trend:
R-hat is near 1 and the autocorrelation near 0.  Both are rough with few rounds.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Rounds at least, so that each half of a chain has two.
FEWEST = 4


def rhat(chains: ArrayLike) -> float:
    """Potential scale reduction of chains, rank-normalised and split.

    Parameters
    ----------
    chains : array-like of shape (m, rounds)
        One chain for each imputation; of an odd number of rounds the middle one is
        left out.

    Returns
    -------
    float
        The larger of the values for the ranks and for the ranks of the distances from
        the median; near 1 where the chains agree.  NaN with fewer than 4 rounds, a
        number that is not finite, or where nothing varies.

    Notes
    -----
    With more than 100 rounds values below 1.01 are called good; after 10 rounds
    of 5 chains 1.2 is still by chance.

    References
    ----------
    .. [1] A. Gelman and D. B. Rubin (1992), Inference from iterative simulation using
       multiple sequences, Statistical Science 7(4), 457-472.
    .. [2] A. Vehtari, A. Gelman, D. Simpson, B. Carpenter and P.-C. Bürkner (2021),
       Rank-normalization, folding, and localization: an improved R-hat for assessing
       convergence of MCMC, Bayesian
       Analysis 16(2), 667-718, eqs. 1-4 and 14.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> mixed = rng.normal(size=(4, 200))
    >>> apart = mixed + np.arange(4)[:, None]
    >>> round(rhat(mixed), 2), round(rhat(apart), 2)
    (1.0, 1.53)
    """
    x = np.atleast_2d(np.asarray(chains, dtype=np.float64))
    rounds = x.shape[1]
    if rounds < FEWEST or not np.isfinite(x).all() or np.ptp(x) == 0:
        return math.nan
    half = rounds // 2
    split = np.concatenate([x[:, :half], x[:, rounds - half :]])
    folded = np.abs(split - np.median(split))
    found = [_plain(_normalised(split))]
    if np.ptp(folded) > 0:
        found.append(_plain(_normalised(folded)))
    return max(found)


def _plain(x: Floats) -> float:
    """Root of total over within variance of n draws of each chain (eqs. 1-4)."""
    n = x.shape[1]
    within = float(x.var(axis=1, ddof=1).mean())
    between = n * float(x.mean(axis=1).var(ddof=1))
    if within == 0:
        return math.inf
    return math.sqrt(((n - 1) / n * within + between / n) / within)


def _normalised(x: Floats) -> Floats:
    """Give the normal scores of the ranks, ties by their average rank (eq. 14)."""
    from scipy.special import ndtri  # noqa: PLC0415  loads slowly, used rarely

    # values that differ by rounding only are ties, as are the two beside a median
    # once their distances from it are ranked; machines would rank them differently
    rounded = np.round(x / (float(np.abs(x).max()) or 1.0), 12)
    # not scipy.stats, which takes half a second to load in every runner
    _, which, counts = np.unique(rounded, return_inverse=True, return_counts=True)
    average = np.cumsum(counts) - (counts - 1) / 2
    ranks = average[which.reshape(-1)].reshape(x.shape)
    scores: Floats = ndtri((ranks - 0.375) / (x.size + 0.25))
    return scores


def autocorrelation(chains: ArrayLike, lag: int = 1) -> float:
    """Correlation of a chain with itself `lag` rounds before, averaged over chains.

    Parameters
    ----------
    chains : array-like of shape (m, rounds)
        One chain for each imputation.
    lag : int, default=1
        Rounds between the values.

    Returns
    -------
    float
        Near 0 where chains move freely, towards 1 where they drift.  NaN with fewer
        than 3 pairs of values, or where no chain varies.

    Notes
    -----
    Each chain gives the sum of lagged products of deviations from its mean over the
    sum of squares; few rounds bias it towards -1 / rounds.

    References
    ----------
    .. [1] S. M. Lynch (2007), Introduction to Applied Bayesian Statistics and
       Estimation for Social Scientists, p. 147.
    .. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, section 6.5.2.

    Examples
    --------
    >>> round(autocorrelation([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]), 3)
    0.5
    """
    x = np.atleast_2d(np.asarray(chains, dtype=np.float64))
    if x.shape[1] < lag + 3 or not np.isfinite(x).all():
        return math.nan
    apart = x - x.mean(axis=1, keepdims=True)
    size = (apart**2).sum(axis=1)
    varies = size > 0
    if not varies.any():
        return math.nan
    products = (apart[:, lag:] * apart[:, :-lag]).sum(axis=1)
    return float((products[varies] / size[varies]).mean())
