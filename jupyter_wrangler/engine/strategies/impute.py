"""Impute a frame: simple methods, then neighbours, joint models, chained equations.

Columns with a formula are kept in step with the chain, and computed last.

`knn` measures distances between the rows as they were observed, and the joint methods
fit them as they were observed; the chained methods see all other columns as completed
so far.

The engine yields and the caller pulls: each `Step` says how far the work is, and to
cancel is to stop pulling.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.coding import coding_of
from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.columns.row_order import order_of
from jupyter_wrangler.engine.methods import METHODS, knn, method_of
from jupyter_wrangler.engine.methods.protocol import JointModel
from jupyter_wrangler.engine.models import joint
from jupyter_wrangler.engine.models.neighbours import nearest
from jupyter_wrangler.engine.planning.blocks import check_post
from jupyter_wrangler.engine.planning.check import named, plan_columns, untyped
from jupyter_wrangler.engine.planning.early_warnings import (
    few_observed,
    unused,
    why_few,
    why_unused,
)
from jupyter_wrangler.engine.planning.given import check_given, check_post_levels
from jupyter_wrangler.engine.selection import best_guess
from jupyter_wrangler.engine.strategies.chained import iterations
from jupyter_wrangler.engine.strategies.chained.logged_events import note_all
from jupyter_wrangler.engine.strategies.chained.passive import compute_cells
from jupyter_wrangler.engine.strategies.chained.visits import n_visits
from jupyter_wrangler.engine.strategies.overimpute_cells import impute_observed
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.strategies.simple import fill_of, timed_methods, usual
from jupyter_wrangler.engine.strategies.simple_fill import fill_cells
from jupyter_wrangler.engine.types import ColumnPlan, Given, Imputation, Step

__all__ = ["Given", "Imputation", "Run", "Step", "fit", "impute"]

#: Share of the work that finding neighbours is counted as, in visits of a column.
KNN_VISITS = 10.0
#: The same for fitting a joint model.
JOINT_VISITS = 30.0
#: Share of the work that choosing methods is counted as.
AUTO_SHARE = 0.5


def impute(
    df: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int = 0,
    given: Given | None = None,
) -> Generator[Step, None, Imputation]:
    """Make one imputation of a frame.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data; not changed.
    spec : ImputationSpec
        What is asked for.
    imputation : int, default=0
        Which imputation; k uses the k-th child of the seed, so the numbers do not
        depend on how many others are made, nor where or when.
    given : Given, optional
        What is not in a spec: where to start, which cells, functions of the analyst.

    Yields
    ------
    Step
        At least one for each visit of a column.

    Returns
    -------
    Imputation
        The imputed cells.

    Raises
    ------
    InvalidData, InvalidSpec
        As `check` does.

    Notes
    -----
    One round costs about 2 f n p^3 flops for `linear` and `pmm` (f the share of
    missing values), `pmm` also sorts n predictions for each column; `knn` costs
    8 r n p flops for r rows with holes.

    Examples
    --------
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.0, 6.0, None]})
    >>> steps = impute(df, ImputationSpec(method="linear"))
    >>> while True:
    ...     try:
    ...         step = next(steps)
    ...     except StopIteration as stop:
    ...         found = stop.value
    ...         break
    >>> found.rows["y"], found.values["y"].round(2)
    (array([3]), array([8.]))
    """
    run = yield from fit(df, spec, imputation, given=given)
    return run.result()


def fit(
    df: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int = 0,
    *,
    keep: bool = False,
    given: Given | None = None,
) -> Generator[Step, None, Run]:
    """Impute a frame and, with `keep`, learn to impute other rows.

    See `impute` for the parameters.
    """
    frame = untyped(named(df), spec)
    given = given or Given()
    asked = check_given(given, frame)
    plans = plan_columns(frame, spec, every=keep, also=asked)
    check_post_levels(given, plans)
    check_post(spec, given.post)
    way = _auto if any(plan.method == "auto" for plan in plans) else _planned
    return (yield from way(frame, spec, imputation, plans, given, keep=keep))


def _auto(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int,
    plans: tuple[ColumnPlan, ...],
    given: Given,
    *,
    keep: bool,
) -> Generator[Step, None, Run]:
    """Choose methods, then impute by them."""
    yield Step(done=0.0, total=1.0, message="reading the data")
    others = [method_of(p.method) for p in plans if p.method not in {"", "auto"}]
    if spec.n_imputations == 1 and not any(method.predicts for method in others):
        # One completed data set is for best guesses.
        spec = spec.model_copy(update={"sample_posterior": False})
    ids = [plan.name for plan in plans if plan.names_rows]
    choosing = best_guess.choose(frame.drop(columns=ids), spec, plans, impute)
    while given.plans is None:
        try:
            share, words = next(choosing)
        except StopIteration as stop:
            plans = stop.value
            break
        yield Step(done=AUTO_SHARE * share, total=1.0, message=words)
    plans = given.plans or plans
    steps = _planned(frame, spec, imputation, plans, given, keep=keep)
    while True:
        try:
            step = next(steps)
        except StopIteration as stop:
            run: Run = stop.value
            return run
        done = AUTO_SHARE + (1.0 - AUTO_SHARE) * step.done / max(step.total, 1.0)
        yield replace(step, done=done, total=1.0)


def _planned(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int,
    plans: tuple[ColumnPlan, ...],
    given: Given,
    *,
    keep: bool,
) -> Generator[Step, None, Run]:
    seed = np.random.SeedSequence(spec.random_state, spawn_key=(imputation,))
    run = Run(
        spec=spec,
        imputation=imputation,
        rng=np.random.default_rng(seed),
        plans=plans,
        columns={p.name: column_of(p.name, frame[p.name], p.level) for p in plans},
        keep=keep,
        given=given,
    )
    for plan in plans:
        if plan.reason and plan.n_missing:
            run.log(f"Column {plan.name!r}: {plan.reason}", plan)
    for plan in unused(plans):
        run.log(why_unused(plan.name), plan)
    for name, counts in few_observed(plans, spec).items():
        plan = next(plan for plan in plans if plan.name == name)
        run.log(why_few({name: counts}, spec.predictors), plan)
    simple = run.planned("simple")
    grouped = spec.group is not None
    if any(
        METHODS[plan.method].by_row or (grouped and METHODS[plan.method].by_group)
        for plan in simple
    ):
        timed = timed_methods(simple)
        run.order = order_of(frame, spec, timed=timed)
    neighbours = run.planned("neighbours")
    joints = run.planned("joint")
    chained = run.planned("chained")
    total = len(simple) + KNN_VISITS * bool(neighbours)
    total += n_visits(spec, chained) * spec.max_iter
    total += JOINT_VISITS * len({plan.method for plan in joints})
    yield Step(done=0.0, total=float(total), message="reading the data")
    done = yield from _simple(run, simple, total)
    if neighbours:
        yield from _neighbours(run, neighbours, done, total)
        done += KNN_VISITS
    for method in dict.fromkeys(plan.method for plan in joints):
        mine = [plan for plan in joints if plan.method == method]
        yield from _joint(run, method, mine, done, total)
        done += JOINT_VISITS
    if not chained and (neighbours or joints):
        note_all(
            run,
            "distances count what they say twice"
            if not joints
            else "the model shares their weight",
        )
    if chained:
        yield from iterations.run_rounds(run, chained, done, total)
    compute_cells(run)
    yield from impute_observed(run, total)
    yield Step(done=float(total), total=float(total), message="done")
    return run


def _simple(
    run: Run, plans: list[ColumnPlan], total: float
) -> Generator[Step, None, float]:
    for done, plan in enumerate(plans, start=1):
        column = run.columns[plan.name]
        order = run.order if run.spec.group is not None else None
        fill = fill_of(column, plan, run.spec, order)
        run.fills[plan.name] = fill
        fill_cells(run, plan, column)
        yield Step(
            done=float(done),
            total=float(total),
            message=f"{plan.method} of column {plan.name!r}",
            column=plan.name,
        )
    return float(len(plans))


def _neighbours(
    run: Run, plans: list[ColumnPlan], done: float, total: float
) -> Generator[Step, None, None]:
    own = {c.name: (c.y, c.ry) for c in run.predictors()}
    run.space = knn.Frame(run.predictors())
    found = yield from neighbours(run, own, done, total, run.donors)
    for plan in plans:
        if plan.n_missing:
            column, values = run.columns[plan.name], found[plan.name]
            change = run.adjustment(plan.name)
            values = values if change is None else change(values)
            run.imputed[plan.name] = column.decode(values)
            run.y[plan.name] = completed(column.y, column.ry, values)


def neighbours(
    run: Run,
    receivers: Mapping[str, tuple[NDArray[Any], NDArray[np.bool_]]],
    done: float,
    total: float,
    donated: dict[str, NDArray[np.intp]] | None = None,
) -> Generator[Step, None, dict[str, NDArray[Any]]]:
    """Impute rows, given as numbers or codes and where observed, by the run's rows.

    Distances are taken over all columns, or over the predictors of the target where
    they are named.  The rows of the neighbours are put into `donated`, if it is given.
    """
    plans = run.planned("neighbours")
    allowed = run.spec.predictors
    groups = list(dict.fromkeys(allowed.get(plan.name) for plan in plans))
    found: dict[str, NDArray[Any]] = {}
    for k, helpers in enumerate(groups):
        mine = [plan for plan in plans if allowed.get(plan.name) == helpers]
        columns, space = run.predictors(), run.space
        if helpers is not None:
            columns = [column for column in columns if column.name in helpers]
            space = knn.Frame(columns)
        share = KNN_VISITS / len(groups)
        found |= yield from _of_group(
            run,
            receivers,
            mine,
            cast("knn.Frame", space),
            Share(start=done + k * share, size=share, total=total),
            donated,
        )
    return found


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of the work: where it starts, how much it is, and of how much."""

    start: float
    size: float
    total: float


