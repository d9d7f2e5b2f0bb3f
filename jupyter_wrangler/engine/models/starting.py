"""Coordinates of one column where a chain starts, put together when they are wanted.

The design copies them into its table.  Those of all columns at once would be another
frame beside it, so of many rows only what is missing is held, and the rest is taken
from the data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Of fewer rows a copy costs less than to put the coordinates together twice.
MANY_ROWS = 2**16


@dataclass(frozen=True, kw_only=True)
class Starting:
    """Numbers or codes of a column, and what stands in for the missing ones.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Numbers or codes.
    missing : ndarray of shape (k,)
        Rows without one, ascending.
    fill : ndarray of shape (k,) or float
        What stands there at first.
    encode : callable
        Gives coordinates, shape (n, width), of numbers or codes.
    width : int
        Number of coordinates.

    Examples
    --------
    >>> start = Starting(
    ...     y=np.array([1.0, np.nan, 3.0, np.nan]),
    ...     missing=np.array([1, 3]),
    ...     fill=np.array([7.0, 8.0]),
    ...     encode=lambda y: y[:, None],
    ...     width=1,
    ... )
    >>> start.whole()[:, 0], start[slice(1, 3)][:, 0]
    (array([1., 7., 3., 8.]), array([7., 3.]))
    """

    y: NDArray[Any]
    missing: NDArray[np.intp]
    fill: NDArray[Any] | float
    encode: Callable[[NDArray[Any]], Floats]
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and coordinates."""
        return len(self.y), self.width

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, rows: slice) -> Floats:
        """Coordinates of some rows that follow each other."""
        start, stop, _ = rows.indices(len(self.y))
        y = self.y[start:stop].copy()
        first, last = np.searchsorted(self.missing, [start, stop])
        fill = self.fill[first:last] if isinstance(self.fill, np.ndarray) else self.fill
        y[self.missing[first:last] - start] = fill
        return self.encode(y)

    def whole(self) -> Floats:
        """Coordinates of all rows."""
        return self[:]


#: Complete coordinates of one column, shape (n, d), there or put together.
Block = Floats | Starting


def whole(block: Block) -> Floats:
    """Give the coordinates of all rows."""
    return block.whole() if isinstance(block, Starting) else block
