"""The method of one column in the plan, and the reason for it in words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from jupyter_wrangler.contract import PlannedColumn, Scalar
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, PREDICTORS
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.profile.describe import describe
from jupyter_wrangler.engine.profile.sentinel_strings import sentinel_strings
from jupyter_wrangler.engine.profile.sentinel_values import sentinel_values
from jupyter_wrangler.engine.recommend.associations import related
from jupyter_wrangler.engine.recommend.column_facts import (
    ColumnFacts,
    bounds,
    fact_sentences,
)
from jupyter_wrangler.engine.recommend.rules import Known
from jupyter_wrangler.engine.selection import best_guess
from jupyter_wrangler.engine.types import ColumnPlan

#: Strength below which nothing is said to relate to a column.
WEAK = 0.1


def planned(
    known: Known, plan: ColumnPlan, chosen: Mapping[str, ColumnPlan]
) -> PlannedColumn:
    """Put together what is recommended for one column."""
    facts = known.facts[plan.name]
    method, reason = _method_and_reason(known, plan, facts, chosen)
    low, high = bounds(facts, method)
    if low is not None:
        reason += " Its values stay at 0 or more" + (
            ", and at 1 or less" if high else ""
        )
        reason += ", as all that were observed."
    suspects = _sentinel_advice(plan.name, known.frame[plan.name])
    if suspects:
        reason += " " + suspects
    return PlannedColumn(
        name=plan.name,
        level=plan.level,
        n_missing=plan.n_missing,
        method=method,
        reason=reason.strip(),
        predictors=_allowed_predictors(known, plan.name, method),
        min_value=low,
        max_value=high,
    )


def _method_and_reason(
    known: Known,
    plan: ColumnPlan,
    facts: ColumnFacts,
    chosen: Mapping[str, ColumnPlan],
) -> tuple[str, str]:
    name = plan.name
    if name == known.target:
        return "", "Left alone: it is the target."
    if not plan.n_missing:
        return "", "Nothing is missing."
    if not plan.n_observed or plan.level not in PREDICTORS:
        return "", plan.reason or f"Left alone: it is {plan.level}."
    sentences = fact_sentences(facts, _strongest_relation(known, name))
    if facts.distinct == 1:
        # the one value, whichever way; a method that draws is none that is warned of
        method = (
            "sample"
            if known.n_imputations > 1
            else ("most_frequent" if plan.level in CATEGORICAL else "median")
        )
        return method, f"{sentences[0]} Only one value is observed."
    if name in known.of_group:
        return "sample", (
            f"{sentences[0]} It is the same in all rows of the same {known.group!r}, "
            "so it is taken from them; a group without a value draws one from all"
            f"{_cells_without_group(known, name)}."
        )
    choice = chosen[name]
    check = choice.reason.replace(f"{best_guess.SAYS} ", "The check chose ", 1)
    return choice.method, " ".join([*sentences, check])


def _cells_without_group(known: Known, name: str) -> str:
    """Count the cells that their group says nothing of."""
    column = known.frame[name]
    has = column.notna().groupby(known.frame[known.group], observed=True)
    lost = int((column.isna() & ~has.transform("any")).sum())
    return f" ({lost:,} of its cells, whatever other columns say)" if lost else ""


def _strongest_relation(known: Known, name: str) -> str:
    if known.correlated is None:
        return ""
    found = [one for one in related(known.correlated, name) if one[1] != known.target]
    if not found or found[0][0] < WEAK:
        return "Hardly related to any other column."
    strength, other, measure, _ = found[0]
    return f"Most related to {other!r} ({measure} {strength:.2f})."


def _sentinel_advice(name: str, series: pd.Series) -> str:
    """Tell of values that seem to stand for missing values; the analyst decides."""
    found = describe(name, series)
    hits = sentinel_values(found) if found.scaled else sentinel_strings(found)
    sure = [hit for hit in hits if hit.sure]
    if not sure:
        return ""
    values = [_as_whole_number(hit.value) for hit in sure]
    given = repr(values[0]) if len(values) == 1 else repr(values)
    them, stand = ("that", "stands") if len(values) == 1 else ("these", "stand")
    return (
        f"{' '.join(hit.evidence for hit in sure)} If {them} {stand} for missing "
        f"values, set plan[{name!r}].missing_values = {given}."
    )


def _as_whole_number(value: Scalar) -> Scalar:
    """Write whole numbers as people do."""
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _allowed_predictors(known: Known, name: str, method: str) -> tuple[str, ...] | None:
    """Name the columns that may help where the target must not."""
    if known.target is None or not method or METHODS[method].kind != "chained":
        return None
    return tuple(
        plan.name
        for plan in known.plans
        if plan.name not in {name, known.target} and plan.level in PREDICTORS
    )
