"""How a column stands among the predictors, and what a regression on it means.

Numeric columns stand as they are; booleans as 0 and 1; ordered categories as
their rank; nominal ones as dummies.  The most frequent class is the reference, and
of more than `MOST` classes only the most frequent have a dummy of their own.
A regression on the dummies gives each class a score; the scores sum to one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column

#: So many classes of a nominal column have a dummy of their own at most.
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Coding:
    """Numbers as they are (`table` is None) or classes by the rows of a table."""

    #: Row k holds the d coordinates of class k.
    table: NDArray[np.float64] | None = None
    #: Whether the single coordinate is the rank of an ordered category.
    ordered: bool = False
    #: Class of each score: the reference, then one for each coordinate.
    scored: NDArray[np.intp] | None = None

    @property
    def width(self) -> int:
        """Number of coordinates d; 0 where only one class was observed."""
        return 1 if self.table is None else self.table.shape[1]

    def encode(self, y: NDArray[Any]) -> NDArray[np.float64]:
        """Coordinates of numbers or codes, shape (n, d)."""
        if self.table is None:
            return np.asarray(y, dtype=np.float64)[:, None]
        return self.table[np.asarray(y, dtype=np.intp)]

    def scores(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predicted coordinates with the score of the reference class in front."""
        if self.table is None or self.ordered:
            return predicted
        rest = 1.0 - predicted.sum(axis=1, keepdims=True)
        return np.concatenate([rest, predicted], axis=1)

    def classify(self, predicted: NDArray[np.float64]) -> NDArray[np.intp]:
        """Most probable class, or nearest rank, of each predicted row."""
        table = cast("NDArray[np.float64]", self.table)
        if self.ordered:
            return np.clip(np.rint(predicted[:, 0]), 0, len(table) - 1).astype(np.intp)
        scored = cast("NDArray[np.intp]", self.scored)
        likeliest: NDArray[np.intp] = scored[np.argmax(self.scores(predicted), axis=1)]
        return likeliest


def code(y: NDArray[Any], classes: int, *, ordered: bool = False) -> Coding:
    """Choose the coding for observed numbers (`classes` = 0) or codes.

    Examples
    --------
    >>> code(np.array([0, 2, 2, 1]), 3).encode(np.array([0, 1, 2]))
    array([[1., 0.],
           [0., 1.],
           [0., 0.]])
    """
    if classes == 0:
        return Coding()
    if ordered and classes > 1:
        return Coding(table=np.arange(classes, dtype=np.float64)[:, None], ordered=True)
    counts = np.bincount(y, minlength=classes)
    frequent = np.argsort(-counts, kind="stable")[: MOST + 1]
    # Ascending order keeps booleans at 0 and 1 whichever is more frequent.
    reference = 0 if classes == 2 else frequent[0]
    dummies = np.sort(frequent[frequent != reference])
    table = np.zeros((classes, len(dummies)))
    table[dummies, np.arange(len(dummies))] = 1.0
    return Coding(table=table, scored=np.concatenate([[reference], dummies]))


def n_dummies(series: pd.Series) -> int:
    """Count the dummies of a nominal column.

    Examples
    --------
    >>> n_dummies(pd.Series(["a", "b", None, "c"]))
    2
    """
    return min(max(int(series.nunique()) - 1, 0), MOST)


def coding_of(column: Column) -> Coding:
    """Choose the coding of a column from its observed values."""
    if column.classes == 0:
        return Coding()
    return code(column.y[column.ry], column.classes, ordered=column.level == "ordered")
