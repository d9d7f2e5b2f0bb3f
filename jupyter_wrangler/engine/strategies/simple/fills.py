"""Simple methods: one value for a column, or one for each missing cell by its row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Scalar
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.levels import DATES
from jupyter_wrangler.engine.columns.literal import literal
from jupyter_wrangler.engine.columns.row_order import Order
from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.methods import METHODS, median, most_frequent
from jupyter_wrangler.engine.methods.protocol import ByRow, OneValue
from jupyter_wrangler.engine.planning.frame import constants
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
    method = METHODS[plan.method]
    if order is None or not isinstance(method, OneValue):
        return fill
    return replace(fill, groups=_by_group(column, method, order, fill))


def _by_group(column: Column, method: OneValue, order: Order, fill: Fill) -> ByGroup:
    rows = order.rows[column.ry[order.rows]]
    codes = order.groups[rows]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    parts = np.split(rows, starts[1:])
    here = codes[starts] if len(rows) else codes
    y = np.full(len(order.labels) + 1, fill.y, dtype=column.y.dtype)
    observed = np.zeros(len(order.labels), dtype=bool)
    observed[here] = True
    if method.number is None or column.level in DATES:
        row = np.full(len(y), -1, dtype=np.intp)
        row[here] = [_row_of(column, method, part) for part in parts[: len(here)]]
        y[here] = column.y[row[here]]
        own = _taken(column, row, fill)
        return ByGroup(own=own, y=y, observed=observed)
    y[here] = [method.number(column.y[part]) for part in parts[: len(here)]]
    own = column.decode_within(y).copy()
    if column.level == "integer" and column.beyond_floats:
        for code, part in zip(here, parts, strict=False):
            own[code] = _whole(column, method, part)
        own[-1:] = fill.own
    return ByGroup(own=own, y=y, observed=observed)


def _row_of(column: Column, method: OneValue, rows: Rows) -> int:
    """Tell which of these observed rows has the value that fills."""
    if method.row is None:
        raise TypeError(f"{method.name!r} takes no value from a row")
    rows = np.sort(rows)
    return int(rows[method.row(column.exact[rows])])


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
    method = METHODS[plan.method]
    if method.given:
        value = cast("Scalar", constants(spec, plan.name))
        own = literal(plan.name, column.series, plan.level, value)
        if column.numeric:
            return Fill(own=own, y=float(column.floats(pd.Series(own))[0]))
        return Fill(own=own, y=float(column.labels.get_indexer(pd.Index(own))[0]))
    rows = np.flatnonzero(column.ry)
    if not isinstance(method, OneValue):
        # What fills rows by those around them needs something where there are none.
        method = median.METHOD if column.numeric else most_frequent.METHOD
    if method.number is None or column.level in DATES:
        row = _row_of(column, method, rows)
        return Fill(own=column.take(np.array([row])), y=float(column.y[row]))
    y = method.number(column.y[rows])
    own = column.decode_within(np.array([y])).copy()
    if column.level == "integer" and column.beyond_floats:
        own[0] = _whole(column, method, rows)
    return Fill(own=own, y=y)


def _whole(column: Column, method: OneValue, rows: Rows) -> int:
    """Value of whole numbers of which one float stands for several."""
    if method.whole is None:
        raise TypeError(f"{method.name!r} gives no whole number")
    return method.whole([int(value) for value in column.take(rows)])


def cells_of(
    method: ByRow,
    order: Order,
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    wanted: Rows,
) -> tuple[NDArray[Any], Rows | None]:
    """Impute rows by those around them.

    Parameters
    ----------
    method : ByRow
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
    values, donors = method.fill(order, y, ry)
    return values[wanted], None if donors is None else donors[wanted]


def timed_methods(plans: Iterable[ColumnPlan]) -> bool:
    """Tell whether a method looks at how far apart the rows are in time."""
    methods = [METHODS.get(plan.method) for plan in plans]
    return any(isinstance(one, ByRow) and one.timed for one in methods)
