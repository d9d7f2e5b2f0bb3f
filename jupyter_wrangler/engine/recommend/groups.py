"""Group structure: a column whose values tell which rows belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Rows in a group on average, from which rows count as repeated; rows looked at.
ROWS_EACH, ROWS = 2.0, 50_000
#: Share of groups in which a column that is the same within groups has one value.
SAME = 0.99


def group_of(frame: pd.DataFrame, candidates: Sequence[str]) -> str | None:
    """Find the column that says whose rows they are.

    Of columns that are complete and have many values, each in two rows or more on
    average, it is the one with the most values.

    Examples
    --------
    >>> who = np.repeat(["a", "b", "c", "d", "e"], 3)
    >>> group_of(pd.DataFrame({"who": who, "x": np.arange(15)}), ["who", "x"])
    'who'
    """
    n = min(len(frame), ROWS)
    best, most = None, max(4.0, n**0.5 / 2.0)
    for name in candidates:
        series = frame[name].iloc[:n]
        if series.isna().any():
            continue
        many = int(series.nunique())
        if most < many <= n / ROWS_EACH:
            best, most = name, float(many)
    return best


def same_within(frame: pd.DataFrame, name: str, group: str) -> tuple[int, int]:
    """Count groups with two values or more, and those in which all are the same.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": [*"aabbc"], "sex": ["f", "f", "m", None, "f"]})
    >>> same_within(frame, "sex", "who")
    (1, 1)
    """
    some = frame[[name, group]].iloc[:ROWS].dropna()
    codes: NDArray[np.intp] = pd.factorize(some[name])[0]
    by = pd.Series(codes).groupby(pd.factorize(some[group])[0])
    counts = by.agg(["size", "nunique"])
    several = counts[counts["size"] > 1]
    return len(several), int((several["nunique"] == 1).sum())


def is_of_group(frame: pd.DataFrame, name: str, group: str) -> bool:
    """Whether a column belongs to the group rather than to the row."""
    several, same = same_within(frame, name, group)
    return several >= 5 and same >= SAME * several
