"""Polr: a draw from a proportional odds regression, for ordered classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models import logistic
from jupyter_wrangler.engine.models.logistic import Floats, Scale


@dataclass(frozen=True, kw_only=True)
class PolrModel:
    """Weights and thresholds for standardised predictors."""

    scale: Scale
    weights: Floats
    #: Between the K classes, ascending, shape (K - 1,).
    cuts: Floats
    sample: bool
    donates: ClassVar[bool] = False

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw a class for each row, or give the likeliest."""
        score = self.scale(x) @ self.weights
        shares = logistic.ordered_shares(self.cuts, score)
        return logistic.choose(shares, rng if self.sample else None)


def fit(
    y: NDArray[Any],
    x: Floats,
    rng: np.random.Generator,
    *,
    classes: int = 2,
    sample_posterior: bool = True,
    delta: float | None = None,
    **_: Any,
) -> PolrModel:
    """Estimate weights and thresholds, on a Bayesian bootstrap of the rows."""
    scale, n = logistic.scale_of(x), len(y)
    beta, cuts = np.zeros(x.shape[1]), np.empty(0)
    if classes > 1:
        weights = logistic.bootstrap_weights(n, rng) if sample_posterior else np.ones(n)
        z, counts = logistic.augmented(y, scale(x), classes, weights)
        beta, cuts = logistic.proportional_odds(z, counts)
    if delta is not None:
        cuts = cuts - delta
    return PolrModel(scale=scale, weights=beta, cuts=cuts, sample=sample_posterior)


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: Floats,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    classes: int = 2,
    sample_posterior: bool = True,
    delta: float | None = None,
    **_: Any,
) -> NDArray[np.intp]:
    """Fill with draws from a proportional odds regression.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Codes of the classes, in their order.
    ry : ndarray of bool of shape (n,)
        Where `y` is observed.
    x : ndarray of shape (n, p)
        Predictors, complete.
    wy : ndarray of bool of shape (n,)
        Where to impute.
    rng : Generator
        Source of the draws.
    classes : int, default=2
        Number of classes.
    sample_posterior : bool, default=True
        False gives the likeliest class.
    delta : float, optional
        Added to the linear predictor, so that higher classes become likelier; see
        `log_odds`.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Codes.

    Notes
    -----
    Steps: weigh the observed rows by a Bayesian bootstrap, which stands for the draw
    of the parameters; estimate them, on data augmented against perfect prediction;
    draw each class by its probability.  Costs n (p + K) for each of some dozens of
    steps.

    References
    ----------
    .. [1] P. McCullagh (1980), Regression models for ordinal data, JRSS B 42(2).
    .. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, section 3.6.

    Examples
    --------
    >>> x = np.linspace(0.0, 30.0, 61)[:, None]
    >>> y = (x[:, 0] // 10.1).astype(int)
    >>> wy = np.isin(np.arange(61), [0, 60])
    >>> impute(y, ~wy, x, wy, rng=np.random.default_rng(0), classes=3)
    array([0, 2])
    """
    model = fit(
        y[ry],
        x[ry],
        rng,
        classes=classes,
        sample_posterior=sample_posterior,
        delta=delta,
    )
    return model.draw(x[wy], rng)
