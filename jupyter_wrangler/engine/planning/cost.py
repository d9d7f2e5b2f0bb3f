"""How long an imputation takes, from rows, columns and methods alone.

What each method costs is in `models.costs.methods`.  Estimates are right within a
factor of about three, which is enough to tell minutes from hours before anything is
started.  The service makes one for each job, so nothing here loads a library.

Symbols: n rows, p coordinates of the predictors, k columns with missing values, f the
share that is missing in one of them, r rows with any missing value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_wrangler.contract import ComparisonSpec, ImputationSpec, is_formula
from jupyter_wrangler.engine.models.costs.blocks import Shape, random_trees
from jupyter_wrangler.engine.models.costs.methods import (
    COSTS,
    Cost,
    PassCost,
    TrialCost,
    VisitCost,
    WholeCost,
)
from jupyter_wrangler.errors import UnknownMethod

#: Seconds that an estimate is at least to be given where nothing was learnt from
#: earlier jobs.
WORTH_S = 60.0


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
    >>> everyone = ImputationSpec(max_donors="all")
    >>> round(imputation_seconds(1_000_000, 10, tasks, everyone)["knn"], -3)
    3000.0
    >>> round(imputation_seconds(1_000_000, 10, tasks, ImputationSpec())["knn"], -1)
    60.0
    """
    tasks = tuple(tasks)
    found: dict[str, float] = defaultdict(float)
    for task in tasks:
        f = task.missing / max(n, 1)
        s = Shape(n=n, p=task.p, f=f, trees=spec.n_estimators)
        found[task.method] += _task_seconds(_cost_of(task.method), s, spec)
    for name in {task.method for task in tasks}:
        cost = _cost_of(name)
        if isinstance(cost, WholeCost):
            mine = [task.missing for task in tasks if task.method == name]
            share = spec.n_donors(n) / max(n, 1) if cost.by_donors else 1.0
            found[name] += share * cost.seconds(n, p, mine)
    return dict(found)


def _cost_of(method: str) -> Cost:
    if method in COSTS:
        return COSTS[method]
    if is_formula(method):
        return PassCost()
    raise UnknownMethod(method, list(COSTS))


def _task_seconds(cost: Cost, s: Shape, spec: ImputationSpec) -> float:
    """Estimate the seconds that one column takes by itself."""
    match cost:
        case VisitCost():
            return spec.max_iter * cost.seconds(s)
        case TrialCost():
            # It tries the methods on samples, then imputes by one of them.
            return 5.0 + 2.0 * spec.max_iter * random_trees(s)
        case WholeCost():
            # All their columns are imputed at once.
            return 0.0
    return 1e-7 * s.n


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
        if count and (method in COSTS or is_formula(method)):
            helping = named or max(spec.n_predictors(p - 1), 1)
            tasks.append(Task(method=method, missing=count, p=helping))
    return sum(imputation_seconds(n, p, tasks, spec).values())


def _draws(method: str) -> bool:
    return method in COSTS and COSTS[method].draws


def _seconds_of(
    method: str, n: int, p: int, missing: dict[str, int], spec: ImputationSpec
) -> float:
    if method not in COSTS:
        return 0.0
    tasks = [
        Task(method=method, missing=count, p=max(spec.n_predictors(p - 1), 1))
        for count in missing.values()
        if count
    ]
    return sum(imputation_seconds(n, p, tasks, spec).values())
