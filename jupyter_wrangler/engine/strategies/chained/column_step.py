"""One step of the chained equations: regress a column or block, and impute it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import MomentRegression, RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions, MomentData
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.regression import Model, Part
from jupyter_wrangler.engine.models.screening import few, screened
from jupyter_wrangler.engine.planning.blocks import members_of
from jupyter_wrangler.engine.strategies.chained.block_step import draw_block, fit_block
from jupyter_wrangler.engine.strategies.chained.state import ChainState
from jupyter_wrangler.engine.strategies.chained.visits import Visits
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import ColumnPlan, Rows

#: Numbers or codes of the missing values of a column and, if values are handed on,
#: whose; -1 where the number was changed, so that it is nobody's.
Filled = tuple[NDArray[Any], Rows | None]
#: A column, what was drawn for it, and its missing values as they were in the design.
Drawn = tuple[str, Filled, NDArray[np.float64]]


class Turns:
    """Models of the columns and blocks, fitted as their turn comes.

    Parameters
    ----------
    run : Run
        Whose chain it is.
    state : ChainState
        Gets the models of blocks, and with ``run.keep`` all others.
    design : Design
        The columns as completed so far.
    visits : Visits
        Who is visited, and who helps.
    """

    def __init__(
        self, run: Run, state: ChainState, design: Design, visits: Visits
    ) -> None:
        self.run, self.state, self.design = run, state, design
        self.blocks = members_of(run.spec)
        self.others = {
            plan.name: design.others(plan.name, visits.predictors.get(plan.name))
            for plan in visits.order
        }
        #: Column -> what a regression by moments is told besides the data.
        self.options: dict[str, FitOptions] = {}
        #: Column with observed cells to impute -> its last model; blocks have theirs in
        #: `state.together`.
        self.newest: dict[str, Model] = {}
        #: Columns that were last filled by values of other rows.
        self.filled_by_donors: set[str] = set()
        #: Models of this round that are kept, by the place of the visit.
        self.models: dict[int, Model] = {}

    def begin(self) -> None:
        """Begin a round."""
        self.models = {}

    def says(self, name: str) -> str:
        """Name the column for people, or the block that it leads."""
        block = self.blocks.get(name)
        return f"column {name!r}" if block is None else f"block {block.name!r}"

    def take(self, place: int, plan: ColumnPlan) -> Iterator[Drawn]:
        """Regress a column, or the block that it leads, and impute what is missing.

        The place is that of the visit among those of the round.
        What is given has to be put into the design before the next is asked for.
        """
        name, run = plan.name, self.run
        if name in self.blocks:
            yield from self._take_block(name)
            return
        part = self.design.rows(run.columns[name].missing)
        model = self._fit_one(plan, part)
        self._note(name, model)
        if run.keep and METHODS[plan.method].replays:
            self.models[place] = model
        elif run.keep:
            self.state.last[name] = model
        if len(part):
            yield name, draw(run, name, model, part, run.rng), part

    def _note(self, name: str, model: Model) -> None:
        """Keep of a model what is asked for at the end: it may hold all rows."""
        if len(self.run.observed_to_impute(name)):
            self.newest[name] = model
        if model.donates:
            self.filled_by_donors.add(name)
        else:
            self.filled_by_donors.discard(name)

    def _take_block(self, lead: str) -> Iterator[Drawn]:
        run, block = self.run, self.blocks[lead]
        model = fit_block(run, self.design, block, self.others[lead])
        self.state.together[lead] = model
        lacking = run.lacking(block.members)
        for name, filled in draw_block(
            run, model, self.design, lacking, run.rng
        ).items():
            # What was put in for one member has changed the rows of the next one.
            yield name, filled, self.design.rows(run.columns[name].missing)

    def learn(self, plan: ColumnPlan) -> None:
        """Regress a column or a block without missing values, to impute later rows."""
        name, run, others = plan.name, self.run, self.others[plan.name]
        if name in self.blocks:
            self.state.together[name] = fit_block(
                run, self.design, self.blocks[name], others
            )
            return
        nobody = self.design.rows(run.columns[name].missing)
        self.state.last[name] = self._fit_one(plan, nobody)

    def _fit_one(self, plan: ColumnPlan, part: NDArray[np.float64]) -> Model:
        run, design = self.run, self.design
        others = _screened(run, design, plan, self.others[plan.name])
        method = METHODS[plan.method]
        if isinstance(method, MomentRegression):
            if plan.name not in self.options:
                self.options[plan.name] = _options(run, plan)
            options = self.options[plan.name]
            return _fit_moments(run, design, plan, method, part, others, options)
        if isinstance(method, RowRegression):
            return _fit_rows(run, design, plan, method, others)
        raise TypeError(f"{plan.method!r} is no regression of one column on others")

    def model(self, name: str) -> Model:
        """Give the last model of a column."""
        return self.newest.get(name) or self.state.last[name]

    def donates(self, name: str) -> bool:
        """Tell whether the rows that a column was filled from are its donors."""
        return name in self.blocks or name in self.filled_by_donors


def put(
    design: Design, name: str, rows: Rows, numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put computed numbers into the design; give by how much the rows changed."""
    if name not in design.slices:
        # Without an observed value the column predicts nothing.
        return np.zeros(len(rows))
    return design.update(name, rows, numbers[:, None], design.rows(rows))


