"""Nearest rows by the distances of scikit-learn's KNNImputer, found sooner.

The squared distance of two rows is the sum of squared differences over the columns
that both have, times the number of columns, divided by the number that both have;
without a common column it is not defined.

One single-precision matrix product gives all distances of a block of receivers.
The smallest distances of many small groups of donors give a bound below which
enough donors lie; those few are measured again in double precision and ranked.
Where rounding could have hidden a nearer donor, the receiver is measured against
all donors in double precision, so that the result does not depend on the short cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

#: Bytes of one block of single-precision distances at most; three are alive.
BLOCK = 32 * 1024 * 1024
#: Candidates beyond those needed, so that columns with holes find theirs too.
SPARE = 8
#: More candidates than so many times those wanted mean that most rows are ties.
CROWD = 50
_HALF_EPS = float(np.finfo(np.float32).eps) / 2


@dataclass(frozen=True, kw_only=True)
class Picks:
    """Donors found: one entry for each receiver, target and donor."""

    receiver: Rows
    target: Rows
    donor: Rows
    #: Squared distance, in a unit of which only the proportions matter.
    distance: Floats


@dataclass(frozen=True, kw_only=True)
class Space:
    """Rows with holes as points: coordinates of which each column has one or more."""

    #: Coordinates, shape (n, q), NaN where the column is missing.
    points: Floats
    #: Which columns each row has, shape (n, c).
    has: Mask
    #: Column of each coordinate, shape (q,).
    column: Rows

    def rows(self, rows: Rows) -> Space:
        """Take some of the rows."""
        return Space(points=self.points[rows], has=self.has[rows], column=self.column)


def nearest(
    receivers: Space, donors: Space, need: Mask, have: Mask, k: int
) -> Iterator[tuple[int, Picks]]:
    """Find the k nearest donors of each receiver for each target that it needs.

    Parameters
    ----------
    receivers, donors : Space
        In the same coordinates.
    need : ndarray of bool of shape (receivers, t)
        Targets that each receiver lacks.
    have : ndarray of bool of shape (donors, t)
        Targets that each donor can give.
    k : int
        Neighbours wanted; fewer are found where fewer have the target.

    Yields
    ------
    done : int
        Receivers done so far.
    picks : Picks
        Donors of the receivers done since the last, nearest first.

    Notes
    -----
    Costs 8 r n q flops and a few passes over r n single-precision numbers, in
    blocks of fixed memory.  Ties are broken by the order of the donors, but where
    most donors tie, by no order that is promised.
    """
    search = _Search(donors, have, k)
    step = max(1, BLOCK // 4 // max(1, len(donors.points)))
    for start in range(0, len(receivers.points), step):
        block = np.arange(start, min(start + step, len(receivers.points)))
        picks = search.block(receivers.rows(block), need[block])
        yield (
            int(block[-1]) + 1,
            Picks(
                receiver=block[picks.receiver],
                target=picks.target,
                donor=picks.donor,
                distance=picks.distance,
            ),
        )


class _Search:
    """The donors, prepared once."""

    def __init__(self, donors: Space, have: Mask, k: int) -> None:
        self.donors, self.have, self.k = donors, have, k
        self.given = self._given(donors)
        #: A centre and a unit that keep single precision within its range; distances
        #: do not depend on the one and only by a factor on the other.
        self.centre = np.zeros(donors.points.shape[1])
        some = self.given.any(axis=0)
        self.centre[some] = np.nanmean(donors.points[:, some], axis=0)
        size = np.abs(np.nan_to_num(donors.points - self.centre)).max(initial=0.0)
        self.unit = float(size) or 1.0
        self.filled = self._fill(donors)
        single = self.filled.astype(np.float32)
        self.right: Singles = np.concatenate(
            [self.given, single**2, single], axis=1, dtype=np.float32
        ).T
        self.counts: Singles = donors.has.astype(np.float32).T
        share = have.mean(axis=0).min(initial=1.0, where=have.any(axis=0))
        self.want = int(np.ceil(1.3 * k / max(share, 0.05))) + SPARE

    def _fill(self, space: Space) -> Floats:
        return np.nan_to_num((space.points - self.centre) / self.unit)

    @staticmethod
    def _given(space: Space) -> Mask:
        return space.has[:, space.column]

    def block(self, receivers: Space, need: Mask) -> Picks:
        n = len(self.filled)
        filled = self._fill(receivers)
        given = self._given(receivers)
        distance, counts = self._distances(filled, given, receivers.has)
        bound = self._bound(distance)
        near = distance <= bound[:, None]
        found = np.count_nonzero(near)
        crowded = bool(found > CROWD * self.want * len(filled))
        if crowded:
            few = min(self.want, n - 1)
            donor = np.sort(np.argpartition(distance, few, axis=1)[:, : few + 1])
            who = np.repeat(np.arange(len(filled)), few + 1)
            donor = donor.ravel()
        else:
            who, donor = np.nonzero(near)
        measured = self._measure(filled, given, who, donor, counts[who, donor])
        defined = np.isfinite(measured)
        who, donor, measured = who[defined], donor[defined], measured[defined]
        order = np.lexsort((donor, measured, who))
        picks, short = self._pick(
            who[order], donor[order], measured[order], need, bound, filled, crowded
        )
        if not len(short[0]):
            return picks
        return self._add(picks, self._exactly(filled, receivers, short))

    def _distances(
        self, filled: Floats, given: Mask, has: Mask
    ) -> tuple[Singles, Singles]:
        single = filled.astype(np.float32)
        left: Singles = np.concatenate(
            [single**2, given.astype(np.float32), -2 * single], axis=1, dtype=np.float32
        )
        distance = left @ self.right
        counts = has.astype(np.float32) @ self.counts
        apart = counts == 0
        if apart.any():
            counts[apart] = 1
            distance[apart] = np.inf
        distance /= counts
        if apart.any():
            counts[apart] = 0
        return distance, counts

    def _bound(self, distance: Singles) -> Singles:
        """For each row a number below which at least `want` distances lie."""
        r, n = distance.shape
        if n <= self.want:
            return np.full(r, np.inf, dtype=np.float32)
        size = max(1, min(64, n // (8 * self.want)))
        groups = n // size
        least = distance[:, : groups * size].reshape(r, size, groups).min(axis=1)
        return np.partition(least, self.want - 1, axis=1)[:, self.want - 1]

    def _measure(
        self, filled: Floats, given: Mask, who: Rows, donor: Rows, counts: Singles
    ) -> Floats:
        """Squared distances of pairs in double precision; inf where not defined."""
        apart = filled[who] - self.filled[donor]
        apart *= given[who]
        apart *= self.given[donor]
        total = np.einsum("ij,ij->i", apart, apart)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(counts > 0, total / counts, np.inf)

    def _pick(
        self,
        who: Rows,
        donor: Rows,
        measured: Floats,
        need: Mask,
        bound: Singles,
        filled: Floats,
        crowded: bool,
    ) -> tuple[Picks, tuple[Rows, Rows]]:
        """Take the k nearest by target, and tell which receivers may miss some."""
        # Half an ulp for each of the 3 q products, over at most 5 squared lengths.
        q = filled.shape[1]
        slack = 30 * (q + 2) * _HALF_EPS * (filled**2).sum(axis=1) + 1e-36
        sure = np.where(np.isinf(bound), np.inf, bound - slack) / (1 + 1e-4)
        if crowded:
            # Ties within rounding are ties; only receivers with too few are unsure.
            sure = np.full(len(need), np.finfo(np.float64).max)
        parts: list[Picks] = []
        missed: list[tuple[Rows, Rows]] = []
        for target in np.flatnonzero(need.any(axis=0)):
            kept = need[who, target] & self.have[donor, target]
            owner, near = who[kept], np.flatnonzero(kept)
            count = np.bincount(owner, minlength=len(need))
            rank = np.arange(len(owner)) - (np.cumsum(count) - count)[owner]
            top = rank < self.k
            picks = near[top]
            parts.append(
                Picks(
                    receiver=who[picks],
                    target=np.full(len(picks), target),
                    donor=donor[picks],
                    distance=measured[picks],
                )
            )
            farthest = np.full(len(need), np.inf)
            last = near[rank == self.k - 1]
            farthest[who[last]] = -np.inf if crowded else measured[last]
            # An infinite bound let every donor in: nobody can have been missed.
            unsure = need[:, target] & (farthest > sure)
            missed.append((np.flatnonzero(unsure), np.full(int(unsure.sum()), target)))
        joined = _join(parts)
        if not missed:
            empty = np.empty(0, dtype=np.intp)
            return joined, (empty, empty)
        short = tuple(np.concatenate(part) for part in zip(*missed, strict=True))
        return joined, (short[0], short[1])

    def _exactly(
        self, filled: Floats, receivers: Space, short: tuple[Rows, Rows]
    ) -> Picks:
        """Measure some receivers against all donors in double precision."""
        parts: list[Picks] = []
        given = self._given(receivers)
        everyone = np.arange(len(self.filled))
        for receiver in np.unique(short[0]):
            who = np.full(len(everyone), receiver)
            counts = self.donors.has @ receivers.has[receiver].astype(np.float32)
            measured = self._measure(filled, given, who, everyone, counts)
            order = np.argsort(measured, kind="stable")
            order = order[np.isfinite(measured[order])]
            for target in short[1][short[0] == receiver]:
                picks = order[self.have[order, target]][: self.k]
                parts.append(
                    Picks(
                        receiver=np.full(len(picks), receiver),
                        target=np.full(len(picks), target),
                        donor=picks,
                        distance=measured[picks],
                    )
                )
        return _join(parts)

    @staticmethod
    def _add(picks: Picks, exact: Picks) -> Picks:
        """Let the exact picks stand in for the others of the same receiver."""
        width = int(max(picks.target.max(initial=0), exact.target.max(initial=0))) + 1
        again = picks.receiver * width + picks.target
        kept = ~np.isin(again, exact.receiver * width + exact.target)
        return _join(
            [
                Picks(
                    receiver=picks.receiver[kept],
                    target=picks.target[kept],
                    donor=picks.donor[kept],
                    distance=picks.distance[kept],
                ),
                exact,
            ]
        )


def _join(parts: list[Picks]) -> Picks:
    if not parts:
        empty = np.empty(0, dtype=np.intp)
        return Picks(receiver=empty, target=empty, donor=empty, distance=np.empty(0))
    return Picks(
        receiver=np.concatenate([part.receiver for part in parts]),
        target=np.concatenate([part.target for part in parts]),
        donor=np.concatenate([part.donor for part in parts]),
        distance=np.concatenate([part.distance for part in parts]),
    )
