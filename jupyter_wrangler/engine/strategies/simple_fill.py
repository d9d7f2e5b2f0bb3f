"""Fill the holes of a column by a simple method, within a run."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column, Values
from jupyter_wrangler.engine.columns.row_order import Order
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import ByRow, DonorDraw, OneValue
from jupyter_wrangler.engine.strategies.overimpute_cells import around
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.strategies.simple import cells_of
from jupyter_wrangler.engine.types import ColumnPlan, Rows


def fill_cells(run: Run, plan: ColumnPlan, column: Column) -> None:
    """Fill the holes of one column by a simple method."""
    name = plan.name
    over = run.observed_asked(name)
    wanted = np.concatenate([column.missing, over])
    if METHODS[plan.method].by_row:
        values, donors = _around(run, plan, column, wanted)
        cells = column.decode_within(values) if donors is None else column.take(donors)
        own = True
    else:
        cells, values, own = _one_value(run, plan, wanted)
        donors = None
    change = run.adjustment(name)
    if change is not None:
        before, values = values, change(values)
        cells, own = column.changed(cells, values == before, values), True
        if donors is not None:
            donors = np.where(values == before, donors, -1)
    _keep(run, name, cells)
    if own:
        run.y[name] = completed(column.y, column.ry, values[: plan.n_missing])
    if donors is not None and not len(over):
        run.donors[name] = donors


def _around(
    run: Run, plan: ColumnPlan, column: Column, wanted: Rows
) -> tuple[NDArray[Any], Rows | None]:
    """Fill rows by those around them: numbers or codes, and whose they are."""
    name, order = plan.name, cast("Order", run.order)
    method = METHODS[plan.method]
    if isinstance(method, DonorDraw):
        groups, n = order.groups, len(column.missing)
        # A complete column is planned for later rows only: it must not change the draws
        # of the others, which are those of a job.
        rng = run.rng if len(wanted) else run.rng.spawn(1)[0]
        pool = method.pool(groups, column.ry, rng)
        run.pools[name] = pool
        # Observed cells have a stream of their own: they must not change the others.
        observed = run.rng.spawn(1)[0]
        rows = np.concatenate(
            [
                pool.draw(groups[wanted[:n]], run.rng),
                pool.draw(groups[wanted[n:]], observed),
            ]
        )
        values, donors = column.y[rows], cast("Rows | None", rows)
    elif isinstance(method, ByRow):
        values, donors = cells_of(method, order, column.y, column.ry, column.missing)
        over = wanted[len(column.missing) :]
        if len(over):
            more, whose = around(column, method, order, over)
            values = np.concatenate([values, more])
            if donors is not None:
                donors = np.concatenate([donors, cast("Rows", whose)])
    else:
        raise TypeError(f"{plan.method!r} does not fill row by row")
    lost = np.isnan(values) if column.numeric else values < 0
    values = np.where(lost, run.fills[name].y, values).astype(column.y.dtype)
    if lost.any():
        what = "cells" if len(wanted) > len(column.missing) else "holes"
        _say_lost(run, plan, int(lost.sum()), "median or mode", what)
        donors = None
    return values, donors


def _one_value(
    run: Run, plan: ColumnPlan, wanted: Rows
) -> tuple[Values, NDArray[Any], bool]:
    """Fill rows by the value of their group or of all; tell if there are groups."""
    fill = run.fills[plan.name]
    if fill.groups is None:
        return (*fill.cells(None, len(wanted)), False)
    codes = cast("Order", run.order).groups[wanted]
    method = METHODS[plan.method]
    what = method.what if isinstance(method, OneValue) else "value"
    lost = int((~fill.groups.observed[codes]).sum())
    if lost:
        _say_lost(run, plan, lost, what)
    return (*fill.cells(codes, len(wanted)), True)


def _say_lost(
    run: Run, plan: ColumnPlan, lost: int, fills: str, what: str = "holes"
) -> None:
    run.log(
        f"{lost} {what} of column {plan.name!r} lie in groups without any value; the "
        f"{fills} of all rows fills them.",
        plan,
    )


def _keep(run: Run, name: str, cells: Values) -> None:
    """Keep the holes' values, and after them those of observed cells."""
    k = len(run.columns[name].missing)
    if k:
        run.imputed[name] = cells[:k]
    if len(cells) > k:
        run.over[name] = cells[k:]
