"""The distance of Gower, for rows of numbers and classes.

It is the mean, over the columns that both rows have, of the absolute difference as a
share of the column's range, or of 0 for equal classes and 1 for others: one less the
similarity of J. C. Gower (1971), A General Coefficient of Similarity and Some of Its
Properties, Biometrics 27(4), 857-871, equation 1.  Ranks count as numbers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models.neighbour_search import (
    FAR,
    HALF_EPS,
    Picks,
    Search,
    Space,
    defined,
)

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]


class GowerSearch(Search):
    """The nearest by differences that are not squared."""

    def batch(self, receivers: Space, need: Mask) -> Picks:
        """Find the donors of some receivers; distances are squared, as others."""
        picks = super().batch(receivers, need)
        return replace(picks, distance=picks.distance**2)

    def _slack(self, filled: Floats) -> Floats:
        # Donors are within a unit; each of the q sums is rounded.
        q = filled.shape[1]
        found: Floats = 4 * (q + 2) * HALF_EPS * (np.abs(filled).sum(axis=1) + q)
        return found

    def _distances(
        self, filled: Floats, given: Floats, has: Mask
    ) -> tuple[Singles, Singles]:
        """Mean differences to all donors; NaN where no column is shared."""
        r, n, q = len(filled), self.right.shape[1], filled.shape[1]
        single, here = filled.astype(np.float32), given.astype(np.float32)
        donor, there = self.right[2 * q :], self.right[:q]
        if self.room is None or self.room.shape[1] < r:
            self.room = np.empty((3, r, n), dtype=np.float32)
        total, counts, apart = self.room[:, :r]
        total[:] = 0.0
        for k in range(q):
            np.subtract.outer(single[:, k], donor[k], out=apart)
            np.abs(apart, out=apart)
            apart *= there[k]
            apart *= here[:, k, None]
            total += apart
        np.matmul(has.astype(np.float32), self.counts, out=counts)
        total[:, len(self.filled) :] = FAR
        with np.errstate(invalid="ignore", divide="ignore"):
            total /= np.where(counts > 0, counts, np.nan)
        return total, counts

    def _measure(
        self, filled: Floats, given: Floats, who: Rows, donor: Rows, counts: Singles
    ) -> Floats:
        apart = np.abs(filled.take(who, axis=0) - self.filled.take(donor, axis=0))
        apart *= given.take(who, axis=0)
        apart *= self.given.take(donor, axis=0)
        return defined(apart.sum(axis=1), counts)
