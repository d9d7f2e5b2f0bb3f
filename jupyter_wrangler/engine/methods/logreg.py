"""Logreg: a draw from a Bayesian logistic regression, for two classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models import logistic
from jupyter_wrangler.engine.models.logistic import Floats, Scale


@dataclass(frozen=True, kw_only=True)
class LogregModel:
    """Weights drawn (or estimated) for standardised predictors."""

    scale: Scale
    #: Intercept and weights, shape (1 + p,); None where only one class was observed.
    beta: Floats | None
    sample: bool
    donates: ClassVar[bool] = False

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw 0 or 1 for each row, or give the likelier."""
        if self.beta is None:
            return np.zeros(len(x), dtype=np.intp)
        score = self.beta[0] + self.scale(x) @ self.beta[1:]
        shares = logistic.softmax(np.column_stack([np.zeros(len(x)), score]))
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
) -> LogregModel:
    """Estimate the weights and draw them from their approximate posterior."""
    scale = logistic.scale_of(x)
    if classes < 2:
        return LogregModel(scale=scale, beta=None, sample=sample_posterior)
    z, counts = logistic.augmented(y, scale(x), 2, np.ones(len(y)))
    both = logistic.multinomial(z, counts)
    beta = both[:, 1] - both[:, 0]
    if sample_posterior:
        design = np.column_stack([np.ones(len(z)), z])
        shares = logistic.softmax(design @ both)
        weight = counts.sum(axis=1) * shares[:, 0] * shares[:, 1]
        values, vectors = np.linalg.eigh((design.T * weight) @ design)
        # Directions without information are constant predictors: they stay put.
        known = values > 1e-10 * values[-1]
        spread = np.where(known, 1.0 / np.sqrt(np.where(known, values, 1.0)), 0.0)
        beta = beta + vectors @ (spread * rng.standard_normal(len(beta)))
    if delta is not None:
        beta[0] += delta[1] - delta[0]
    return LogregModel(scale=scale, beta=beta, sample=sample_posterior)


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
    """Fill with draws from a Bayesian logistic regression.

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
    Steps: estimate the weights by maximum likelihood, on data augmented against
    perfect prediction; draw them from the normal around the estimate with the inverse
    of the information; draw each class by its probability.  Costs n p^2.

    References
    ----------
    .. [1] D. B. Rubin (1987), Multiple Imputation for Nonresponse in Surveys,
       pp. 169-170.
    .. [2] I. R. White, R. Daniel, P. Royston (2010), CSDA 54(10), 2267-2275.

    Examples
    --------
    >>> x = np.linspace(-9.0, 9.0, 40)[:, None]
    >>> y = (x[:, 0] > 0).astype(int)
    >>> wy = np.isin(np.arange(40), [0, 39])
    >>> impute(y, ~wy, x, wy, rng=np.random.default_rng(0))
    array([0, 1])
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
