"""The design matrix of the chained equations and its cross-products, kept current.

Z holds the coordinates of every usable column, complete at all times, less a fixed
shift (its starting mean, so that sums lose no digits).  The cross-products of the
rows in which a target is observed are those of all rows less those of the rows in
which it is missing; a round over p columns with a share f of missing values costs about
2 f n p^3 rather than n p^3 for the decomposition of the rows, and no pass over the
rows that are complete.

In memory a row of Z is followed by a one and, up to a multiple of four, zeros.  The
cross-products G of such rows hold their sums and their count as well, so that
one product of matrices gives all that a regression needs:

    G = sum of (z, 1)'(z, 1) = [z'z  z'1; 1'z  n],    centred: z'z - z'1 1'z / n.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas

from jupyter_wrangler.engine.models.moments import Moments
from jupyter_wrangler.engine.models.starting import Block, Starting, whole
from jupyter_wrangler.engine.models.threads import multiplies_small_fast

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: A coordinate that differs by less than this share of its mean is constant.
_ROUNDING = 1e-14
#: Rows have a multiple of so many numbers, as the registers of the processor.
_PADDED = 4
#: Bytes, and numbers, of a line of the cache.  Rows that begin elsewhere are read in
#: two steps where one would do, which costs an eighth of all products.
_LINE, _NUMBERS = 64, 8
#: On some processors the linear algebra library has a way without copies for small
#: products, of at most so many multiplications, which is up to twice as fast; and what
#: is small enough for it, but has fewer rows at a time, is better left to the way for
#: large ones, as all is on other processors.
_SMALL, _FEW = 1_000_000, 256
#: Of more coordinates than these only the predictors' cross-products are taken, where
#: they are less than half of all.
_WIDE = 64
#: More rows at a time would not stay in the nearest cache; so many where each piece of
#: a column is put together first, which takes some steps.
_MANY, _PIECE = 768, 4096


class Design:
    """Completed coordinates of n rows.

    Parameters
    ----------
    blocks : mapping of str to ndarray or Starting, of shape (n, d)
        Starting coordinates of each column, complete.
    shift : ndarray of shape (sum of d,), optional
        Subtracted from all coordinates; default: their means.
    """

    def __init__(
        self, blocks: Mapping[str, Block], shift: Floats | None = None
    ) -> None:
        self.slices: dict[str, slice] = {}
        stop = 0
        for name, block in blocks.items():
            start, stop = stop, stop + block.shape[1]
            self.slices[name] = slice(start, stop)
        self.n, self.width = len(next(iter(blocks.values()), ())), stop
        self._wide = _lined_up(np.zeros, self.n, stop + 1 + (-stop - 1) % _PADDED)
        self._wide[:, stop] = 1.0
        self.z: Floats = self._wide[:, :stop]
        self._gram: Floats = np.empty((0, 0))
        #: The rows that `rows` gave last, and the same with their one and zeros.
        self._newest: tuple[Floats, Floats] = self.z[:0], self._wide[:0]
        given = list(blocks.values())
        # of one column after the other: each may be put together for this alone
        ends = [_ends(whole(block)) for block in given] if shift is None else []
        self.shift: Floats = (
            np.concatenate([mean for mean, _, _ in ends]) if shift is None else shift
        )
        few = not any(isinstance(block, Starting) for block in given)
        step = _MANY if few else _PIECE
        for start in range(0, self.n, step):
            # so few rows stay in the nearest cache
            rows = slice(start, start + step)
            np.concatenate([b[rows] for b in given], axis=1, out=self.z[rows])
            self.z[rows] -= self.shift
        if ends and self.n:
            # what differs by rounding alone is constant in all that follows
            high = np.concatenate([high for _, high, _ in ends]) - self.shift
            low = np.concatenate([low for _, _, low in ends]) - self.shift
            constant = np.maximum(high, -low) <= _ROUNDING * np.abs(self.shift)
            if constant.any():
                self.z[:, constant] = 0.0

    def recount(self) -> None:
        """Compute the cross-products again: once a round, so that no error adds up."""
        self._gram = _cross_products(self._wide)

    def rows(self, rows: Rows) -> Floats:
        """Coordinates of all columns in some rows, less the shift."""
        wide = self._taken(rows)
        part = wide[:, : self.width]
        self._newest = part, wide
        return part

    def _taken(self, rows: Rows) -> Floats:
        """Copy some rows, with their one and zeros."""
        wide = _lined_up(np.empty, len(rows), self._wide.shape[1])
        # Without checks, for which NumPy would copy the rows a second time.
        return self._wide.take(rows, axis=0, out=wide, mode="clip")

    def _padded(self, part: Floats) -> Floats:
        """Give rows with their one and zeros, which `rows` has left in memory."""
        if part is self._newest[0]:
            return self._newest[1]
        wide = np.zeros((len(part), self._wide.shape[1]))
        wide[:, : self.width], wide[:, self.width] = part, 1.0
        return wide

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
        block = self.slices[name] if isinstance(name, str) else self.own(name)
        own = np.arange(self.width)[block]
        if _WIDE < self.width > 2 * (len(others) + len(own)):
            kept = np.concatenate([others, own, [self.width]])
            x, y = slice(len(others)), slice(len(others), -1)
            gram = self._observed_gram(missing, part, kept)
            total = gram[-1]
            mean = total / n
            gram -= total[:, None] * mean
            xx, xy, yy = gram[x, x], gram[x, y], gram[y, y]
            x_mean, y_mean = mean[x], mean[y]
        else:
            gram = self._observed_gram(missing, part)
            total = gram[self.width]
            mean = total / n
            gram -= total[:, None] * mean
            rest = gram.take(others, axis=0)
            xx, xy, yy = (
                rest.take(others, axis=1),
                rest[:, block],
                gram[block][:, block],
            )
            x_mean, y_mean = mean.take(others), mean[block]

        def rows() -> tuple[Floats, Floats]:
            z = self.z[self._observed(missing)]
            return z[:, others], z[:, block]

        def slope(coef: Floats, k: int) -> Floats:
            # A pass over all rows where they lie costs less than to take some of them.
            weights = np.zeros(self._wide.shape[1])
            weights[others], weights[own[k]] = -coef, 1.0
            weights[self.width] = coef @ x_mean - y_mean[k]
            left = self._wide @ weights
            left[missing] = 0.0
            return (left @ self.z)[others]

        return Moments(
            n=n,
            x_mean=x_mean,
            y_mean=y_mean + self.shift[block],
            xx=xx,
            xy=xy,
            yy=yy,
            rows=rows,
            whole=self._gram.diagonal().take(others),
            slope=slope,
        )

    def _observed_gram(
        self, missing: Rows, part: Floats, kept: Rows | None = None
    ) -> Floats:
        """Cross-products of the other rows, of all coordinates or of those kept."""
        few = 2 * len(missing) <= self.n
        rows = self._padded(part) if few else self._taken(self._observed(missing))
        if kept is not None:
            rows = rows.take(kept, axis=1)
        found = _cross_products(rows)
        if not few:
            return found
        whole = self._gram if kept is None else self._gram[np.ix_(kept, kept)]
        return whole - found

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
        wide = self._padded(part)
        # So that the next rows find the memory of these, which is in the cache.
        self._newest = self.z[:0], self._wide[:0]
        if coordinates.shape[1] == 1:
            return self._update_one(block.start, rows, coordinates[:, 0], wide)
        change = coordinates - part[:, block]
        if self._gram.size:
            cross = wide.T @ change
            self._gram[:, block] += cross
            self._gram[block, :] += cross.T
            self._gram[block, block] += change.T @ change
        self.z[rows, block] = coordinates
        moved: Floats = np.abs(change).sum(axis=1)
        return moved

    def _update_one(self, k: int, rows: Rows, new: Floats, wide: Floats) -> Floats:
        """Do the same to a column of one coordinate, in fewer and smaller steps."""
        change = new - wide[:, k]
        if self._gram.size:
            cross = change @ wide
            self._gram[:, k] += cross
            self._gram[k] += cross
            self._gram[k, k] += change @ change
        self.z[:, k][rows] = new
        return np.abs(change)

    def _observed(self, missing: Rows) -> Rows:
        observed = np.ones(self.n, dtype=bool)
        observed[missing] = False
        return np.flatnonzero(observed)


def _ends(block: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, largest and least of each coordinate of a column."""
    if not len(block):
        empty = np.full(block.shape[1], np.nan)
        return empty, empty, empty
    return block.mean(axis=0), block.max(axis=0), block.min(axis=0)


