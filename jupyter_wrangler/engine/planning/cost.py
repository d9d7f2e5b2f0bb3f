"""How long an imputation takes, from rows, columns and methods alone.

Each method says what it costs (``METHOD.seconds``), by the costs in its Notes and
constants that were measured, see `models.costs`.  They are right within a factor of
about three, which is enough to tell minutes from hours before anything is started.

Symbols: n rows, p coordinates of the predictors, k columns with missing values, f the
share that is missing in one of them, r rows with any missing value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_wrangler.contract import ComparisonSpec, ImputationSpec
from jupyter_wrangler.engine.columns.formula import is_formula
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods import METHODS, Method, method_of
from jupyter_wrangler.engine.methods.protocol import (
    Auto,
    Chained,
    JointModel,
    Neighbours,
)
from jupyter_wrangler.engine.models.costs import Shape, random_trees
from jupyter_wrangler.engine.types import ColumnPlan

#: Jobs that take longer are warned about, in seconds; and so many seconds an estimate
#: is at least to be given where nothing was learnt from earlier jobs.
LONG_S, WORTH_S = 600.0, 60.0
#: What takes less time for most data; named where it would help.
FASTER = ("linear", "pmm")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One column that is to be imputed."""

    method: str
    missing: int
    #: Coordinates of its predictors.
    p: int


def imputation_seconds(
    n: int, p: int, tasks: Iterable[Task], spec: ImputationSpec
) -> dict[str, float]:
    """Estimate the seconds of one imputation, by method.

    Parameters
    ----------
    n, p : int
        Rows of the data, and coordinates of all columns.
    tasks : iterable of Task
        Columns to impute.
    spec : ImputationSpec
        Rounds and trees.

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> tasks = [Task(method="knn", missing=100_000, p=9)] * 10
    >>> round(imputation_seconds(1_000_000, 10, tasks, ImputationSpec())["knn"], -3)
    3000.0
    """
    tasks = tuple(tasks)
    found: dict[str, float] = defaultdict(float)
    for task in tasks:
        f = task.missing / max(n, 1)
        s = Shape(n=n, p=task.p, f=f, trees=spec.n_estimators)
        found[task.method] += _task_seconds(method_of(task.method), s, spec)
    for name in {task.method for task in tasks}:
        method = method_of(name)
        if isinstance(method, Neighbours | JointModel):
            mine = [task.missing for task in tasks if task.method == name]
            found[name] += method.seconds(n, p, mine)
    return dict(found)


def _task_seconds(method: Method, s: Shape, spec: ImputationSpec) -> float:
    """Estimate the seconds that one column takes by itself."""
    match method:
        case Chained():
            return spec.max_iter * method.seconds(s)
        case Auto():
            # It tries the methods on samples, then imputes by one of them.
            return 5.0 + 2.0 * spec.max_iter * random_trees(s)
        case Neighbours() | JointModel():
            # All their columns are imputed at once.
            return 0.0
    return 1e-7 * s.n


def tasks_of(plans: Iterable[ColumnPlan], spec: ImputationSpec) -> list[Task]:
    """List what is to be imputed, with the predictors of each column."""
    plans = tuple(plans)
    widths = {
        plan.name: plan.width
        for plan in plans
        if plan.level in PREDICTORS and plan.n_observed and not plan.names_rows
    }
    whole = sum(widths.values())
    return [
        Task(
            method=plan.method,
            missing=plan.n_missing,
            p=sum(widths.get(name, 0) for name in spec.predictors[plan.name])
            if plan.name in spec.predictors
            else max(whole - widths.get(plan.name, 0), 1),
        )
        for plan in plans
        if plan.method and plan.n_missing
    ]


def part_seconds(
    spec: ImputationSpec | ComparisonSpec, n: int, missing: dict[str, int]
) -> float:
    """Estimate the seconds of one part of a job, from what a service knows.

    Parameters
    ----------
    spec : ImputationSpec or ComparisonSpec
        What is asked for; one part is an imputation, or the mean of all methods.
    n : int
        Rows.
    missing : dict of str to int
        Column -> number of its missing values, for all columns.
    """
    p = len(missing)
    # names and counts are as the caller said them: the engine refuses what is wrong
    missing = {name: min(k, n) for name, k in missing.items()}
    if isinstance(spec, ComparisonSpec):
        asked = ImputationSpec(max_iter=spec.max_iter)
        hidden = {name: int(spec.fraction * n) + k for name, k in missing.items()}
        wanted = {k: hidden[k] for k in spec.columns or hidden if k in hidden}
        draws = [spec.n_imputations if _draws(m) else 1 for m in spec.methods]
        seconds = [
            _seconds_of(method, n, p, wanted, asked) * times
            for method, times in zip(spec.methods, draws, strict=True)
        ]
        return sum(seconds) / len(seconds)
    tasks = []
    for name, count in missing.items():
        method = spec.methods.get(name, spec.method)
        named = len(spec.predictors.get(name, ()))
        if count and (method in METHODS or is_formula(method)):
            tasks.append(Task(method=method, missing=count, p=named or max(p - 1, 1)))
    return sum(imputation_seconds(n, p, tasks, spec).values())


def _draws(method: str) -> bool:
    return method in METHODS and METHODS[method].draws


def _seconds_of(
    method: str, n: int, p: int, missing: dict[str, int], spec: ImputationSpec
) -> float:
    if method not in METHODS:
        return 0.0
    tasks = [
        Task(method=method, missing=count, p=max(p - 1, 1))
        for count in missing.values()
        if count
    ]
    return sum(imputation_seconds(n, p, tasks, spec).values())


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
