"""In which order the chained equations visit the columns, and who helps whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.planning.blocks import (
    blocks_of,
    members_of,
    predictors_within,
)
from jupyter_wrangler.engine.planning.passive_dependencies import (
    formulas_of,
    predictors_of,
    sources_of,
)
from jupyter_wrangler.engine.planning.predictors import strongest_predictors
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import ColumnPlan


@dataclass(frozen=True, kw_only=True)
class Visits:
    """The order of one round, and the predictors of the columns visited."""

    #: A block stands where the first of its columns with missing values would stand, as
    #: that.
    order: list[ColumnPlan]
    #: Column -> its predictors; those not named use all others.
    predictors: dict[str, Collection[str]] = field(default_factory=dict)
    #: Whether one round is enough.
    once: bool = False


def n_visits(spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> int:
    """Count the visits of one round, in which a column may be named repeatedly.

    Examples
    --------
    >>> import pandas as pd
    >>> from jupyter_wrangler.engine.planning.check import check
    >>> df = pd.DataFrame({"x": [1.0, 2.0, None], "y": [1.0, None, 3.0]})
    >>> spec = ImputationSpec(method="linear", visit_sequence=("x", "y", "x"))
    >>> n_visits(spec, check(df, spec))
    3
    """
    return len(_led(spec, _ordered(spec, plans)))


def visits_of(run: Run, plans: list[ColumnPlan]) -> Visits:
    """Plan the visits.

    Notes
    -----
    The pattern is monotone if in the order of ascending missing values a missing value
    is followed by missing values only.  Each column is then regressed on those with
    fewer missing values, whose values are known or already drawn, and one round is
    exact: Rubin (1987), section 5.4.
    """
    spec = run.spec
    names = [column.name for column in run.predictors()]
    predictors: dict[str, Collection[str]] = dict(predictors_of(spec, names))
    predictors |= predictors_within(spec, predictors, names)
    _tell_circles(run, plans)
    order = _ordered(spec, plans)
    if spec.visit_sequence == "monotone":
        visits = _monotone(run, order, predictors)
    else:
        visits = Visits(order=_led(spec, order), predictors=predictors)
    _limit(run, visits, names)
    return visits


def _limit(run: Run, visits: Visits, names: Sequence[str]) -> None:
    """Leave each column the predictors that correlate most with it, of too many."""
    spec = run.spec
    named = {*spec.predictors, *members_of(spec)}
    allowed: dict[str, Collection[str]] = {}
    most = widest = 0
    for name in {plan.name: None for plan in visits.order if plan.name not in named}:
        others = [one for one in visits.predictors.get(name, names) if one != name]
        if (limit := spec.n_predictors(len(others))) < len(others):
            allowed[name], most = others, limit
            widest = max(widest, len(others))
    if not allowed:
        return
    chosen = strongest_predictors(run.predictors(), allowed, most)
    visits.predictors.update(chosen)
    run.log(
        f"{_counted(len(allowed))} imputed from {most} of up to {widest} other "
        "columns, those that correlate most with it. Set max_predictors for more or "
        "fewer of them, or name them with predictors."
    )


def _counted(n: int) -> str:
    return "One column is" if n == 1 else f"Each of {n} columns is"


def _ordered(spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> list[ColumnPlan]:
    """Order all columns of a round, whether they are in a block or not."""
    ascending = sorted(plans, key=lambda plan: plan.n_missing)
    if isinstance(spec.visit_sequence, tuple):
        by_name = {plan.name: plan for plan in plans}
        given = [by_name[name] for name in spec.visit_sequence if name in by_name]
        rest = [plan for plan in ascending if plan not in given]
        return [*given, *rest]
    if spec.visit_sequence == "descending":
        return sorted(plans, key=lambda plan: -plan.n_missing)
    if spec.visit_sequence == "roman":
        return list(plans)
    if spec.visit_sequence == "arabic":
        return list(plans)[::-1]
    return ascending


def _led(spec: ImputationSpec, order: Iterable[ColumnPlan]) -> list[ColumnPlan]:
    """Leave one column of each block, which leads the others: they come with it.

    Columns that have no missing values and are planned for later rows only do not lead
    those that have some, so that a fit for later rows visits as one without.
    """
    order, blocks = list(order), members_of(spec)
    leads: dict[str, str] = {}
    for plan in sorted(order, key=lambda plan: not plan.n_missing):
        if plan.name in blocks:
            leads.setdefault(blocks[plan.name].name, plan.name)
    leading = set(leads.values())
    return [p for p in order if p.name not in blocks or p.name in leading]


def _tell_circles(run: Run, plans: list[ColumnPlan]) -> None:
    """Tell which computed columns do not help to impute what they come from."""
    visited = [plan.name for plan in plans if plan.name not in run.spec.predictors]
    for name, sources in sources_of(formulas_of(run.spec)).items():
        spared = [repr(other) for other in visited if other in sources]
        if spared:
            run.log(
                f"Column {name!r} is computed from {' and '.join(spared)}, so it does "
                "not help to impute them; name it in their predictors if it should.",
                next(plan for plan in run.plans if plan.name == name),
            )


def _between(members: Collection[str], order: list[str]) -> str | None:
    """First column of an order that stands between members and is none of them."""
    places = [k for k, name in enumerate(order) if name in members]
    within = order[places[0] : places[-1] + 1] if places else []
    return next((name for name in within if name not in members), None)


def _monotone(
    run: Run, order: list[ColumnPlan], predictors: dict[str, Collection[str]]
) -> Visits:
    incomplete = [plan.name for plan in order if plan.n_missing]
    before = np.zeros(len(run.columns[order[0].name].ry), dtype=bool)
    for name in incomplete:
        missing = ~run.columns[name].ry
        if (before & ~missing).any():
            run.log(
                f"The missing values are not monotone: column {name!r} has values "
                "where one "
                "with fewer missing values has none. The columns are visited in "
                "ascending "
                "order of their missing values, round after round."
            )
            return Visits(order=_led(run.spec, order), predictors=predictors)
        before = missing
    for block in blocks_of(run.spec):
        if (between := _between(block.members, incomplete)) is not None:
            run.log(
                f"Block {block.name!r} has columns with fewer missing values than "
                f"{between!r} and with more, so that one round is not enough. The "
                "columns are visited in ascending order of their missing values, round "
                "after round."
            )
            return Visits(order=_led(run.spec, order), predictors=predictors)
    everyone = [column.name for column in run.predictors()]
    sources = sources_of(formulas_of(run.spec))
    for place, name in enumerate(incomplete):
        allowed = predictors.get(name, everyone)
        after = set(incomplete[place:])
        after |= {other for other, needed in sources.items() if needed & after}
        predictors[name] = [other for other in allowed if other not in after]
    run.log(
        "Stopped after round 1, because the missing values are monotone: each column "
        "was "
        "regressed on those with fewer missing values, and further rounds change "
        "nothing."
    )
    return Visits(order=_led(run.spec, order), predictors=predictors, once=True)
