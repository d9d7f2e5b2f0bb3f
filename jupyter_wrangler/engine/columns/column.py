"""One column of a frame as numbers or codes, and back into its own dtype.

Numeric columns become float64, and so do moments and spans (see `dates`).  All
others become codes 0..K-1 of their observed values in ascending order (for
categories: in the order of the dtype), and `first` says in which row each code first
occurs: values travel back by taking rows, so that every dtype comes out exactly as
it went in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from jupyter_wrangler.contract import Level
from jupyter_wrangler.engine.columns.dates import Clock, clock_of, ticks_of
from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC
from jupyter_wrangler.engine.columns.values import (
    EXACT,
    Values,
    as_floats,
    placed,
    whole,
    whole_objects,
    within_floats,
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of n rows, ready for the methods."""

    name: str
    level: Level
    #: The values as they came.
    own: Values
    #: Response indicator: True where observed.
    ry: NDArray[np.bool_]

    @cached_property
    def missing(self) -> NDArray[np.intp]:
        """Positions of the rows without a value."""
        return np.flatnonzero(~self.ry)

    @property
    def numeric(self) -> bool:
        """Whether models take the values as numbers."""
        return self.level in NUMERIC or self.level in DATES

    @cached_property
    def clock(self) -> Clock:
        """How moments and spans become numbers."""
        return clock_of(self.series)

    @property
    def series(self) -> pd.Series:
        """The values as a Series of their own dtype."""
        # Said aloud: pandas would make strings of an object column of strings.
        own: pd.Series = pd.Series(self.own, dtype=self.own.dtype, name=self.name)
        return own

    @cached_property
    def _factorized(self) -> tuple[NDArray[np.intp], pd.Index]:
        try:
            codes, values = pd.factorize(self.series, sort=True)
        except TypeError:
            # Objects without an order come as they are first seen.
            codes, values = pd.factorize(self.series)
        return codes, pd.Index(values)

    @cached_property
    def y(self) -> NDArray[Any]:
        """Numbers with NaN for missing values, or codes with -1 for missing values."""
        if not self.numeric:
            return self._factorized[0]
        if isinstance(self.own, np.ndarray) and self.own.dtype == np.float64:
            # As they are: a Series around them costs more than a small fit.
            return self.own
        return self.floats(self.series)

    def floats(self, series: pd.Series) -> NDArray[np.float64]:
        """Numbers of other values, as those of this column; NaN for missing values."""
        if self.level in DATES:
            return self.clock.numbers(series)
        return as_floats(series)

    @cached_property
    def exact(self) -> NDArray[Any]:
        """Numbers or codes that are equal, or smaller, only where the values are.

        They are `y` but for whole numbers and dates of which one float stands for
        several.
        """
        if self.level in DATES:
            return ticks_of(self.series, spans=self.clock.spans)[0]
        if self.level == "integer" and self.beyond_floats:
            return self._factorized[0]
        return self.y

    @cached_property
    def beyond_floats(self) -> bool:
        """Whether one float stands for several of these whole numbers."""
        return float(np.fmax.reduce(np.abs(self.y), initial=0.0)) > EXACT

    @property
    def labels(self) -> pd.Index:
        """Observed values in ascending order, one for each code."""
        return self._factorized[1]

    @property
    def classes(self) -> int:
        """Number of different observed values; 0 for a numeric column."""
        return 0 if self.numeric else len(self.labels)

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """First row in which each code occurs."""
        rows = np.flatnonzero(self.ry)
        return rows[np.unique(self.y[rows], return_index=True)[1]]

    def read(self, series: pd.Series) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Numbers or codes of other values, and where there are any.

        Classes that this column has not seen count as missing values.
        """
        if self.numeric:
            numbers = self.floats(series)
            return numbers, ~np.isnan(numbers)
        labels = pd.Index(self.labels.astype(object))
        codes = labels.get_indexer(pd.Index(series.astype(object)))
        known = (codes >= 0) & series.notna().to_numpy(bool)
        return np.where(known, codes, -1), known

    def take(self, rows: NDArray[np.intp]) -> Values:
        """Hand on the values of these rows."""
        return self.own.take(rows)

    def decode(self, values: NDArray[Any]) -> Values:
        """Turn numbers or codes into values of the column's own dtype.

        Numbers for a column of integers are rounded half to even and kept within
        the range of the dtype.
        """
        if not self.numeric:
            return self.take(self.first[values.astype(np.intp)])
        dtype = self.own.dtype
        if self.level in DATES:
            return self.clock.moments(values, dtype)
        if self.level != "integer":
            values = within_floats(values, dtype)
            if isinstance(dtype, np.dtype):
                return values.astype(dtype)
            return pd.array(values, dtype=dtype)
        if is_object_dtype(dtype):
            cells = np.empty(len(values), dtype=object)
            cells[:] = whole_objects(values, self.series[self.ry])
            return cells
        kept = whole(values, f"{dtype.kind}{dtype.itemsize}")
        return kept if isinstance(dtype, np.dtype) else pd.array(kept, dtype=dtype)

    def given(self, rows: NDArray[np.intp], values: NDArray[Any]) -> Values:
        """Hand on the values of these rows; for a row -1 decode the number.

        Examples
        --------
        >>> column = column_of("n", pd.Series([2**60 + 1, 5]), "integer")
        >>> column.given(np.array([0, -1]), np.array([2.0**60, 7.2])).tolist()
        [1152921504606846977, 7]
        """
        return self.changed(self.take(rows), rows >= 0, values)

    def changed(
        self, cells: Values, same: NDArray[np.bool_], values: NDArray[Any]
    ) -> Values:
        """Decode numbers; where they are the `same` as before, keep the cells.

        Beyond 2^53 a number that is decoded need not be a value that was observed.
        """
        if same.all():
            return cells
        return placed(self.decode(values), np.flatnonzero(same), cells[same])

    def decode_within(self, values: NDArray[Any]) -> Values:
        """Decode numbers that lie between observed ones.

        A float may stand for several whole numbers or dates, so that what lies between
        the observed ones can leave their range by a few; it is put back.
        """
        if self.level in DATES:
            return self.clock.moments(values, self.own.dtype, within=True)
        cells = self.decode(values)
        if self.level != "integer" or not len(values) or not self.beyond_floats:
            return cells
        own, dtype = self.series[self.ry], cells.dtype
        # Numbers of NumPy: an Arrow column compares with none above 2^63.
        kind = "O" if is_object_dtype(dtype) else f"{dtype.kind}{dtype.itemsize}"
        ends = np.array([int(own.min()), int(own.max())], dtype=kind)
        numbers = pd.Series(cells, dtype=dtype).to_numpy(dtype=kind)
        kept = np.clip(numbers, ends[0], ends[1])
        return kept if isinstance(dtype, np.dtype) else pd.array(kept, dtype=dtype)


def column_of(name: str, series: pd.Series, level: Level) -> Column:
    """Take a column out of a frame; nothing is converted before it is needed."""
    own: Values = series.array
    if isinstance(series.dtype, np.dtype) and series.dtype.kind not in "mM":
        own = series.to_numpy()
    plain = isinstance(own, np.ndarray) and own.dtype.kind == "f"
    missing = np.isnan(own) if plain else np.asarray(pd.isna(own), bool)
    return Column(name=name, level=level, own=own, ry=~missing)
