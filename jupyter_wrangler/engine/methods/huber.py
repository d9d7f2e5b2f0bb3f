"""Huber: a draw from a linear regression that outliers hardly move.

Residuals beyond 1.345 robust standard deviations weigh less, the more the farther they
are.  The noise of the draws has the robust standard deviation too, so imputed values
are those of the bulk of the data: outliers are not imputed.  It resists outliers in the
target, not in the predictors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC
from jupyter_wrangler.engine.methods.norm import NormModel
from jupyter_wrangler.engine.methods.protocol import RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.models.moments import moments_of
from jupyter_wrangler.engine.models.posterior import draw_posterior
from jupyter_wrangler.engine.models.screening import few

Floats = NDArray[np.float64]

#: Bound of a residual in robust standard deviations: 95 % efficient for normal noise.
BOUND = 1.345
#: The median absolute value of standard normal numbers.
NORMAL_MAD = 0.6744897501960817
#: Iterations at most, and relative change of the weights that ends them.
ITERATIONS, TOL = 50, 1e-8


@dataclass(frozen=True, kw_only=True)
class HuberFit:
    """A Huber regression: q weights, of the constant first, and their covariance."""

    #: Shape (q,).
    beta: Floats
    #: Robust standard deviation of the noise.
    scale: float
    #: A factor R of the covariance R R' of the weights, shape (q, q).
    root: Floats
    #: Degrees of freedom of the scale.
    df: int

    @property
    def covariance(self) -> Floats:
        """Covariance of the weights, shape (q, q)."""
        return self.root @ self.root.T


@dataclass(frozen=True, kw_only=True)
class HuberModel:
    """The weights and the standard deviation of the noise, as estimated or drawn."""

    #: Shape (q,), of the constant first.
    beta: Floats
    #: Zero gives predictions.
    noise: float
    donates: ClassVar[bool] = False

    def draw(self, x: Floats, rng: np.random.Generator) -> Floats:
        """Draw a number for each row."""
        mean: Floats = self.beta[0] + x @ self.beta[1:]
        if not self.noise:
            return mean
        return mean + self.noise * rng.standard_normal(len(x))


def estimate(y: Floats, x: Floats) -> HuberFit:
    """Fit a Huber regression by iteratively reweighted least squares.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Target.
    x : ndarray of shape (n, p)
        Predictors; constant and redundant ones get a share of the weight, or none.

    Returns
    -------
    HuberFit
        With p + 1 weights.

    Notes
    -----
    The scale is the median absolute residual divided by 0.6745.  The covariance is
    equation 6.7 of [1]_, with its correction for few rows (H1 in statsmodels).  If
    more than half of the residuals are zero, so is the scale.

    References
    ----------
    .. [1] P. J. Huber (1981), Robust Statistics, sections 7.6 and 7.8.

    Examples
    --------
    >>> x = np.arange(9.0)
    >>> y = 2 * x + np.array([0.1, -0.1, 0.2, -0.2, 0.1, -0.1, 0.2, -0.2, 90.0])
    >>> found = estimate(y, x[:, None])
    >>> bool(abs(found.beta[1] - 2) < 0.2), bool(found.scale < 0.5)
    (True, True)
    """
    n, q = len(y), x.shape[1] + 1
    centre, spread = x.mean(axis=0), x.std(axis=0)
    # a column without spread predicts nothing
    unit = np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(n), (x - centre) / unit])
    beta, scale = _reweighted(design, y)
    covariance = _covariance(design, y - design @ beta, scale)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    # back to the units of the predictors: one linear map of the weights
    back = np.diag(np.concatenate([[1.0], 1.0 / unit]))
    back[0, 1:] = -centre / unit
    return HuberFit(
        beta=back @ beta,
        scale=scale,
        root=back @ root,
        df=max(n - q, 1),
    )


def fit(
    y: NDArray[Any], x: Floats, options: FitOptions, rng: np.random.Generator
) -> HuberModel | NormModel:
    """Fit a Huber regression and draw its weights and its noise.

    Notes
    -----
    With fewer than three rows for each predictor no residual can be distinguished from
    an error of the fit: then the draw is that of `norm`, whose ridge learns its
    strength.

    Steps: beta by `estimate`; sigma*^2 = scale^2 df / chi2(df); beta* ~ N(beta, V
    sigma*^2 / scale^2) with the covariance V of beta; imputed values are x beta* +
    sigma* e with normal e.  Costs n p^2 for each of up to 50 iterations.

    References
    ----------
    .. [1] P. J. Huber (1981), Robust Statistics, sections 7.6 and 7.8.
    .. [2] M. Templ, A. Kowarik, P. Filzmoser (2011), Iterative stepwise regression
       imputation using standard and robust methods, CSDA 55, 2793-2806.
    """
    if few(len(y), x.shape[1]):
        coding = Coding()
        posterior = draw_posterior(moments_of(x, coding.encode(y)), coding, rng)
        return NormModel(posterior=posterior, sample=options.sample_posterior)
    found = estimate(y, x)
    if not options.sample_posterior:
        return HuberModel(beta=found.beta, noise=0.0)
    factor = float(np.sqrt(found.df / rng.chisquare(found.df)))
    beta = found.beta + factor * found.root @ rng.standard_normal(len(found.beta))
    return HuberModel(beta=beta, noise=factor * found.scale)


def _reweighted(design: Floats, y: Floats) -> tuple[Floats, float]:
    """Weights and scale of the Huber regression on a design with a constant."""
    beta = _least_squares(design, y)
    scale = 0.0
    for _ in range(ITERATIONS):
        size = np.abs(y - design @ beta)
        scale = float(np.median(size)) / NORMAL_MAD
        if scale <= np.finfo(float).eps * float(np.abs(y).max()):
            # more than half of the rows are met exactly
            return beta, 0.0
        bound = BOUND * scale
        root = np.sqrt(bound / np.maximum(size, bound))
        before = beta
        beta = _least_squares(design * root[:, None], y * root)
        if np.abs(beta - before).max() <= TOL * max(np.abs(beta).max(), scale):
            break
    size = np.abs(y - design @ beta)
    return beta, float(np.median(size)) / NORMAL_MAD


def _least_squares(design: Floats, y: Floats) -> Floats:
    """Weights of least squares, the shortest ones if there are several."""
    return np.asarray(np.linalg.lstsq(design, y, rcond=None)[0], dtype=np.float64)


def _covariance(design: Floats, residual: Floats, scale: float) -> Floats:
    """Asymptotic covariance of the weights."""
    n, q = design.shape
    if scale == 0.0 or n <= q:
        return np.zeros((q, q))
    standard = residual / scale
    # of the derivative of psi: 1 within the bound, and 0 beyond it
    within = float((np.abs(standard) <= BOUND).mean())
    correction = 1.0 + q / n * (1.0 - within) / within
    psi = np.clip(standard, -BOUND, BOUND)
    size = correction**2 * float(psi @ psi) * scale**2 / (n - q) / within**2
    covariance: Floats = size * np.linalg.pinv(design.T @ design, hermitian=True)
    return covariance


METHOD = RowRegression(
    name="huber",
    additive=True,
    title="robust linear regression (Huber)",
    source=(
        "Huber PJ (1964). Robust estimation of a location parameter. Annals of "
        "Mathematical Statistics 35(1), 73-101."
    ),
    levels=NUMERIC | DATES,
    stand_in="logreg",
    draws=True,
    proper=True,
    beyond_observed=True,
    predicts=True,
    screens=True,
    fit=fit,
)
