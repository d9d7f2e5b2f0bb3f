"""Which observed rows may donate their value: the nearest predictions.

Donors with equal predictions are equally near, and one of them is drawn at random;
a fixed choice among them would repeat the same few donors in every imputation.
`resampled` makes the draws of several imputations differ by what is not known of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Targets whose pools are found at a time, so that all of it stays in the cache.
BLOCK = 1024


@dataclass(frozen=True)
class Donors:
    """Predictions of the donors on a line, sorted once."""

    predicted: Floats
    order: NDArray[np.intp] = field(init=False)
    line: Floats = field(init=False)
    #: Whether some predictions are equal.
    tied: bool = field(init=False)

    def __post_init__(self) -> None:
        order = np.argsort(self.predicted)
        line = self.predicted[order]
        tied = bool((line[1:] == line[:-1]).any())
        if tied:
            # The quick sort orders ties differently on different machines.
            order = np.argsort(self.predicted, kind="stable")
        object.__setattr__(self, "order", order)
        object.__setattr__(self, "line", line)
        object.__setattr__(self, "tied", tied)

    def draw(
        self, targets: Floats, donors: int, rng: np.random.Generator
    ) -> NDArray[np.intp]:
        """Draw one of the `donors` nearest for each target.

        Parameters
        ----------
        targets : ndarray of shape (k,)
            Predictions of the rows to impute.
        donors : int
            Size of the pool, at most the number of donors there are.
        rng : Generator
            Source of the draws.

        Returns
        -------
        ndarray of shape (k,)
            Positions among the donors.

        Notes
        -----
        In sorted order the nearest d donors are neighbours, so a binary search and
        at most d steps find them: O((n + k d) log n) with the sorting.  Sensible
        pools hold 3 to 10 donors, see van Buuren (2018), section 3.4.3.

        Examples
        --------
        >>> pool = Donors(np.array([0.2, 0.3, 0.8]))
        >>> pool.draw(np.array([0.7, 0.2]), 1, np.random.default_rng(0))
        array([2, 0])
        """
        line, n = self.line, len(self.line)
        low = np.minimum(np.maximum(self._rank(targets) - donors, 0), n - donors)
        # As the pool moves up, the donor it leaves gets nearer and the one it takes in
        # farther: it moves as often as the one it takes in is the nearer.
        steps = np.arange(min(donors, n - donors))[:, None]
        for start in range(0, len(low) if len(steps) else 0, BLOCK):
            some = slice(start, start + BLOCK)
            target, left = targets[some], low[some] + steps
            right = np.minimum(left + donors, n - 1)
            moves = np.abs(target - line[left]) > np.abs(line[right] - target)
            moves &= left < n - donors
            low[some] += np.add.reduce(moves)
        place = low + rng.integers(donors, size=len(targets))
        if self.tied:
            left = np.searchsorted(line, line[place], side="left")
            right = np.searchsorted(line, line[place], side="right")
            place = rng.integers(left, right)
        drawn: NDArray[np.intp] = self.order[place]
        return drawn

    def _rank(self, targets: Floats) -> NDArray[np.intp]:
        # Ascending targets find what they look for in the cache.
        ascending = np.argsort(targets)
        rank = np.empty(len(targets), dtype=np.intp)
        rank[ascending] = np.searchsorted(self.line, targets[ascending])
        return rank


def resampled(predicted: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
    """Put donors in the place of donors with equal predictions: a bootstrap of them.

    Parameters
    ----------
    predicted : ndarray of shape (n,) or (n, d)
        Predictions of the donors.
    rng : Generator
        Source of the draws; not used where no predictions are equal.

    Returns
    -------
    ndarray of shape (n,)
        Who donates in the place of each.

    Notes
    -----
    Where all predictions are equal (no predictors, or few classes) drawn weights move
    nobody to other donors.  Draws from the donors as they are would then differ between
    imputations as if their distribution were known; drawn from a bootstrap of them they
    differ as they should (the approximate Bayesian bootstrap).

    References
    ----------
    .. [1] D. B. Rubin and N. Schenker (1986), JASA 81(394), 366-374.

    Examples
    --------
    >>> resampled(np.array([0.1, 0.4, 0.4, 0.4]), np.random.default_rng(0))
    array([0, 3, 2, 2])
    """
    line = predicted.reshape(len(predicted), -1)
    line = line[:, 0] if line.shape[1] == 1 else _projected(line)
    order = np.argsort(line, kind="stable")
    line = line[order]
    own = np.arange(len(line))
    if not (line[1:] == line[:-1]).any():
        return own
    left = np.searchsorted(line, line, side="left")
    right = np.searchsorted(line, line, side="right")
    own[order] = order[rng.integers(left, right)]
    return own


def _projected(predicted: Floats) -> Floats:
    # Rows are distinguished by one projection: sorting numbers is far quicker than
    # sorting rows, and no two predictions share it but by a miracle.
    projected: Floats = predicted @ np.cos(1.0 + np.arange(predicted.shape[1]))
    return projected


@dataclass(frozen=True)
class VectorDonors:
    """Predictions of the donors in several dimensions: scores of classes."""

    predicted: Floats

    def draw(
        self, targets: Floats, donors: int, rng: np.random.Generator
    ) -> NDArray[np.intp]:
        """Draw one of the `donors` nearest for each target, by Euclidean distance.

        Equal predictions are one point of the tree, which holds all their rows.
        """
        from scipy.spatial import cKDTree  # noqa: PLC0415  loads slowly, used rarely

        _, first, point, counts = np.unique(
            _projected(self.predicted),
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        points = self.predicted[first]
        rows = np.argsort(point, kind="stable")
        start = np.cumsum(counts) - counts
        nearest = min(donors, len(points))
        _, found = cKDTree(points).query(targets, k=np.arange(1, nearest + 1))
        # The pool ends with the point in which the donors-th row lies.
        reach = np.cumsum(counts[found], axis=1)
        pick = rng.integers(donors, size=len(targets))
        chosen = found[np.arange(len(targets)), (reach <= pick[:, None]).sum(axis=1)]
        drawn: NDArray[np.intp] = rows[start[chosen] + rng.integers(counts[chosen])]
        return drawn
