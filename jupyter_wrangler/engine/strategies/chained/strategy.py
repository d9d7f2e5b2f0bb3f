"""Chained equations: each column is regressed on the others as completed so far."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import ClassVar

import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.methods.protocol import Kind
from jupyter_wrangler.engine.strategies.chained.iterations import run_rounds
from jupyter_wrangler.engine.strategies.chained.replay import replay
from jupyter_wrangler.engine.strategies.chained.state import ChainState
from jupyter_wrangler.engine.strategies.chained.visits import n_visits
from jupyter_wrangler.engine.strategies.new_rows import NewRows
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.strategy import Progress, Strategy
from jupyter_wrangler.engine.types import ColumnPlan, Step


class ChainedStrategy(Strategy):
    """Visit the columns round after round; observed cells are imputed on the way."""

    kind: ClassVar[Kind] = "chained"

    def work(self, spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> float:
        """Count the visits of all rounds."""
        return float(n_visits(spec, plans) * spec.max_iter)

    def fit(
        self,
        run: Run,
        frame: pd.DataFrame,
        plans: list[ColumnPlan],
        progress: Progress,
    ) -> Generator[Step, None, None]:
        """Run the rounds."""
        del frame
        state = run.states[self.kind] = ChainState()
        yield from run_rounds(run, state, plans, progress)

    def transform_work(self, run: Run) -> float:
        """Count the visits of all rounds."""
        state = run.state(ChainState)
        return float(len(state.visits) * run.n_iter) if state else 0.0

    def transform(
        self, run: Run, new: NewRows, progress: Progress
    ) -> Generator[Step, None, None]:
        """Repeat the regressions of the fit, as often as it had rounds."""
        state = run.state(ChainState)
        if state is not None and state.visits:
            yield from replay(run, state, new, progress)
