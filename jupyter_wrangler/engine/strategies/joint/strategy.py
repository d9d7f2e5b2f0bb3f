"""Joint models: all columns at once, as they were observed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.coding import coding_of
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import JointModel, Kind
from jupyter_wrangler.engine.models import joint
from jupyter_wrangler.engine.strategies.logged_events import note_all
from jupyter_wrangler.engine.strategies.new_rows import NewRows
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.strategy import Progress, Strategy
from jupyter_wrangler.engine.types import ColumnPlan, Rows, Step

#: Share of the work that fitting a joint model is counted as, in visits of a column.
VISITS = 30.0


@dataclass(kw_only=True)
class JointState:
    """Method -> its model of all columns."""

    kind: ClassVar[Kind] = "joint"
    models: dict[str, joint.Joint] = field(default_factory=dict)


class JointStrategy(Strategy):
    """Fit one model for each joint method that is planned."""

    kind: ClassVar[Kind] = "joint"

    def work(self, spec: ImputationSpec, plans: Sequence[ColumnPlan]) -> float:
        """Count the methods."""
        del spec
        return VISITS * len({plan.method for plan in plans})

    def fit(
        self,
        run: Run,
        frame: pd.DataFrame,
        plans: list[ColumnPlan],
        progress: Progress,
    ) -> Generator[Step, None, None]:
        """Fit the models one after the other, and complete the columns by them."""
        del frame
        state = run.states[self.kind] = JointState()
        for k, method in enumerate(dict.fromkeys(plan.method for plan in plans)):
            mine = [plan for plan in plans if plan.method == method]
            done = k * VISITS
            for column in run.predictors():
                run.codings.setdefault(column.name, coding_of(column))
            _log_named_predictors(run, method, mine)
            steps = _fit_model(run, method)
            while True:
                try:
                    share, words = next(steps)
                except StopIteration as stop:
                    state.models[method], blocks = stop.value
                    break
                yield progress.step(done + VISITS * share, f"{method}: {words}")
            for plan in mine:
                if plan.n_missing:
                    missing = blocks[plan.name][run.columns[plan.name].missing]
                    values = joint.values_of(missing, run.codings[plan.name])
                    run.fill(plan.name, values)
        if not run.planned("chained"):
            note_all(run, "the model shares their weight")

    def impute_observed(
        self, run: Run, plans: list[ColumnPlan], progress: Progress
    ) -> Generator[Step, None, None]:
        """Complete the rows of observed cells from their other values."""
        state = run.state(JointState)
        for plan in plans:
            over = run.observed_to_impute(plan.name)
            if state is None or not len(over):
                continue
            values = _complete_observed(run, state.models[plan.method], plan.name, over)
            run.fill_observed(plan.name, values)
            message = f"observed cells of column {plan.name!r}"
            yield progress.step(0.0, message, column=plan.name)

    def transform_work(self, run: Run) -> float:
        """Count the methods."""
        state = run.state(JointState)
        return VISITS * len(state.models) if state else 0.0

    def transform(
        self, run: Run, new: NewRows, progress: Progress
    ) -> Generator[Step, None, None]:
        """Complete later rows by the parameters of the fit."""
        state = run.state(JointState)
        models = state.models if state else {}
        for k, (method, model) in enumerate(models.items(), start=1):
            found = model.complete(
                [
                    joint.coordinates(
                        new.columns[c.name].y,
                        new.columns[c.name].ry,
                        run.codings[c.name],
                    )
                    for c in run.predictors()
                ],
                new.rng,
            )
            for plan in run.planned("joint"):
                if plan.method == method:
                    block = found[plan.name][new.columns[plan.name].missing]
                    values = joint.values_of(block, run.codings[plan.name])
                    new.fill(run, plan.name, values)
            yield progress.step(k * VISITS, f"{method} completed the rows")


def _fit_model(
    run: Run, name: str
) -> Generator[
    tuple[float, str], None, tuple[joint.Joint, dict[str, NDArray[np.float64]]]
]:
    method = METHODS[name]
    if not isinstance(method, JointModel):
        raise TypeError(f"{name!r} is no model of all columns")
    return joint.fit(method.fit, run.predictors(), run.codings, run.rng)


def _log_named_predictors(run: Run, method: str, plans: list[ColumnPlan]) -> None:
    """Say that predictors were named, but cannot be chosen for a joint model."""
    for plan in plans:
        if plan.name in run.spec.predictors:
            run.log(
                f"The predictors of column {plan.name!r} were named, but {method!r} "
                "fits one model of all columns, so all of them help; name another "
                "method for it to have its predictors chosen.",
                plan,
            )


def _complete_observed(
    run: Run, model: joint.Joint, name: str, over: Rows
) -> NDArray[Any]:
    """Complete rows as though they had no value in this column."""
    nothing = np.zeros(len(over), dtype=bool)
    blocks = [
        joint.coordinates(
            c.y[over], nothing if c.name == name else c.ry[over], run.codings[c.name]
        )
        for c in run.predictors()
    ]
    block = model.complete(blocks, run.rng)[name]
    return joint.values_of(block, run.codings[name])
