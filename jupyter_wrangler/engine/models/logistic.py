"""Logistic regressions of classes, with data added against perfect prediction.

Where a predictor separates the classes the likelihood has no maximum.  So a few rows
of little weight are added: for each predictor one row a standard deviation above and
one below the means, and in each all classes equally often; together they weigh as
much as p + 1 rows (White, Daniel and Royston 2010).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Steps of the optimiser at most.
STEPS = 200
#: A predictor that varies less, as a share of its size, is constant.
_CONSTANT = 1e-12
_TINY = 1e-300


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What makes predictors standard ones."""

    mean: Floats
    #: One over the standard deviations; 0 for constant predictors.
    inverse: Floats

    def __call__(self, x: Floats) -> Floats:
        """Standardise rows, shape (n, p)."""
        return (x - self.mean) * self.inverse


def scale_of(x: Floats) -> Scale:
    """Learn means and spreads."""
    mean, spread = x.mean(axis=0), x.std(axis=0)
    varies = spread > _CONSTANT * (np.abs(mean) + spread)
    return Scale(
        mean=mean, inverse=np.where(varies, 1.0 / np.where(varies, spread, 1.0), 0.0)
    )


def augmented(
    y: NDArray[np.intp], z: Floats, classes: int, weights: Floats
) -> tuple[Floats, Floats]:
    """Rows and the weights of each class in them, the added ones at the end.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Codes.
    z : ndarray of shape (n, p)
        Standardised predictors.
    classes : int
        Number of classes K.
    weights : ndarray of shape (n,)
        Weights of the rows.

    Returns
    -------
    z : ndarray of shape (n + 2 p, p)
    counts : ndarray of shape (n + 2 p, K)

    References
    ----------
    .. [1] I. R. White, R. Daniel, P. Royston (2010), Avoiding bias due to perfect
       prediction in multiple imputation, CSDA 54(10), 2267-2275.
    """
    n, p = z.shape
    counts = np.zeros((n + 2 * p, classes))
    counts[np.arange(n), y] = weights
    if p:
        counts[n:] = (p + 1) / (2 * p * classes)
    return np.concatenate([z, np.eye(p), -np.eye(p)]), counts


def minimise(cost: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Minimise a smooth function given with its gradient (L-BFGS)."""
    from scipy.optimize import minimize  # noqa: PLC0415  loads slowly, used rarely

    options = {"maxiter": STEPS, "ftol": 1e-10, "gtol": 1e-6}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options=options)
    best: Floats = found.x
    return best


def softmax(scores: Floats) -> Floats:
    """Probabilities of scores, row by row."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


def choose(shares: Floats, rng: np.random.Generator | None) -> NDArray[np.intp]:
    """Draw a class for each row by its probabilities, or take the likeliest."""
    if rng is None:
        chosen: NDArray[np.intp] = shares.argmax(axis=1)
        return chosen
    reach = np.cumsum(shares, axis=1)
    pick = rng.random(len(shares)) * reach[:, -1]
    place = (reach <= pick[:, None]).sum(axis=1)
    drawn: NDArray[np.intp] = np.minimum(place, shares.shape[1] - 1)
    return drawn


def bootstrap_weights(n: int, rng: np.random.Generator) -> Floats:
    """Weights of a Bayesian bootstrap, which sum to n; no row and no class is lost.

    References
    ----------
    .. [1] D. B. Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9(1).
    """
    return n * rng.dirichlet(np.ones(n))


def multinomial(z: Floats, counts: Floats) -> Floats:
    """Weights of the K classes, shape (1 + p, K); the first row holds intercepts."""
    (n, p), classes = z.shape, counts.shape[1]
    design = np.column_stack([np.ones(n), z])
    total = counts.sum(axis=1)
    size = total.sum()

    def cost(flat: Floats) -> tuple[float, Floats]:
        scores = design @ flat.reshape(p + 1, classes)
        scores -= scores.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scores).sum(axis=1))
        value = total @ log_sum - (counts * scores).sum()
        shares = np.exp(scores - log_sum[:, None])
        slope = design.T @ (shares * total[:, None] - counts)
        return float(value) / size, np.ravel(slope) / size

    start = np.zeros((p + 1, classes))
    start[0] = np.log(np.maximum(counts.sum(axis=0), _TINY) / size)
    return minimise(cost, np.ravel(start)).reshape(p + 1, classes)


def proportional_odds(z: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Weights and thresholds of P(Y <= k) = 1 / (1 + exp(z w - threshold_k)).

    References
    ----------
    .. [1] P. McCullagh (1980), Regression models for ordinal data, JRSS B 42(2).
    """
    p, cuts = z.shape[1], counts.shape[1] - 1
    size = counts.sum()

    def cost(flat: Floats) -> tuple[float, Floats]:
        below, density = _below(thresholds(flat[p:]), z @ flat[:p])
        shares = np.maximum(np.diff(below, axis=1), _TINY)
        value = -(counts * np.log(shares)).sum()
        ratio = counts / shares
        by_score = (ratio * np.diff(density, axis=1)).sum(axis=1)
        by_cut = -(density[:, 1:-1] * (ratio[:, :-1] - ratio[:, 1:])).sum(axis=0)
        onwards = np.cumsum(by_cut[::-1])[::-1]
        steps = onwards * np.concatenate(
            [[1.0], np.exp(np.minimum(flat[p + 1 :], 50.0))]
        )
        return float(value) / size, np.concatenate([z.T @ by_score, steps]) / size

    reach = np.cumsum(counts.sum(axis=0))[:-1] / size
    cut = np.log(reach / (1 - reach))
    start = np.concatenate(
        [np.zeros(p), cut[:1], np.log(np.maximum(np.diff(cut), 1e-6))]
    )
    best = minimise(cost, start)
    del cuts
    return best[:p], thresholds(best[p:])


def thresholds(free: Floats) -> Floats:
    """Ascending thresholds: the first, then the logarithms of the steps."""
    steps = np.exp(np.minimum(free[1:], 50.0))
    return np.cumsum(np.concatenate([free[:1], steps]))


def _below(cuts: Floats, score: Floats) -> tuple[Floats, Floats]:
    """P(Y <= k) with 0 in front and 1 at the end, and the densities there."""
    from scipy.special import expit  # noqa: PLC0415  loads slowly, used rarely

    inner = expit(cuts[None, :] - score[:, None])
    n = len(score)
    below = np.column_stack([np.zeros(n), inner, np.ones(n)])
    return below, below * (1.0 - below)


def ordered_shares(cuts: Floats, score: Floats) -> Floats:
    """Probabilities of the ordered classes, row by row."""
    shares: Floats = np.maximum(np.diff(_below(cuts, score)[0], axis=1), 0.0)
    return shares
