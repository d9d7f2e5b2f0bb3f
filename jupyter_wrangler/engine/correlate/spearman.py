"""Spearman: the correlation of ranks, counted again among the rows that have both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """A column in the order of its values, so that it is sorted only once."""

    #: Observed rows, by value, shape (m,).
    order: Rows
    #: Which of the different values each of them has, shape (m,).
    value: Rows
    #: Where each different value begins.
    starts: Rows

    def among(self, kept: NDArray[np.bool_]) -> Floats:
        """Rank the rows that are kept; equal values share the mean of their ranks.

        Returns
        -------
        ndarray of shape (n,)
            Ranks; NaN in rows that are not kept or have no value.
        """
        ranks = np.full(len(kept), np.nan)
        here = kept[self.order]
        if not here.any():
            return ranks
        counts = np.add.reduceat(here, self.starts, dtype=np.intp)
        middle = np.cumsum(counts) - (counts - 1) / 2.0
        ranks[self.order[here]] = middle[self.value[here]]
        return ranks


def ranking(line: Floats) -> Ranking:
    """Sort a column once.

    Examples
    --------
    >>> found = ranking(np.array([5.0, np.nan, 1.0, 5.0]))
    >>> found.among(np.array([True, True, True, True]))
    array([2.5, nan, 1. , 2.5])
    >>> found.among(np.array([True, True, False, False]))
    array([ 1., nan, nan, nan])
    """
    rows = np.flatnonzero(~np.isnan(line))
    order = rows[np.argsort(line[rows])]
    values = line[order]
    new = np.ones(len(values), dtype=bool)
    new[1:] = values[1:] != values[:-1]
    # Equal values share their ranks, so their order among each other does not matter.
    return Ranking(order=order, value=np.cumsum(new) - 1, starts=np.flatnonzero(new))


class Ranks:
    """Ranks of the columns of a table, each sorted when first needed, and once.

    Parameters
    ----------
    x : ndarray of shape (p, n)
        Columns as lines, NaN for missing values.
    """

    def __init__(self, x: Floats) -> None:
        self._x = x
        self._has = ~np.isnan(x)
        self._own = np.empty_like(x)
        self._ranked = np.zeros(len(x), dtype=bool)
        self._sorted: dict[int, Ranking] = {}

    def own(self, start: int) -> Floats:
        """Ranks of the columns from `start` on, each among its own rows."""
        for i in range(start, len(self._x)):
            self._rank(i)
        ranks: Floats = self._own[start:]
        return ranks

    def count(self, start: int) -> Floats:
        """Rows that have the columns from `start` on, shape (p - start,)."""
        counts: Floats = self._has[start:].sum(axis=1).astype(np.float64)
        return counts

    def among(self, i: int, j: int) -> Floats:
        """Ranks of column i among the rows that have column j."""
        if (self._has[j] | ~self._has[i]).all():
            return self._rank(i)
        if i not in self._sorted:
            self._sorted[i] = ranking(self._x[i])
        return self._sorted[i].among(self._has[j])

    def _rank(self, i: int) -> Floats:
        if not self._ranked[i]:
            self._own[i] = ranking(self._x[i]).among(self._has[i])
            self._ranked[i] = True
        ranks: Floats = self._own[i]
        return ranks
