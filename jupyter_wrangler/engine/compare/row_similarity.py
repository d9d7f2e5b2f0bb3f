"""Which rows look like those that have a pattern of missing values.

A logistic regression tells rows with the pattern from rows that could get it, by the
columns outside of the pattern.  Its odds are the ratio of two densities: drawn with
them, rows that could get the pattern are distributed as those which have it.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import coding_of
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import PREDICTORS, measure
from jupyter_wrangler.engine.models import logistic
from jupyter_wrangler.engine.strategies.start_values import usual_value

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: What fewer rows depend on cannot be given.
FEWEST = 10
#: Rows of either kind, and coordinates, that a regression sees at most.
ROWS, WIDTH = 1_000, 50
#: Share of the chance that all rows have alike, so that none is excluded.
ALIKE = 0.05


class RowSimilarity:
    """The rows of a frame as coordinates, missing values filled with what is usual.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The data, with column names as strings.

    Examples
    --------
    >>> df = pd.DataFrame({"age": np.arange(100.0), "chol": 1.0})
    >>> df.loc[df.age > 69, "chol"] = None
    >>> chance = RowSimilarity(df).chance(np.arange(70, 100), np.arange(70), ["chol"])
    >>> bool(chance[60:].mean() > 5 * chance[:10].mean())
    True
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        blocks: list[Floats] = []
        #: Column of each coordinate.
        self._names: list[str] = []
        for name in frame.columns:
            level = measure(frame[name]).level
            column = column_of(name, frame[name], level)
            if level in PREDICTORS and column.ry.any():
                block = _coordinates(column)
                blocks.append(block)
                self._names += [name] * block.shape[1]
        self._z = np.concatenate(blocks, axis=1)

    def chance(self, have: Rows, could: Rows, lost: Collection[str]) -> Floats:
        """Chance of each row that could get a pattern, by those which have it.

        Parameters
        ----------
        have : ndarray of shape (a,)
            Rows with the pattern.
        could : ndarray of shape (b,)
            Rows that could get it.
        lost : collection of str
            Columns of the pattern, which must not count.

        Returns
        -------
        ndarray of shape (b,)
            Sums to one.
        """
        alike = np.full(len(could), 1 / len(could))
        there = np.flatnonzero([name not in lost for name in self._names])
        if len(have) < FEWEST or not len(there):
            return alike
        ours, others = (self._z[np.ix_(_thinned(r), there)] for r in (have, could))
        spread = np.concatenate([ours, others]).std(axis=0)
        apart = np.abs(ours.mean(axis=0) - others.mean(axis=0))
        apart /= np.where(spread > 0, spread, 1.0)
        kept = np.sort(np.argsort(-apart, kind="stable")[:WIDTH])
        slopes = np.zeros(self._z.shape[1])
        slopes[there[kept]] = _slopes(ours[:, kept], others[:, kept])
        score = (self._z @ slopes)[could]
        odds = np.exp(score - score.max())
        mixed = ALIKE * alike + (1 - ALIKE) * odds / odds.sum()
        found: Floats = mixed / mixed.sum()
        return found


def _slopes(have: Floats, could: Floats) -> Floats:
    """Regress having the pattern on the coordinates."""
    y = np.repeat([1, 0], [len(have), len(could)])
    x = np.concatenate([have, could])
    scale = logistic.scale_of(x)
    z, counts = logistic.augmented(y, scale(x), 2, np.ones(len(y)))
    both = logistic.multinomial(z, counts)
    found: Floats = scale.inverse * (both[1:, 1] - both[1:, 0])
    return found


def _coordinates(column: Column) -> Floats:
    y = column.y.copy()
    y[~column.ry] = usual_value(column)
    return coding_of(column).encode(y)


def _thinned(rows: Rows) -> Rows:
    """Take rows at even distances, `ROWS` at most."""
    if len(rows) <= ROWS:
        return rows
    return rows[np.linspace(0, len(rows) - 1, ROWS).astype(np.intp)]
