"""Bayesian linear draw: a number from the posterior predictive distribution.

The regression is that of `pmm`; here the number itself is drawn, y = x beta_dot +
sigma_dot e, so imputed values are not confined to observed ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.methods import pmm
from jupyter_wrangler.engine.models.moments import moments_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NormModel:
    """The weights and the noise drawn."""

    posterior: pmm.PosteriorDraw
    #: False takes the prediction by the estimated weights.
    sample: bool = True
    donates: ClassVar[bool] = False

    def draw(self, x: Floats, rng: np.random.Generator) -> Floats:
        """Draw a number for each row."""
        if not self.sample:
            return self.posterior.hat(x)[:, 0]
        noise = float(self.posterior.noise[0, 0]) * rng.standard_normal(len(x))
        return self.posterior.dot(x)[:, 0] + noise


def impute(
    y: Floats,
    ry: NDArray[np.bool_],
    x: Floats,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    sample_posterior: bool = True,
    **_: Any,
) -> Floats:
    """Fill with draws from the posterior predictive distribution.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Target.
    ry : ndarray of bool of shape (n,)
        Where `y` is observed.
    x : ndarray of shape (n, p)
        Predictors, complete.
    wy : ndarray of bool of shape (n,)
        Where to impute.
    rng : Generator
        Source of the draws.
    sample_posterior : bool, default=True
        False gives the predictions by the estimated weights.

    Returns
    -------
    ndarray of shape (wy.sum(),)

    Notes
    -----
    Steps: beta_hat by least squares with a ridge of 1e-5 of the diagonal; sigma_dot^2
    = S / chi2(n - p - 1); beta_dot ~ N(beta_hat, sigma_dot^2 (x'x)^-1).  Costs
    n p^2 + p^3.

    References
    ----------
    .. [1] D. B. Rubin (1987), Multiple Imputation for Nonresponse in Surveys,
       example 5.1.
    .. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, algorithm 3.1.

    Examples
    --------
    >>> x = np.arange(8.0)[:, None]
    >>> y = np.array([1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, np.nan])
    >>> impute(y, ~np.isnan(y), x, np.isnan(y), rng=np.random.default_rng(0)).round(2)
    array([15.])
    """
    coding = Coding()
    posterior = pmm.fit(moments_of(x[ry], coding.encode(y[ry])), coding, rng)
    return NormModel(posterior=posterior, sample=sample_posterior).draw(x[wy], rng)
