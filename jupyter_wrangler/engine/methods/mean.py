"""Mean: the average of the observed values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import NUMERIC
from jupyter_wrangler.engine.methods.protocol import OneValue


def fit(y: NDArray[np.float64]) -> float:
    """Average the observed values of a numeric column.

    Examples
    --------
    >>> fit(np.array([1e308, 1.2e308]))
    1.1e+308
    """
    with np.errstate(over="ignore"):
        found = float(np.mean(y))
    # The sum of the largest floats is infinite, their mean is not.
    return found if np.isfinite(found) else float(np.mean(y / len(y)) * len(y))


def fit_whole(y: Sequence[int]) -> int:
    """Average whole numbers exactly; halves are rounded to even.

    Examples
    --------
    >>> fit_whole([2**60, 2**60 + 2])
    1152921504606846977
    """
    return round(Fraction(sum(y), len(y)))


METHOD = OneValue(
    name="mean",
    title="the mean of the observed values",
    levels=NUMERIC,
    stand_in="median",
    what="mean",
    number=fit,
    whole=fit_whole,
)
