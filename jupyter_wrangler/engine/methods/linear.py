"""Linear: the mean predicted by Bayesian ridge regression on the other columns.

A deterministic method: the chain moves to a fixed point, and all imputations are
the same.  For ordered categories the predicted rank is rounded; for booleans and
nominal categories the class with the highest score is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding, code
from jupyter_wrangler.engine.models import bayesian_ridge
from jupyter_wrangler.engine.models.moments import Moments, moments_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LinearModel:
    """A fitted regression; needs no rows to impute others."""

    coding: Coding
    coef: Floats
    intercept: Floats
    donates: ClassVar[bool] = False

    def widened(self, widen: Callable[[Floats], Floats]) -> LinearModel:
        """Fit the same model to rows that hold the target among the predictors."""
        return replace(self, coef=widen(self.coef))

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


def fit(moments: Moments, coding: Coding) -> LinearModel:
    """Regress the coordinates of a target on the predictors."""
    coef, intercept = bayesian_ridge.fit(moments)
    return LinearModel(coding=coding, coef=coef, intercept=intercept)


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: Floats,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator | None = None,
    classes: int = 0,
    ordered: bool = False,
    **_: Any,
) -> NDArray[Any]:
    """Fill with the predicted mean, or the most probable class.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Target: numbers, or codes with `classes`.
    ry : ndarray of bool of shape (n,)
        Where `y` is observed.
    x : ndarray of shape (n, p)
        Predictors, complete.
    wy : ndarray of bool of shape (n,)
        Where to impute.
    rng : Generator, optional
        Not used: the method is deterministic.
    classes : int, default=0
        Number of classes of a target of codes.
    ordered : bool, default=False
        Whether the classes are ranks.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Numbers or codes.

    Examples
    --------
    >>> x = np.arange(6.0)[:, None]
    >>> y = np.array([1.0, 3.0, 5.0, 7.0, 9.0, np.nan])
    >>> impute(y, ~np.isnan(y), x, np.isnan(y)).round(3)
    array([11.])
    """
    coding = code(y[ry], classes, ordered=ordered)
    model = fit(moments_of(x[ry], coding.encode(y[ry])), coding)
    return model.draw(x[wy], cast("np.random.Generator", rng))
