"""Chained equations: round after round, column by column.

Each column is regressed on its predictors as completed so far, in the order of
`visits`, until it comes to rest (`engine.rest`) or its rounds are over.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.coding import coding_of
from jupyter_wrangler.engine.design import Design
from jupyter_wrangler.engine.methods import METHODS, linear, norm, pmm
from jupyter_wrangler.engine.models import Model, Part
from jupyter_wrangler.engine.notes import note_collinear, note_predictor
from jupyter_wrangler.engine.passive import Passive, named, planned
from jupyter_wrangler.engine.rest import Rest
from jupyter_wrangler.engine.run import Rows, Run, Step, completed
from jupyter_wrangler.engine.start import started
from jupyter_wrangler.engine.visits import visits_of

#: Their models are few numbers, so that those of all rounds are kept and replayed.
REPLAYED = frozenset({"linear"})

#: Numbers or codes of the holes of a column and, if values are handed on, whose.
Filled = tuple[NDArray[Any], Rows | None]


def run_rounds(
    run: Run, plans: list[ColumnPlan], done: float, total: float
) -> Generator[Step, None, None]:
    """Impute the columns of these plans, which are all chained."""
    spec, rng = run.spec, run.rng
    design, passive = _design(run)
    run.shift = design.shift
    visits = visits_of(run, plans)
    # A complete column's model serves later rows only.  Unless that of each round is
    # wanted, it waits for the end: learning for later must not change what fills these
    # holes, where a fit draws, and is done once.
    later = {
        plan.name: plan
        for plan in plans
        if not plan.n_missing and plan.method not in REPLAYED
    }
    others = {
        plan.name: design.others(plan.name, visits.predictors.get(plan.name))
        for plan in visits.order
    }
    targets = [plan for plan in visits.order if plan.name not in later]
    #: Of a column that is visited more often in a round, its last visit counts.
    last = {plan.name: k for k, plan in enumerate(targets)}
    run.visits = tuple(dict.fromkeys(plan.name for plan in visits.order))
    rest = Rest(run, design, targets)
    filled: dict[str, Filled] = {}
    newest: dict[str, Model] = {}
    budget = 1 if visits.once else spec.max_iter
    for round_ in range(1, budget + 1):
        design.recount()
        rest.begin()
        models: dict[str, Model] = {}
        for k, plan in enumerate(targets):
            column = run.columns[plan.name]
            missing = column.missing
            part = design.rows(missing)
            model = _fit_one(run, design, plan, part, others[plan.name])
            newest[plan.name] = model
            if run.keep:
                (models if plan.method in REPLAYED else run.last)[plan.name] = model
            if len(missing):
                imputed, rows = draw(run, plan.name, model, part, rng)
                coordinates = run.codings[plan.name].encode(imputed)
                apart = design.update(plan.name, missing, coordinates, part)
                rest.saw(missing, apart, plan.name)
                filled[plan.name] = imputed, rows
                if last[plan.name] == k:
                    run.trace(plan.name, imputed)
                for other, holes, numbers in passive.renew(plan.name, missing, imputed):
                    rest.saw(holes, put(design, other, holes, numbers))
            yield Step(
                done=done + (round_ - 1) * len(targets) + k + 1,
                total=float(total),
                message=f"round {round_} of {budget}, column {plan.name!r}",
                round=round_,
                max_iter=budget,
                column=plan.name,
            )
        passive.trace()
        run.rounds.append(models)
        run.n_iter = round_
        if rest.reached():
            break
    else:
        if not visits.once:
            rest.say_spent()
    for plan in later.values():
        nobody = design.rows(run.columns[plan.name].missing)
        run.last[plan.name] = _fit_one(run, design, plan, nobody, others[plan.name])
    _keep_cells(run, design, plans, filled, newest)


def _keep_cells(
    run: Run,
    design: Design,
    plans: list[ColumnPlan],
    filled: dict[str, Filled],
    newest: dict[str, Model],
) -> None:
    """Take what the last round left as the imputed cells."""
    for name, (imputed, rows) in filled.items():
        column = run.columns[name]
        run.imputed[name] = (
            column.decode(imputed) if rows is None else column.take(rows)
        )
        if rows is not None and newest[name].donates:
            run.donors[name] = rows
    for plan in plans:
        name, column = plan.name, run.columns[plan.name]
        over = run.observed_asked(name)
        if len(over):
            model = newest.get(name) or run.last[name]
            imputed, rows = draw(run, name, model, design.rows(over), run.rng)
            run.over[name] = (
                column.decode(imputed) if rows is None else column.take(rows)
            )


def put(
    design: Design, name: str, rows: Rows, numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put computed numbers into the design; give by how much the rows changed."""
    if name not in design.slices:
        # Without an observed value the column predicts nothing.
        return np.zeros(len(rows))
    return design.update(name, rows, numbers[:, None], design.rows(rows))


