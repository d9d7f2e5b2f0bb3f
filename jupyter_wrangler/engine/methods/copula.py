"""Gaussian copula: each column keeps its own distribution, a normal ties them.

Behind each column stands a normal score.  A number that occurs once has the score of
its rank; a class, a rank or a number that occurs often has all scores between two
bounds.  Missing values are drawn as scores and taken back to values by the quantiles of
the column as completed, at the values that were observed: where values are missing by
other columns the observed ones alone have the distribution of the wrong rows.  So
imputed values stay within the observed range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.em import ridge_of
from jupyter_wrangler.engine.methods.protocol import JointModel
from jupyter_wrangler.engine.models.joint import Fitting
from jupyter_wrangler.engine.models.normal import (
    Floats,
    Group,
    fill,
    groups_of,
    inverse_of,
)
from jupyter_wrangler.engine.models.normal_fit import draw_parameters
from jupyter_wrangler.engine.models.truncated_normal import (
    between,
    moments_between,
    ndtr,
    ndtri,
)

#: Columns with so many different values at most have bounds for each of them.
FEW = 20
#: Share of the observed values from which on an equal one has bounds.
OFTEN = 0.02
#: Steps of EM at most, and the change of a correlation that ends them.
EM_STEPS, TOL = 50, 1e-3
#: Draws of scores and correlations, and of the scores of later rows.
DRAWS, SWEEPS = 30, 15


@dataclass(frozen=True, kw_only=True)
class Margin:
    """The distribution of one coordinate and its scores."""

    #: Observed values, ascending and different, shape (k,).
    values: Floats
    #: Probabilities below and up to each value; equal where it has one score.
    low: Floats
    high: Floats

    def bounds(self, y: Floats) -> tuple[Floats, Floats]:
        """Scores between which values lie; an unseen value has one score."""
        at = np.searchsorted(self.values, y)
        at = np.minimum(at, len(self.values) - 1)
        known = self.values[at] == y
        middle = np.interp(y, self.values, (self.low + self.high) / 2)
        low = np.where(known, self.low[at], middle)
        high = np.where(known, self.high[at], middle)
        return ndtri(low), ndtri(high)

    def renewed(self, y: Floats, weights: Floats) -> Margin:
        """Take the probabilities of completed values, each of some weight."""
        order = np.argsort(y, kind="stable")
        upto = np.concatenate([[0.0], np.cumsum(weights[order])])
        upto /= upto[-1]
        line = y[order]
        below = upto[np.searchsorted(line, self.values, side="left")]
        within = upto[np.searchsorted(line, self.values, side="right")]
        n = len(y)
        middle = ((below + within) / 2 * n + 0.5) / (n + 1)
        apart = self.low < self.high
        low = np.where(apart, below, middle)
        high = np.where(apart, within, middle)
        return Margin(values=self.values, low=low, high=high)

    def quantiles(self, scores: Floats) -> Floats:
        """Values at scores, between neighbouring values on a straight line."""
        knots = np.stack([self.low, self.high], axis=1).ravel()
        found: Floats = np.interp(ndtr(scores), knots, np.repeat(self.values, 2))
        return found

    def excess(self, scores: Floats) -> Floats:
        """How far the scores of a dummy are beyond the bound of its class."""
        if len(self.values) < 2:
            return scores
        return scores - ndtri(self.low[-1])


def margin_of(y: Floats) -> Margin:
    """Learn the distribution of observed values.

    Examples
    --------
    >>> margin = margin_of(np.array([0.0, 0.0, 1.0, 1.0]))
    >>> margin.low, margin.high
    (array([0. , 0.5]), array([0.5, 1. ]))
    >>> margin_of(np.arange(30.0)).quantiles(np.array([0.0]))
    array([14.5])
    """
    values, counts = np.unique(y, return_counts=True)
    n = max(len(y), 1)
    if not len(values):
        values, counts = np.zeros(1), np.ones(1, dtype=np.intp)
    upto = np.cumsum(counts)
    middle = (upto - counts + (counts + 1) / 2) / (n + 1)
    apart = (counts > 1) & (counts >= OFTEN * n)
    if len(values) <= FEW and (counts > 1).any():
        apart[:] = True
    return Margin(
        values=values,
        low=np.where(apart, (upto - counts) / n, middle),
        high=np.where(apart, upto / n, middle),
    )


@dataclass(frozen=True, kw_only=True)
class _Bounds:
    """Scores of rows: known, between bounds, or missing."""

    has: NDArray[np.bool_]
    groups: tuple[Group, ...]
    #: Column -> rows with bounds, their lower and their upper ones.
    cells: dict[int, tuple[NDArray[np.intp], Floats, Floats]]
    #: Scores to start from, shape (n, w).
    start: Floats


@dataclass(frozen=True, kw_only=True)
class CopulaModel:
    """The distribution of each coordinate, and correlations drawn for the scores."""

    margins: tuple[Margin, ...]
    blocks: tuple[slice, ...]
    correlation: Floats

    def complete(self, z: Floats, rng: np.random.Generator) -> Floats:
        """Draw the missing values of rows given what is observed in them."""
        bounds = _bounds(self.margins, z)
        k = inverse_of(self.correlation)[0]
        scores = bounds.start.copy()
        for _ in range(SWEEPS if bounds.cells else 1):
            _draw(scores, bounds, k, rng)
        return self.values_at(z, scores)

    def values_at(self, z: Floats, scores: Floats) -> Floats:
        """Fill the missing values by the values of their scores."""
        done = z.copy()
        for block in self.blocks:
            for j in range(*block.indices(z.shape[1])):
                missing = np.isnan(z[:, j])
                done[missing, j] = self.margins[j].quantiles(scores[missing, j])
            if block.stop - block.start > 1:
                _one_class(self.margins, block, z, scores, done)
        return done


def _one_class(
    margins: tuple[Margin, ...], block: slice, z: Floats, scores: Floats, done: Floats
) -> None:
    """Let one dummy of a nominal column win, or none for the reference."""
    missing = np.flatnonzero(np.isnan(z[:, block.start]))
    ones = margins[block]
    excess = [m.excess(scores[missing, block.start + k]) for k, m in enumerate(ones)]
    beyond = np.stack(excess, axis=1)
    winner = beyond.argmax(axis=1)
    for k, margin in enumerate(ones):
        wins = (winner == k) & (beyond[:, k] > 0)
        low, high = margin.values[0], margin.values[-1]
        done[missing, block.start + k] = np.where(wins, high, low)


def _bounds(
    margins: Sequence[Margin], z: Floats, groups: tuple[Group, ...] | None = None
) -> _Bounds:
    has = ~np.isnan(z)
    start = np.zeros(z.shape)
    cells: dict[int, tuple[NDArray[np.intp], Floats, Floats]] = {}
    for j, margin in enumerate(margins):
        rows = np.flatnonzero(has[:, j])
        low, high = margin.bounds(z[rows, j])
        apart = low < high
        start[rows, j] = np.where(apart, 0.0, low)
        if apart.any():
            rows, low, high = rows[apart], low[apart], high[apart]
            middle = (ndtr(low) + ndtr(high)) / 2
            start[rows, j] = ndtri(middle)
            if len(margin.values) > 1:
                cells[j] = rows, low, high
    return _Bounds(
        has=has,
        groups=groups_of(has) if groups is None else groups,
        cells=cells,
        start=start,
    )


def _draw(scores: Floats, bounds: _Bounds, k: Floats, rng: np.random.Generator) -> None:
    """Draw the scores that are not known, in place."""
    for j, (rows, low, high) in bounds.cells.items():
        mean, sd = _given(scores, rows, k, j)
        scores[rows, j] = between(mean, sd, low, high, rng)
    scores[~bounds.has] = 0.0
    fill(scores, k, bounds.groups, rng)


def _given(
    scores: Floats, rows: NDArray[np.intp], k: Floats, j: int
) -> tuple[Floats, float]:
    """Mean and deviation of one score given all others."""
    own = float(k[j, j])
    part = scores[rows]
    return part[:, j] - (part @ k[:, j]) / own, float(1.0 / np.sqrt(own))


def fit(z: Floats, blocks: Sequence[slice], rng: np.random.Generator) -> Fitting:
    """Fit standardised rows with missing values.

    Parameters
    ----------
    z : ndarray of shape (n, w)
        Rows with NaN for missing values.
    blocks : sequence of slice
        Coordinates of each column; of several dummies one wins.
    rng : Generator
        Source of the draws.

    Yields
    ------
    tuple of float and str
        Share done, and words for it.

    Returns
    -------
    tuple of CopulaModel and ndarray of shape (n, w)
        Margins and correlations, and the rows completed by them.

    Notes
    -----
    1. Bounds of the scores from the ranks of the observed values.
    2. EM for the correlations: scores between bounds get their mean and variance given
       the others, column by column; missing values as in `em`.
    3. 30 rounds of drawing scores given correlations, correlations (of a draw from the
       inverse Wishart) given scores, and margins: the quantiles of the columns as
       completed, on a Bayesian bootstrap of the rows.  Where values are missing by
       other columns the observed ones are no sample of the column; the completed ones
       are, once scores and margins agree.

    Costs n w^2 + w n log n a round.

    References
    ----------
    .. [1] Y. Zhao and M. Udell (2020), Missing Value Imputation for Mixed Data via
       Gaussian Copula, KDD.
    .. [2] P. D. Hoff (2007), Extending the Rank Likelihood for Semiparametric Copula
       Estimation, Annals of Applied Statistics 1(1), 265-283.
    """
    width = z.shape[1]
    margins = tuple(margin_of(z[~np.isnan(z[:, j]), j]) for j in range(width))
    bounds = _bounds(margins, z)
    ridge = max(ridge_of(bounds.has), 1.0)
    scores, correlation = bounds.start.copy(), np.eye(width)
    for step in range(EM_STEPS):
        new = _em_step(scores, bounds, correlation, ridge)
        change = float(np.abs(new - correlation).max(initial=0.0))
        correlation = new
        yield 0.5 * (step + 1) / EM_STEPS, f"step {step + 1} of EM"
        if change < TOL:
            break
    # A prior worth one row with what EM found widens no relation.
    prior = None if ridge > 1.0 else correlation
    model = CopulaModel(margins=margins, blocks=tuple(blocks), correlation=correlation)
    for step in range(DRAWS):
        _draw(scores, bounds, inverse_of(model.correlation)[0], rng)
        correlation = _correlation(draw_parameters(scores, ridge, rng, prior)[1])
        done = model.values_at(z, scores)
        weights = rng.exponential(size=len(z))
        margins = tuple(
            margin.renewed(done[:, j], weights)
            for j, margin in enumerate(model.margins)
        )
        model = replace(model, margins=margins, correlation=correlation)
        bounds = _bounds(margins, z, bounds.groups)
        known = bounds.has.copy()
        for j, (cells, _, _) in bounds.cells.items():
            known[cells, j] = False
        scores = np.where(known, bounds.start, scores)
        yield 0.5 + 0.5 * (step + 1) / DRAWS, f"draw {step + 1} of {DRAWS}"
    _draw(scores, bounds, inverse_of(model.correlation)[0], rng)
    return model, model.values_at(z, scores)


def _em_step(
    scores: Floats, bounds: _Bounds, correlation: Floats, ridge: float
) -> Floats:
    """Expect the scores, in place, and correlate them."""
    k = inverse_of(correlation)[0]
    n, width = scores.shape
    spread = np.zeros(width)
    for j, (rows, low, high) in bounds.cells.items():
        mean, sd = _given(scores, rows, k, j)
        scores[rows, j], variance = moments_between(mean, sd, low, high)
        spread[j] = variance.sum()
    scores[~bounds.has] = 0.0
    extra, _ = fill(scores, k, bounds.groups)
    total = scores.T @ scores + extra + np.diag(spread) + ridge * np.eye(width)
    return _correlation(total / (n + ridge))


def _correlation(cov: Floats) -> Floats:
    scale = np.sqrt(np.diagonal(cov))
    return cov / scale / scale[:, None]


METHOD = JointModel(
    name="copula",
    title="a Gaussian copula",
    source=(
        "Zhao Y, Udell M (2020). Missing value imputation for mixed data via Gaussian "
        "copula. KDD 2020, 636-646."
    ),
    levels=PREDICTORS,
    draws=True,
    shorten="leave out columns, since the time grows with their cube",
    fit=fit,
)
