"""Bayesian ridge regression with MacKay's updates, from moments.

Symbols follow scikit-learn's BayesianRidge, whose numbers these are: precision of
the noise `alpha`, of the weights `lambda_`, effective number of parameters `gamma`,
residual sum of squares `sse`; here r = lambda_ / alpha.

scikit-learn takes a singular value decomposition of all rows.  The updates need no
more than (x'x + r I)^-1, so a Cholesky factor of the p x p moments does, and it
does not mind predictors on very different scales.  Where predictors are nearly
collinear, refinement by the rows brings back the digits that the moments lack.  Where
they are collinear up to rounding, or the fit is perfect up to it, the moments have lost
all that matters; a QR decomposition of the rows keeps it, and the singular values are
those of its triangle.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.linalg.blas import dasum, ddot

from jupyter_wrangler.engine.models.moments import Moments

Floats = NDArray[np.float64]

#: Updates at most, and the change of the weights that ends them.
MAX_UPDATES = 300
TOL = 1e-3
#: Shape and rate of both Gamma priors.
PRIOR = 1e-6
#: Rows that are decomposed at once.  They fit into the cache, and are too few for the
#: linear algebra library to share out: its threads wait for one another so long, where
#: other programs run too, that a decomposition took ten times as long as by one.
BLOCK = 128
#: Share of a predictor (or of the target) that the other predictors must leave
#: unexplained for the moments to be used at all: squaring halves the 16 digits.
TRUSTED = 1e-11
#: Share of a predictor below which the weights are refined by the rows.
REFINED = 1e-8
#: Up to so many predictors their eigenvalues are found sooner than a Cholesky factor
#: is made again for each update; and so large must the least of them be, beside the
#: largest, for its digits to be as good.
FEW, LEVEL = 8, 1e-4
#: Steps of refinement.
STEPS = 2
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
    Costs p^3 for each of a handful of updates, and 2 n p^2 where the rows are needed.

    References
    ----------
    .. [1] D. J. C. MacKay (1992), Bayesian Interpolation, Neural Computation 4(3).
    .. [2] M. E. Tipping (2001), JMLR 1, Appendix A.
    """
    p, d = moments.xy.shape
    coef = np.zeros((p, d))
    rows: Floats | None = None
    for k in range(d if p else 0):
        found = None
        if moments.n > p:
            found = _from_moments(moments, k)
        if found is None:
            if rows is None:
                rows = _triangle(*moments.rows())
                svd = np.linalg.svd(rows[:, :p], full_matrices=False)
            found = _from_rows(moments.n, svd, rows[:, p + k])
        coef[:, k] = found
    return coef, moments.y_mean - moments.x_mean @ coef


def _from_moments(moments: Moments, k: int) -> Floats | None:
    """Weights of target k, or None where the moments are not to be trusted."""
    n, xx, xy = moments.n, moments.xx, moments.xy[:, k]
    yy, p = float(moments.yy[k, k]), len(xy)
    if yy == 0.0:
        return np.zeros(p)
    if p <= FEW:
        values, vectors, failed = lapack.dsyevd(xx)
        if not failed and values[0] > LEVEL * values[-1]:
            return _from_spectrum(n, values, vectors, xy, yy)
    # A ridge only adds to what the others leave of a predictor: what can be trusted
    # without one need not be looked at again.
    factors = _Factors(xx)
    plain = factors.at(0.0)
    least = 0.0 if plain is None else _least(plain, xx, 0.0)
    trusted = least >= TRUSTED
    alpha, lambda_ = 1.0 / (yy / n + _EPS), 1.0
    old: Floats | None = None
    for _ in range(MAX_UPDATES):
        r = lambda_ / alpha
        factor = factors.at(r)
        if factor is None or not (trusted or _least(factor, xx, r) >= TRUSTED):
            return None
        coef: Floats = lapack.dpotrs(factor, xy, 1)[0]
        # So short are the vectors that NumPy's own product takes six times as long.
        squares = ddot(coef, coef)
        # coef'x'x coef = coef'(x'y - r coef)
        sse = yy - ddot(coef, xy) - r * squares
        if sse < TRUSTED * yy:
            return None
        # The trace of (x'x + r I)^-1 is the sum of squares of the factor's inverse.
        root = lapack.dtrtri(factor, 1, 0, 1)[0].T.ravel()
        gamma = p - r * ddot(root, root)
        lambda_ = (gamma + 2 * PRIOR) / (squares + 2 * PRIOR)
        alpha = (n - gamma + 2 * PRIOR) / (sse + 2 * PRIOR)
        if old is not None and _length(old - coef) < TOL:
            break
        old = coef
    r = lambda_ / alpha
    factor = factors.at(r)
    if factor is None:
        return None
    coef = lapack.dpotrs(factor, xy, 1)[0]
    return coef if least >= REFINED else _refined(coef, moments, k, factor, r)


