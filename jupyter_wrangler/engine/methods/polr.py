"""Polr: a draw from a proportional odds regression, for ordered classes."""

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
    y: NDArray[Any], x: Floats, options: FitOptions, rng: np.random.Generator
) -> PolrModel:
    """Estimate weights and thresholds, on a Bayesian bootstrap of the rows.

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
    """
    scale, n = logistic.scale_of(x), len(y)
    sample = options.sample_posterior
    beta, cuts = np.zeros(x.shape[1]), np.empty(0)
    if options.classes > 1:
        weights = logistic.bootstrap_weights(n, rng) if sample else np.ones(n)
        z, counts = logistic.augmented(y, scale(x), options.classes, weights)
        beta, cuts = logistic.proportional_odds(z, counts)
    if options.delta is not None:
        cuts = cuts - options.delta
    return PolrModel(scale=scale, weights=beta, cuts=cuts, sample=sample)


METHOD = RowRegression(
    name="polr",
    additive=True,
    title="proportional odds regression",
    source=(
        "McCullagh P (1980). Regression models for ordinal data. JRSS B 42(2), 109-142."
    ),
    levels=frozenset({"ordered"}),
    stand_in="pmm",
    draws=True,
    proper=True,
    standard_order=3,
    predicts=True,
    screens=True,
    codes_are="ordered",
    shifts=("ordered",),
    fit=fit,
)
