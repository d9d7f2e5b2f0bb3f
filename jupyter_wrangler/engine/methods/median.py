"""Median: the middle of the observed values.

Among values that cannot be averaged (dates) the lower of two middle ones is taken, so
that the median is a value that occurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC
from jupyter_wrangler.engine.methods.protocol import AutoTrial, OneValue


def fit(y: NDArray[np.float64]) -> float:
    """Find the median of numbers.

    Examples
    --------
    >>> fit(np.array([4.0, 1.0]))
    2.5
    """
    with np.errstate(over="ignore"):
        found = float(np.median(y))
    # The sum of two of the largest floats is infinite, their mean is not.
    return found if np.isfinite(found) else float(np.median(y / 2) * 2)


def middle_row(y: NDArray[Any]) -> int:
    """Position of the lower median, a value that occurs.

    Examples
    --------
    >>> middle_row(np.array([9, 3, 5, 0]))
    1
    """
    middle = (len(y) - 1) // 2
    return int(np.argpartition(y, middle)[middle])


def fit_whole(y: Sequence[int]) -> int:
    """Find the median of whole numbers exactly; halves are rounded to even.

    Examples
    --------
    >>> fit_whole([2**60, 2**60 + 2])
    1152921504606846977
    """
    own = sorted(y)
    return round(Fraction(own[(len(own) - 1) // 2] + own[len(own) // 2], 2))


METHOD = OneValue(
    name="median",
    title="the median of the observed values",
    levels=NUMERIC | DATES,
    stand_in="most_frequent",
    trial=AutoTrial(guess=1),
    what="median",
    number=fit,
    row=middle_row,
    whole=fit_whole,
)
