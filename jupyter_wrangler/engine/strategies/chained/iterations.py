"""Chained equations: round after round, column by column.

Each column is regressed on its predictors as completed so far, in the order of
`visits`, until it comes to rest (`stopping`) or its rounds are over.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding, coding_of
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.starting import MANY_ROWS, Block, Starting
from jupyter_wrangler.engine.planning.start import started
from jupyter_wrangler.engine.strategies.chained.block_step import over_block
from jupyter_wrangler.engine.strategies.chained.column_step import (
    Filled,
    Turns,
    draw,
    put,
)
from jupyter_wrangler.engine.strategies.chained.state import ChainState
from jupyter_wrangler.engine.strategies.chained.stopping import StoppingRule
from jupyter_wrangler.engine.strategies.chained.visits import Visits, visits_of
from jupyter_wrangler.engine.strategies.logged_events import (
    note_collinear,
    note_partly,
    note_predictor,
)
from jupyter_wrangler.engine.strategies.passive.formulas import Passive, named, planned
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.strategies.strategy import Progress
from jupyter_wrangler.engine.types import ColumnPlan, Step


def run_rounds(
    run: Run, state: ChainState, plans: list[ColumnPlan], progress: Progress
) -> Generator[Step, None, None]:
    """Impute the columns of these plans, which are all chained."""
    chain = _Chain(run, state, plans)
    for round_ in range(1, chain.budget + 1):
        chain.begin()
        for k, plan in enumerate(chain.targets):
            chain.visit(k, plan)
            yield progress.step(
                (round_ - 1) * len(chain.targets) + k + 1,
                f"round {round_} of {chain.budget}, {chain.turns.says(plan.name)}",
                round=round_,
                max_iter=chain.budget,
                column=plan.name,
            )
        chain.end(round_)
        if chain.rest.reached():
            break
    else:
        if not chain.visits.once:
            chain.rest.say_spent()
    for plan in chain.later.values():
        chain.turns.learn(plan)
    _keep_cells(run, chain.turns, plans, chain.filled)


class _Chain:
    """The chained equations of one imputation.

    Parameters
    ----------
    run : Run
        Whose columns they impute.
    state : ChainState
        Gets what was learned for later rows.
    plans : list of ColumnPlan
        The columns, those without missing values among them.
    """

    def __init__(self, run: Run, state: ChainState, plans: list[ColumnPlan]) -> None:
        self.run, self.state = run, state
        self.design, self.passive = _design(run)
        state.shift = self.design.shift
        self.visits = visits_of(run, plans)
        self.turns = Turns(run, state, self.design, self.visits)
        #: A complete column's model serves later rows only.  Unless that of each round
        #: is wanted, it waits for the end: learning for later must not change what
        #: fills the missing values, where a fit draws, and is done once.
        self.later = _later(self.visits, plans)
        self.targets = [p for p in self.visits.order if p.name not in self.later]
        #: Of a column that is visited more often in a round, its last visit counts.
        self.last = {plan.name: k for k, plan in enumerate(self.targets)}
        state.visits = tuple(plan.name for plan in self.visits.order)
        self.places = [
            k for k, name in enumerate(state.visits) if name not in self.later
        ]
        blocks = self.turns.blocks
        note_partly(run, [blocks[name] for name in self.last if name in blocks])
        moving = [plan for plan in plans if plan.name not in self.later]
        self.rest = StoppingRule(run, self.design, moving)
        self.filled: dict[str, Filled] = {}
        self.budget = 1 if self.visits.once else run.spec.max_iter

    def begin(self) -> None:
        """Begin a round."""
        self.design.recount()
        self.rest.begin()
        self.turns.begin()

    def visit(self, k: int, plan: ColumnPlan) -> None:
        """Regress one target, or the block that it leads, and fill it."""
        for name, (imputed, rows), part in self.turns.take(self.places[k], plan):
            missing = self.run.columns[name].missing
            coordinates = self.run.codings[name].encode(imputed)
            apart = self.design.update(name, missing, coordinates, part)
            self.rest.saw(missing, apart, name)
            self.filled[name] = imputed, rows
            if self.last[plan.name] == k:
                self.run.trace(name, imputed)
            for other, empty, numbers in self.passive.renew(name, missing, imputed):
                moved = put(self.design, other, empty, numbers)
                self.rest.saw(empty, moved, other, follows=True)

    def end(self, round_: int) -> None:
        """Take note of a round."""
        self.passive.trace()
        self.state.rounds.append(self.turns.models)
        self.run.n_iter = round_


def _later(visits: Visits, plans: list[ColumnPlan]) -> dict[str, ColumnPlan]:
    """Columns that are regressed once, at the end, for later rows only."""
    visited = {plan.name for plan in visits.order}
    return {
        plan.name: plan
        for plan in plans
        if plan.name in visited
        and not plan.n_missing
        and not METHODS[plan.method].replays
    }


def _keep_cells(
    run: Run, turns: Turns, plans: list[ColumnPlan], filled: dict[str, Filled]
) -> None:
    """Take what the last round left as the imputed cells."""
    while filled:
        # one by one: what is decoded need not stand beside what it came from
        name, (imputed, rows) = filled.popitem()
        column = run.columns[name]
        run.imputed[name] = (
            column.decode(imputed) if rows is None else column.given(rows, imputed)
        )
        if rows is not None and turns.donates(name):
            run.donors[name] = rows
    for model in turns.state.together.values():
        run.over |= over_block(run, turns.design, model)
    for plan in plans:
        name, column = plan.name, run.columns[plan.name]
        over = run.observed_to_impute(name)
        if len(over) and name not in turns.blocks:
            part = turns.design.rows(over)
            imputed, rows = draw(run, name, turns.model(name), part, run.rng)
            run.over[name] = (
                column.decode(imputed) if rows is None else column.given(rows, imputed)
            )


def _design(run: Run) -> tuple[Design, Passive]:
    """Start the chain: as given, at means, or at draws where the method draws."""
    blocks: dict[str, Block] = {}
    starts = {name: run.columns[name].y for name in named(planned(run))}
    plans = {plan.name: plan for plan in run.plans}
    for column in run.predictors():
        plan = plans[column.name]
        coding = run.codings[column.name] = coding_of(column)
        y = run.y.get(column.name)
        start = run.given.start
        given = start is not None and column.name in start
        fill = _fill(run, plan) if y is None else 0.0
        if y is None and not given and column.name not in starts:
            blocks[column.name] = _block(column, coding, fill)
        else:
            if y is None:
                y = completed(column.y, column.ry, fill)
            if start is not None and given:
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


def _fill(run: Run, plan: ColumnPlan) -> NDArray[Any] | float:
    """Tell what stands in for the missing values of a column at first."""
    column = run.columns[plan.name]
    if run.draws(plan.name) and plan.n_missing:
        return run.rng.choice(column.y[column.ry], plan.n_missing)
    return run.start(column)


def _block(column: Column, coding: Coding, fill: NDArray[Any] | float) -> Block:
    """Complete a column, or have it completed when it is copied if it is long."""
    if len(column.ry) < MANY_ROWS:
        return coding.encode(completed(column.y, column.ry, fill))
    return Starting(
        y=column.y,
        missing=column.missing,
        fill=fill,
        encode=coding.encode,
        width=coding.width,
    )
