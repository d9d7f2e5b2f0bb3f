"""Soft-Impute: the matrix of all columns completed by one of low rank.

Deterministic: all imputations are the same.  How much the rank is shrunk is chosen
by hiding a tenth of the observed cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, JointModel
from jupyter_wrangler.engine.models.joint import Fitting
from jupyter_wrangler.engine.models.normal import Floats

#: Rank at most, and shares of the largest singular value that are tried as lambda.
RANK = 50
PATH = np.geomspace(1.0, 0.003, 12)
#: Share of the observed cells that is hidden to choose lambda, and rows that are used.
HIDDEN, ROWS = 0.1, 2_000
#: Rounds at most for one lambda, and the relative change of the fitted matrix that ends
#: them: on the way down, and for the lambda that is taken.
MAX_ITER, WAY, TOL = 1_000, 1e-3, 1e-5
#: How often directions that were lost may come back.
RETURNS = 5
#: Numbers in the stack of small matrices that are solved at once.
STACK = 2_000_000


@dataclass(frozen=True, kw_only=True)
class LowRank:
    """Loadings of the columns, to which any row can be fitted."""

    #: Shape (w, r).
    b: Floats
    lambda_: float

    def complete(self, z: Floats, rng: np.random.Generator) -> Floats:
        """Fill the missing values of rows by ridge regression on the observed ones."""
        del rng
        done = z.copy()
        has = ~np.isnan(z)
        rows = np.flatnonzero(~has.all(axis=1))
        r = self.b.shape[1]
        if not r:
            return done
        squares = (self.b[:, :, None] * self.b[:, None, :]).reshape(-1, r * r)
        size = max(1, STACK // max(r * r, 1))
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            seen = has[part]
            left = (seen.astype(np.float64) @ squares).reshape(-1, r, r)
            left += self.lambda_ * np.eye(r)
            right = np.where(seen, z[part], 0.0) @ self.b
            a = np.linalg.solve(left, right[:, :, None])[:, :, 0]
            done[part] = np.where(seen, z[part], a @ self.b.T)
        return done


def fit(z: Floats, blocks: Sequence[slice], rng: np.random.Generator) -> Fitting:
    """Fit standardised rows with missing values.

    Parameters
    ----------
    z : ndarray of shape (n, w)
        Rows with NaN for missing values.
    blocks : sequence of slice
        Coordinates of each column; not used.
    rng : Generator
        Not used: the cells to hide are always drawn from the same seed, so that all
        imputations are the same.

    Yields
    ------
    tuple of float and str
        Share done, and words for it.

    Returns
    -------
    tuple of LowRank and ndarray of shape (n, w)
        Loadings, and the rows completed by them.

    Notes
    -----
    Minimises half the squared error in the observed cells plus lambda / 2 times the
    squares of both factors, which is lambda times the nuclear norm of their product:
    fill the missing values by A B', regress the columns on A, the rows on B, with ridge
    lambda, and again.  lambda goes down from the largest singular value (where all
    missing values get the mean) and each starts from the last; the one with the least
    error in hidden cells is taken, and all rows go down the same way to it.  From
    anywhere else a small lambda takes thousands of rounds.  Costs n w r a round.

    References
    ----------
    .. [1] T. Hastie, R. Mazumder, J. D. Lee and R. Zadeh (2015), Matrix Completion
       and Low-Rank SVD via Fast Alternating Least Squares, JMLR 16, 3367-3402.
    .. [2] R. Mazumder, T. Hastie and R. Tibshirani (2010), JMLR 11, 2287-2322.
    """
    del blocks, rng
    draw = np.random.default_rng(0)
    some = z if len(z) <= ROWS else z[draw.choice(len(z), ROWS, replace=False)]
    cells = np.flatnonzero(~np.isnan(some))
    hidden = draw.choice(cells, int(HIDDEN * len(cells)), replace=False)
    kept = some.copy()
    kept.flat[hidden] = np.nan
    truth = some.ravel()[hidden]
    rows, columns = np.divmod(hidden, z.shape[1])
    best, least = float(PATH[len(PATH) // 2]), np.inf
    for k, (share, low) in enumerate(_path(kept, PATH, WAY)):
        errors = (low.a[rows] * low.b[columns]).sum(axis=1) - truth
        wrong = float(errors @ errors)
        # Of equals the first, which shrinks most.
        if len(hidden) and wrong < least * (1 - 1e-9):
            best, least = share, wrong
        yield 0.6 * (k + 1) / len(PATH), f"lambda {k + 1} of {len(PATH)}"
        if wrong > 1.2 * least:
            break
    way = PATH[best <= PATH]
    for k, (_, found) in enumerate(_path(z, way, TOL)):
        low = found
        yield 0.6 + 0.3 * (k + 1) / len(way), "completing the matrix"
    model = LowRank(b=low.b, lambda_=low.lambda_)
    return model, model.complete(z, draw)


@dataclass(frozen=True, kw_only=True)
class _Factors:
    a: Floats
    b: Floats
    lambda_: float


def _path(
    z: Floats, shares: NDArray[Any], tol: float
) -> Iterator[tuple[float, _Factors]]:
    """Fit one lambda after the other, each from the factors of the last.

    The last one is fitted to `tol`, the others at least as roughly as `WAY`.
    """
    has = ~np.isnan(z)
    x = np.where(has, z, 0.0)
    largest = float(np.linalg.norm(x, 2)) if x.size else 0.0
    fitted = np.zeros_like(x)
    for share in shares:
        # Nothing but zeros needs some ridge too.
        lambda_ = float(share) * (largest or 1.0)
        a, b = _shrunk(np.where(has, x, fitted), lambda_)
        a, b = _solve(x, has, a, b, lambda_, tol if share == shares[-1] else WAY)
        fitted = a @ b.T
        yield float(share), _Factors(a=a, b=b, lambda_=lambda_)


def _shrunk(filled: Floats, lambda_: float) -> tuple[Floats, Floats]:
    """Factors of the matrix whose singular values are those of another less lambda."""
    values, vectors = np.linalg.eigh(filled.T @ filled)
    kept = slice(None, -1 - min(*filled.shape, RANK), -1)
    s, v = np.sqrt(np.maximum(values[kept], 0.0)), vectors[:, kept]
    left = np.maximum(s - lambda_, 0.0)
    ratio = np.sqrt(left) / np.where(left > 0, s, 1.0)
    return (filled @ v) * ratio, v * np.sqrt(left)


def _solve(
    x: Floats, has: NDArray[np.bool_], a: Floats, b: Floats, lambda_: float, tol: float
) -> tuple[Floats, Floats]:
    """Alternate until shrinking the completed matrix changes nothing either.

    A direction that has gone, for a larger lambda or by chance, does not come back by
    regressions.
    """
    for _ in range(RETURNS):
        a, b = _alternate(x, has, a, b, lambda_, tol)
        fitted = a @ b.T
        a, b = _shrunk(np.where(has, x, fitted), lambda_)
        if _near(a @ b.T, fitted, tol):
            break
    return a, b


def _alternate(
    x: Floats, has: NDArray[np.bool_], a: Floats, b: Floats, lambda_: float, tol: float
) -> tuple[Floats, Floats]:
    ridge = lambda_ * np.eye(a.shape[1])
    fitted = a @ b.T
    for _ in range(MAX_ITER):
        b = _ridge(a, np.where(has, x, fitted), ridge)
        fitted = a @ b.T
        a = _ridge(b, np.where(has, x, fitted).T, ridge)
        new = a @ b.T
        near = _near(new, fitted, tol)
        fitted = new
        if near:
            break
    return a, b


def _near(new: Floats, old: Floats, tol: float) -> bool:
    """Tell whether a matrix moved by no more than a share of its size."""
    change = float(((new - old) ** 2).sum())
    size = float((new**2).sum())
    return change <= tol**2 * size or size < tol**2


def _ridge(x: Floats, y: Floats, ridge: Floats) -> Floats:
    """Regress each column of y on x; weights of shape (columns of y, of x).

    By the inverse: y has as many columns as there are rows, and the ridge keeps the
    few unknowns well apart.
    """
    return np.asarray(y.T @ x @ np.linalg.inv(x.T @ x + ridge), dtype=np.float64)


METHOD = JointModel(
    name="softimpute",
    title="a matrix of low rank (softImpute)",
    source=(
        "Mazumder R, Hastie T, Tibshirani R (2010). Spectral regularization "
        "algorithms for learning large incomplete matrices. JMLR 11, 2287-2322."
    ),
    levels=PREDICTORS,
    shorten="leave out columns, since the time grows with their square",
    trial=AutoTrial(guess=4),
    fit=fit,
)
