"""The columns that a comparison judges, and the units of their errors."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from jupyter_wrangler.contract import ComparisonSpec, ImputationSpec, JudgedColumn
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import DATES, PREDICTORS, measure
from jupyter_wrangler.engine.planning.check import plan_columns
from jupyter_wrangler.engine.types import ColumnPlan
from jupyter_wrangler.errors import InvalidData

#: Columns that a message names.
_FEW = 5
#: A column is judged if it has so many observed values, of which two stay.
FEWEST = 3
#: Units for dates and spans, the largest first, in seconds.
_UNITS = {"days": 86_400.0, "hours": 3_600.0, "minutes": 60.0, "seconds": 1.0}
#: Seconds of a tick.
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One column with its values, before any was hidden."""

    column: Column
    n_missing: int
    n_observed: int
    #: Name of the unit of its errors; empty for that of its numbers.
    unit: str
    #: Units in one step of the numbers that models see.
    scale: float

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.column.name

    def described(self, n_hidden: int) -> JudgedColumn:
        """Tell what it is."""
        return JudgedColumn(
            name=self.name,
            level=self.column.level,
            unit=self.unit,
            n_missing=self.n_missing,
            n_observed=self.n_observed,
            n_hidden=n_hidden,
        )


def judged(
    frame: pd.DataFrame, spec: ComparisonSpec
) -> tuple[tuple[Judged, ...], dict[str, str]]:
    """Choose the columns in which cells are hidden.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The data, with column names as strings.
    spec : ComparisonSpec
        `columns` names them; without it those with missing values are taken, and all
        columns of a frame without any.

    Returns
    -------
    tuple of Judged
        In the order of the frame.
    dict of str to str
        Column -> why it cannot be judged, of those that were wanted.

    Raises
    ------
    InvalidData
        If no column can be judged; and whatever forbids to impute the frame.
    UnknownColumn
        If `columns` names one that is not there.

    Examples
    --------
    >>> df = pd.DataFrame({"x": [1.0, 2.0, None, 4.0], "name": ["a", "b", None, "d"]})
    >>> found, left_out = judged(df, ComparisonSpec(methods=("knn",)))
    >>> [one.name for one in found], list(left_out)
    (['x'], ['name'])
    """
    plans = plan_columns(frame, ImputationSpec(method="median", columns=spec.columns))
    if spec.columns is not None:
        wanted = [plan for plan in plans if plan.name in spec.columns]
    else:
        wanted = [plan for plan in plans if plan.n_missing] or list(plans)
    left_out = {}
    found = []
    for plan in wanted:
        reason = _why_unfit(plan, frame[plan.name])
        if reason:
            left_out[plan.name] = reason
        else:
            found.append(_judged_column(plan, frame[plan.name]))
    if not found:
        some = list(left_out.items())[:_FEW]
        more = len(left_out) - len(some)
        reasons = [f"{name!r}: {why}" for name, why in some]
        reasons += [f"So are {more:,} more."] if more else []
        why_not = " ".join(reasons)
        raise InvalidData(
            f"No column can be judged. {why_not} Numbers, dates or categories with "
            f"{FEWEST} observed values or more are wanted; name others in columns=, or "
            "convert these."
        )
    return tuple(found), left_out


def _why_unfit(plan: ColumnPlan, series: pd.Series) -> str:
    """Say why no cell of a column can be hidden; nothing if some can."""
    if not plan.n_observed:
        return "It has no observed value."
    if plan.level not in PREDICTORS:
        return measure(series).reason
    if plan.n_observed < FEWEST:
        return f"It has {plan.n_observed} observed values, too few to hide any."
    return ""


def _judged_column(plan: ColumnPlan, series: pd.Series) -> Judged:
    column = column_of(plan.name, series, plan.level)
    unit, scale = _unit_and_scale(column)
    return Judged(
        column=column,
        n_missing=plan.n_missing,
        n_observed=plan.n_observed,
        unit=unit,
        scale=scale,
    )


def _unit_and_scale(column: Column) -> tuple[str, float]:
    """Take days for days, and for finer moments the unit that suits their spread."""
    if column.level not in DATES:
        return "", 1.0
    clock = column.clock
    tick = _SECONDS[clock.unit]
    spread, step = clock.scale * tick, clock.step * tick
    for unit, seconds in _UNITS.items():
        if step >= seconds or spread >= 2 * seconds:
            return unit, spread / seconds
    return "seconds", spread
