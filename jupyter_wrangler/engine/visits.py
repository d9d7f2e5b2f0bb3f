"""In which order the chained equations visit the columns, and who helps whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.ingredients import (
    formulas_of,
    predictors_of,
    sources_of,
)
from jupyter_wrangler.engine.run import Run


@dataclass(frozen=True, kw_only=True)
class Visits:
    """The order of one round, and the predictors of the columns visited."""

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
    >>> from jupyter_wrangler.engine.check import check
    >>> df = pd.DataFrame({"x": [1.0, 2.0, None], "y": [1.0, None, 3.0]})
    >>> spec = ImputationSpec(method="linear", visit_sequence=("x", "y", "x"))
    >>> n_visits(spec, check(df, spec))
    3
    """
    names = {plan.name for plan in plans}
    given = spec.visit_sequence if isinstance(spec.visit_sequence, tuple) else ()
    named = [name for name in given if name in names]
    return len(names) + len(named) - len(set(named))


def visits_of(run: Run, plans: list[ColumnPlan]) -> Visits:
    """Plan the visits.

    Notes
    -----
    The pattern is monotone if in the order of ascending holes a hole is followed by
    holes only.  Each column is then regressed on those with fewer holes, whose values
    are known or already drawn, and one round is exact: Rubin (1987), section 5.4.
    """
    spec = run.spec
    predictors: dict[str, Collection[str]] = dict(
        predictors_of(spec, [column.name for column in run.predictors()])
    )
    _tell_circles(run, plans)
    ascending = sorted(plans, key=lambda plan: plan.n_missing)
    if isinstance(spec.visit_sequence, tuple):
        by_name = {plan.name: plan for plan in plans}
        given = [by_name[name] for name in spec.visit_sequence if name in by_name]
        rest = [plan for plan in ascending if plan not in given]
        return Visits(order=[*given, *rest], predictors=predictors)
    if spec.visit_sequence == "descending":
        order = sorted(plans, key=lambda plan: -plan.n_missing)
    elif spec.visit_sequence == "roman":
        order = plans
    elif spec.visit_sequence == "arabic":
        order = plans[::-1]
    elif spec.visit_sequence == "monotone":
        return _monotone(run, ascending, predictors)
    else:
        order = ascending
    return Visits(order=order, predictors=predictors)


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


def _monotone(
    run: Run, order: list[ColumnPlan], predictors: dict[str, Collection[str]]
) -> Visits:
    holed = [plan.name for plan in order if plan.n_missing]
    before = np.zeros(len(run.columns[order[0].name].ry), dtype=bool)
    for name in holed:
        missing = ~run.columns[name].ry
        if (before & ~missing).any():
            run.log(
                f"The holes are not monotone: column {name!r} has values where one "
                "with fewer holes has none. The columns are visited in ascending "
                "order of their holes, round after round."
            )
            return Visits(order=order, predictors=predictors)
        before = missing
    everyone = [column.name for column in run.predictors()]
    sources = sources_of(formulas_of(run.spec))
    for place, name in enumerate(holed):
        allowed = predictors.get(name, everyone)
        after = set(holed[place:])
        after |= {other for other, needed in sources.items() if needed & after}
        predictors[name] = [other for other in allowed if other not in after]
    run.log(
        "Stopped after round 1, because the holes are monotone: each column was "
        "regressed on those with fewer holes, and further rounds change nothing."
    )
    return Visits(order=order, predictors=predictors, once=True)
