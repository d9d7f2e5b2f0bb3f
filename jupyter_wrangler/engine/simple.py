"""Simple methods: one value for all holes of a column, or one for each by its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Scalar
from jupyter_wrangler.engine.check import ColumnPlan, constants
from jupyter_wrangler.engine.column import Column, Values, literal
from jupyter_wrangler.engine.levels import DATES
from jupyter_wrangler.engine.methods import METHODS, mean, median, most_frequent
from jupyter_wrangler.engine.order import Order

Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Fill:
    """One value: as the column holds it, and as number or code."""

    #: In the dtype of the column, shape (1,).
    own: Values
    #: NaN or -1 where a constant is none of the observed classes.
    y: float


def fill_of(column: Column, plan: ColumnPlan, spec: ImputationSpec) -> Fill:
    """Compute the fill of one column by its simple method."""
    if plan.method == "constant":
        value = cast("Scalar", constants(spec, plan.name))
        own = literal(plan.name, column.series, plan.level, value)
        if column.numeric:
            return Fill(own=own, y=float(column.floats(pd.Series(own))[0]))
        return Fill(own=own, y=float(column.labels.get_indexer(pd.Index(own))[0]))
    rows = np.flatnonzero(column.ry)
    observed = column.y[rows]
    method = METHODS[plan.method]
    if plan.method == "most_frequent" or (method.by_row and not column.numeric):
        row = rows[most_frequent.fit(observed)]
        return Fill(own=column.take(np.array([row])), y=float(column.y[row]))
    if column.level in DATES:
        # The lower of two middle ones is a moment that occurs, and stays exact.
        y = median.fit(observed, classes=1)
        row = rows[np.argmin(np.abs(observed - y))]
        return Fill(own=column.take(np.array([row])), y=y)
    if plan.method == "median" or method.by_row:
        y = median.fit(observed, classes=column.classes)
    else:
        y = mean.fit(observed)
    return Fill(own=column.decode(np.array([y])), y=y)


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
