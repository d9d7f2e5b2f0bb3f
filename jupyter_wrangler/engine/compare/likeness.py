"""Which rows look like those that have a pattern of holes.

A logistic regression tells rows with the pattern from rows that could get it, by the
columns outside of the pattern.  Its odds are the ratio of two densities: drawn with
them, rows that could get the pattern are distributed as those which have it.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine import logistic
from jupyter_wrangler.engine.coding import coding_of
from jupyter_wrangler.engine.column import Column, column_of
from jupyter_wrangler.engine.levels import PREDICTORS, measure
from jupyter_wrangler.engine.simple import usual

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: What fewer rows depend on cannot be told.
FEWEST = 10
#: Rows of either kind, and coordinates, that a regression sees at most.
ROWS, WIDTH = 2_000, 50
#: Share of the chance that all rows have alike, so that none is excluded.
ALIKE = 0.05


class Likeness:
    """The rows of a frame as coordinates, holes filled with what is usual.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The data, with column names as strings.

    Examples
    --------
    >>> df = pd.DataFrame({"age": np.arange(100.0), "chol": 1.0})
    >>> df.loc[df.age > 69, "chol"] = None
    >>> chance = Likeness(df).chance(np.arange(70, 100), np.arange(70), ["chol"])
    >>> bool(chance[60:].mean() > 5 * chance[:10].mean())
    True
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._blocks: dict[str, Floats] = {}
        for name in frame.columns:
            level = measure(frame[name]).level
            column = column_of(name, frame[name], level)
            if level in PREDICTORS and column.ry.any():
                self._blocks[name] = _coordinates(column)

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
        blocks = [block for name, block in self._blocks.items() if name not in lost]
        if len(have) < FEWEST or not blocks:
            return alike
        z = np.concatenate([block[could] for block in blocks], axis=1)
        some = _thinned(have)
        other = np.concatenate([block[some] for block in blocks], axis=1)
        few = z[_thinned(np.arange(len(z)))]
        spread = np.concatenate([few, other]).std(axis=0)
        apart = np.abs(other.mean(axis=0) - few.mean(axis=0))
        apart /= np.where(spread > 0, spread, 1.0)
        kept = np.sort(np.argsort(-apart, kind="stable")[:WIDTH])
        score = _log_odds(other[:, kept], few[:, kept], z[:, kept])
        odds = np.exp(score - score.max())
        mixed = ALIKE * alike + (1 - ALIKE) * odds / odds.sum()
        found: Floats = mixed / mixed.sum()
        return found


def _log_odds(have: Floats, could: Floats, rows: Floats) -> Floats:
    x = np.concatenate([have, could])
    y = np.repeat([1, 0], [len(have), len(could)])
    scale = logistic.scale_of(x)
    z, counts = logistic.augmented(y, scale(x), 2, np.ones(len(y)))
    both = logistic.multinomial(z, counts)
    found: Floats = scale(rows) @ (both[1:, 1] - both[1:, 0])
    return found


def _coordinates(column: Column) -> Floats:
    y = column.y.copy()
    y[~column.ry] = usual(column)
    return coding_of(column).encode(y)


def _thinned(rows: Rows) -> Rows:
    """Take rows at even distances, `ROWS` at most."""
    if len(rows) <= ROWS:
        return rows
    return rows[np.linspace(0, len(rows) - 1, ROWS).astype(np.intp)]
