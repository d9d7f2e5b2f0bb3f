"""Bayesian ridge regression with MacKay's updates, from moments.

Symbols follow scikit-learn's BayesianRidge, whose numbers these are: precision of
the noise `alpha`, of the weights `lambda_`, effective number of parameters `gamma`,
residual sum of squares `sse`; here r = lambda_ / alpha.

scikit-learn takes a singular value decomposition of all rows.  The updates need no
more than (x'x + r I)^-1, so a Cholesky factor of the p x p moments does, and it
does not mind predictors on very different scales.  Where predictors are collinear
or the fit is all but perfect, the moments have lost the digits that matter, and
the decomposition of the rows is taken as scikit-learn does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from jupyter_wrangler.engine.moments import Moments

Floats = NDArray[np.float64]

#: Updates at most, and the change of the weights that ends them.
MAX_UPDATES = 300
TOL = 1e-3
#: Shape and rate of both Gamma priors.
PRIOR = 1e-6
#: Share of a predictor (or of the target) that the other predictors must leave
#: unexplained for the moments to be trusted: squaring halves the 16 digits.
TRUSTED = 1e-7
_EPS = float(np.finfo(np.float64).eps)


def fit(moments: Moments) -> tuple[Floats, Floats]:
    """Fit each of d targets on p predictors.

    Parameters
    ----------
    moments : Moments
        Of the observed rows.

    Returns
    -------
    coef : ndarray of shape (p, d)
    intercept : ndarray of shape (d,)

    Notes
    -----
    Costs p^3 for each of a handful of updates, and n p^2 where the rows are needed.

    References
    ----------
    .. [1] D. J. C. MacKay (1992), Bayesian Interpolation, Neural Computation 4(3).
    .. [2] M. E. Tipping (2001), JMLR 1, Appendix A.
    """
    p, d = moments.xy.shape
    coef = np.zeros((p, d))
    rows: tuple[Floats, Floats, Floats] | None = None
    for k in range(d if p else 0):
        found = None
        if moments.n > p:
            found = _from_moments(
                moments.n, moments.xx, moments.xy[:, k], float(moments.yy[k, k])
            )
        if found is None:
            if rows is None:
                x, _ = moments.rows()
                rows = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
            y = moments.rows()[1][:, k]
            found = _from_rows(rows, y - y.mean())
        coef[:, k] = found
    return coef, moments.y_mean - moments.x_mean @ coef


def _from_moments(n: int, xx: Floats, xy: Floats, yy: float) -> Floats | None:
    """Weights, or None where the moments are not to be trusted."""
    if yy == 0.0:
        return np.zeros(len(xy))
    p = len(xy)
    alpha, lambda_ = 1.0 / (yy / n + _EPS), 1.0
    old: Floats | None = None
    for _ in range(MAX_UPDATES):
        r = lambda_ / alpha
        solved = _solve(xx, xy, r)
        if solved is None:
            return None
        coef, factor = solved
        sse = yy + float(coef @ (xx @ coef - 2.0 * xy))
        if sse < TRUSTED * yy:
            return None
        inverse = lapack.dpotri(factor, lower=1, overwrite_c=1)[0]
        gamma = p - r * float(inverse.diagonal().sum())
        lambda_ = (gamma + 2 * PRIOR) / (float(coef @ coef) + 2 * PRIOR)
        alpha = (n - gamma + 2 * PRIOR) / (sse + 2 * PRIOR)
        if old is not None and float(np.abs(old - coef).sum()) < TOL:
            break
        old = coef
    solved = _solve(xx, xy, lambda_ / alpha)
    return None if solved is None else solved[0]


def _solve(xx: Floats, xy: Floats, r: float) -> tuple[Floats, Floats] | None:
    """(x'x + r I)^-1 x'y and the Cholesky factor."""
    ridged = xx.copy()
    diagonal = ridged.ravel()[:: len(xx) + 1]
    diagonal += r
    # The transpose of the symmetric copy is in the order that LAPACK overwrites.
    factor, failed = lapack.dpotrf(ridged.T, lower=1)
    # The pivot is what the earlier predictors leave of this one.
    if failed or (factor.diagonal() ** 2 < TRUSTED * diagonal).any():
        return None
    return lapack.dpotrs(factor, xy, lower=1)[0], factor


def _from_rows(svd: tuple[Floats, Floats, Floats], y: Floats) -> Floats:
    """Weights from the decomposition of the centred rows, as scikit-learn's."""
    u, s, vh = svd
    n = len(y)
    s2, uy = s**2, u.T @ y
    perpendicular = y - u @ uy
    outside = float(perpendicular @ perpendicular)
    alpha, lambda_ = 1.0 / (float(y.var()) + _EPS), 1.0
    old: Floats | None = None

    def solve(r: float) -> tuple[Floats, float]:
        left = r / (s2 + r)
        return vh.T @ (s / (s2 + r) * uy), outside + float(((left * uy) ** 2).sum())

    for _ in range(MAX_UPDATES):
        coef, sse = solve(lambda_ / alpha)
        gamma = float((alpha * s2 / (lambda_ + alpha * s2)).sum())
        lambda_ = (gamma + 2 * PRIOR) / (float(coef @ coef) + 2 * PRIOR)
        alpha = (n - gamma + 2 * PRIOR) / (sse + 2 * PRIOR)
        if old is not None and float(np.abs(old - coef).sum()) < TOL:
            break
        old = coef
    return solve(lambda_ / alpha)[0]
