"""Fill the missing values of a column by a simple method, within a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.row_order import Order
from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import ByRow, DonorDraw, Kind, OneValue
from jupyter_wrangler.engine.methods.signatures import Pool
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.strategies.simple.fills import Fill, cells_of
from jupyter_wrangler.engine.types import ColumnPlan, Rows


@dataclass(kw_only=True)
class SimpleState:
    """What the simple methods learned."""

    kind: ClassVar[Kind] = "simple"
    #: Of the rows of the fit, where a method looks at what lies around.
    order: Order | None = None
    fills: dict[str, Fill] = field(default_factory=dict)
    #: Column -> the rows that are drawn from in this imputation.
    pools: dict[str, Pool] = field(default_factory=dict)


def fill_cells(run: Run, state: SimpleState, plan: ColumnPlan, column: Column) -> None:
    """Fill the missing values of one column by a simple method."""
    name = plan.name
    over = run.observed_to_impute(name)
    wanted = np.concatenate([column.missing, over])
    if METHODS[plan.method].by_row:
        values, donors = _around(run, state, plan, column, wanted)
        cells = column.decode_within(values) if donors is None else column.take(donors)
        own = True
    else:
        cells, values, own = _one_value(run, state, plan, wanted)
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
    run: Run, state: SimpleState, plan: ColumnPlan, column: Column, wanted: Rows
) -> tuple[NDArray[Any], Rows | None]:
    """Fill rows by those around them: numbers or codes, and whose they are."""
    name, order = plan.name, cast("Order", state.order)
    method = METHODS[plan.method]
    if isinstance(method, DonorDraw):
        groups, n = order.groups, len(column.missing)
        # A complete column is planned for later rows only: it must not change the draws
        # of the others, which are those of a job.
        rng = run.rng if len(wanted) else run.rng.spawn(1)[0]
        pool = method.pool(groups, column.ry, rng)
        state.pools[name] = pool
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
    values = np.where(lost, state.fills[name].y, values).astype(column.y.dtype)
    if lost.any():
        what = "cells" if len(wanted) > len(column.missing) else "missing values"
        _say_lost(run, plan, int(lost.sum()), "median or mode", what)
        donors = None
    return values, donors


def _one_value(
    run: Run, state: SimpleState, plan: ColumnPlan, wanted: Rows
) -> tuple[Values, NDArray[Any], bool]:
    """Fill rows by the value of their group or of all; tell if there are groups."""
    fill = state.fills[plan.name]
    if fill.groups is None:
        return (*fill.cells(None, len(wanted)), False)
    codes = cast("Order", state.order).groups[wanted]
    method = METHODS[plan.method]
    what = method.what if isinstance(method, OneValue) else "value"
    lost = int((~fill.groups.observed[codes]).sum())
    if lost:
        _say_lost(run, plan, lost, what)
    return (*fill.cells(codes, len(wanted)), True)


def _say_lost(
    run: Run, plan: ColumnPlan, lost: int, fills: str, what: str = "missing values"
) -> None:
    run.log(
        f"{lost} {what} of column {plan.name!r} lie in groups without any value; the "
        f"{fills} of all rows fills them.",
        plan,
    )


def _keep(run: Run, name: str, cells: Values) -> None:
    """Keep the missing values' values, and after them those of observed cells."""
    k = len(run.columns[name].missing)
    if k:
        run.imputed[name] = cells[:k]
    if len(cells) > k:
        run.over[name] = cells[k:]


def around(
    column: Column, method: ByRow, order: Order, over: Rows
) -> tuple[NDArray[Any], Rows | None]:
    """Impute observed cells by the rows around them.

    Parameters
    ----------
    column : Column
        The column.
    method : ByRow
        How.
    order : Order
        Of its rows.
    over : ndarray of shape (k,)
        Rows in which it is observed, and yet to be imputed.

    Returns
    -------
    values : ndarray of shape (k,)
    donors : ndarray of shape (k,) or None
        As `simple.cells_of` gives them.

    Notes
    -----
    A cell depends on the observed cells next to it, before and after, and on no other.
    So every second observed cell is hidden at once, and then the others: the values
    are those of hiding them one at a time, for the cost of two passes.

    Examples
    --------
    >>> import pandas as pd
    >>> from jupyter_wrangler.engine.columns.column import column_of
    >>> from jupyter_wrangler.engine.columns.row_order import alone
    >>> from jupyter_wrangler.engine.methods import ffill
    >>> column = column_of("x", pd.Series([1.0, 5.0, None, 4.0]), "continuous")
    >>> around(column, ffill.METHOD, alone(4), np.array([0, 1, 3]))
    (array([5., 1., 5.]), array([1, 0, 1]))
    """
    rows = order.rows[column.ry[order.rows]]
    rank = np.empty(len(column.ry), dtype=np.intp)
    rank[rows] = np.arange(len(rows))
    values = np.empty(len(over), dtype=column.y.dtype)
    donors: Rows | None = np.full(len(over), -1, dtype=np.intp)
    for turn in (0, 1):
        mine = np.flatnonzero(rank[over] % 2 == turn)
        ry = column.ry.copy()
        ry[over[mine]] = False
        values[mine], found = cells_of(method, order, column.y, ry, over[mine])
        if donors is not None and found is not None:
            donors[mine] = found
        else:
            donors = None
    return values, donors
