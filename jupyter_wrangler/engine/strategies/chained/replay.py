"""Impute later rows by the models of a chain, round by round, fitting nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.regression import Model
from jupyter_wrangler.engine.strategies.chained.block_step import draw_block
from jupyter_wrangler.engine.strategies.chained.column_step import Filled, draw, put
from jupyter_wrangler.engine.strategies.chained.state import ChainState
from jupyter_wrangler.engine.strategies.new_rows import NewColumn, NewRows
from jupyter_wrangler.engine.strategies.passive.formulas import Passive, named, planned
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.strategies.strategy import Progress
from jupyter_wrangler.engine.types import Rows, Step


def _start(
    run: Run,
    state: ChainState,
    column: Column,
    new: NewColumn,
    rng: np.random.Generator,
) -> NDArray[Any]:
    """Complete a predictor as the chain of the fit did before its first round."""
    together = {name for model in state.together.values() for name in model.members}
    if column.name in {*state.last, *together} and run.draws(column.name):
        drawn = rng.choice(column.y[column.ry], len(new.missing))
        return completed(new.y, new.ry, drawn)
    return completed(new.y, new.ry, run.start(column))


def replay(
    run: Run, state: ChainState, new: NewRows, progress: Progress
) -> Generator[Step, None, None]:
    """Impute later rows round by round by the models of the fit."""
    later = new.columns
    starts = {
        column.name: new.y[column.name]
        if column.name in new.y
        else _start(run, state, column, later[column.name], new.rng)
        for column in run.predictors()
    }
    rest = {name: later[name].y for name in named(planned(run))}
    passive = Passive(run, rest | starts, {n: one.missing for n, one in later.items()})
    starts |= {name: passive.now[name] for name in starts if name in passive.formulas}
    blocks = {name: run.codings[name].encode(y) for name, y in starts.items()}
    design = Design(blocks, state.shift)
    picked: dict[str, tuple[Rows, NDArray[Any]]] = {}
    for round_, models in enumerate(state.rounds, start=1):
        for k, name in enumerate(state.visits):
            model = models.get(k) or state.last.get(name)
            for one, (found, rows) in _drawn(run, state, name, model, design, new):
                missing = later[one].missing
                part = design.rows(missing)
                design.update(one, missing, run.codings[one].encode(found), part)
                for other, empty, numbers in passive.renew(one, missing, found):
                    put(design, other, empty, numbers)
                if rows is not None:
                    picked[one] = rows, found
            yield progress.step(
                (round_ - 1) * len(state.visits) + k + 1,
                f"round {round_} of {run.n_iter}, column {name!r}",
                round=round_,
                max_iter=run.n_iter,
                column=name,
            )
    _write_imputed(run, state, new, design, picked)


def _write_imputed(
    run: Run,
    state: ChainState,
    new: NewRows,
    design: Design,
    picked: dict[str, tuple[Rows, NDArray[Any]]],
) -> None:
    """Turn what the last round left in the design into values of the columns."""
    for name in _filled_in(state):
        column, missing = run.columns[name], new.columns[name].missing
        if name in picked:
            new.imputed[name] = missing, column.given(*picked[name])
        elif len(missing):
            numbers = design.coordinates(name, missing)[:, 0]
            new.imputed[name] = missing, column.decode(numbers)


def _drawn(
    run: Run,
    state: ChainState,
    name: str,
    model: Model | None,
    design: Design,
    new: NewRows,
) -> Iterable[tuple[str, Filled]]:
    """Impute one column, or the block that it leads: which values fill which rows."""
    if model is None:
        block = state.together[name]
        missing = np.stack([~new.columns[one].ry for one in block.members], axis=1)
        return draw_block(run, block, design, missing, new.rng).items()
    rows = new.columns[name].missing
    if not len(rows):
        return ()
    return [(name, draw(run, name, model, design.rows(rows), new.rng))]


def _filled_in(state: ChainState) -> list[str]:
    """All columns that the visits fill, those of blocks among them."""
    members = {lead: model.members for lead, model in state.together.items()}
    return [one for name in state.visits for one in members.get(name, (name,))]
