"""Chained equations: round after round, column by column.

Each column is regressed on all others as completed so far, in ascending order of
missing values.  A chain of `linear` alone stops when no row changes by more than tol
times the largest observed value.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.coding import MOST, Coding, coding_of
from jupyter_wrangler.engine.column import Column
from jupyter_wrangler.engine.design import Design
from jupyter_wrangler.engine.methods import METHODS, linear, pmm
from jupyter_wrangler.engine.run import Model, Rows, Run, Step, completed


def run_rounds(
    run: Run, plans: list[ColumnPlan], done: float, total: float
) -> Generator[Step, None, None]:
    """Impute the columns of these plans, which are all chained."""
    spec, rng = run.spec, run.rng
    design = _design(run)
    run.shift = design.shift
    # A complete column's model serves later rows only.  Where its fit draws, it waits
    # for the end: learning for later must not change what fills these holes.
    order = sorted(plans, key=lambda plan: plan.n_missing)
    later = [p for p in order if not p.n_missing and METHODS[p.method].draws]
    targets = [plan for plan in order if plan not in later]
    run.visits = tuple(plan.name for plan in order)
    limit = spec.tol * _largest(run)
    fixed = all(not METHODS[plan.method].draws for plan in targets)
    picked: dict[str, Rows] = {}
    for round_ in range(1, spec.max_iter + 1):
        design.recount()
        moved = np.zeros(design.n)
        models: dict[str, Model] = {}
        for k, plan in enumerate(targets):
            column, coding = run.columns[plan.name], run.codings[plan.name]
            missing = column.missing
            part = design.rows(missing)
            model = _fit_one(run, design, plan, part)
            if run.keep:
                (run.last if plan.method == "pmm" else models)[plan.name] = model
            if len(missing):
                coordinates, rows = draw(model, column, coding, part, rng)
                moved[missing] += design.update(plan.name, missing, coordinates, part)
                if rows is not None:
                    picked[plan.name] = rows
                run.trace(
                    plan.name, coordinates[:, 0] if rows is None else column.y[rows]
                )
            yield Step(
                done=done + (round_ - 1) * len(targets) + k + 1,
                total=float(total),
                message=f"round {round_} of {spec.max_iter}, column {plan.name!r}",
                round=round_,
                max_iter=spec.max_iter,
                column=plan.name,
            )
        run.rounds.append(models)
        run.n_iter = round_
        if fixed and moved.max() < limit:
            break
    for plan in later:
        nobody = design.rows(run.columns[plan.name].missing)
        run.last[plan.name] = _fit_one(run, design, plan, nobody)
    _keep_cells(run, design, [plan for plan in targets if plan.n_missing], picked)


def _keep_cells(
    run: Run, design: Design, plans: list[ColumnPlan], picked: dict[str, Rows]
) -> None:
    """Take what the last round left as the imputed cells."""
    for plan in plans:
        column = run.columns[plan.name]
        if plan.name in picked:
            run.imputed[plan.name] = column.take(picked[plan.name])
            if METHODS[plan.method].donates:
                run.donors[plan.name] = picked[plan.name]
        else:
            run.imputed[plan.name] = column.decode(
                design.coordinates(plan.name, column.missing)[:, 0]
            )


def draw(
    model: Model,
    column: Column,
    coding: Coding,
    x: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], Rows | None]:
    """Impute some rows: coordinates and, if values are handed on, whose."""
    if isinstance(model, pmm.PmmModel):
        rows = np.flatnonzero(column.ry)[model.draw(x, rng)]
        return coding.encode(column.y[rows]), rows
    predicted = model.predict(x)
    if column.numeric:
        return predicted, None
    codes = coding.classify(predicted)
    return coding.encode(codes), column.first[codes]


def _fit_one(
    run: Run, design: Design, plan: ColumnPlan, part: NDArray[np.float64]
) -> Model:
    column, coding = run.columns[plan.name], run.codings[plan.name]
    moments = design.moments(plan.name, column.missing, part)
    widen = partial(design.widen, plan.name)
    if plan.method == "linear":
        return linear.fit(moments, coding).widened(widen)
    posterior = pmm.fit(moments, coding, run.rng).widened(widen)
    # All rows are projected in place: taking the observed ones first costs more.
    return pmm.place(posterior, posterior.hat(design.z)[column.ry], run.spec.donors)


def _design(run: Run) -> Design:
    """Start the chain: means, or draws from the observed values for `pmm`."""
    blocks: dict[str, NDArray[np.float64]] = {}
    plans = {plan.name: plan for plan in run.plans}
    for column in run.predictors():
        plan = plans[column.name]
        coding = coding_of(column)
        run.codings[column.name] = coding
        y = run.y.get(column.name)
        if y is None and plan.method == "pmm" and plan.n_missing:
            observed = column.y[column.ry]
            y = completed(column.y, column.ry, run.rng.choice(observed, plan.n_missing))
        elif y is None:
            y = completed(column.y, column.ry, run.start(column))
        blocks[column.name] = coding.encode(y)
        _note_predictor(run, plan, column)
    return Design(blocks)


def _note_predictor(run: Run, plan: ColumnPlan, column: Column) -> None:
    if column.classes > MOST + 1 and column.level == "nominal":
        run.log(
            f"Column {plan.name!r} has {column.classes} classes; as a predictor the "
            f"{MOST} most frequent ones count, the others as one.",
            plan,
        )
    if not plan.method and plan.n_missing:
        run.log(
            f"Column {plan.name!r} keeps its {plan.n_missing} holes as asked; where it "
            "helps to impute other columns, its mean or mode stands in for them.",
            plan,
        )
    observed = column.y[column.ry]
    if len(observed) and (observed == observed[0]).all():
        run.log(
            f"All observed values of column {plan.name!r} are equal, so it helps to "
            "impute no other column.",
            plan,
        )


def _largest(run: Run) -> float:
    """Largest absolute observed coordinate, to which tol is relative."""
    sizes = []
    for name, coding in run.codings.items():
        column = run.columns[name]
        coordinates = coding.encode(column.y[column.ry])
        sizes.append(float(np.abs(coordinates).max(initial=0.0)))
    return max(sizes, default=0.0)