def _of_group(
    run: Run,
    receivers: Mapping[str, tuple[NDArray[Any], NDArray[np.bool_]]],
    plans: list[ColumnPlan],
    space: knn.Frame,
    part: Share,
    donated: dict[str, NDArray[np.intp]] | None,
) -> Generator[Step, None, dict[str, NDArray[Any]]]:
    """Impute the columns whose neighbours are near in the same columns."""
    columns = space.columns
    otherwise = {plan.name: usual(run.columns[plan.name]) for plan in plans}
    if not columns:
        # Without predictors all rows are equally near.
        y = {plan.name: run.columns[plan.name].y for plan in plans}
        return {
            name: np.full(int((~receivers[name][1]).sum()), value).astype(y[name].dtype)
            for name, value in otherwise.items()
        }
    donors = space.space([column.y for column in columns])
    own = all(receivers[column.name][0] is column.y for column in columns)
    points = donors
    if not own:
        points = space.space([receivers[column.name][0] for column in columns])
    have = np.stack([run.columns[plan.name].ry for plan in plans], axis=1)
    need = np.stack([~receivers[plan.name][1] for plan in plans], axis=1)
    rows = np.flatnonzero(need.any(axis=1))
    found: dict[str, list[NDArray[Any]]] = {plan.name: [] for plan in plans}
    near: dict[str, list[NDArray[np.intp]]] = {plan.name: [] for plan in plans}
    start = 0
    for stop, picks in nearest(
        points.rows(rows), donors, need[rows], have, run.spec.n_neighbors
    ):
        for k, plan in enumerate(plans):
            column = run.columns[plan.name]
            receivers_of = np.flatnonzero(need[rows[start:stop], k]) + start
            mine = picks.of(k)
            if donated is not None:
                near[plan.name].append(
                    knn.donors_of(mine, receivers_of, run.spec.n_neighbors)
                )
            found[plan.name].append(
                knn.combine(
                    mine,
                    receivers_of,
                    column.y,
                    classes=column.classes,
                    weights=run.spec.weights,
                    otherwise=otherwise[plan.name],
                )
            )
        start = stop
        yield Step(
            done=part.start + part.size * stop / len(rows),
            total=float(part.total),
            message=f"neighbours of row {stop:,} of {len(rows):,}",
        )
    if donated is not None:
        donated |= {
            name: np.concatenate(parts) for name, parts in near.items() if parts
        }
    return {name: np.concatenate(parts) for name, parts in found.items() if parts}


