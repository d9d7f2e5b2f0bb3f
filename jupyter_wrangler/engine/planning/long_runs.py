"""Whether a run will take long, and what would shorten it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.engine.planning.cost import Task, imputation_seconds
from jupyter_wrangler.engine.types import ColumnPlan

#: Runs that take longer are warned about, in seconds.
LONG_S = 600.0
#: What takes less time for most data; named where it would help.
FASTER = ("linear", "pmm")


def tasks_of(plans: Iterable[ColumnPlan], spec: ImputationSpec) -> list[Task]:
    """List what is to be imputed, with the predictors of each column."""
    plans = tuple(plans)
    widths = {
        plan.name: plan.width
        for plan in plans
        if plan.level in PREDICTORS and plan.n_observed and not plan.names_rows
    }
    whole, others = sum(widths.values()), max(len(widths) - 1, 1)
    share = spec.n_predictors(others) / others
    return [
        Task(
            method=plan.method,
            missing=plan.n_missing,
            p=sum(widths.get(name, 0) for name in spec.predictors[plan.name])
            if plan.name in spec.predictors
            else max(round(share * (whole - widths.get(plan.name, 0))), 1),
        )
        for plan in plans
        if plan.method and plan.n_missing
    ]


def why_long(
    n: int, plans: Iterable[ColumnPlan], spec: ImputationSpec
) -> tuple[float, str]:
    """Estimate the seconds of all imputations, and say what would shorten them.

    Returns
    -------
    seconds : float
        Of all imputations, one after the other on one core.
    message : str
        Which method takes them, and what to do.
    """
    plans = tuple(plans)
    tasks = tasks_of(plans, spec)
    if not tasks:
        return 0.0, ""
    p = sum(plan.width for plan in plans if plan.level in PREDICTORS)
    m = spec.n_imputations
    by_method = imputation_seconds(n, p, tasks, spec)
    seconds = m * sum(by_method.values())
    method = max(by_method, key=lambda name: by_method[name])
    mine = [task for task in tasks if task.method == method]
    faster = {
        other: m * imputation_seconds(n, p, _instead(mine, other), spec)[other]
        for other in FASTER
        if other != method
    }
    least = min(faster, key=lambda name: faster[name])
    advice = [method_of(method).shorten]
    if faster[least] < 0.2 * seconds:
        advice.insert(0, f"{least!r} takes about {spoken(faster[least])}")
    return seconds, (
        f"This takes about {spoken(seconds)} on one core ({method!r}: {n:,} rows, "
        f"{len(mine):,} columns with missing values, {max(t.p for t in mine):,} "
        f"predictors{f', {m} imputations' if m > 1 else ''}). To shorten it: "
        f"{'; '.join(advice)}."
    )


def _instead(tasks: Sequence[Task], method: str) -> list[Task]:
    return [Task(method=method, missing=t.missing, p=t.p) for t in tasks]


def spoken(seconds: float) -> str:
    """Say a duration roughly.

    Examples
    --------
    >>> [spoken(s) for s in (0.2, 38.0, 340.0, 8000.0, 400_000.0)]
    ['a second', '38 s', '6 min', '2.2 h', '4.6 days']
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s" if seconds >= 1.5 else "a second"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} days"
