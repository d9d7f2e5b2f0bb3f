"""Where the missing values of a predictor begin, before a method has filled them."""

from __future__ import annotations

from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.methods import mean, most_frequent


def usual_value(column: Column) -> float:
    """Mean of numbers, code of the most frequent class."""
    observed = column.y.compress(column.ry)
    if column.numeric:
        return mean.fit(observed)
    return float(observed[most_frequent.fit(observed)])
