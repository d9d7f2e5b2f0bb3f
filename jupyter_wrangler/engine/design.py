"""The design matrix of the chained equations and its cross-products, kept current.

Z holds the coordinates of every usable column, complete at all times, less a fixed
shift (its starting mean, so that sums lose no digits).  The cross-products of the
rows in which a target is observed are those of all rows less those of the rows in
which it is missing; a round over p columns with a share f of holes costs about
2 f n p^3 rather than n p^3 for the decomposition of the rows, and no pass over the
rows that are complete.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.moments import Moments

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Design:
    """Completed coordinates of n rows.

    Parameters
    ----------
    blocks : mapping of str to ndarray of shape (n, d)
        Starting coordinates of each column, complete.
    shift : ndarray of shape (sum of d,), optional
        Subtracted from all coordinates; default: their means.
    """

    def __init__(
        self, blocks: Mapping[str, Floats], shift: Floats | None = None
    ) -> None:
        self.slices: dict[str, slice] = {}
        stop = 0
        for name, block in blocks.items():
            start, stop = stop, stop + block.shape[1]
            self.slices[name] = slice(start, stop)
        self.z: Floats = np.concatenate(list(blocks.values()), axis=1)
        self.shift: Floats = self.z.mean(axis=0) if shift is None else shift
        self.z -= self.shift
        self.n, self.width = self.z.shape
        self._sum: Floats = np.empty(0)
        self._gram: Floats = np.empty((0, 0))

    def recount(self) -> None:
        """Compute the cross-products anew: once a round, so that no error adds up."""
        self._sum = self.z.sum(axis=0)
        self._gram = self.z.T @ self.z

    def others(self, name: str) -> NDArray[np.intp]:
        """Coordinates of all columns but one."""
        block = self.slices[name]
        inside = np.arange(block.start, block.stop)
        return np.delete(np.arange(self.width), inside)

    def moments(self, name: str, missing: Rows) -> Moments:
        """Moments of one column on all others over the rows where it is observed.

        The predictors are less the shift, as in `predictors`; the target is not.
        """
        n = self.n - len(missing)
        if 2 * len(missing) <= self.n:
            part = self.z[missing]
            total = self._sum - part.sum(axis=0)
            gram = self._gram - part.T @ part
        else:
            part = self.z[self._observed(missing)]
            total = part.sum(axis=0)
            gram = part.T @ part
        mean = total / n
        gram -= n * mean[:, None] * mean
        block, others = self.slices[name], self.others(name)
        rest = np.delete(gram, block, axis=0)

        def rows() -> tuple[Floats, Floats]:
            z = self.z[self._observed(missing)]
            return z[:, others], z[:, block]

        return Moments(
            n=n,
            x_mean=mean[others],
            y_mean=mean[block] + self.shift[block],
            xx=np.delete(rest, block, axis=1),
            xy=rest[:, block],
            yy=gram[block, block],
            rows=rows,
        )

    def predictors(self, name: str, rows: Rows | NDArray[np.bool_]) -> Floats:
        """Coordinates of all columns but one in some rows, less the shift."""
        return np.delete(self.z[rows], self.slices[name], axis=1)

    def coordinates(self, name: str, rows: Rows) -> Floats:
        """Coordinates of one column in some rows, with the shift put back."""
        block = self.slices[name]
        return self.z[rows, block] + self.shift[block]

    def project(self, name: str, beta: Floats) -> Floats:
        """All rows times weights of the predictors of one column, shape (n, d)."""
        whole = np.insert(
            beta, [self.slices[name].start] * self._wide(name), 0.0, axis=0
        )
        return self.z @ whole

    def _wide(self, name: str) -> int:
        block = self.slices[name]
        return int(block.stop - block.start)

    def update(self, name: str, rows: Rows, coordinates: Floats) -> Floats:
        """Put new coordinates into the holes of one column.

        Returns
        -------
        ndarray of shape (rows,)
            Sum over the coordinates of the absolute change of each row.
        """
        block = self.slices[name]
        old = self.z[rows]
        coordinates = coordinates - self.shift[block]
        change = coordinates - old[:, block]
        if self._gram.size:
            cross = old.T @ change
            self._gram[:, block] += cross
            self._gram[block, :] += cross.T
            self._gram[block, block] += change.T @ change
            self._sum[block] += change.sum(axis=0)
        self.z[rows, block] = coordinates
        moved: Floats = np.abs(change).sum(axis=1)
        return moved

    def _observed(self, missing: Rows) -> Rows:
        observed = np.ones(self.n, dtype=bool)
        observed[missing] = False
        return np.flatnonzero(observed)
