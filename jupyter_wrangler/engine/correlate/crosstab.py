"""The cells of two columns of classes, and the chi-squared test of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

#: Cells of a table that are counted as a whole; of larger ones only those that occur.
_WHOLE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Crosstab:
    """The cells that occur, and the margins that do."""

    n: int
    #: Rows in each cell that occurs, and in the class of either column it is in.
    cells: Floats
    of_x: Floats
    of_y: Floats
    #: Rows of each class that occurs.
    x: Floats
    y: Floats

    @property
    def chi2(self) -> float:
        """Pearson's chi-squared statistic."""
        shares = (self.cells / self.of_x) @ (self.cells / self.of_y)
        return max(self.n * (float(shares) - 1.0), 0.0)

    @property
    def p(self) -> float:
        """Its p-value."""
        # Imported when needed, as everywhere in what kernels load.
        from scipy.special import chdtrc  # noqa: PLC0415

        return float(chdtrc((len(self.x) - 1) * (len(self.y) - 1), self.chi2))


def crosstab(x: Codes, y: Codes) -> Crosstab:
    """Count the cells of codes 0..K-1.

    Examples
    --------
    >>> found = crosstab(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    >>> found.cells, found.chi2
    (array([2., 2.]), 4.0)
    """
    wide = int(y.max(initial=0)) + 1
    cell = x * wide + y
    if (int(x.max(initial=0)) + 1) * wide <= _WHOLE:
        counts = np.bincount(cell)
        which = np.flatnonzero(counts)
        counts = counts[which]
    else:
        which, counts = np.unique(cell, return_counts=True)
    of_x, of_y = np.bincount(x), np.bincount(y)
    return Crosstab(
        n=len(x),
        cells=counts.astype(np.float64),
        of_x=of_x[which // wide].astype(np.float64),
        of_y=of_y[which % wide].astype(np.float64),
        x=of_x[of_x > 0].astype(np.float64),
        y=of_y[of_y > 0].astype(np.float64),
    )
