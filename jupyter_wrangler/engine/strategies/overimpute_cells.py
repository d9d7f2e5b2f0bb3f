"""Impute observed cells too, each as though it alone were missing.

This is what `where` asks for beyond the holes (overimputation).  A cell that is
imputed is hidden from its own row: neighbours are measured without it and its row is
no neighbour of itself, a joint model completes the row from the other values that
were observed in it, and the rows around it count without it.  What is *learned* (the
scales, the parameters, the mean) rests on all that was observed, this cell included,
as in mice.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.row_order import Order
from jupyter_wrangler.engine.methods import knn
from jupyter_wrangler.engine.methods.protocol import ByRow
from jupyter_wrangler.engine.models import joint
from jupyter_wrangler.engine.models.neighbour_search import Picks
from jupyter_wrangler.engine.models.neighbours import nearest
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.simple import cells_of, usual
from jupyter_wrangler.engine.types import Step

Rows = NDArray[np.intp]
Numbers = NDArray[Any]


def impute_observed(run: Run, total: float) -> Generator[Step, None, None]:
    """Impute the observed cells asked for, by neighbours and by joint models.

    It comes after all holes, so that their draws do not depend on it.
    """
    for kind, way in (("neighbours", _by_neighbours), ("joint", _by_joint)):
        for plan in run.planned(kind):
            over = run.observed_asked(plan.name)
            if not len(over):
                continue
            column = run.columns[plan.name]
            values = way(run, column, over)
            change = run.adjustment(plan.name)
            values = values if change is None else change(values)
            run.over[plan.name] = column.decode(values)
            yield Step(
                done=float(total),
                total=float(total),
                message=f"observed cells of column {plan.name!r}",
                column=plan.name,
            )


def _by_neighbours(run: Run, column: Column, over: Rows) -> Numbers:
    """Average the nearest other rows."""
    columns, space = run.predictors(), cast("knn.Frame", run.space)
    helpers, k = run.spec.predictors.get(column.name), run.spec.n_neighbors
    if helpers is not None:
        columns = [c for c in columns if c.name in helpers]
        space = knn.Frame(columns)
    if not columns:
        return np.full(len(over), usual(column)).astype(column.y.dtype)
    receivers = space.space(
        [_hidden(c, over) if c is column else c.y[over] for c in columns]
    )
    # One more than wanted: the row itself is among them, unless k + 1 others are as
    # near as it is to itself.
    found = nearest(
        receivers,
        space.space([c.y for c in columns]),
        np.ones((len(over), 1), dtype=bool),
        column.ry[:, None],
        k + 1,
    )
    parts: list[Numbers] = []
    start = 0
    for stop, picks in found:
        parts.append(
            knn.combine(
                _others(picks, over, k),
                np.arange(start, stop),
                column.y,
                classes=column.classes,
                weights=run.spec.weights,
                otherwise=usual(column),
            )
        )
        start = stop
    return np.concatenate(parts)


def _hidden(column: Column, rows: Rows) -> Numbers:
    """Give these rows of a column, as though they were missing."""
    return np.full(len(rows), np.nan if column.numeric else -1, dtype=column.y.dtype)


def _others(picks: Picks, own: Rows, k: int) -> Picks:
    """Take the k nearest of each receiver that are not the row itself."""
    order = np.argsort(picks.receiver, kind="stable")
    order = order[picks.donor[order] != own[picks.receiver[order]]]
    who = picks.receiver[order]
    kept = order[np.arange(len(who)) - np.searchsorted(who, who) < k]
    return replace(
        picks,
        receiver=picks.receiver[kept],
        target=picks.target[kept],
        donor=picks.donor[kept],
        distance=picks.distance[kept],
    )


def _by_joint(run: Run, column: Column, over: Rows) -> Numbers:
    """Complete the rows by the parameters of the fit."""
    nothing = np.zeros(len(over), dtype=bool)
    blocks = [
        joint.coordinates(
            c.y[over], nothing if c is column else c.ry[over], run.codings[c.name]
        )
        for c in run.predictors()
    ]
    model = run.joints[run.method(column.name)]
    block = model.complete(blocks, run.rng)[column.name]
    return joint.values_of(block, run.codings[column.name])


def around(
    column: Column, method: ByRow, order: Order, over: Rows
) -> tuple[Numbers, Rows | None]:
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