def _lined_up(make: Callable[[int], Floats], n: int, width: int) -> Floats:
    """Make a table whose first number begins a line of the cache."""
    return _cut(make(n * width + _NUMBERS), n, width)


def _cut(room: Floats, n: int, width: int) -> Floats:
    """Cut the table out of a little more memory than it takes."""
    start = -room.ctypes.data % _LINE // _NUMBERS
    return room[start : start + n * width].reshape(n, width)


def _cross_products(rows: Floats) -> Floats:
    """Cross-products of contiguous rows.

    Examples
    --------
    >>> _cross_products(np.array([[1.0, 2.0], [0.0, 1.0]]))
    array([[1., 2.],
           [2., 5.]])
    """
    step = min(_SMALL // rows.shape[1] ** 2, _MANY)
    if step < _FEW or not multiplies_small_fast():
        return rows.T @ rows
    return _by_blocks(rows, step)


def _by_blocks(rows: Floats, step: int) -> Floats:
    """Cross-products of contiguous rows, some hundreds of them at a time."""
    n, width = rows.shape
    found: Floats = np.zeros((width, width), order="F")
    for start in range(0, n, step):
        # Rows in memory are columns for a library in the order of Fortran.
        block = rows[start : start + step].T
        found = blas.dgemm(1.0, block, block, 1.0, found, 0, 1, 1)
    return found.T
