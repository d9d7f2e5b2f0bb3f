"""The design matrix of the chained equations and its cross-products, kept current.

Z holds the coordinates of every usable column, complete at all times, less a fixed
shift (its starting mean, so that sums lose no digits).  The cross-products of the
rows in which a target is observed are those of all rows less those of the rows in
which it is missing; a round over p columns with a share f of missing values costs about
2 f n p^3 rather than n p^3 for the decomposition of the rows, and no pass over the
rows that are complete.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models.moments import Moments

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: A coordinate that differs by less than this share of its mean is constant.
_ROUNDING = 1e-14


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
        if shift is None and len(self.z):
            # what differs by rounding alone is constant in all that follows
            most = np.maximum(self.z.max(axis=0), -self.z.min(axis=0))
            self.z[:, most <= _ROUNDING * np.abs(self.shift)] = 0.0
        self.n, self.width = self.z.shape
        self._ones: Floats = np.ones(self.n)
        self._sum: Floats = np.empty(0)
        self._gram: Floats = np.empty((0, 0))

    def recount(self) -> None:
        """Compute the cross-products again: once a round, so that no error adds up."""
        self._sum = self.z.sum(axis=0)
        self._gram = self.z.T @ self.z

    def rows(self, rows: Rows) -> Floats:
        """Coordinates of all columns in some rows, less the shift."""
        return self.z.take(rows, axis=0)

    def others(self, name: str, predictors: Collection[str] | None = None) -> Rows:
        """Coordinates of the predictors of one column; None means all others."""
        kept = np.full(self.width, predictors is None)
        for other in predictors or ():
            if other in self.slices:
                kept[self.slices[other]] = True
        kept[self.slices[name]] = False
        return np.flatnonzero(kept)

    def own(self, names: Sequence[str]) -> Rows:
        """Coordinates of several columns, one column after the other."""
        places = np.arange(self.width)
        return np.concatenate([places[self.slices[name]] for name in names])

    def widen(self, others: Rows, beta: Floats) -> Floats:
        """Weights of some coordinates as weights of all of them."""
        whole = np.zeros((self.width, beta.shape[1]))
        whole[others] = beta
        return whole

    def moments(
        self, name: str | Sequence[str], missing: Rows, part: Floats, others: Rows
    ) -> Moments:
        """Moments of one column on others over the rows where it is observed.

        The predictors are less the shift; the target is not.

        Parameters
        ----------
        name : str or sequence of str
            The target, or several.
        missing : ndarray of shape (k,)
            Rows in which it is missing, or any of them.
        part : ndarray of shape (k, width)
            These rows, as `rows` gives them.
        others : ndarray of shape (p,)
            Coordinates of its predictors.
        """
        n = self.n - len(missing)
        if 2 * len(missing) <= self.n:
            total = self._sum - self._ones[: len(part)] @ part
            gram = self._gram - part.T @ part
        else:
            part = self.rows(self._observed(missing))
            total = self._ones[: len(part)] @ part
            gram = part.T @ part
        mean = total / n
        gram -= total[:, None] * mean
        block = self.slices[name] if isinstance(name, str) else self.own(name)
        rest = gram.take(others, axis=0)

        def rows() -> tuple[Floats, Floats]:
            z = self.z[self._observed(missing)]
            return z[:, others], z[:, block]

        def slope(coef: Floats, k: int) -> Floats:
            # A pass over all rows where they lie costs less than to take some of them.
            wide = np.zeros(self.width)
            wide[others] = coef
            left = self.z[:, own[k]] - self.z @ wide
            left -= mean[own[k]] - mean @ wide
            left[missing] = 0.0
            return (left @ self.z)[others]

        own = np.arange(self.width)[block]
        return Moments(
            n=n,
            x_mean=mean.take(others),
            y_mean=mean[block] + self.shift[block],
            xx=rest.take(others, axis=1),
            xy=rest[:, block],
            yy=gram[block][:, block],
            rows=rows,
            whole=self._gram.diagonal().take(others),
            slope=slope,
        )

    def coordinates(self, name: str, rows: Rows) -> Floats:
        """Coordinates of one column in some rows, with the shift put back."""
        block = self.slices[name]
        return self.z[rows, block] + self.shift[block]

    def spread(self, name: str) -> float:
        """Tell the standard deviation of a column as it is now, or 1 where it is 0."""
        return float(np.sqrt(self.z[:, self.slices[name]].var(axis=0).sum())) or 1.0

    def update(
        self, name: str, rows: Rows, coordinates: Floats, part: Floats
    ) -> Floats:
        """Put new coordinates into the missing values of one column.

        Parameters
        ----------
        name : str
            The column.
        rows : ndarray of shape (k,)
            Rows of its missing values.
        coordinates : ndarray of shape (k, d)
            What to put there.
        part : ndarray of shape (k, width)
            These rows as they are, as `rows` gives them.

        Returns
        -------
        ndarray of shape (rows,)
            Sum over the coordinates of the absolute change of each row.
        """
        block = self.slices[name]
        coordinates = coordinates - self.shift[block]
        if coordinates.shape[1] == 1:
            return self._update_one(block.start, rows, coordinates[:, 0], part)
        change = coordinates - part[:, block]
        if self._gram.size:
            cross = part.T @ change
            self._gram[:, block] += cross
            self._gram[block, :] += cross.T
            self._gram[block, block] += change.T @ change
            self._sum[block] += change.sum(axis=0)
        self.z[rows, block] = coordinates
        moved: Floats = np.abs(change).sum(axis=1)
        return moved

    def _update_one(self, k: int, rows: Rows, new: Floats, part: Floats) -> Floats:
        """Do the same to a column of one coordinate, in fewer and smaller steps."""
        change = new - part[:, k]
        if self._gram.size:
            cross = change @ part
            self._gram[:, k] += cross
            self._gram[k] += cross
            self._gram[k, k] += change @ change
            self._sum[k] += change @ self._ones[: len(change)]
        self.z[rows, k] = new
        return np.abs(change)

    def _observed(self, missing: Rows) -> Rows:
        observed = np.ones(self.n, dtype=bool)
        observed[missing] = False
        return np.flatnonzero(observed)
