"""Seconds that the building blocks of methods take.

The constants were measured on one core of an ordinary server (2026, AMD EPYC, OpenBLAS
on one thread); `planning.cost` adds them up over columns and rounds.

Symbols: n rows, p coordinates of the predictors, f the share that is missing in the
column, w coordinates of all columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the cost of one visit of one column depends on."""

    n: int
    p: int
    f: float
    trees: int = 10

    @property
    def observed(self) -> float:
        """Rows in which the column is observed."""
        return max(1.0, (1.0 - self.f) * self.n)


def gram(s: Shape) -> float:
    """Update the sums of squares and products of a regression."""
    f = min(s.f, 1.0 - s.f)
    return 2e-4 + 5e-9 * f * s.n * s.p + 1e-10 * f * s.n * s.p**2


def regression(s: Shape) -> float:
    """Solve the normal equations, their sums included."""
    return gram(s) + 5e-11 * s.p**3


def tree(s: Shape) -> float:
    """Count the comparisons that grow one tree."""
    return s.observed * s.p * log2(s.observed + 1.0)


def random_trees(s: Shape) -> float:
    """Grow trees with random splits."""
    return 5e-2 + 1.3e-7 * tree(s)


def incomplete_rows(n: int, missing: Sequence[int]) -> float:
    """Rows with any missing value, if these fall independently."""
    whole = 1.0
    for count in missing:
        whole *= 1.0 - count / max(n, 1)
    return n * (1.0 - whole)


def patterns(n: int, missing: Sequence[int]) -> float:
    """Patterns of missing values, at most."""
    return min(incomplete_rows(n, missing), 2.0 ** min(len(missing), 60))