def _refined(
    coef: Floats, moments: Moments, k: int, factor: Floats, r: float
) -> Floats:
    """Refine weights by what the rows leave: corrected seminormal equations.

    References
    ----------
    .. [1] A. Bjorck (1987), Stability analysis of the method of seminormal equations,
       Linear Algebra and its Applications 88/89, 31-48.
    """
    for _ in range(STEPS):
        step = moments.slope(coef, k) - r * coef
        coef = coef + lapack.dpotrs(factor, step, lower=1)[0]
    return coef


def _from_spectrum(
    n: int, values: Floats, vectors: Floats, xy: Floats, yy: float
) -> Floats | None:
    """Weights by the eigenvalues of x'x: an update is then a handful of divisions.

    So few numbers are sooner gone through one by one than by calls for arrays.
    """
    w: Floats = xy @ vectors
    spectrum = list(zip(values.tolist(), (w * w).tolist(), strict=True))
    alpha, lambda_ = 1.0 / (yy / n + _EPS), 1.0
    old: float | None = None
    for _ in range(MAX_UPDATES):
        r = lambda_ / alpha
        left = gamma = squares = 0.0
        for s, w2 in spectrum:
            d = s + r
            e = w2 / d
            gamma += s / d
            squares += e / d
            left += e * (1.0 + r / d)
        sse = yy - left
        if sse < TRUSTED * yy:
            return None
        lambda_ = (gamma + 2 * PRIOR) / (squares + 2 * PRIOR)
        alpha = (n - gamma + 2 * PRIOR) / (sse + 2 * PRIOR)
        if old is not None:
            change = vectors @ (w / (values + old) - w / (values + r))
            if float(np.add.reduce(np.abs(change))) < TOL:
                break
        old = r
    return vectors @ (w / (values + lambda_ / alpha))


class _Factors:
    """Cholesky factors of x'x + r I for one r after the other, in the same memory.

    Parameters
    ----------
    xx : ndarray of shape (p, p)
    """

    def __init__(self, xx: Floats) -> None:
        self._xx, self._room = xx, np.empty_like(xx)
        self._diagonal = self._room.ravel()[:: len(xx) + 1]
        # The transpose of the symmetric copy is in the order that LAPACK takes.
        self._columns = self._room.T

    def at(self, r: float) -> Floats | None:
        """Give the factor of one r, which ends with the next; None where none is."""
        self._room[:] = self._xx
        if r:
            self._diagonal += r
        factor, failed = lapack.dpotrf(self._columns, 1, 1, 1)
        return None if failed else cast("Floats", factor)


def _length(change: Floats) -> float:
    """Sum of absolute numbers."""
    return float(dasum(change))


def _least(factor: Floats, xx: Floats, r: float) -> float:
    """Give the least share of a predictor that the earlier ones leave unexplained.

    The square of a pivot is what they leave of it.
    """
    share = factor.diagonal() ** 2 / (xx.diagonal() + r)
    return float(np.minimum.reduce(share))


def _triangle(x: Floats, y: Floats) -> Floats:
    """R of a QR decomposition of the centred rows (x, y): all that they tell."""
    rows = np.concatenate([x - x.mean(axis=0), y - y.mean(axis=0)], axis=1)
    r = rows[:0]
    for start in range(0, len(rows), BLOCK):
        block = np.concatenate([r, rows[start : start + BLOCK]])
        r = cast("Floats", np.linalg.qr(block, mode="r"))
    return r


def _from_rows(n: int, svd: tuple[Floats, Floats, Floats], y: Floats) -> Floats:
    """Weights from a decomposition of n centred rows, or of their triangle."""
    u, s, vh = svd
    s2, uy = s**2, u.T @ y
    perpendicular = y - u @ uy
    outside = float(perpendicular @ perpendicular)
    alpha, lambda_ = 1.0 / (float(y @ y) / n + _EPS), 1.0
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
