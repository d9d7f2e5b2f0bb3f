"""The search for the nearest of many incomplete rows: a short cut, with its proof.

One single-precision matrix product gives all distances of a block of receivers.
The smallest distances of many small groups of donors give a bound below which
enough donors lie; those few are measured again in double precision and ranked.
Where rounding could have hidden a nearer donor, the receiver is measured against
all donors in double precision, so that the result does not depend on the short cut.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

#: Bytes of one block of single-precision distances, three of which are alive: they
#: are passed over several times, so they had better fit into the cache.
BLOCK = 1024 * 1024
#: Receivers of a block at least, without which the matrix product is slow.
FEWEST = 16
#: Candidates beyond those needed, so that columns with missing values find theirs too.
SPARE = 8
#: More candidates than so many times those wanted mean that most rows are ties.
CROWD = 50
FAR = 1e30
HALF_EPS = float(np.finfo(np.float32).eps) / 2


@dataclass(frozen=True, kw_only=True)
class Picks:
    """Donors found: one entry for each receiver, target and donor."""

    receiver: Rows
    target: Rows
    donor: Rows
    #: Squared distance, in a unit of which only the proportions matter.
    distance: Floats

    def of(self, target: int) -> Picks:
        """Take the entries of one target."""
        kept = np.flatnonzero(self.target == target)
        return Picks(
            receiver=self.receiver[kept],
            target=self.target[kept],
            donor=self.donor[kept],
            distance=self.distance[kept],
        )


@dataclass(frozen=True, kw_only=True)
class Space:
    """Incomplete rows as points: coordinates of which each column has one or more."""

    #: Coordinates, shape (n, q), NaN where the column is missing.
    points: Floats
    #: Which columns each row has, shape (n, c).
    has: Mask
    #: Column of each coordinate, shape (q,).
    column: Rows
    #: Whether differences are summed up rather than their squares (see `gower`).
    gower: bool = False

    def rows(self, rows: Rows) -> Space:
        """Take some of the rows."""
        return replace(self, points=self.points[rows], has=self.has[rows])


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Receivers with donors that may be near, measured."""

    who: Rows
    donor: Rows
    measured: Floats
    #: By receiver: no donor nearer than this was left out.
    sure: Floats
    crowded: Mask


