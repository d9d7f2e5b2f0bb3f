"""Observed cells by their neighbours, each as though it alone were missing.

This is what `where` asks for beyond the missing values (overimputation).  Neighbours
are measured without the cell, and its row is no neighbour of itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.methods import knn
from jupyter_wrangler.engine.methods.signatures import Combine
from jupyter_wrangler.engine.models.neighbour_search import Picks
from jupyter_wrangler.engine.strategies.neighbours.search import (
    donor_rows,
    nearest_of,
)
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.start_values import usual_value

Rows = NDArray[np.intp]
Numbers = NDArray[Any]


def nearest_others(
    run: Run, space: knn.Frame, combine: Combine, column: Column, over: Rows
) -> Numbers:
    """Average the nearest other rows."""
    columns = run.predictors()
    helpers, k = run.spec.predictors.get(column.name), run.spec.n_neighbors
    if helpers is not None:
        columns = [c for c in columns if c.name in helpers]
        space = knn.Frame(columns)
    if not columns:
        return np.full(len(over), usual_value(column)).astype(column.y.dtype)
    receivers = space.space(
        [_hidden(c, over) if c is column else c.y[over] for c in columns]
    )
    # One more than wanted: the row itself is among them, unless k + 1 others are as
    # near as it is to itself.
    have = column.ry[:, None]
    found = nearest_of(
        donor_rows(run.spec, have),
        receivers,
        space.space([c.y for c in columns]),
        np.ones((len(over), 1), dtype=bool),
        have,
        k + 1,
    )
    parts: list[Numbers] = []
    start = 0
    for stop, picks in found:
        parts.append(
            combine(
                _others(picks, over, k),
                np.arange(start, stop),
                column.y,
                classes=column.classes,
                weights=run.spec.weights,
                otherwise=usual_value(column),
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
