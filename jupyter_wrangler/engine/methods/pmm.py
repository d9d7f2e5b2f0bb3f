"""Predictive mean matching: the value of a row with a similar prediction.

Type 1 matching: donors are placed by the estimated weights `beta_hat`, the rows to
impute by weights drawn from their posterior, `beta_dot`; the differences between
imputations come from both the draw and the choice among the nearest donors.  Type 0
places both by `beta_hat`, so that the weights are taken as known, and type 2 both by
`beta_dot`, so that with few predictors the same donors return.
Classes are matched on the vector of their predicted scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, MomentRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions, MomentData
from jupyter_wrangler.engine.models.matching import Donors, VectorDonors, resampled
from jupyter_wrangler.engine.models.posterior import PosteriorDraw, draw_posterior

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PmmModel:
    """The weights drawn and the donors placed by them."""

    posterior: PosteriorDraw
    pool: Donors | VectorDonors
    #: Who donates in the place of each donor, see `matching.resampled`.
    own: NDArray[np.intp]
    donors: int
    matchtype: Literal[0, 1, 2] = 1
    donates: ClassVar[bool] = True

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw a donor for each row: positions among the observed rows."""
        posterior = self.posterior
        targets = posterior.hat(x) if self.matchtype == 0 else posterior.dot(x)
        if isinstance(self.pool, Donors):
            targets = targets[:, 0]
        drawn: NDArray[np.intp] = self.own[self.pool.draw(targets, self.donors, rng)]
        return drawn


def fit(data: MomentData, options: FitOptions, rng: np.random.Generator) -> PmmModel:
    """Draw the weights, and place the observed rows by their predictions as donors."""
    posterior = draw_posterior(data.moments, data.coding, rng).widened(data.widen)
    place = posterior.dot if options.matchtype == 2 else posterior.hat
    # All rows are projected in place: taking the observed ones first costs more.
    predicted = place(data.rows)[data.observed]
    n, d = predicted.shape
    pool = Donors(predicted[:, 0]) if d == 1 else VectorDonors(predicted)
    # the pool knows whether any are equal: to sort them again takes as long as all else
    alone = isinstance(pool, Donors) and not pool.tied
    return PmmModel(
        posterior=posterior,
        pool=pool,
        own=np.arange(n) if alone else resampled(predicted, rng),
        donors=min(options.donors, n),
        matchtype=options.matchtype,
    )


METHOD = MomentRegression(
    name="pmm",
    additive=True,
    title="predictive mean matching",
    source=(
        "Little RJA (1988). Missing-data adjustments in large surveys. Journal of "
        "Business & Economic Statistics 6(3), 287-296."
    ),
    levels=PREDICTORS,
    donates=True,
    draws=True,
    proper=True,
    standard_order=4,
    screens=True,
    needs_donors=True,
    trial=AutoTrial(rival=1),
    fit=fit,
)
