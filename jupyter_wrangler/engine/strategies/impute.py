"""Impute a frame: simple methods, then neighbours, joint models, chained equations.

Columns with a formula are kept in step with the chain, and computed last.

`knn` measures distances between the rows as they were observed, and the joint methods
fit them as they were observed; the chained methods see all other columns as completed
so far.

The engine yields and the caller pulls: each `Step` says how far the work is, and to
cancel is to stop pulling.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.engine.planning.blocks import check_post
from jupyter_wrangler.engine.planning.check import plan_columns
from jupyter_wrangler.engine.planning.early_warnings import (
    few_observed,
    unused,
    why_few,
    why_unused,
)
from jupyter_wrangler.engine.planning.frame import named, untyped
from jupyter_wrangler.engine.planning.given import check_given, check_post_levels
from jupyter_wrangler.engine.selection import best_guess
from jupyter_wrangler.engine.strategies.registry import STRATEGIES, check_kinds
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.simple.whole_array import Known
from jupyter_wrangler.engine.strategies.strategy import Progress
from jupyter_wrangler.engine.types import ColumnPlan, Given, Imputation, Step

#: Share of the work that choosing methods is counted as.
AUTO_SHARE = 0.5


def impute(
    df: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int = 0,
    given: Given | None = None,
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
    given : Given, optional
        What is not in a spec: where to start, which cells, functions of the analyst.

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
    8 r n p flops for r rows with missing values.

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
    run = yield from fit(df, spec, imputation, given=given)
    return run.result()


def fit(
    df: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int = 0,
    *,
    keep: bool = False,
    given: Given | None = None,
    ready: bool = False,
    known: Known | None = None,
) -> Generator[Step, None, Run]:
    """Impute a frame and, with `keep`, learn to impute other rows.

    See `impute` for the parameters.  A frame that is `ready` is as `named` gives it,
    and what is `known` of its columns is not looked for again.
    """
    frame = untyped(df if ready else named(df), spec)
    given = given or Given()
    asked = check_given(given, frame)
    if known is not None:
        steps = _planned(
            frame, spec, imputation, known.plans, given, keep=keep, known=known.columns
        )
        return (yield from steps)
    plans = plan_columns(frame, spec, every=keep, also=asked)
    check_post_levels(given, plans)
    check_post(spec, given.post)
    way = _auto if any(plan.method == "auto" for plan in plans) else _planned
    return (yield from way(frame, spec, imputation, plans, given, keep=keep))


def _auto(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int,
    plans: tuple[ColumnPlan, ...],
    given: Given,
    *,
    keep: bool,
) -> Generator[Step, None, Run]:
    """Choose methods, then impute by them."""
    yield Step(done=0.0, total=1.0, message="reading the data")
    others = [method_of(p.method) for p in plans if p.method not in {"", "auto"}]
    if spec.n_imputations == 1 and not any(method.predicts for method in others):
        # One completed data set is for best guesses.
        spec = spec.model_copy(update={"sample_posterior": False})
    ids = [plan.name for plan in plans if plan.names_rows]
    choosing = best_guess.choose(frame.drop(columns=ids), spec, plans, impute)
    while given.plans is None:
        try:
            share, words = next(choosing)
        except StopIteration as stop:
            plans = stop.value
            break
        yield Step(done=AUTO_SHARE * share, total=1.0, message=words)
    plans = given.plans or plans
    steps = _planned(frame, spec, imputation, plans, given, keep=keep)
    while True:
        try:
            step = next(steps)
        except StopIteration as stop:
            run: Run = stop.value
            return run
        done = AUTO_SHARE + (1.0 - AUTO_SHARE) * step.done / max(step.total, 1.0)
        yield replace(step, done=done, total=1.0)


def _planned(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int,
    plans: tuple[ColumnPlan, ...],
    given: Given,
    *,
    keep: bool,
    known: dict[str, Column] | None = None,
) -> Generator[Step, None, Run]:
    seed = np.random.SeedSequence(spec.random_state, spawn_key=(imputation,))
    run = Run(
        spec=spec,
        imputation=imputation,
        rng=np.random.default_rng(seed),
        plans=plans,
        columns=known
        or {p.name: column_of(p.name, frame[p.name], p.level) for p in plans},
        keep=keep,
        given=given,
    )
    check_kinds({method_of(plan.method).kind for plan in plans if plan.method})
    _log_plans(run)
    mine = {kind: run.planned(kind) for kind in STRATEGIES}
    work = {kind: one.work(spec, mine[kind]) for kind, one in STRATEGIES.items()}
    total = sum(work.values())
    yield Step(done=0.0, total=total, message="reading the data")
    done = 0.0
    for kind, strategy in STRATEGIES.items():
        if mine[kind]:
            progress = Progress(done=done, total=total)
            yield from strategy.fit(run, frame, mine[kind], progress)
        done += work[kind]
    # Observed cells come last, so that the draws of the others do not depend on them.
    for kind, strategy in STRATEGIES.items():
        progress = Progress(done=total, total=total)
        yield from strategy.impute_observed(run, mine[kind], progress)
    yield Step(done=total, total=total, message="done")
    return run


def _log_plans(run: Run) -> None:
    """Log what is known before the first fit: reasons, and columns of no use."""
    for plan in run.plans:
        if plan.reason and plan.n_missing:
            run.log(f"Column {plan.name!r}: {plan.reason}", plan)
    for plan in unused(run.plans):
        run.log(why_unused(plan.name), plan)
    by_name = {plan.name: plan for plan in run.plans}
    for name, counts in few_observed(run.plans, run.spec).items():
        run.log(why_few({name: counts}, run.spec.predictors), by_name[name])
