"""Simple methods: one value for all holes of a column, or one for each by its row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Scalar
from jupyter_wrangler.engine.columns.column import Column, Values, literal
from jupyter_wrangler.engine.columns.levels import DATES
from jupyter_wrangler.engine.columns.row_order import Order
from jupyter_wrangler.engine.methods import METHODS, mean, median, most_frequent
from jupyter_wrangler.engine.planning.check import constants
from jupyter_wrangler.engine.types import ColumnPlan

Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Fill:
    """One value: as the column holds it, and as number or code."""

    #: In the dtype of the column, shape (1,).
    own: Values
    #: NaN or -1 where a constant is none of the observed classes.
    y: float
    #: The same within groups of rows, where asked for.
    groups: ByGroup | None = None

    def cells(self, codes: Rows | None, k: int) -> tuple[Values, NDArray[Any]]:
        """Give k rows their values: as the column holds them, and as numbers or codes.

        Codes of their groups count where there are values by group.
        """
        if self.groups is None or codes is None:
            return self.own.take(np.zeros(k, dtype=np.intp)), np.full(k, self.y)
        # -1, a group that the fit has not seen, is the last: that of all rows.
        at = np.where(codes < 0, len(self.groups.y) - 1, codes)
        return self.groups.own.take(at), self.groups.y[at]


@dataclass(frozen=True, kw_only=True)
class ByGroup:
    """One value for each group of rows, and for the rows of no group."""

    #: In the dtype of the column, shape (groups + 1,); the last is that of all rows.
    own: Values
    #: The same as numbers or codes.
    y: NDArray[Any]
    #: Which groups have a value of their own, shape (groups,).
    observed: NDArray[np.bool_]


def fill_of(
    column: Column, plan: ColumnPlan, spec: ImputationSpec, order: Order | None = None
) -> Fill:
    """Compute the fill of one column by its simple method.

    With groups of rows in `order` also one fill for each; a group without an observed
    value gets that of all rows.
    """
    fill = _fill_of(column, plan, spec)
    if order is None or not METHODS[plan.method].by_group:
        return fill
    return replace(fill, groups=_by_group(column, plan.method, order, fill))


def _by_group(column: Column, method: str, order: Order, fill: Fill) -> ByGroup:
    rows = order.rows[column.ry[order.rows]]
    codes = order.groups[rows]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    parts = np.split(rows, starts[1:])
    here = codes[starts] if len(rows) else codes
    y = np.full(len(order.labels) + 1, fill.y, dtype=column.y.dtype)
    observed = np.zeros(len(order.labels), dtype=bool)
    observed[here] = True
    if method == "most_frequent" or column.level in DATES:
        row = np.full(len(y), -1, dtype=np.intp)
        row[here] = [_row_of(column, method, part) for part in parts[: len(here)]]
        y[here] = column.y[row[here]]
        own = _taken(column, row, fill)
        return ByGroup(own=own, y=y, observed=observed)
    fit = median.fit if method == "median" else mean.fit
    y[here] = [fit(column.y[part]) for part in parts[: len(here)]]
    own = column.decode_within(y).copy()
    if column.level == "integer" and column.beyond_floats:
        for code, part in zip(here, parts, strict=False):
            own[code] = _whole_middle(column, method, part)
        own[-1:] = fill.own
    return ByGroup(own=own, y=y, observed=observed)


def _row_of(column: Column, method: str, rows: Rows) -> int:
    """Tell which of these observed rows has the value that fills."""
    rows = np.sort(rows)
    observed = column.exact[rows]
    if method == "most_frequent":
        return int(rows[most_frequent.fit(observed)])
    # The lower of two middle ones is a date that occurs, and stays exact.
    middle = (len(rows) - 1) // 2
    return int(rows[np.argpartition(observed, middle)[middle]])


def _taken(column: Column, row: Rows, fill: Fill) -> Values:
    """Take the values of these rows; the fill of all rows for -1."""
    whole = pd.concat(
        [column.series, pd.Series(fill.own, dtype=fill.own.dtype)], ignore_index=True
    )
    found: Values = whole.array.take(np.where(row < 0, len(whole) - 1, row))
    if isinstance(found, pd.arrays.NumpyExtensionArray):
        found = found.to_numpy()
    return found


def _fill_of(column: Column, plan: ColumnPlan, spec: ImputationSpec) -> Fill:
    if plan.method == "constant":
        value = cast("Scalar", constants(spec, plan.name))
        own = literal(plan.name, column.series, plan.level, value)
        if column.numeric:
            return Fill(own=own, y=float(column.floats(pd.Series(own))[0]))
        return Fill(own=own, y=float(column.labels.get_indexer(pd.Index(own))[0]))
    rows = np.flatnonzero(column.ry)
    observed = column.y[rows]
    method = METHODS[plan.method]
    mode = plan.method == "most_frequent" or (method.by_row and not column.numeric)
    if mode or column.level in DATES:
        row = _row_of(column, "most_frequent" if mode else "median", rows)
        return Fill(own=column.take(np.array([row])), y=float(column.y[row]))
    if plan.method == "median" or method.by_row:
        y = median.fit(observed, classes=column.classes)
    else:
        y = mean.fit(observed)
    own = column.decode_within(np.array([y])).copy()
    if column.level == "integer" and column.beyond_floats:
        own[0] = _whole_middle(column, plan.method, rows)
    return Fill(own=own, y=y)


def _whole_middle(column: Column, method: str, rows: Rows) -> int:
    """Mean or median of whole numbers of which one float stands for several.

    Halves are rounded to even.
    """
    own = [int(value) for value in column.take(rows)]
    if method == "mean":
        return round(Fraction(sum(own), len(own)))
    own.sort()
    return round(Fraction(own[(len(own) - 1) // 2] + own[len(own) // 2], 2))


def cells_of(
    column: Column,
    method: str,
    order: Order,
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    wanted: Rows,
) -> tuple[NDArray[Any], Rows | None]:
    """Impute rows by those around them.

    Parameters
    ----------
    column : Column
        The column.
    method : {"ffill", "bfill", "interpolate", "time"}
        How.
    order : Order
        Of the n rows.
    y, ry : ndarray of shape (n,)
        Numbers or codes, and where they are observed.
    wanted : ndarray of shape (k,)
        Rows to impute.

    Returns
    -------
    values : ndarray of shape (k,)
        Numbers (NaN where the group has none) or codes (-1).
    donors : ndarray of shape (k,) or None
        Rows whose values were handed on, -1 for none.
    """
    module = METHODS[method].module
    if method in {"interpolate", "time"}:
        return module.lines(order, y, ry)[wanted], None
    donors = module.donors(order, ry)[wanted]
    nothing = np.nan if column.numeric else -1
    return np.where(donors < 0, nothing, y[donors]), donors


def usual(column: Column) -> float:
    """Mean of numbers, most frequent code of classes: where a chain starts."""
    observed = column.y[column.ry]
    if column.numeric:
        return mean.fit(observed)
    return float(observed[most_frequent.fit(observed)])
