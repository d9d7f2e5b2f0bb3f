"""What is found of one pair of columns, and why nothing is found of another."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Fewest rows that have both columns.
LEAST = 3

#: Why a number is not defined, by position; -1 says that it is.
REASONS = (
    "One of the two has no observed value.",
    f"Fewer than {LEAST} rows have both.",
    "One of the two has a single value in the rows that have both.",
    "The correlation ratio needs classes on one side and numbers on the other.",
    "There are as many classes as rows.",
)
FINE, EMPTY, FEW, CONSTANT, UNFIT, ALL_CLASSES = -1, 0, 1, 2, 3, 4


class Found(NamedTuple):
    """A measure of one pair; NaN where it is not defined."""

    r: float
    p: float
    #: The measure in the other direction, where it differs.
    back: float
    reason: int = FINE


def undefined(reason: int) -> Found:
    """Find nothing, and say why."""
    return Found(np.nan, np.nan, np.nan, reason)


def symmetric(r: float, p: float) -> Found:
    """Find the same in both directions."""
    return Found(r, p, r)


def as_json(values: NDArray[Any]) -> list[float | None]:
    """List numbers for JSON, which has no NaN.

    Examples
    --------
    >>> as_json(np.array([0.5, np.nan]))
    [0.5, None]
    """
    return [None if v != v else v for v in values.tolist()]  # noqa: PLR0124  is NaN