def draw(
    run: Run,
    name: str,
    model: Model,
    x: NDArray[np.float64],
    rng: np.random.Generator,
) -> Filled:
    """Impute some rows: numbers or codes and, if values are handed on, whose.

    What an adjustment changes is nobody's any more (-1); the rest is.
    """
    column = run.columns[name]
    drawn, rows = model.draw(x, rng), None
    if model.donates:
        rows = np.flatnonzero(column.ry)[drawn]
        drawn = column.y[rows]
    elif not column.numeric:
        rows = column.first[drawn]
    change = run.adjustment(name)
    if change is None:
        return drawn, rows
    changed = change(drawn)
    return changed, None if rows is None else np.where(changed == drawn, rows, -1)


def _options(run: Run, plan: ColumnPlan, nominal: tuple[Rows, ...] = ()) -> FitOptions:
    """Tell a regression what it may want to know besides the data."""
    spec, column = run.spec, run.columns[plan.name]
    return FitOptions(
        classes=column.classes,
        ordered=column.level == "ordered",
        nominal=nominal,
        delta=run.log_odds(plan.name),
        donors=spec.donors,
        matchtype=spec.matchtype,
        n_estimators=spec.n_estimators,
        sample_posterior=spec.sample_posterior,
    )


def _screened(run: Run, design: Design, plan: ColumnPlan, others: Rows) -> Rows:
    """Leave the predictors that few observed rows can carry, if they are few."""
    method = METHODS[plan.method]
    asked = plan.name in run.spec.predictors
    if asked or not method.screens or not few(plan.n_observed, len(others)):
        return others
    column = run.columns[plan.name]
    rows = np.flatnonzero(column.ry)
    target = run.codings[plan.name].encode(column.y[rows])
    rng = run.rng if method.differs(run.spec) else None
    return others[screened(design.z[np.ix_(rows, others)], target, rng)]


def _fit_moments(
    run: Run,
    design: Design,
    plan: ColumnPlan,
    method: MomentRegression,
    part: NDArray[np.float64],
    others: Rows,
    options: FitOptions,
) -> Model:
    """Fit a method to the sums of the observed rows; `part` holds the others."""
    column = run.columns[plan.name]
    data = MomentData(
        moments=design.moments(plan.name, column.missing, part, others),
        coding=run.codings[plan.name],
        widen=partial(design.widen, others),
        rows=design.z,
        observed=column.ry,
    )
    return method.fit(data, options, run.rng)


def _fit_rows(
    run: Run, design: Design, plan: ColumnPlan, method: RowRegression, others: Rows
) -> Model:
    """Fit a method to the observed rows themselves."""
    column = run.columns[plan.name]
    rows = np.flatnonzero(column.ry)
    draws = method.differs(run.spec)
    model = method.fit(
        column.y[rows],
        design.z[np.ix_(rows, others)],
        _options(run, plan, _nominal(design, others)),
        # Without draws a fit must not depend on the imputation, nor on the round.
        run.rng if draws else np.random.default_rng(run.spec.random_state),
    )
    return Part(model=model, others=others)


def _nominal(design: Design, others: Rows) -> tuple[Rows, ...]:
    """Tell which of these coordinates are the dummies of one column each."""
    place = np.full(design.width, -1, dtype=np.intp)
    place[others] = np.arange(len(others))
    return tuple(
        place[block]
        for name, block in design.slices.items()
        if block.stop - block.start > 1 and place[block.start] >= 0
    )
