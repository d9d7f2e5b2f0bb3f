"""Computed columns: from the values that are handed out, when all others are filled."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import ClassVar

import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.methods.protocol import Kind
from jupyter_wrangler.engine.strategies.new_rows import NewRows
from jupyter_wrangler.engine.strategies.passive.formulas import (
    compute_cells,
    named,
    planned,
    settled,
)
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.strategy import Progress, Strategy
from jupyter_wrangler.engine.types import ColumnPlan, Step


class PassiveStrategy(Strategy):
    """Compute columns at the end; within a chain `formulas.Passive` keeps them up."""

    kind: ClassVar[Kind] = "passive"

    def work(self, spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> float:
        """Count nothing: it takes no time."""
        del spec, plans
        return 0.0

    def fit(
        self,
        run: Run,
        frame: pd.DataFrame,
        plans: list[ColumnPlan],
        progress: Progress,
    ) -> Generator[Step, None, None]:
        """Compute the missing cells, and the observed ones that were asked for."""
        del frame, plans, progress
        compute_cells(run)
        yield from ()

    def transform_work(self, run: Run) -> float:
        """Count nothing: it takes no time."""
        del run
        return 0.0

    def transform(
        self, run: Run, new: NewRows, progress: Progress
    ) -> Generator[Step, None, None]:
        """Compute cells from what was filled in; without all of that they stay."""
        del progress
        formulas = planned(run)
        now = {name: new.columns[name].y.copy() for name in named(formulas)}
        for name, numbers in now.items():
            if name in new.imputed:
                rows, values = new.imputed[name]
                numbers[rows] = run.columns[name].floats(pd.Series(values))
        for name, formula in formulas.items():
            missing = new.columns[name].missing
            new.imputed[name] = settled(run, name, formula, now, missing)
        yield from ()
