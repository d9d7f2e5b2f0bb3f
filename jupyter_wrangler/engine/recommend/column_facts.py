"""What is measured of a column before a method is recommended for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.columns.levels import NUMERIC, PREDICTORS
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.types import ColumnPlan

Floats = NDArray[np.float64]

#: Skewness from which a column counts as skewed; share missing from which most of it
#: would be made up.
SKEWED, MOSTLY = 2.0, 0.5


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """Measured facts of one column."""

    n_missing: int
    share: float
    #: Different observed values.
    distinct: int
    #: Third standardised moment; NaN where it is not of numbers.
    skew: float = np.nan
    low: float = np.nan
    high: float = np.nan


def column_facts_of(plan: ColumnPlan, series: pd.Series) -> ColumnFacts:
    """Measure one column.

    Examples
    --------
    >>> series = pd.Series([0.0, 1.0, 1.0, 10.0, None], name="x")
    >>> plan = ColumnPlan(
    ...     name="x", level="continuous", method="", reason="", n_missing=1,
    ...     n_observed=4,
    ... )
    >>> found = column_facts_of(plan, series)
    >>> found.share, found.distinct, round(found.skew, 2), found.low
    (0.2, 3, 1.12, 0.0)
    """
    n = max(len(series), 1)
    missing, share = plan.n_missing, plan.n_missing / n
    if plan.level not in PREDICTORS:
        return ColumnFacts(n_missing=missing, share=share, distinct=0)
    column = column_of(plan.name, series, plan.level)
    y: Floats = column.y[column.ry]
    distinct = len(np.unique(y))
    if plan.level not in NUMERIC or not len(y):
        return ColumnFacts(n_missing=missing, share=share, distinct=distinct)
    return ColumnFacts(
        n_missing=missing,
        share=share,
        distinct=distinct,
        skew=_skew(y),
        low=float(y.min()),
        high=float(y.max()),
    )


def _skew(y: Floats) -> float:
    size = float(np.abs(y).max())
    away = y / (size or 1.0)
    away = away - away.mean()
    spread = float((away**2).mean())
    if spread <= 1e-24:
        return np.nan
    return float((away**3).mean() / spread**1.5)


def bounds(facts: ColumnFacts, method: str) -> tuple[float | None, float | None]:
    """Tell bounds for a method that can go beyond what was observed.

    Numbers that are never negative stay so, and shares stay within 0 and 1.

    Examples
    --------
    >>> facts = ColumnFacts(n_missing=1, share=0.1, distinct=9, low=0.1, high=0.9)
    >>> bounds(facts, "linear")
    (0.0, 1.0)
    >>> bounds(facts, "pmm")
    (None, None)
    """
    if not method or METHODS[method].donates or not facts.low >= 0:
        return None, None
    if METHODS[method].kind not in {"chained", "joint"}:
        return None, None
    return 0.0, 1.0 if facts.high <= 1 and facts.distinct > 2 else None


def fact_sentences(facts: ColumnFacts, strongest: str) -> list[str]:
    """Tell the facts in whole sentences."""
    sentences = [f"{facts.share:.1%} missing."]
    if facts.share >= MOSTLY:
        sentences[0] = f"{facts.share:.1%} missing: most of it would be made up."
    if abs(facts.skew) >= SKEWED:
        sentences.append(f"Skewed ({facts.skew:.1f}).")
    if strongest:
        sentences.append(strongest)
    return sentences
