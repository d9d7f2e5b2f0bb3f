"""Polyreg: a draw from a multinomial logistic regression, for unordered classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models import logistic
from jupyter_wrangler.engine.models.logistic import Floats, Scale


@dataclass(frozen=True, kw_only=True)
class PolyregModel:
    """Weights of the classes for standardised predictors."""

    scale: Scale
    #: Intercepts and weights, shape (1 + p, K).
    beta: Floats
    sample: bool
    donates: ClassVar[bool] = False

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw a class for each row, or give the likeliest."""
        shares = logistic.softmax(self.beta[0] + self.scale(x) @ self.beta[1:])
        return logistic.choose(shares, rng if self.sample else None)


def fit(
    y: NDArray[Any],
    x: Floats,
    rng: np.random.Generator,
    *,
    classes: int = 2,
    sample_posterior: bool = True,
    delta: Floats | None = None,
    **_: Any,
) -> PolyregModel:
    """Estimate the weights, on a Bayesian bootstrap of the rows."""
    scale, n = logistic.scale_of(x), len(y)
    weights = logistic.bootstrap_weights(n, rng) if sample_posterior else np.ones(n)
    z, counts = logistic.augmented(y, scale(x), classes, weights)
    beta = logistic.multinomial(z, counts)
    if delta is not None:
        beta[0] += delta
    return PolyregModel(scale=scale, beta=beta, sample=sample_posterior)


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: Floats,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    classes: int = 2,
    sample_posterior: bool = True,
    delta: Floats | None = None,
    **_: Any,
) -> NDArray[np.intp]:
    """Fill with draws from a multinomial logistic regression.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Codes of the classes.
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
    delta : ndarray of shape (classes,), optional
        Added to the linear predictor of each class, see `log_odds`.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Codes.

    Notes
    -----
    Steps: weigh the observed rows by a Bayesian bootstrap, which stands for the draw
    of the weights; estimate them, on data augmented against perfect prediction; draw
    each class by its probability.  Costs n p K for each of some dozens of steps.

    References
    ----------
    .. [1] J. P. L. Brand (1999), Development, implementation and evaluation of
       multiple imputation strategies, Erasmus University Rotterdam, ch. 4.
    .. [2] I. R. White, R. Daniel, P. Royston (2010), CSDA 54(10), 2267-2275.

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
