"""Values from the most similar rows, as they were observed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.methods import knn
from jupyter_wrangler.engine.methods.protocol import Kind
from jupyter_wrangler.engine.strategies.logged_events import note_all
from jupyter_wrangler.engine.strategies.neighbours.observed_cells import nearest_others
from jupyter_wrangler.engine.strategies.neighbours.search import (
    VISITS,
    combine_of,
    nearest_values,
)
from jupyter_wrangler.engine.strategies.new_rows import NewRows
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.strategy import Progress, Strategy
from jupyter_wrangler.engine.types import ColumnPlan, Step


@dataclass(kw_only=True)
class NeighboursState:
    """The scales of the columns, so that later rows fit into the same space."""

    kind: ClassVar[Kind] = "neighbours"
    space: knn.Frame


class NeighboursStrategy(Strategy):
    """Measure distances between rows as they were observed."""

    kind: ClassVar[Kind] = "neighbours"

    def work(self, spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> float:
        """Count all columns at once."""
        del spec
        return VISITS * bool(plans)

    def fit(
        self,
        run: Run,
        frame: pd.DataFrame,
        plans: list[ColumnPlan],
        progress: Progress,
    ) -> Generator[Step, None, None]:
        """Find the neighbours of rows with missing values."""
        own = {c.name: (c.y, c.ry) for c in run.predictors()}
        space = knn.Frame(run.predictors())
        run.states[self.kind] = NeighboursState(space=space)
        n = len(frame)
        if (some := run.spec.n_donors(n)) < n:
            run.log(
                f"Neighbours are looked for among {some:,} of {n:,} rows, which were "
                'drawn; max_donors="all" looks at all of them.'
            )
        found = yield from nearest_values(run, space, own, progress, run.donors)
        for plan in plans:
            if plan.n_missing:
                run.fill(plan.name, found[plan.name])
        if not run.planned("chained") and not run.planned("joint"):
            note_all(run, "distances count what they say twice")

    def impute_observed(
        self, run: Run, plans: list[ColumnPlan], progress: Progress
    ) -> Generator[Step, None, None]:
        """Average the nearest other rows of observed cells."""
        state = run.state(NeighboursState)
        for plan in plans:
            over = run.observed_to_impute(plan.name)
            if state is None or not len(over):
                continue
            column = run.columns[plan.name]
            values = nearest_others(
                run, state.space, combine_of(plan.method), column, over
            )
            run.fill_observed(plan.name, values)
            message = f"observed cells of column {plan.name!r}"
            yield progress.step(0.0, message, column=plan.name)

    def transform_work(self, run: Run) -> float:
        """Count all columns at once."""
        return VISITS * (run.state(NeighboursState) is not None)

    def transform(
        self, run: Run, new: NewRows, progress: Progress
    ) -> Generator[Step, None, None]:
        """Look for the neighbours of later rows among those of the fit."""
        state = run.state(NeighboursState)
        if state is None:
            return
        receivers = {name: (one.y, one.ry) for name, one in new.columns.items()}
        found = yield from nearest_values(run, state.space, receivers, progress)
        for name, values in found.items():
            new.fill(run, name, values)
