"""Logreg: a draw from a Bayesian logistic regression, for two classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.methods.protocol import RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions
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
    y: NDArray[Any], x: Floats, options: FitOptions, rng: np.random.Generator
) -> LogregModel:
    """Estimate the weights and draw them from their approximate posterior.

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
    """
    scale = logistic.scale_of(x)
    if options.classes < 2:
        return LogregModel(scale=scale, beta=None, sample=options.sample_posterior)
    z, counts = logistic.augmented(y, scale(x), 2, np.ones(len(y)))
    both = logistic.multinomial(z, counts)
    beta = both[:, 1] - both[:, 0]
    if options.sample_posterior:
        design = np.column_stack([np.ones(len(z)), z])
        shares = logistic.softmax(design @ both)
        weight = counts.sum(axis=1) * shares[:, 0] * shares[:, 1]
        values, vectors = np.linalg.eigh((design.T * weight) @ design)
        # Directions without information are constant predictors: they stay put.
        known = values > 1e-10 * values[-1]
        spread = np.where(known, 1.0 / np.sqrt(np.where(known, values, 1.0)), 0.0)
        beta = beta + vectors @ (spread * rng.standard_normal(len(beta)))
    if options.delta is not None:
        by_class = np.asarray(options.delta)
        beta[0] += by_class[1] - by_class[0]
    return LogregModel(scale=scale, beta=beta, sample=options.sample_posterior)


METHOD = RowRegression(
    name="logreg",
    additive=True,
    title="Bayesian logistic regression",
    source=(
        "White IR, Daniel R, Royston P (2010). Avoiding bias due to perfect "
        "prediction in multiple imputation of incomplete categorical variables. CSDA "
        "54(10), 2267-2275."
    ),
    levels=frozenset({"boolean", "nominal"}),
    stand_in="polyreg",
    draws=True,
    proper=True,
    standard_order=1,
    predicts=True,
    screens=True,
    codes_are="nominal",
    shifts=("boolean", "nominal"),
    most_classes=2,
    fit=fit,
)
