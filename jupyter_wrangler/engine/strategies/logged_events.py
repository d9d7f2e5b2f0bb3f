"""What the methods tell the statistician about the predictors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jupyter_wrangler.engine.columns.coding import MOST
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.planning.blocks import Block
from jupyter_wrangler.engine.planning.predictors import numbers_of, pairwise
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import ColumnPlan

#: Columns that correlate more are collinear, if they share so many rows.
COLLINEAR, SHARED = 0.999, 10
#: So many rows are looked at, and so many pairs told of, at most.
LOOKED_AT, MOST_LISTED = 2_000, 10


def note_predictor(run: Run, plan: ColumnPlan, column: Column) -> None:
    """Tell what is odd about one predictor."""
    if column.classes > MOST + 1 and column.level == "nominal":
        run.log(
            f"Column {plan.name!r} has {column.classes} classes; as a predictor the "
            f"{MOST} most frequent ones count, the others as one.",
            plan,
        )
    if not plan.method and plan.n_missing:
        run.log(
            f"Column {plan.name!r} keeps its {plan.n_missing} missing values as asked; "
            "where it "
            "helps to impute other columns, its mean or mode stands in for them.",
            plan,
        )
    note_constant(run, plan, column)


def note_partly(run: Run, blocks: Iterable[Block]) -> None:
    """Tell in how many rows a block keeps some of its own values beside a donor's."""
    for block in blocks:
        lacking = run.lacking(block.members)
        partly = int((lacking.any(axis=1) & ~lacking.all(axis=1)).sum())
        if not partly:
            continue
        run.log(
            f"Block {block.name!r}: {partly} rows lack some of its columns and have "
            "others. What they lack comes from one donor, chosen by what they have "
            "too, but need not agree with that exactly, as it does in rows that lack "
            "all."
        )


def note_constant(run: Run, plan: ColumnPlan, column: Column) -> None:
    """Tell of a column that cannot help, for its values are all the same."""
    if any(_differ(column, rows) for rows in (slice(LOOKED_AT), slice(None))):
        return
    if column.ry.any():
        run.log(
            f"All observed values of column {plan.name!r} are equal, so it helps to "
            "impute no other column.",
            plan,
        )


def _differ(column: Column, rows: slice) -> bool:
    """Tell whether the observed values of some rows differ."""
    observed = column.y[rows].compress(column.ry[rows])
    return len(observed) > 0 and bool((observed != observed[0]).any())


def note_all(run: Run, how: str) -> None:
    """Tell what is odd about the predictors of methods that are not chained."""
    plans = {plan.name: plan for plan in run.plans}
    for column in run.predictors():
        note_constant(run, plans[column.name], column)
    note_collinear(run, how)


def note_collinear(run: Run, how: str = "a ridge shares their weight") -> None:
    """Tell of columns that say the same as others; they stay, and share weight."""
    columns = [c for c in run.predictors() if c.level != "nominal"]
    if len(columns) < 2:
        return
    step = max(1, len(columns[0].ry) // LOOKED_AT)
    y = np.column_stack([numbers_of(c, slice(None, None, step)) for c in columns])
    same = np.abs(pairwise(y, SHARED)) > COLLINEAR
    pairs = np.argwhere(same)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    for first, second in pairs[:MOST_LISTED]:
        run.log(
            f"Columns {columns[first].name!r} and {columns[second].name!r} are "
            "collinear: where both are observed, each tells the other. Both stay; "
            f"{how}."
        )
    if len(pairs) > MOST_LISTED:
        run.log(f"{len(pairs) - MOST_LISTED} further pairs of columns are collinear.")
