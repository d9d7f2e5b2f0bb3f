"""Multivariate predictive mean matching: what a row lacks of a block, from one donor.

The members of a block are regressed together on the columns outside of it, over the
rows that have all members; these rows are the donors.  What a row lacks is predicted
from the columns outside and from the members that it has, and so is the same part of
every donor.  Donors are near whose predictions are near in the metric of the residual
covariance; the values of one of the nearest are copied.

Coordinates are those of the design (a nominal member has several), each divided by its
standard deviation over the donors.  Of a pattern of missing values, `ask` are the
coordinates that a row lacks and `know` those that it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.matching import Donors, VectorDonors, resampled
from jupyter_wrangler.engine.models.posterior import PosteriorDraw, draw_posterior

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Variance added to every coordinate, as a share of its own: a member that follows from
#: others (a sum) leaves no residual, and then the distance in it counts ten thousand
#: times rather than without end.
NUGGET = 1e-8
#: Share of its size that a coordinate varies by at least, if it varies at all.
ROUNDING = 1e-13


@dataclass(frozen=True, kw_only=True)
class MultivariatePMM:
    """The regression of the members of one block, and its donors."""

    members: tuple[str, ...]
    #: Regression of all members on the columns outside, its weights drawn.
    posterior: PosteriorDraw
    #: Coordinates of the members in the design, shape (d,), and whose they are.
    own: Rows
    owner: Rows
    #: Standard deviations of the coordinates over the donors, shape (d,).
    unit: Floats
    #: Rows of the fit that have all members, shape (n,).
    rows: Rows
    #: Coordinates of these rows, and what is predicted of them from the columns
    #: outside, in units, shape (n, d).
    values: Floats
    predicted: Floats
    #: Residual covariance, estimated and drawn, in units, shape (d, d).
    cov_hat: Floats
    cov_dot: Floats
    donors: int
    matchtype: Literal[0, 1, 2]

    def draw(
        self, x: Floats, missing: NDArray[np.bool_], rng: np.random.Generator
    ) -> Rows:
        """Draw a donor for each row.

        Parameters
        ----------
        x : ndarray of shape (k, width)
            Rows of the design.
        missing : ndarray of bool of shape (k, members)
            Which members each of them lacks; what `x` holds for these does not matter.
        rng : Generator
            Source of the draws.

        Returns
        -------
        ndarray of shape (k,)
            Rows of the fit.
        """
        fixed = self.matchtype == 0
        outside = self.posterior.hat(x) if fixed else self.posterior.dot(x)
        predicted, values = outside / self.unit, x[:, self.own] / self.unit
        patterns, which = np.unique(missing, axis=0, return_inverse=True)
        which = which.reshape(-1)
        drawn = np.empty(len(x), dtype=np.intp)
        for k, pattern in enumerate(patterns):
            mine = np.flatnonzero(which == k)
            ask = pattern[self.owner]
            metric = _factor(self.cov_hat, ask)
            placed, found = metric, metric
            if not fixed:
                found = _factor(self.cov_dot, ask)
                placed = found if self.matchtype == 2 else metric
            targets = metric.scaled(found.given(predicted[mine], values[mine]))
            points = metric.scaled(placed.given(self.predicted, self.values))
            drawn[mine] = _nearest(points, targets, self.donors, rng)
        return self.rows[drawn]


@dataclass(frozen=True, kw_only=True)
class _Factor:
    """A covariance, factored with the coordinates that are known in front."""

    ask: Rows
    know: Rows
    #: Lower factor L of the covariance, shape (d, d), in the order (know, ask).
    lower: Floats

    def given(self, predicted: Floats, values: Floats) -> Floats:
        """Predict what is asked for, given what is known: shape (n, asked)."""
        k = len(self.know)
        if not k:
            return predicted[:, self.ask]
        off = values[:, self.know] - predicted[:, self.know]
        standard = solve_triangular(self.lower[:k, :k], off.T, lower=True)
        conditional: Floats = predicted[:, self.ask] + (self.lower[k:, :k] @ standard).T
        return conditional

    def scaled(self, asked: Floats) -> Floats:
        """Scale so that the Euclidean distance is that of Mahalanobis."""
        k = len(self.know)
        if k == len(self.lower):
            # Members of one class have no coordinate: all donors are equally near.
            return np.zeros((len(asked), 1))
        found: Floats = solve_triangular(self.lower[k:, k:], asked.T, lower=True).T
        return np.ascontiguousarray(found)


def _factor(cov: Floats, ask: NDArray[np.bool_]) -> _Factor:
    # The lower right corner of the factor is that of the covariance given what is
    # known, without the digits that subtracting would lose.
    known, asked = np.flatnonzero(~ask), np.flatnonzero(ask)
    order = np.concatenate([known, asked])
    whole = cov[np.ix_(order, order)] + NUGGET * np.eye(len(order))
    return _Factor(ask=asked, know=known, lower=cholesky(whole, lower=True))


def _nearest(
    points: Floats, targets: Floats, donors: int, rng: np.random.Generator
) -> Rows:
    own = resampled(points, rng)
    if points.shape[1] == 1:
        return own[Donors(points[:, 0]).draw(targets[:, 0], donors, rng)]
    return own[VectorDonors(points).draw(targets, donors, rng)]


def fit(
    design: Design,
    members: Sequence[str],
    whole: NDArray[np.bool_],
    others: Rows,
    rng: np.random.Generator,
    *,
    donors: int = 5,
    matchtype: Literal[0, 1, 2] = 1,
) -> MultivariatePMM:
    """Regress the members of a block on the columns outside of it.

    Parameters
    ----------
    design : Design
        All columns, completed as far as the chain is.
    members : sequence of str, of length at least 2
        Columns of the block.
    whole : ndarray of bool of shape (n,)
        Rows in which all members are observed.
    others : ndarray of shape (p,)
        Coordinates of the predictors; those of the members are left out.
    rng : Generator
        Source of the draws.
    donors : int, default=5
        Size of the pool to draw from; 3 to 10 is sensible.
    matchtype : {0, 1, 2}, default=1
        Which predictions are compared, see `methods.pmm`.

    Returns
    -------
    MultivariatePMM

    Notes
    -----
    1. Over the n rows that have all d coordinates of the members, regress these on the
       p others, and draw weights and residual covariance as `methods.pmm` does, once
       for all patterns of missing values.
    2. For a pattern, predict what is asked for by the normal regression on the others
       and on what is known of the members, which follows from 1.: with the residual
       covariance S, the weights of what is known are S_kk^-1 S_ka.
    3. The distance of two predictions u and v is (u - v)' C^-1 (u - v), where C is the
       residual covariance of that regression, S_aa - S_ak S_kk^-1 S_ka ([1]_).
    4. Draw one of the `donors` nearest rows, and copy from it what is asked for.

    One visit costs n (p + d)^2 for 1., and n d^2 + n log n for each pattern.

    References
    ----------
    .. [1] R. J. A. Little (1988), Missing-Data Adjustments in Large Surveys, JBES
       6(3), 287-296.

    Examples
    --------
    >>> x = np.arange(6.0)[:, None]
    >>> start = {"x": x, "low": x - 1, "high": x + 1}
    >>> design = Design(start)
    >>> design.recount()
    >>> has = np.arange(6) != 3
    >>> model = fit(design, ["low", "high"], has, np.array([0]),
    ...             np.random.default_rng(0), donors=1, matchtype=0)
    >>> model.draw(design.rows(np.array([3])) + 0.1, np.array([[True, True]]),
    ...            np.random.default_rng(0))
    array([4])
    """
    own = design.own(members)
    others = np.setdiff1d(others, own)
    lacking, rows = np.flatnonzero(~whole), np.flatnonzero(whole)
    moments = design.moments(members, lacking, design.rows(lacking), others)
    # The members stay less the shift, as in the design.
    moments = replace(moments, y_mean=moments.y_mean - design.shift[own])
    posterior = draw_posterior(moments, Coding(), rng)
    posterior = posterior.widened(lambda beta: design.widen(others, beta))
    values, estimated = design.z[np.ix_(rows, own)], posterior.hat(design.z)[rows]
    spread = values.std(axis=0)
    sizes = np.abs(values + design.shift[own]).max(axis=0, initial=0.0)
    # What varies by rounding only is a constant, and is not to be blown up.
    unit = np.where(spread > ROUNDING * sizes, spread, 1.0)
    residual = (values - estimated) / unit
    noise = posterior.noise / unit[:, None]
    placed = posterior.dot(design.z)[rows] if matchtype == 2 else estimated
    widths = [design.slices[name].stop - design.slices[name].start for name in members]
    return MultivariatePMM(
        members=tuple(members),
        posterior=posterior,
        own=own,
        owner=np.repeat(np.arange(len(members)), widths),
        unit=unit,
        rows=rows,
        values=values / unit,
        predicted=placed / unit,
        cov_hat=residual.T @ residual / len(rows),
        cov_dot=noise @ noise.T,
        donors=min(donors, len(rows)),
        matchtype=matchtype,
    )
