"""Pages of rows as text, for a grid that shows only what is in sight."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.client.views.html import short

#: Rows and columns of a page at most.
MOST_ROWS, MOST_COLUMNS = 200, 60
#: Characters of a cell at most.
_LONGEST = 80
_VERSIONS = itertools.count(1)
#: What a cell is: a value, missing, imputed, or a value that stands for a missing one.
OBSERVED, MISSING, IMPUTED, CODE = 0, 1, 2, 3


class RowGrid:
    """Rows of a frame, asked for by page; nothing is copied.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The rows; column labels may be anything, also twice the same.
    imputed : mapping of int to ndarray, optional
        Position of a column -> positions of its imputed rows, ascending.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        imputed: Mapping[int, NDArray[np.intp]] | None = None,
    ) -> None:
        self._frame = frame
        self._imputed = imputed or {}
        self._codes: Mapping[int, list[Any]] = {}
        #: Positions of the rows that are shown; None shows all.
        self._rows: NDArray[np.intp] | None = None
        #: Rises when other rows are shown; the browser forgets its pages then.
        self.version = next(_VERSIONS)

    def only_incomplete(self, *, on: bool) -> None:
        """Show only rows with a missing or imputed cell, or all again."""
        self.version = next(_VERSIONS)
        if not on:
            self._rows = None
            return
        found = np.zeros(len(self._frame), dtype=bool)
        for rows in self._imputed.values():
            found[rows] = True
        if not self._imputed:
            for i in range(self._frame.shape[1]):
                found |= self._frame.iloc[:, i].isna().to_numpy(dtype=bool)
        self._rows = np.flatnonzero(found)

    def mark_codes(self, codes: Mapping[int, list[Any]]) -> None:
        """Mark values that stand for missing ones, by position of the column."""
        self.version = next(_VERSIONS)
        self._codes = codes

    @property
    def n_rows(self) -> int:
        """Rows that are shown."""
        return len(self._frame) if self._rows is None else len(self._rows)

    @property
    def about(self) -> dict[str, int]:
        """Return the size, as the browser wants it."""
        return {
            "rows": self.n_rows,
            "n_columns": self._frame.shape[1],
            "version": self.version,
        }

    def page(
        self, first: int, n_rows: int, first_column: int, n_columns: int
    ) -> dict[str, Any]:
        """Return a page as text.

        Parameters
        ----------
        first, n_rows : int
            Rows, counted among those that are shown.
        first_column, n_columns : int
            Columns.

        Returns
        -------
        dict
            `first`, `first_column`, `positions` of the rows, their labels (`index`),
            names of the `columns`, `cells` as text by row, and `marks`: 0 for a
            value, 1 for a missing one, 2 for an imputed one, 3 for a value that
            stands for a missing one.
        """
        first, first_column = max(0, first), max(0, first_column)
        last = min(self.n_rows, first + min(n_rows, MOST_ROWS))
        last_column = min(
            self._frame.shape[1], first_column + min(n_columns, MOST_COLUMNS)
        )
        positions = (
            np.arange(first, last) if self._rows is None else self._rows[first:last]
        )
        columns = range(first_column, last_column)
        cells, marks = [], []
        for i in columns:
            # one column at a time: a slice of rows would turn all into one dtype
            values = self._frame.iloc[:, i].iloc[positions]
            missing = values.isna().to_numpy(dtype=bool)
            filled = np.isin(positions, self._imputed.get(i, ()))
            cells.append(
                [
                    "" if lacks else cell_text(value)
                    for value, lacks in zip(values, missing, strict=True)
                ]
            )
            kinds = np.where(filled, IMPUTED, np.where(missing, MISSING, OBSERVED))
            if i in self._codes:
                kinds[values.isin(self._codes[i]).to_numpy(dtype=bool)] = CODE
            marks.append(kinds)
        labels = self._frame.index[positions]
        return {
            "first": first,
            "first_column": first_column,
            "positions": [int(k) for k in positions],
            "index": [cell_text(label) for label in labels],
            "columns": [cell_text(self._frame.columns[i]) for i in columns],
            "cells": [list(row) for row in zip(*cells, strict=True)]
            or [[] for _ in positions],
            "marks": [[int(m) for m in row] for row in zip(*marks, strict=True)]
            or [[] for _ in positions],
            **self.about,
        }

    def is_imputed(self, row: int, column: int) -> bool:
        """Whether a cell, by position, was imputed."""
        return bool(np.isin(row, self._imputed.get(column, ())))

    @property
    def labels(self) -> list[Any]:
        """Labels of all columns."""
        return list(self._frame.columns)

    def row_label(self, row: int) -> Any:
        """Label of a row, by position."""
        return self._frame.index[row]

    def column_label(self, column: int) -> Any:
        """Label of a column, by position."""
        return self._frame.columns[column]


def cell_text(value: Any) -> str:
    r"""Show a value in a cell.

    Examples
    --------
    >>> cell_text(39.100000000000001), cell_text(3), cell_text("  a\nb")
    ('39.1', '3', 'a b')
    """
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.strftime("%Y-%m-%d")
    return short(" ".join(str(value)[: _LONGEST * 2].split()), _LONGEST)
