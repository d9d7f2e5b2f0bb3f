"""Chained equations: round after round, column by column.

Each column is regressed on its predictors as completed so far, in the order of
`visits`, until it comes to rest (`stopping`) or its rounds are over.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import coding_of
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.planning.start import started
from jupyter_wrangler.engine.strategies.chained.block_step import over_block
from jupyter_wrangler.engine.strategies.chained.column_step import (
    Filled,
    Turns,
    draw,
    put,
)
from jupyter_wrangler.engine.strategies.chained.logged_events import (
    note_collinear,
    note_partly,
    note_predictor,
)
from jupyter_wrangler.engine.strategies.chained.passive import Passive, named, planned
from jupyter_wrangler.engine.strategies.chained.stopping import StoppingRule
from jupyter_wrangler.engine.strategies.chained.visits import visits_of
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.types import ColumnPlan, Step


def run_rounds(
    run: Run, plans: list[ColumnPlan], done: float, total: float
) -> Generator[Step, None, None]:
    """Impute the columns of these plans, which are all chained."""
    spec = run.spec
    design, passive = _design(run)
    run.shift = design.shift
    visits = visits_of(run, plans)
    turns = Turns(run, design, visits)
    # A complete column's model serves later rows only.  Unless that of each round is
    # wanted, it waits for the end: learning for later must not change what fills these
    # holes, where a fit draws, and is done once.
    visited = {plan.name for plan in visits.order}
    later = {
        plan.name: plan
        for plan in plans
        if plan.name in visited
        and not plan.n_missing
        and not METHODS[plan.method].replays
    }
    targets = [plan for plan in visits.order if plan.name not in later]
    #: Of a column that is visited more often in a round, its last visit counts.
    last = {plan.name: k for k, plan in enumerate(targets)}
    run.visits = tuple(plan.name for plan in visits.order)
    places = [k for k, name in enumerate(run.visits) if name not in later]
    note_partly(run, [turns.blocks[name] for name in last if name in turns.blocks])
    rest = StoppingRule(run, design, [plan for plan in plans if plan.name not in later])
    filled: dict[str, Filled] = {}
    budget = 1 if visits.once else spec.max_iter
    for round_ in range(1, budget + 1):
        design.recount()
        rest.begin()
        turns.begin()
        for k, plan in enumerate(targets):
            for name, (imputed, rows), part in turns.take(places[k], plan):
                missing = run.columns[name].missing
                coordinates = run.codings[name].encode(imputed)
                apart = design.update(name, missing, coordinates, part)
                rest.saw(missing, apart, name)
                filled[name] = imputed, rows
                if last[plan.name] == k:
                    run.trace(name, imputed)
                for other, holes, numbers in passive.renew(name, missing, imputed):
                    moved = put(design, other, holes, numbers)
                    rest.saw(holes, moved, other, follows=True)
            yield Step(
                done=done + (round_ - 1) * len(targets) + k + 1,
                total=float(total),
                message=f"round {round_} of {budget}, {turns.says(plan.name)}",
                round=round_,
                max_iter=budget,
                column=plan.name,
            )
        passive.trace()
        run.rounds.append(turns.models)
        run.n_iter = round_
        if rest.reached():
            break
    else:
        if not visits.once:
            rest.say_spent()
    for plan in later.values():
        turns.learn(plan)
    _keep_cells(run, turns, plans, filled)


def _keep_cells(
    run: Run, turns: Turns, plans: list[ColumnPlan], filled: dict[str, Filled]
) -> None:
    """Take what the last round left as the imputed cells."""
    for name, (imputed, rows) in filled.items():
        column = run.columns[name]
        run.imputed[name] = (
            column.decode(imputed) if rows is None else column.given(rows, imputed)
        )
        if rows is not None and turns.donates(name):
            run.donors[name] = rows
    for model in run.together.values():
        run.over |= over_block(run, turns.design, model)
    for plan in plans:
        name, column = plan.name, run.columns[plan.name]
        over = run.observed_asked(name)
        if len(over) and name not in turns.blocks:
            part = turns.design.rows(over)
            imputed, rows = draw(run, name, turns.model(name), part, run.rng)
            run.over[name] = (
                column.decode(imputed) if rows is None else column.given(rows, imputed)
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
