"""Chained equations: impute a frame column by column, round after round.

Order: simple methods first; then `knn`, which measures distances between the rows
as they were observed; then the chained methods, which see all other columns as
completed so far, in ascending order of missing values.  A chain of `linear` alone
stops when no row changes by more than tol times the largest observed value.

The engine yields and the caller pulls: each `Step` says how far the work is, and to
cancel is to stop pulling.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, LoggedEvent
from jupyter_wrangler.engine.check import ColumnPlan, named, plan_columns
from jupyter_wrangler.engine.coding import MOST, Coding, coding_of
from jupyter_wrangler.engine.column import Column, Values, column_of
from jupyter_wrangler.engine.design import Design
from jupyter_wrangler.engine.levels import PREDICTORS
from jupyter_wrangler.engine.methods import METHODS, knn, linear, pmm
from jupyter_wrangler.engine.neighbours import nearest
from jupyter_wrangler.engine.simple import Fill, fill_of, usual

Rows = NDArray[np.intp]
Model = linear.LinearModel | pmm.PmmModel

#: Share of the work that finding neighbours is counted as, in visits of a column.
KNN_VISITS = 10.0


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far one imputation is."""

    done: float
    total: float
    #: Words for people, for example "round 3 of 10, column 'bmi'".
    message: str
    round: int | None = None
    max_iter: int | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Imputation:
    """The imputed cells of one completed data set."""

    #: Column -> values in its own dtype, in the order of `rows`.
    values: dict[str, Values]
    #: Column -> positions of the rows that were filled, ascending.
    rows: dict[str, Rows]
    events: tuple[LoggedEvent, ...]
    #: Rounds of the chained equations that were run.
    n_iter: int


@dataclass(kw_only=True)
class Run:
    """One imputation under way, and what it learned for later rows."""

    spec: ImputationSpec
    imputation: int
    rng: np.random.Generator
    plans: tuple[ColumnPlan, ...]
    columns: dict[str, Column]
    #: Whether the models are kept, and fitted for complete columns too.
    keep: bool
    fills: dict[str, Fill] = field(default_factory=dict)
    #: Numbers or codes of the predictors, completed as far as the run is.
    y: dict[str, NDArray[Any]] = field(default_factory=dict)
    #: Values of the holes, in the dtypes of their columns.
    imputed: dict[str, Values] = field(default_factory=dict)
    events: list[LoggedEvent] = field(default_factory=list)
    space: knn.Frame | None = None
    codings: dict[str, Coding] = field(default_factory=dict)
    shift: NDArray[np.float64] | None = None
    #: Chained columns in the order of their visits.
    visits: tuple[str, ...] = ()
    #: Models of `linear` by round; those of `pmm` hold their donors, so only those
    #: of the last round are kept.
    rounds: list[dict[str, Model]] = field(default_factory=list)
    last: dict[str, Model] = field(default_factory=dict)
    n_iter: int = 0

    def planned(self, kind: str) -> list[ColumnPlan]:
        """Plans whose method is of this kind."""
        return [p for p in self.plans if p.method and METHODS[p.method].kind == kind]

    def log(self, message: str, plan: ColumnPlan | None = None) -> None:
        """Note something that a statistician would want to know."""
        self.events.append(
            LoggedEvent(
                imputation=self.imputation,
                column=plan.name if plan else None,
                method=(plan.method or None) if plan else None,
                message=message,
            )
        )

    def result(self) -> Imputation:
        """Cells of the columns that are wanted."""
        names = [p.name for p in self.plans if p.wanted and p.name in self.imputed]
        return Imputation(
            values={name: self.imputed[name] for name in names},
            rows={name: self.columns[name].missing for name in names},
            events=tuple(self.events),
            n_iter=self.n_iter,
        )


def impute(
    df: pd.DataFrame, spec: ImputationSpec, imputation: int = 0
) -> Generator[Step, None, Imputation]:
    """Make one imputation of a frame.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data; not changed.
    spec : ImputationSpec
        What is asked for.
    imputation : int, default=0
        Which imputation; k uses the k-th child of the seed, so the numbers do not
        depend on how many others are made, nor where or when.

    Yields
    ------
    Step
        At least one for each visit of a column.

    Returns
    -------
    Imputation
        The imputed cells.

    Raises
    ------
    InvalidData, InvalidSpec
        As `check` does.

    Notes
    -----
    One round costs about 2 f n p^3 flops for `linear` and `pmm` (f the share of
    missing values), `pmm` also sorts n predictions for each column; `knn` costs
    8 r n p flops for r rows with holes.

    Examples
    --------
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.0, 6.0, None]})
    >>> steps = impute(df, ImputationSpec(method="linear"))
    >>> while True:
    ...     try:
    ...         step = next(steps)
    ...     except StopIteration as stop:
    ...         found = stop.value
    ...         break
    >>> found.rows["y"], found.values["y"].round(2)
    (array([3]), array([8.]))
    """
    run = yield from fit(df, spec, imputation)
    return run.result()


