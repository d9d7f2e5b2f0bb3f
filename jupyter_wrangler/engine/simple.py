"""The one value by which a simple method fills all holes of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec, Scalar
from jupyter_wrangler.engine.check import ColumnPlan, constants
from jupyter_wrangler.engine.column import Column, Values, literal
from jupyter_wrangler.engine.methods import mean, median, most_frequent


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
            return Fill(own=own, y=float(value))
        return Fill(own=own, y=float(column.labels.get_indexer(pd.Index(own))[0]))
    rows = np.flatnonzero(column.ry)
    observed = column.y[rows]
    if plan.method == "most_frequent":
        row = rows[most_frequent.fit(observed)]
        return Fill(own=column.take(np.array([row])), y=float(column.y[row]))
    if plan.method == "median":
        y = median.fit(observed, classes=column.classes)
    else:
        y = mean.fit(observed)
    return Fill(own=column.decode(np.array([y])), y=y)


def usual(column: Column) -> float:
    """Mean of numbers, most frequent code of classes: where a chain starts."""
    observed = column.y[column.ry]
    if column.numeric:
        return mean.fit(observed)
    return float(observed[most_frequent.fit(observed)])
