"""A draw from the posterior of a Bayesian linear regression of d targets.

Predictive mean matching and the normal draws of `norm` rest on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.models.moments import Moments, moments_of
from jupyter_wrangler.engine.models.screening import few, ridge_of

Floats = NDArray[np.float64]

#: Added to the moments of the predictors, as a share of their diagonal (as mice).
RIDGE = 1e-5
#: A predictor that varies less, as a share of its own mean, is constant.
_CONSTANT = 1e-14
#: So is one that keeps less of its sum of squares over all rows.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class PosteriorDraw:
    """Estimated and drawn weights of the regression of d targets on p predictors."""

    coding: Coding
    beta_hat: Floats
    alpha_hat: Floats
    beta_dot: Floats
    alpha_dot: Floats
    #: Factor F of the drawn covariance F F' of the residuals, shape (d, d).
    noise: Floats

    def widened(self, widen: Callable[[Floats], Floats]) -> PosteriorDraw:
        """Fit the same weights to rows that hold the target among the predictors."""
        return replace(
            self, beta_hat=widen(self.beta_hat), beta_dot=widen(self.beta_dot)
        )

    def hat(self, x: Floats) -> Floats:
        """Predictions that place the donors."""
        return _scores(self.coding, x @ self.beta_hat + self.alpha_hat)

    def dot(self, x: Floats) -> Floats:
        """Predictions that place the rows to impute."""
        return _scores(self.coding, x @ self.beta_dot + self.alpha_dot)


def _scores(coding: Coding, predicted: Floats) -> Floats:
    # Two scores that sum to one lie on a line: one of them says it all.
    return predicted if predicted.shape[1] == 1 else coding.scores(predicted)


def draw_posterior(
    moments: Moments, coding: Coding, rng: np.random.Generator
) -> PosteriorDraw:
    """Estimate the weights and draw them from their posterior.

    Notes
    -----
    With V = (x'x + ridge)^-1 and residual cross-products S on n - p - 1 degrees of
    freedom: Sigma is drawn from the inverse Wishart of S, then beta from the
    matrix normal around V x'y with V and Sigma; for one target this is the draw of
    Rubin (1987), example 5.1.  The intercept is independent of the slopes once the
    predictors are centred.  Where the rows are few for the predictors (n < 3 p), the
    ridge is drawn from its posterior instead, and df is n - 1, see `screening`.

    References
    ----------
    .. [1] R. J. A. Little (1988), Missing-Data Adjustments in Large Surveys, JBES
       6(3), 287-296.
    .. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, algorithm 3.3.
    """
    # Loads slowly, and kernels read the list of methods when they start.
    from scipy.linalg import lapack  # noqa: PLC0415

    p, d = moments.xy.shape
    spread = moments.xx.diagonal()
    least = moments.n * (_CONSTANT * moments.x_mean) ** 2
    if moments.whole is not None:
        least = np.maximum(least, _ROUNDING * moments.whole)
    varies = np.flatnonzero(spread > least)
    xx, xy = moments.xx, moments.xy
    if len(varies) < p:
        xx, xy = xx[np.ix_(varies, varies)], xy[varies]
    # The diagonal becomes one, so that no scale of a predictor is too small.
    scale = np.sqrt(xx.diagonal())
    column = scale[:, None]
    xx, xy = xx / scale / column, xy / column
    scarce = few(moments.n, len(xx))
    ridge = ridge_of(xx, xy, moments.yy, moments.n, rng) if scarce else RIDGE
    xx.ravel()[:: len(xx) + 1] += ridge
    # The transpose of the symmetric matrix is in the order that LAPACK takes.
    factor, failed = lapack.dpotrf(xx.T, lower=1) if len(xx) else (xx, 0)
    if failed:
        if moments.whole is None:
            raise np.linalg.LinAlgError("the predictors hold numbers that are not one")
        # Subtracting the rows without the target has lost the digits that matter.
        exact = replace(moments_of(*moments.rows()), y_mean=moments.y_mean)
        return draw_posterior(exact, coding, rng)
    slopes = lapack.dpotrs(factor, xy, lower=1)[0] if len(xx) else xy
    if scarce:
        # The ridge is a prior of the weights, and takes no degrees of freedom.
        residual, df = moments.yy - slopes.T @ xy, max(moments.n - 1, 1)
    else:
        residual = moments.yy - slopes.T @ (2.0 * xy - xx @ slopes + RIDGE * slopes)
        df = max(moments.n - len(varies) - 1, 1)
    noise = _draw_sigma(residual, df, rng)
    normal = rng.standard_normal(xy.shape)
    if len(xx):
        normal = lapack.dtrtrs(factor, normal, lower=1, trans=1)[0]
    drawn = slopes + normal @ noise.T

    beta_hat, beta_dot = slopes / column, drawn / column
    if len(varies) < p:
        beta_hat, beta_dot = (_spread(beta, varies, p) for beta in (beta_hat, beta_dot))
    mean_dot = moments.y_mean + noise @ rng.standard_normal(d) / np.sqrt(moments.n)
    return PosteriorDraw(
        coding=coding,
        beta_hat=beta_hat,
        alpha_hat=moments.y_mean - moments.x_mean @ beta_hat,
        beta_dot=beta_dot,
        alpha_dot=mean_dot - moments.x_mean @ beta_dot,
        noise=noise,
    )


def _spread(beta: Floats, varies: NDArray[np.intp], p: int) -> Floats:
    """Weights of some predictors as weights of all of them."""
    whole = np.zeros((p, beta.shape[1]))
    whole[varies] = beta
    return whole


def _draw_sigma(residual: Floats, df: int, rng: np.random.Generator) -> Floats:
    """Draw a factor F of a covariance F F' from the inverse Wishart (Bartlett)."""
    d = len(residual)
    if d == 1:
        root = np.sqrt(np.maximum(residual, 0.0))
        # as many numbers as for more dimensions
        rng.standard_normal((1, 1))
        noise: Floats = root / np.sqrt(rng.chisquare([max(df, 1)]))
        return noise
    values, vectors = np.linalg.eigh(residual)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    lower = np.tril(rng.standard_normal((d, d)), -1)
    freedom = np.maximum(df - np.arange(d), 1)
    lower[np.diag_indices(d)] = np.sqrt(rng.chisquare(freedom))
    return cast("Floats", root @ np.linalg.inv(lower).T)