def fit(
    df: pd.DataFrame, spec: ImputationSpec, imputation: int = 0, *, keep: bool = False
) -> Generator[Step, None, Run]:
    """Impute a frame and, with `keep`, learn to impute other rows.

    See `impute` for the parameters.
    """
    frame = named(df)
    plans = plan_columns(frame, spec, every=keep)
    seed = np.random.SeedSequence(spec.random_state, spawn_key=(imputation,))
    run = Run(
        spec=spec,
        imputation=imputation,
        rng=np.random.default_rng(seed),
        plans=plans,
        columns={p.name: column_of(p.name, frame[p.name], p.level) for p in plans},
        keep=keep,
    )
    for plan in plans:
        if plan.reason and plan.n_missing:
            run.log(f"Column {plan.name!r}: {plan.reason}", plan)
    simple = run.planned("simple")
    neighbours = run.planned("neighbours")
    chained = run.planned("chained")
    total = len(simple) + KNN_VISITS * bool(neighbours) + len(chained) * spec.max_iter
    yield Step(done=0.0, total=float(total), message="reading the data")
    done = yield from _simple(run, simple, total)
    if neighbours:
        yield from _neighbours(run, neighbours, done, total)
        done += KNN_VISITS
    if chained:
        yield from _chained(run, chained, done, total)
    yield Step(done=float(total), total=float(total), message="done")
    return run


def _simple(
    run: Run, plans: list[ColumnPlan], total: float
) -> Generator[Step, None, float]:
    for done, plan in enumerate(plans, start=1):
        column = run.columns[plan.name]
        fill = fill_of(column, plan, run.spec)
        run.fills[plan.name] = fill
        if plan.n_missing:
            run.imputed[plan.name] = fill.own.take(
                np.zeros(plan.n_missing, dtype=np.intp)
            )
        yield Step(
            done=float(done),
            total=float(total),
            message=f"{plan.method} of column {plan.name!r}",
            column=plan.name,
        )
    return float(len(plans))


def predictors(run: Run) -> list[Column]:
    """Columns that can help to impute others."""
    return [
        run.columns[plan.name]
        for plan in run.plans
        if plan.level in PREDICTORS and plan.n_observed
    ]


def _neighbours(
    run: Run, plans: list[ColumnPlan], done: float, total: float
) -> Generator[Step, None, None]:
    own = {c.name: (c.y, c.ry) for c in predictors(run)}
    run.space = knn.Frame(predictors(run))
    found = yield from neighbours(run, own, done, total)
    for plan in plans:
        if plan.n_missing:
            column, values = run.columns[plan.name], found[plan.name]
            run.imputed[plan.name] = column.decode(values)
            run.y[plan.name] = completed(column.y, column.ry, values)


def neighbours(
    run: Run,
    receivers: Mapping[str, tuple[NDArray[Any], NDArray[np.bool_]]],
    done: float,
    total: float,
) -> Generator[Step, None, dict[str, NDArray[Any]]]:
    """Impute rows, given as numbers or codes and where observed, by the run's rows."""
    columns, plans = predictors(run), run.planned("neighbours")
    space = cast("knn.Frame", run.space)
    donors = space.space([column.y for column in columns])
    points = space.space([receivers[column.name][0] for column in columns])
    have = np.stack([run.columns[plan.name].ry for plan in plans], axis=1)
    need = np.stack([~receivers[plan.name][1] for plan in plans], axis=1)
    rows = np.flatnonzero(need.any(axis=1))
    found: dict[str, list[NDArray[Any]]] = {plan.name: [] for plan in plans}
    otherwise = {plan.name: usual(run.columns[plan.name]) for plan in plans}
    start = 0
    for stop, picks in nearest(
        points.rows(rows), donors, need[rows], have, run.spec.n_neighbors
    ):
        for k, plan in enumerate(plans):
            column = run.columns[plan.name]
            found[plan.name].append(
                knn.combine(
                    picks,
                    k,
                    np.flatnonzero(need[rows[start:stop], k]) + start,
                    column.y,
                    classes=column.classes,
                    weights=run.spec.weights,
                    otherwise=otherwise[plan.name],
                )
            )
        start = stop
        yield Step(
            done=done + KNN_VISITS * stop / len(rows),
            total=float(total),
            message=f"neighbours of row {stop:,} of {len(rows):,}",
        )
    return {name: np.concatenate(parts) for name, parts in found.items() if parts}


def completed(
    y: NDArray[Any], ry: NDArray[np.bool_], imputed: NDArray[Any] | float
) -> NDArray[Any]:
    """Numbers or codes with the holes filled."""
    filled = y.copy()
    filled[~ry] = imputed
    return filled


def start_of(run: Run, plan: ColumnPlan) -> NDArray[Any] | float:
    """Value, or values, by which the holes of a predictor are filled at first."""
    column = run.columns[plan.name]
    fill = run.fills.get(plan.name)
    if fill is not None and (column.numeric or fill.y >= 0):
        return fill.y
    return usual(column)


