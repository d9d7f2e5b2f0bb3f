"""Bayesian linear draw: a number from the posterior predictive distribution.

The regression is that of `pmm`; here the number itself is drawn, y = x beta_dot +
sigma_dot e, so imputed values are not confined to observed ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC
from jupyter_wrangler.engine.methods.protocol import AutoTrial, MomentRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions, MomentData
from jupyter_wrangler.engine.models.posterior import PosteriorDraw, draw_posterior

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NormModel:
    """The weights and the noise drawn."""

    posterior: PosteriorDraw
    #: False takes the prediction by the estimated weights.
    sample: bool = True
    donates: ClassVar[bool] = False

    def draw(self, x: Floats, rng: np.random.Generator) -> Floats:
        """Draw a number for each row."""
        if not self.sample:
            return self.posterior.hat(x)[:, 0]
        noise = float(self.posterior.noise[0, 0]) * rng.standard_normal(len(x))
        return self.posterior.dot(x)[:, 0] + noise


def fit(data: MomentData, options: FitOptions, rng: np.random.Generator) -> NormModel:
    """Draw weights and noise from their posterior.

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
    """
    posterior = draw_posterior(data.moments, data.coding, rng).widened(data.widen)
    return NormModel(posterior=posterior, sample=options.sample_posterior)


METHOD = MomentRegression(
    name="norm",
    additive=True,
    title="Bayesian linear regression",
    source="Rubin DB (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.",
    levels=NUMERIC | DATES,
    stand_in="logreg",
    draws=True,
    proper=True,
    standard_order=5,
    beyond_observed=True,
    predicts=True,
    screens=True,
    trial=AutoTrial(rival=2),
    fit=fit,
)
