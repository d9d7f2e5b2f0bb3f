"""Spearman: the correlation of ranks, counted anew among the rows that have both."""

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
    order = rows[np.argsort(line[rows], kind="stable")]
    values = line[order]
    new = np.ones(len(values), dtype=bool)
    new[1:] = values[1:] != values[:-1]
    return Ranking(order=order, value=np.cumsum(new) - 1, starts=np.flatnonzero(new))
