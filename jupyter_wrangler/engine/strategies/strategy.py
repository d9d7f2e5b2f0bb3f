"""What each kind of method provides: how its columns are imputed, now and later.

A strategy imputes all columns of one kind (``Method.kind``).  `fit` leaves what was
learned in ``run.states``, as one object of the strategy's own, and the cells in
``run.imputed``; `transform` imputes later rows by that object.  The engine yields and
the caller pulls: both are generators of `Step`, and to cancel is to stop pulling.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.methods.protocol import Kind
from jupyter_wrangler.engine.strategies.new_rows import NewRows
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import ColumnPlan, Step


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How much work is done before a strategy begins, and of how much."""

    done: float
    total: float

    def step(self, done: float, message: str, **more: Any) -> Step:
        """Tell how far it is after some work of the strategy."""
        return Step(done=self.done + done, total=self.total, message=message, **more)


class Strategy(ABC):
    """How the methods of one kind impute their columns."""

    kind: ClassVar[Kind]

    @abstractmethod
    def work(self, spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> float:
        """Count the work of `fit`, in visits of a column."""

    @abstractmethod
    def fit(
        self,
        run: Run,
        frame: pd.DataFrame,
        plans: list[ColumnPlan],
        progress: Progress,
    ) -> Generator[Step, None, None]:
        """Impute the columns of these plans, and keep what was learned.

        `run` has the columns of the frame as numbers and codes.
        """

    def impute_observed(
        self, run: Run, plans: list[ColumnPlan], progress: Progress
    ) -> Generator[Step, None, None]:
        """Impute the observed cells asked for, if `fit` has not done so."""
        del run, plans, progress
        yield from ()

    @abstractmethod
    def transform_work(self, run: Run) -> float:
        """Count the work of `transform`, in visits of a column."""

    @abstractmethod
    def transform(
        self, run: Run, new: NewRows, progress: Progress
    ) -> Generator[Step, None, None]:
        """Impute later rows by what was learned."""