def draw(
    run: Run,
    name: str,
    model: Model,
    x: NDArray[np.float64],
    rng: np.random.Generator,
) -> Filled:
    """Impute some rows: numbers or codes and, if values are handed on, whose."""
    column = run.columns[name]
    drawn, rows = model.draw(x, rng), None
    if model.donates:
        rows = np.flatnonzero(column.ry)[drawn]
        drawn = column.y[rows]
    elif not column.numeric:
        rows = column.first[drawn]
    change = run.adjustment(name)
    return (drawn, rows) if change is None else (change(drawn), None)


def _fit_one(
    run: Run,
    design: Design,
    plan: ColumnPlan,
    part: NDArray[np.float64],
    others: Rows,
) -> Model:
    spec, column, coding = run.spec, run.columns[plan.name], run.codings[plan.name]
    if plan.method not in {"linear", "pmm", "norm"}:
        return _fit_rows(run, design, plan, others)
    moments = design.moments(plan.name, column.missing, part, others)
    widen = partial(design.widen, others)
    if plan.method == "linear":
        return linear.fit(moments, coding).widened(widen)
    posterior = pmm.fit(moments, coding, run.rng).widened(widen)
    if plan.method == "norm":
        return norm.NormModel(posterior=posterior, sample=spec.sample_posterior)
    # All rows are projected in place: taking the observed ones first costs more.
    places = posterior.dot if spec.matchtype == 2 else posterior.hat
    return pmm.place(
        posterior, places(design.z)[column.ry], spec.donors, spec.matchtype
    )


def _fit_rows(run: Run, design: Design, plan: ColumnPlan, others: Rows) -> Model:
    """Fit a method that needs the rows themselves."""
    spec, column = run.spec, run.columns[plan.name]
    method = METHODS[plan.method]
    draws = method.differs(spec)
    rows = np.flatnonzero(column.ry)
    model: Model = method.module.fit(
        column.y[rows],
        design.z[np.ix_(rows, others)],
        # Without draws a fit must not depend on the imputation, nor on the round.
        run.rng if draws else np.random.default_rng(spec.random_state),
        classes=column.classes,
        ordered=column.level == "ordered",
        donors=spec.donors,
        n_estimators=spec.n_estimators,
        sample_posterior=spec.sample_posterior,
        nominal=_nominal(design, others),
        delta=run.log_odds(plan.name),
    )
    return Part(model=model, others=others)


def _nominal(design: Design, others: Rows) -> tuple[Rows, ...]:
    """Tell which of these coordinates are the dummies of one column each."""
    place = np.full(design.width, -1, dtype=np.intp)
    place[others] = np.arange(len(others))
    return tuple(
        place[block]
        for name, block in design.slices.items()
        if block.stop - block.start > 1 and place[block.start] >= 0
    )


def _design(run: Run) -> tuple[Design, Passive]:
    """Start the chain: as given, at means, or at draws where the method draws."""
    blocks: dict[str, NDArray[np.float64]] = {}
    starts = {name: run.columns[name].y for name in named(planned(run))}
    plans = {plan.name: plan for plan in run.plans}
    for column in run.predictors():
        plan = plans[column.name]
        coding = coding_of(column)
        run.codings[column.name] = coding
        y = run.y.get(column.name)
        draws = run.draws(plan.name)
        if y is None and draws and plan.n_missing:
            observed = column.y[column.ry]
            y = completed(column.y, column.ry, run.rng.choice(observed, plan.n_missing))
        elif y is None:
            y = completed(column.y, column.ry, run.start(column))
        start = run.given.start
        if start is not None and column.name in start:
            y = started(column, y, start[column.name])
        blocks[column.name] = coding.encode(y)
        if column.name in starts:
            starts[column.name] = y
        note_predictor(run, plan, column)
    passive = Passive(run, starts, {name: run.columns[name].missing for name in starts})
    for name in passive.formulas:
        if name in blocks:
            blocks[name] = run.codings[name].encode(passive.now[name])
    note_collinear(run)
    return Design(blocks), passive
