"""Fill the holes of a column by a simple method, within a run."""

from __future__ import annotations

from typing import cast

import numpy as np

from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.column import Column, Values
from jupyter_wrangler.engine.methods import METHODS, sample
from jupyter_wrangler.engine.order import Order
from jupyter_wrangler.engine.run import Rows, Run, completed
from jupyter_wrangler.engine.simple import cells_of

#: What fills a group without values.
_WORDS = {"mean": "mean", "median": "median", "most_frequent": "most frequent value"}


def fill_cells(run: Run, plan: ColumnPlan, column: Column) -> None:
    """Fill the holes of one column by a simple method."""
    name, fill = plan.name, run.fills[plan.name]
    over = run.observed_asked(name)
    if METHODS[plan.method].by_row:
        order = cast("Order", run.order)
        wanted = np.concatenate([column.missing, over])
        if plan.method == "sample":
            groups = order.groups
            rows = sample.donors(groups, column.ry, groups[wanted], run.rng)
            values, donors = column.y[rows], cast("Rows | None", rows)
        else:
            values, donors = cells_of(
                column, plan.method, order, column.y, column.ry, wanted
            )
        lost = np.isnan(values) if column.numeric else values < 0
        values = np.where(lost, fill.y, values).astype(column.y.dtype)
        if lost.any():
            donors = None
            run.log(
                f"{int(lost.sum())} holes of column {name!r} lie in groups without any "
                "value; the median or mode of all rows fills them.",
                plan,
            )
    else:
        wanted = np.concatenate([column.missing, over])
        codes = None
        if fill.groups is not None:
            codes = cast("Order", run.order).groups[wanted]
            lost = ~fill.groups.observed[codes]
            if lost.any():
                run.log(
                    f"{int(lost.sum())} holes of column {name!r} lie in groups without "
                    f"any value; the {_WORDS[plan.method]} of all rows fills them.",
                    plan,
                )
        cells, values = fill.cells(codes, len(wanted))
        donors = None
        if run.adjustment(name) is None:
            _keep(run, name, cells)
            if codes is not None:
                run.y[name] = completed(column.y, column.ry, values[: plan.n_missing])
            return
    change = run.adjustment(name)
    if change is not None:
        values, donors = change(values), None
    cells = column.decode(values) if donors is None else column.take(donors)
    _keep(run, name, cells)
    run.y[name] = completed(column.y, column.ry, values[: plan.n_missing])
    if donors is not None and not len(over):
        run.donors[name] = donors


def _keep(run: Run, name: str, cells: Values) -> None:
    """Keep the holes' values, and after them those of observed cells."""
    k = len(run.columns[name].missing)
    if k:
        run.imputed[name] = cells[:k]
    if len(cells) > k:
        run.over[name] = cells[k:]
