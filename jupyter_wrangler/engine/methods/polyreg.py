"""Polyreg: a draw from a multinomial logistic regression, for unordered classes."""

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
    y: NDArray[Any], x: Floats, options: FitOptions, rng: np.random.Generator
) -> PolyregModel:
    """Estimate the weights, on a Bayesian bootstrap of the rows.

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
    """
    scale, n = logistic.scale_of(x), len(y)
    sample = options.sample_posterior
    weights = logistic.bootstrap_weights(n, rng) if sample else np.ones(n)
    z, counts = logistic.augmented(y, scale(x), options.classes, weights)
    beta = logistic.multinomial(z, counts)
    if options.delta is not None:
        beta[0] += options.delta
    return PolyregModel(scale=scale, beta=beta, sample=sample)


METHOD = RowRegression(
    name="polyreg",
    additive=True,
    title="multinomial logistic regression",
    source=(
        "White IR, Daniel R, Royston P (2010). Avoiding bias due to perfect "
        "prediction in multiple imputation of incomplete categorical variables. CSDA "
        "54(10), 2267-2275."
    ),
    levels=frozenset({"boolean", "nominal"}),
    stand_in="polr",
    draws=True,
    proper=True,
    standard_order=2,
    predicts=True,
    screens=True,
    codes_are="nominal",
    shifts=("nominal", "boolean"),
    fit=fit,
)
