"""The columns that are correlated, as numbers and codes, and those that are not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ColumnLeftOut, CorrelationSpec
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import (
    CATEGORICAL,
    NUMERIC,
    PREDICTORS,
    measure,
)
from jupyter_wrangler.engine.correlate.choice import SAMPLED, check_method, fits
from jupyter_wrangler.engine.correlate.spearman import Ranks
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import InfiniteValues, InvalidData, UnknownColumn

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Columns at most: their pairs are half a million.
MOST = 1_000
#: Rows that the slow measures look at, at most.
ROWS = 2_000
#: Values whose median is the middle of a column.
_MIDDLE = 1_001


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns of n rows to correlate."""

    n_rows: int
    #: All columns that were asked for, by name.
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    left_out: tuple[ColumnLeftOut, ...]
    #: Names and indicators of the columns with missing and observed values.
    incomplete: tuple[str, ...]
    missing: tuple[Bools, ...]
    #: Rows that slow measures look at; None means all.
    sample: NDArray[np.intp] | None

    @cached_property
    def lines(self) -> tuple[Floats, ...]:
        """Numbers of each column, or codes of classes; NaN for missing values.

        The rows are those of the sample where there is one.  Numbers of the frame are
        not copied: the columns together would be another frame beside it.
        """
        return tuple(self._line(column) for column in self.columns)

    def _line(self, column: Column) -> Floats:
        y, ry = column.y, column.ry
        if self.sample is not None:
            y, ry = y[self.sample], ry[self.sample]
        if column.numeric:
            return np.asarray(y, dtype=np.float64)
        line = y.astype(np.float64)
        line[~ry] = np.nan
        return line

    @cached_property
    def has(self) -> tuple[Bools, ...]:
        """Where a column has a number, so that no pair looks for it again."""
        return tuple(~np.isnan(line) for line in self.lines)

    @cached_property
    def ranks(self) -> Ranks:
        """Ranks of these numbers."""
        return Ranks(np.stack(self.lines))

    @cached_property
    def centre(self) -> Floats:
        """A middle value of each column, shape (p,).

        The median of some values: sums of squares around it keep their digits, and
        a column of zeros and few ones stays exactly zero where it is.
        """
        return np.array([_middle(line) for line in self.lines])

    @cached_property
    def scale(self) -> Floats:
        """Largest distance from the middle, shape (p,); 0 for a constant column."""
        low = np.array([np.fmin.reduce(line, initial=np.inf) for line in self.lines])
        high = np.array([np.fmax.reduce(line, initial=-np.inf) for line in self.lines])
        away = np.maximum(np.abs(high - self.centre), np.abs(low - self.centre))
        return np.where(low < high, away, 0.0)


def table_of(df: pd.DataFrame, spec: CorrelationSpec) -> Table:
    """Take the columns out of a frame, and say which have no place.

    Raises
    ------
    InvalidData
        DuplicateColumns, MixedTypes, UnsupportedFrame, EmptyFrame, InfiniteValues, or
        more columns than can be given in pairs.
    InvalidSpec
        UnknownColumn, UnknownMethod.
    """
    check_method(spec)
    frame = named(df)
    names = [str(name) for name in frame.columns]
    for name in spec.columns or ():
        if name not in names:
            raise UnknownColumn(name, names)
    if spec.columns is not None:
        names = [name for name in names if name in set(spec.columns)]
    if len(names) > MOST:
        pairs = len(names) * (len(names) - 1) // 2
        raise InvalidData(
            f"The data has {len(names):,} columns, which make {pairs:,} pairs; at most "
            f"{MOST:,} columns are correlated at once. Name those of interest with "
            "columns=[...]."
        )
    kept: list[Column] = []
    left: list[ColumnLeftOut] = []
    incomplete: list[str] = []
    missing: list[Bools] = []
    for name in names:
        series = frame[name]
        found = measure(series)
        column = column_of(name, series, found.level)
        why = found.reason
        if found.level in PREDICTORS:
            why = _identifies(column) or fits(spec.method, found.level)
            _check_finite(column)
        if why:
            left.append(ColumnLeftOut(name=name, reason=why))
        else:
            kept.append(column)
        if not column.ry.all() and column.ry.any():
            incomplete.append(name)
            missing.append(~column.ry)
    return Table(
        n_rows=len(frame),
        names=tuple(names),
        columns=tuple(kept),
        left_out=tuple(left),
        incomplete=tuple(incomplete),
        missing=tuple(missing),
        sample=_sampled_rows(len(frame), spec),
    )


def _identifies(column: Column) -> str:
    """Say that classes name the rows, if they do."""
    observed = int(column.ry.sum())
    if column.level in CATEGORICAL - {"boolean"} and 2 < observed == column.classes:
        return f"All {observed} observed values differ, as names and keys do."
    return ""


def _check_finite(column: Column) -> None:
    if column.level in NUMERIC:
        infinite = int(np.isinf(column.y).sum())
        if infinite:
            raise InfiniteValues(column.name, infinite)


def _sampled_rows(n: int, spec: CorrelationSpec) -> NDArray[np.intp] | None:
    if spec.method not in SAMPLED or n <= ROWS:
        return None
    rng = np.random.default_rng(np.random.SeedSequence(spec.random_state))
    return np.sort(rng.choice(n, ROWS, replace=False))


def _middle(line: Floats) -> float:
    some = line[:: max(1, len(line) // _MIDDLE)]
    some = some[~np.isnan(some)]
    if not len(some):
        some = line[~np.isnan(line)]
    return (
        float(np.partition(some, len(some) // 2)[len(some) // 2]) if len(some) else 0.0
    )
