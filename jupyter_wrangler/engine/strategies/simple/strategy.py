"""Simple methods: each looks at the column only that it fills."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.columns.row_order import Order, order_of
from jupyter_wrangler.engine.columns.values import Values, placed
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import ByRow, DonorDraw, Kind
from jupyter_wrangler.engine.strategies.new_rows import NewColumn, NewRows
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.strategies.simple.cells import SimpleState, fill_cells
from jupyter_wrangler.engine.strategies.simple.fills import (
    cells_of,
    fill_of,
    timed_methods,
)
from jupyter_wrangler.engine.strategies.strategy import Progress, Strategy
from jupyter_wrangler.engine.types import ColumnPlan, Step


class SimpleStrategy(Strategy):
    """Fill column by column; one column is one piece of work."""

    kind: ClassVar[Kind] = "simple"

    def work(self, spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> float:
        """Count the columns."""
        del spec
        return float(len(plans))

    def fit(
        self,
        run: Run,
        frame: pd.DataFrame,
        plans: list[ColumnPlan],
        progress: Progress,
    ) -> Generator[Step, None, None]:
        """Learn the value of each column, or who may donate, and fill it."""
        state = run.states[self.kind] = SimpleState()
        grouped = run.spec.group is not None
        methods = [METHODS[plan.method] for plan in plans]
        if any(one.by_row or (grouped and one.by_group) for one in methods):
            timed = timed_methods(plans)
            state.order = order_of(frame, run.spec, timed=timed)
        for done, plan in enumerate(plans, start=1):
            column = run.columns[plan.name]
            fill = fill_of(column, plan, run.spec, state.order if grouped else None)
            state.fills[plan.name] = fill
            if column.numeric or fill.y >= 0:
                run.starts[plan.name] = fill.y
            fill_cells(run, state, plan, column)
            message = f"{plan.method} of column {plan.name!r}"
            yield progress.step(done, message, column=plan.name)

    def transform_work(self, run: Run) -> float:
        """Count the columns."""
        state = run.state(SimpleState)
        return float(len(state.fills)) if state else 0.0

    def transform(
        self, run: Run, new: NewRows, progress: Progress
    ) -> Generator[Step, None, None]:
        """Fill later rows by the values and the donors of the fit."""
        state = run.state(SimpleState)
        if state is None:
            return
        order = None
        if state.order is not None:
            order = order_of(new.frame, run.spec, timed=timed_methods(run.plans))
        for done, name in enumerate(state.fills, start=1):
            column = new.columns[name]
            cells, values = _fill_later(
                run, state, new.frame[name], order, column, new.rng
            )
            new.imputed[name] = column.missing, cells
            if values is not None:
                new.y[name] = completed(column.y, column.ry, values)
            yield progress.step(done, f"column {name!r}", column=name)


def _fill_later(
    run: Run,
    state: SimpleState,
    series: pd.Series,
    order: Order | None,
    new: NewColumn,
    rng: np.random.Generator,
) -> tuple[Values, NDArray[Any] | None]:
    """Impute by a simple method; numbers or codes where they are not the usual one."""
    name = str(series.name)
    column, fill, rows = run.columns[name], state.fills[name], new.missing
    change, own = run.adjustment(name), True
    if order is not None and METHODS[run.method(name)].by_row:
        values, cells = _fill_around(run, state, series, order, new, rng)
    else:
        codes = None
        if fill.groups is not None and order is not None:
            codes = cast("Order", state.order).like(order)[rows]
        cells, values = fill.cells(codes, len(rows))
        own = codes is not None and column.level in PREDICTORS
    if change is not None:
        before, values = values, change(values)
        cells, own = column.changed(cells, values == before, values), True
    return cells, values if own else None


def _fill_around(
    run: Run,
    state: SimpleState,
    series: pd.Series,
    order: Order,
    new: NewColumn,
    rng: np.random.Generator,
) -> tuple[NDArray[Any], Values]:
    """Impute by the later rows around each missing value; `sample` draws from the fit.

    Gives numbers or codes, and the values; those that are handed on stay as they are.
    """
    name = str(series.name)
    column, fill, method = (
        run.columns[name],
        state.fills[name],
        METHODS[run.method(name)],
    )
    if isinstance(method, DonorDraw):
        own = cast("Order", state.order)
        groups = own.like(order)[new.missing]
        drawn = state.pools[name].draw(groups, rng)
        return column.y[drawn], column.take(drawn)
    if not isinstance(method, ByRow):
        raise TypeError(f"{method.name!r} does not fill row by row")
    values, donors = cells_of(method, order, new.y, new.ry, new.missing)
    lost = np.isnan(values) if column.numeric else values < 0
    values = np.where(lost, fill.y, values).astype(column.y.dtype)
    cells = column.decode(values)
    if donors is not None and series.dtype == cells.dtype:
        handed = np.flatnonzero(~lost)
        cells = placed(cells, handed, series.array.take(donors[handed]))
    return values, cells
