"""Linear: the mean predicted by Bayesian ridge regression on the other columns.

A deterministic method: the chain moves to a fixed point, and all imputations are
the same.  For ordered categories the predicted rank is rounded; for booleans and
nominal categories the class with the highest score is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, MomentRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions, MomentData

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LinearModel:
    """A fitted regression; needs no rows to impute others."""

    coding: Coding
    coef: Floats
    intercept: Floats
    donates: ClassVar[bool] = False

    def predict(self, x: Floats) -> Floats:
        """Predicted coordinates of the target, shape (n, d)."""
        return x @ self.coef + self.intercept

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[Any]:
        """Predicted numbers or classes; nothing is drawn."""
        del rng
        predicted = self.predict(x)
        if self.coding.table is None:
            return predicted[:, 0]
        return self.coding.classify(predicted)


def fit(data: MomentData, options: FitOptions, rng: np.random.Generator) -> LinearModel:
    """Regress the coordinates of a target on the predictors; nothing is drawn."""
    # Loads scipy, and kernels read the list of methods when they start.
    from jupyter_wrangler.engine.models import bayesian_ridge  # noqa: PLC0415

    del options, rng
    coef, intercept = bayesian_ridge.fit(data.moments)
    return LinearModel(coding=data.coding, coef=data.widen(coef), intercept=intercept)


METHOD = MomentRegression(
    name="linear",
    additive=True,
    title="Bayesian ridge regression (the prediction)",
    source=(
        "Pedregosa F, et al. (2011). Scikit-learn: Machine Learning in Python. JMLR "
        "12, 2825-2830."
    ),
    levels=PREDICTORS,
    replays=True,
    trial=AutoTrial(guess=3, starts_trees=True),
    fit=fit,
)
