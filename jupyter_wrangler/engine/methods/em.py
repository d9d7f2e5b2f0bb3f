"""EM: all columns as one multivariate normal, missing values drawn from it.

The mode is found by EM; from there data augmentation draws parameters and missing
values in turn, so that the imputations of several runs differ by all that is not known.
Classes are drawn by their dummies and ranks, and the highest score, or the nearest
rank, is taken; where classes matter more than numbers the chained methods do better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import JointModel
from jupyter_wrangler.engine.models.joint import Fitting
from jupyter_wrangler.engine.models.normal import Floats, fill, groups_of, inverse_of
from jupyter_wrangler.engine.models.normal_fit import draw_parameters, em_steps

#: Change of a parameter, in standard deviations, at which EM is near enough.
TOL = 1e-4
#: Steps of EM at most, and of data augmentation at least and at most.
EM_STEPS, DRAWS = 200, (10, 200)


@dataclass(frozen=True, kw_only=True)
class NormalModel:
    """Parameters drawn from their posterior."""

    mean: Floats
    cov: Floats

    def complete(self, z: Floats, rng: np.random.Generator) -> Floats:
        """Draw the missing values of rows given what is observed in them."""
        has = ~np.isnan(z)
        r = np.where(has, z - self.mean, 0.0)
        fill(r, inverse_of(self.cov)[0], groups_of(has), rng)
        return np.where(has, z, r + self.mean)


def ridge_of(has: NDArray[np.bool_]) -> float:
    """Rows' worth of prior belief in no correlation: p + 1 if rows are few, or none.

    Even one row of it would widen strong relations: of n rows it adds one n-th of a
    standard deviation to what a column has beside the others.

    Examples
    --------
    >>> ridge_of(np.ones((100, 3), dtype=bool)), ridge_of(np.ones((5, 3), dtype=bool))
    (0.0, 4.0)
    """
    p = has.shape[1]
    fewest = int(has.sum(axis=0).min(initial=len(has)))
    return 0.0 if fewest > 2 * (p + 1) else p + 1.0


def fit(z: Floats, blocks: Sequence[slice], rng: np.random.Generator) -> Fitting:
    """Fit standardised rows with missing values.

    Parameters
    ----------
    z : ndarray of shape (n, w)
        Rows with NaN for missing values.
    blocks : sequence of slice
        Coordinates of each column; not used.
    rng : Generator
        Source of the draws.

    Yields
    ------
    tuple of float and str
        Share done, and words for it.

    Returns
    -------
    tuple of NormalModel and ndarray of shape (n, w)
        Parameters drawn, and the rows completed by them.

    Notes
    -----
    1. EM from uncorrelated columns until no parameter moves by `TOL`, nor what the
       other columns leave of one by a share of `TOL`, which takes t steps.  Where a
       column has few values a prior of p + 1 rows without correlation keeps the
       covariance regular.
    2. t times, but no less than 10: draw the missing values given the parameters, and
       the parameters given the missing values, with a prior worth one row whose
       covariance is that of 1., which widens no relation (with that of 1. where values
       are few). Data augmentation forgets its start as fast as EM converges, so t steps
       forget it to about `TOL`.

    Costs 2 t (patterns * missing values^3 + n p^2).

    References
    ----------
    .. [1] J. L. Schafer (1997), Analysis of Incomplete Multivariate Data, chapter 5
       and section 4.4.3 (how many steps).
    """
    del blocks
    has = ~np.isnan(z)
    ridge = ridge_of(has)
    steps = em_steps(z, tol=TOL, max_iter=EM_STEPS, ridge=ridge, shares=True)
    while True:
        try:
            step = next(steps)
            yield 0.5 * step / EM_STEPS, f"step {step} of EM"
        except StopIteration as stop:
            found = stop.value
            break
    mean, cov = found.mean, found.cov
    groups = groups_of(has)
    draws = int(np.clip(found.n_iter, *DRAWS))
    rows, prior = (ridge, None) if ridge else (1.0, found.cov)
    for step in range(draws):
        r = np.where(has, z - mean, 0.0)
        fill(r, inverse_of(cov)[0], groups, rng)
        mean, cov = draw_parameters(np.where(has, z, r + mean), rows, rng, prior)
        yield 0.5 + 0.5 * (step + 1) / draws, f"draw {step + 1} of {draws}"
    model = NormalModel(mean=mean, cov=cov)
    return model, model.complete(z, rng)


METHOD = JointModel(
    name="em",
    additive=True,
    title="a multivariate normal model (EM and data augmentation)",
    source=(
        "Schafer JL (1997). Analysis of Incomplete Multivariate Data. Chapman & Hall."
    ),
    levels=PREDICTORS,
    draws=True,
    proper=True,
    standard_order=7,
    beyond_observed=True,
    shorten="leave out columns, since the time grows with their cube",
    fit=fit,
)