class Search:
    """The donors, prepared once."""

    def __init__(self, donors: Space, have: Mask, k: int) -> None:
        self.donors, self.have, self.k = donors, have, k
        given = self._given(donors)
        #: 1.0 where a donor has the coordinate: as floats, for quick products.
        self.given = given.astype(np.float64)
        #: A centre and a unit that keep single precision within its range; distances
        #: do not depend on the one and only by a factor on the other.
        total = np.where(given, donors.points, 0.0).sum(axis=0)
        self.centre = total / np.maximum(self.given.sum(axis=0), 1.0)
        self.unit = 1.0
        size = np.abs(self._fill(donors)).max(initial=0.0)
        self.unit = float(size) or 1.0
        self.filled = self._fill(donors)
        share = have.mean(axis=0).min(initial=1.0, where=have.any(axis=0))
        self.want = int(np.ceil(1.3 * k / max(share, 0.05))) + SPARE
        n = len(self.filled)
        #: Donors of a group, which are `groups` apart from one another.
        self.size = max(1, min(64, n // (8 * self.want)))
        self.groups = -(-n // self.size)
        # Donors that fill the last group up: like all others, but far away.
        whole, single = self.groups * self.size, self.filled.astype(np.float32)
        parts = (given, 1.0), (single**2, FAR), (single, 0.0)
        self.right = np.concatenate([_widened(part.T, whole, x) for part, x in parts])
        self.counts = _widened(donors.has.T, whole, 1.0)
        #: Where the distances of a block go: fresh memory for each costs more time
        #: than the products.
        self.room: Singles | None = None

    def _fill(self, space: Space) -> Floats:
        given = self._given(space)
        return np.where(given, (space.points - self.centre) / self.unit, 0.0)

    @staticmethod
    def _given(space: Space) -> Mask:
        return space.has[:, space.column]

    def batch(self, receivers: Space, need: Mask) -> Picks:
        """Find the donors of some receivers."""
        filled = self._fill(receivers)
        given = self._given(receivers).astype(np.float64)
        step = max(FEWEST, BLOCK // 4 // len(self.filled))
        parts: list[_Pairs] = []
        for start in range(0, len(filled), step):
            block = slice(start, start + step)
            pairs = self._near(filled[block], given[block], receivers.has[block])
            parts.append(replace(pairs, who=pairs.who + start))
        names = [field.name for field in fields(_Pairs)]
        pairs = _Pairs(
            **{n: np.concatenate([getattr(part, n) for part in parts]) for n in names}
        )
        picks, short = self._pick(pairs, need)
        if not len(short[0]):
            return picks
        return self._add(picks, self._exactly(filled, receivers, short))

    def _near(self, filled: Floats, given: Floats, has: Mask) -> _Pairs:
        """Measure the donors below the bound, nearest first for each receiver."""
        distance, counts = self._distances(filled, given, has)
        least = np.fmin.reduce(
            distance.reshape(len(filled), self.size, self.groups), axis=1
        )
        bound = self._bound(least)
        who, donor, crowded = self._candidates(distance, bound)
        measured = self._measure(filled, given, who, donor, counts[who, donor])
        order = np.lexsort((donor, measured, who))
        order = order[np.isfinite(measured[order])]
        slack = self._slack(filled)
        return _Pairs(
            who=who[order],
            donor=donor[order],
            measured=measured[order],
            sure=np.where(np.isinf(bound), np.inf, bound - slack) / (1 + 1e-4),
            crowded=np.full(len(filled), crowded),
        )

    def _slack(self, filled: Floats) -> Floats:
        """Bound the rounding of the short cut, by receiver."""
        # Half an ulp for each of the 3 q products, over at most 5 squared lengths.
        q = filled.shape[1]
        found: Floats = 30 * (q + 2) * HALF_EPS * (filled**2).sum(axis=1) + 1e-36
        return found

    def _distances(
        self, filled: Floats, given: Floats, has: Mask
    ) -> tuple[Singles, Singles]:
        """Squared distances to all donors; NaN where no column is shared."""
        r, single = len(filled), filled.astype(np.float32)
        left: Singles = np.concatenate(
            [single**2, given, -2 * single], axis=1, dtype=np.float32
        )
        if self.room is None or self.room.shape[1] < r:
            self.room = np.empty((2, r, self.right.shape[1]), dtype=np.float32)
        distance = np.matmul(left, self.right, out=self.room[0, :r])
        counts = np.matmul(has.astype(np.float32), self.counts, out=self.room[1, :r])
        with np.errstate(invalid="ignore"):
            # Rows that share no column have a product of zeros: 0 / 0.
            distance /= counts
        return distance, counts

    def _bound(self, least: Singles) -> Singles:
        """For each row a number below which at least `want` distances lie."""
        if self.groups <= self.want:
            return np.full(len(least), np.inf, dtype=np.float32)
        bound = np.partition(least, self.want - 1, axis=1)[:, self.want - 1]
        return np.where((bound < FAR / 2) & ~np.isnan(bound), bound, np.inf)

    def _candidates(self, distance: Singles, bound: Singles) -> tuple[Rows, Rows, bool]:
        """Pairs of receiver and donor below the bound; whether they are too many."""
        r, n = len(distance), len(self.filled)
        below = distance <= bound[:, None]
        crowded = bool(np.count_nonzero(below) > CROWD * self.want * r)
        if crowded:
            few = min(self.want, n - 1)
            some = np.argpartition(distance[:, :n], few, axis=1)[:, : few + 1]
            who, donor = np.repeat(np.arange(r), few + 1), np.sort(some).ravel()
        else:
            who, donor = np.divmod(np.flatnonzero(below), below.shape[1])
        real = donor < n
        return who[real], donor[real], crowded

    def _measure(
        self, filled: Floats, given: Floats, who: Rows, donor: Rows, counts: Singles
    ) -> Floats:
        """Squared distances of pairs in double precision; inf where not defined."""
        apart = filled.take(who, axis=0)
        apart -= self.filled.take(donor, axis=0)
        apart *= given.take(who, axis=0)
        apart *= self.given.take(donor, axis=0)
        total = np.einsum("ij,ij->i", apart, apart)
        return defined(total, counts)

    def _pick(self, pairs: _Pairs, need: Mask) -> tuple[Picks, tuple[Rows, Rows]]:
        """Take the k nearest by target, and tell which receivers may miss some."""
        who, donor, measured = pairs.who, pairs.donor, pairs.measured
        # In a crowd ties within rounding are ties; only too few donors are unsure.
        largest = np.finfo(np.float64).max
        sure = np.where(pairs.crowded, largest, pairs.sure)
        parts: list[Picks] = []
        missed: list[tuple[Rows, Rows]] = []
        for target in np.flatnonzero(need.any(axis=0)):
            near = np.flatnonzero(need[:, target].take(who))
            near = near[self.have[:, target].take(donor[near])]
            owner = who[near]
            count = np.bincount(owner, minlength=len(need))
            rank = np.arange(len(owner)) - (np.cumsum(count) - count)[owner]
            picks = near[rank < self.k]
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
            farthest[who[last]] = measured[last]
            farthest[pairs.crowded & np.isfinite(farthest)] = -np.inf
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
        given = self._given(receivers).astype(np.float64)
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


def defined(total: Floats, counts: Singles) -> Floats:
    """Divide by the number of shared columns; inf where there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(counts > 0, total / counts, np.inf)


def _widened(x: NDArray[Any], width: int, value: float) -> Singles:
    """Single-precision copy of some rows, filled up to this width."""
    wide: Singles = np.full((len(x), width), value, dtype=np.float32)
    wide[:, : x.shape[1]] = x
    return wide


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