def _joint(
    run: Run, method: str, plans: list[ColumnPlan], done: float, total: float
) -> Generator[Step, None, None]:
    columns = run.predictors()
    for column in columns:
        run.codings.setdefault(column.name, coding_of(column))
    for plan in plans:
        if plan.name in run.spec.predictors:
            run.log(
                f"The predictors of column {plan.name!r} were named, but {method!r} "
                "fits one model of all columns, so all of them help; name another "
                "method for it to have its predictors chosen.",
                plan,
            )
    model = METHODS[method]
    if not isinstance(model, JointModel):
        raise TypeError(f"{method!r} is no model of all columns")
    steps = joint.fit(model.fit, columns, run.codings, run.rng)
    while True:
        try:
            share, words = next(steps)
        except StopIteration as stop:
            run.joints[method], blocks = stop.value
            break
        yield Step(
            done=done + JOINT_VISITS * share,
            total=float(total),
            message=f"{method}: {words}",
        )
    for plan in plans:
        if plan.n_missing:
            column = run.columns[plan.name]
            holes = blocks[plan.name][column.missing]
            values = joint.values_of(holes, run.codings[plan.name])
            if (change := run.adjustment(plan.name)) is not None:
                values = change(values)
            run.imputed[plan.name] = column.decode(values)
            run.y[plan.name] = completed(column.y, column.ry, values)
