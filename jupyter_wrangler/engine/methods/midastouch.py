"""Midastouch: predictive mean matching that weighs donors by their distance.

Every observed row may donate; the nearer its prediction, the likelier it does.  How far
a donor is from a row to impute is predicted by the regression that leaves the donor
out: of both rows, or rows with equal predictors would seem apart by what the donor's
own residual does to its prediction.

Symbols: `beta` weights, `e` residual, `w` how often a row is in the bootstrap sample,
`A` the inverse of x'Wx, and `h = w x'Ax` the leverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import code
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.models.costs.advice import SAMPLE_ROWS_SQUARED
from jupyter_wrangler.engine.models.logistic import Scale, scale_of
from jupyter_wrangler.engine.models.screening import few, ridge_of

Floats = NDArray[np.float64]

#: Added to the moments of the predictors, as a share of their diagonal.
RIDGE = 1e-5
#: Distances are computed so many at a time.
CELLS = 1 << 20
_NEAR = 1e-10


@dataclass(frozen=True, kw_only=True)
class MidastouchModel:
    """The regression, the donors, and how each of them bears on it."""

    scale: Scale
    #: Intercepts and weights, shape (1 + p, d).
    beta: Floats
    #: Predictions of the donors by all rows, shape (k, d).
    placed: Floats
    #: By A x, shape (k, 1 + p), times w e / (1 - h), shape (k, d), the weights would
    #: be less without the donor.
    pull: Floats
    share: Floats
    #: x'Ax of the donors, shape (k,).
    own: Floats
    #: Times in the bootstrap sample, and positions among the observed rows.
    times: Floats
    rows: NDArray[np.intp]
    kappa: float
    donates: ClassVar[bool] = True

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw a donor for each row: positions among the observed rows."""
        design = np.column_stack([np.ones(len(x)), self.scale(x)])
        step = max(1, CELLS // len(self.rows))
        drawn = [
            self._some(design[at : at + step], rng)
            for at in range(0, len(design), step)
        ]
        return np.concatenate([self.rows[:0], *drawn])

    def distance(self, design: Floats) -> Floats:
        """Tell how far each donor is from rows (with a leading 1), shape (m, k)."""
        predicted = design @ self.beta
        apart = design @ self.pull.T - self.own
        square = np.zeros(apart.shape)
        for k in range(predicted.shape[1]):
            off = predicted[:, k, None] - self.placed[None, :, k]
            square += (off - apart * self.share[:, k]) ** 2
        return cast("Floats", np.sqrt(square))

    def _some(self, design: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
        distance = self.distance(design)
        least = _NEAR * (1.0 + float(np.abs(self.placed).max(initial=0.0)))
        weight = np.log(self.times) - self.kappa * np.log(np.maximum(distance, least))
        reach = np.cumsum(np.exp(weight - weight.max(axis=1, keepdims=True)), axis=1)
        pick = rng.random(len(design)) * reach[:, -1]
        place = np.minimum((reach <= pick[:, None]).sum(axis=1), len(self.rows) - 1)
        drawn: NDArray[np.intp] = self.rows[place]
        return drawn


def fit(
    y: NDArray[Any], x: Floats, options: FitOptions, rng: np.random.Generator
) -> MidastouchModel:
    """Regress a bootstrap sample, and place its rows as donors.

    Notes
    -----
    Steps: draw a bootstrap sample, in which row i is w_i times; regress it; draw a
    donor i for row j with probability proportional to w_i d_ij^-kappa, with
    kappa = (50 R^2 / (1 - R^2))^(3/8) and the distance predicted by the regression
    without i,

        d_ij = |(x_j - x_i)'b - (x_j - x_i)'A x_i w_i e_i / (1 - h_i)|,

    which is 0 where the predictors are equal.  Costs n p^2, and n p for each row to
    impute.  Better than a fixed number of donors where few rows are observed.

    References
    ----------
    .. [1] J. Siddique, T. R. Belin (2008), Statistics in Medicine 27(1), 83-102.
    .. [2] P. Gaffert, F. Meinfelder, V. Bosch (2018), Towards an MI-proper
       predictive mean matching.
    """
    coding = code(y, options.classes, ordered=options.ordered)
    target = coding.encode(y)
    if target.shape[1] > 1:
        # Of classes each has a score, or distances would depend on the reference.
        target = coding.scores(target)
    # Only differences count, and the ridge must not pull a large mean towards 0.
    target = target - target.mean(axis=0)
    n = len(y)
    times = rng.multinomial(n, np.full(n, 1.0 / n)).astype(np.float64)
    rows = np.flatnonzero(times)
    times = times[rows]
    scale = scale_of(x)
    design = np.column_stack([np.ones(len(rows)), scale(x[rows])])
    weighted = design * times[:, None]
    moments = weighted.T @ design
    moments[np.diag_indices_from(moments)] *= 1.0 + RIDGE
    if few(n, x.shape[1]):
        moments[1:, 1:] += _ridge(scale(x), target, rng) * np.eye(x.shape[1])
    # Constant predictors are zero throughout, and keep no weight.
    inverse = np.linalg.pinv(moments, hermitian=True)
    beta = inverse @ (weighted.T @ target[rows])
    fitted = design @ beta
    pull = design @ inverse
    own = np.einsum("ij,ij->i", design, pull)
    left = np.maximum(1.0 - times * own, 1e-3)
    return MidastouchModel(
        scale=scale,
        beta=beta,
        placed=fitted,
        pull=pull,
        own=own,
        share=(times / left)[:, None] * (target[rows] - fitted),
        times=times,
        rows=rows,
        kappa=_kappa(target[rows], fitted, times),
    )


def _ridge(z: Floats, target: Floats, rng: np.random.Generator) -> float:
    """Draw the strength of a ridge for standard predictors in few rows."""
    n, y = len(z), target - target.mean(axis=0)
    return n * ridge_of(z.T @ z / n, z.T @ y / np.sqrt(n), y.T @ y, n, rng)


def _kappa(y: Floats, fitted: Floats, times: Floats) -> float:
    """How much nearness counts: the more, the better the regression explains."""
    mean = (times @ y) / times.sum()
    total = float(times @ ((y - mean) ** 2).sum(axis=1))
    residual = float(times @ ((y - fitted) ** 2).sum(axis=1))
    r2 = 1.0 - residual / total if total > 0 else 0.0
    r2 = min(max(r2, 0.0), 1.0 - 1e-6)
    return float((50.0 * r2 / (1.0 - r2)) ** 0.375)


METHOD = RowRegression(
    name="midastouch",
    additive=True,
    title="weighted predictive mean matching (midastouch)",
    source=(
        "Gaffert P, Meinfelder F, Bosch V (2018). Towards an MI-proper predictive "
        "mean matching. Universität Bamberg."
    ),
    levels=PREDICTORS,
    donates=True,
    draws=True,
    proper=True,
    standard_order=6,
    screens=True,
    shorten=SAMPLE_ROWS_SQUARED,
    fit=fit,
)