def _chained(
    run: Run, plans: list[ColumnPlan], done: float, total: float
) -> Generator[Step, None, None]:
    spec, rng = run.spec, run.rng
    design = _design(run)
    run.shift = design.shift
    targets = sorted(plans, key=lambda plan: plan.n_missing)
    run.visits = tuple(plan.name for plan in targets)
    limit = spec.tol * _largest(run)
    fixed = all(not METHODS[plan.method].draws for plan in targets)
    picked: dict[str, Rows] = {}
    for round_ in range(1, spec.max_iter + 1):
        design.recount()
        moved = np.zeros(design.n)
        models: dict[str, Model] = {}
        for k, plan in enumerate(targets):
            column, coding = run.columns[plan.name], run.codings[plan.name]
            missing = column.missing
            part = design.rows(missing)
            model = _fit_one(run, design, plan, part)
            if run.keep:
                (run.last if plan.method == "pmm" else models)[plan.name] = model
            if len(missing):
                coordinates, rows = draw(model, column, coding, part, rng)
                moved[missing] += design.update(plan.name, missing, coordinates, part)
                if rows is not None:
                    picked[plan.name] = rows
            yield Step(
                done=done + (round_ - 1) * len(targets) + k + 1,
                total=float(total),
                message=f"round {round_} of {spec.max_iter}, column {plan.name!r}",
                round=round_,
                max_iter=spec.max_iter,
                column=plan.name,
            )
        run.rounds.append(models)
        run.n_iter = round_
        if fixed and moved.max() < limit:
            break
    for plan in targets:
        if not plan.n_missing:
            continue
        column = run.columns[plan.name]
        if plan.name in picked:
            run.imputed[plan.name] = column.take(picked[plan.name])
        else:
            run.imputed[plan.name] = column.decode(
                design.coordinates(plan.name, column.missing)[:, 0]
            )


def draw(
    model: Model,
    column: Column,
    coding: Coding,
    x: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], Rows | None]:
    """Impute some rows: coordinates and, if values are handed on, whose."""
    if isinstance(model, pmm.PmmModel):
        rows = np.flatnonzero(column.ry)[model.draw(x, rng)]
        return coding.encode(column.y[rows]), rows
    predicted = model.predict(x)
    if column.numeric:
        return predicted, None
    codes = coding.classify(predicted)
    return coding.encode(codes), column.first[codes]


def _fit_one(
    run: Run, design: Design, plan: ColumnPlan, part: NDArray[np.float64]
) -> Model:
    column, coding = run.columns[plan.name], run.codings[plan.name]
    moments = design.moments(plan.name, column.missing, part)
    widen = partial(design.widen, plan.name)
    if plan.method == "linear":
        return linear.fit(moments, coding).widened(widen)
    posterior = pmm.fit(moments, coding, run.rng).widened(widen)
    # All rows are projected in place: taking the observed ones first costs more.
    return pmm.place(posterior, posterior.hat(design.z)[column.ry], run.spec.donors)


def _design(run: Run) -> Design:
    """Start the chain: means, or draws from the observed values for `pmm`."""
    blocks: dict[str, NDArray[np.float64]] = {}
    plans = {plan.name: plan for plan in run.plans}
    for column in predictors(run):
        plan = plans[column.name]
        coding = coding_of(column)
        run.codings[column.name] = coding
        y = run.y.get(column.name)
        if y is None and plan.method == "pmm":
            observed = column.y[column.ry]
            y = completed(column.y, column.ry, run.rng.choice(observed, plan.n_missing))
        elif y is None:
            y = completed(column.y, column.ry, start_of(run, plan))
        blocks[column.name] = coding.encode(y)
        _note_predictor(run, plan, column)
    return Design(blocks)


def _note_predictor(run: Run, plan: ColumnPlan, column: Column) -> None:
    if column.classes > MOST + 1 and column.level == "nominal":
        run.log(
            f"Column {plan.name!r} has {column.classes} classes; as a predictor the "
            f"{MOST} most frequent ones count, the others as one.",
            plan,
        )
    if not plan.method and plan.n_missing:
        run.log(
            f"Column {plan.name!r} keeps its {plan.n_missing} holes as asked; where it "
            "helps to impute other columns, its mean or mode stands in for them.",
            plan,
        )
    observed = column.y[column.ry]
    if len(observed) and (observed == observed[0]).all():
        run.log(
            f"All observed values of column {plan.name!r} are equal, so it helps to "
            "impute no other column.",
            plan,
        )


def _largest(run: Run) -> float:
    """Largest absolute observed coordinate, to which tol is relative."""
    sizes = []
    for name, coding in run.codings.items():
        column = run.columns[name]
        coordinates = coding.encode(column.y[column.ry])
        sizes.append(float(np.abs(coordinates).max(initial=0.0)))
    return max(sizes, default=0.0)
