"""Recommend a method for each column of a frame, with the reason in words."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TypeVar

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import (
    CorrelationSpec,
    ImputationSpec,
    PlanDocument,
)
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.correlate.columns import MOST
from jupyter_wrangler.engine.correlate.run import correlate
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.check import plan_columns
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.recommend.associations import strongest
from jupyter_wrangler.engine.recommend.column_facts import column_facts_of
from jupyter_wrangler.engine.recommend.groups import group_of, is_of_group
from jupyter_wrangler.engine.recommend.leakage import copies, informative_missingness
from jupyter_wrangler.engine.recommend.reasons import planned
from jupyter_wrangler.engine.recommend.rules import Known
from jupyter_wrangler.engine.selection import best_guess
from jupyter_wrangler.engine.strategies import impute
from jupyter_wrangler.engine.types import ColumnPlan, Step
from jupyter_wrangler.errors import UnknownColumn

T = TypeVar("T")

#: Rows whose correlations are looked at.
ROWS = 5_000
#: Columns that help in the check at most, beside those that are imputed.
HELPERS = 100


def recommend(
    df: pd.DataFrame,
    target: str | None = None,
    *,
    n_imputations: int = 1,
    random_state: int = 0,
) -> Generator[Step, None, PlanDocument]:
    """Recommend a method for each column.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data; not changed.
    target : str, optional
        Column that a model will predict: it is left alone and helps no other.
    n_imputations : int, default=1
        One asks for best guesses, several for methods that draw.
    random_state : int, default=0
        Seed of the check on hidden cells and of samples.

    Yields
    ------
    Step
        With shares of one.

    Returns
    -------
    PlanDocument
        One method and one reason for each column, and warnings.

    Raises
    ------
    InvalidData, InvalidSpec
        As `engine.planning.check.check` does, and UnknownColumn for the target.

    Notes
    -----
    Columns without observed values, of text, and the target are left alone.  A column
    with one value, or one that is the same within groups of rows, gets it from there.
    For all others `engine.selection.best_guess.choose` hides cells of 1 000 rows at
    most and takes the method that errs least; for several imputations the standard
    method, unless another one draws better beyond chance, see
    `engine.selection.best_draws`.  Methods that can go beyond what was observed keep
    numbers that are never negative at zero or more, and shares at one or less.

    Examples
    --------
    >>> df = pd.DataFrame({"x": np.arange(60.0), "y": 2 * np.arange(60.0)})
    >>> df.loc[::7, "y"] = np.nan
    >>> steps = recommend(df)
    >>> while True:
    ...     try:
    ...         step = next(steps)
    ...     except StopIteration as stop:
    ...         plan = stop.value
    ...         break
    >>> [(column.name, column.method) for column in plan.columns]
    [('x', ''), ('y', 'linear')]
    """
    frame = named(df)
    names = [str(name) for name in frame.columns]
    if target is not None and target not in names:
        raise UnknownColumn(target, names)
    spec = ImputationSpec(
        method="auto", n_imputations=n_imputations, random_state=random_state
    )
    yield Step(done=0.0, total=1.0, message="measuring the columns")
    plans = plan_columns(frame, spec)
    known = Known(
        frame=frame,
        target=target,
        n_imputations=n_imputations,
        plans=plans,
        facts={plan.name: column_facts_of(plan, frame[plan.name]) for plan in plans},
    )
    _find_groups(known)
    yield from _correlate(known, random_state)
    chosen = yield from _choose_methods(known, spec)
    if target is not None:
        yield from _warn_of_target(known, chosen)
    columns = tuple(planned(known, plan, chosen) for plan in plans)
    yield Step(done=1.0, total=1.0, message="methods are recommended")
    grouped = any(c.method == "sample" and c.name in known.of_group for c in columns)
    return PlanDocument(
        columns=columns,
        n_rows=len(frame),
        n_imputations=n_imputations,
        target=target,
        group=known.group if grouped else None,
        warnings=tuple(known.warnings),
    )


def _find_groups(known: Known) -> None:
    """Look for rows that belong together, and for columns that belong to them."""
    levels = {"nominal", "integer", "text", "ordered"}
    names = [
        plan.name
        for plan in known.plans
        if plan.level in levels and plan.name != known.target
    ]
    incomplete = known.judged()
    group = group_of(known.frame, names) if incomplete else None
    if group is None:
        return
    known.of_group = frozenset(
        plan.name
        for plan in incomplete
        if plan.name != group
        and known.facts[plan.name].distinct > 1
        and is_of_group(known.frame, plan.name, group)
    )
    known.group = group if known.of_group else None


def _correlate(known: Known, random_state: int) -> Generator[Step, None, None]:
    """Correlate a sample of rows, for what columns have in common."""
    names = tuple(plan.name for plan in known.plans if plan.level in PREDICTORS)
    if not 1 < len(names) <= MOST:
        return
    frame = known.frame
    if len(frame) > ROWS:
        rng = np.random.default_rng(np.random.SeedSequence(random_state))
        frame = frame.iloc[np.sort(rng.choice(len(frame), ROWS, replace=False))]
    steps = correlate(frame, CorrelationSpec(columns=names))
    known.correlated = yield from _as_part(steps, 0.1, 0.2)


def _choose_methods(
    known: Known, spec: ImputationSpec
) -> Generator[Step, None, dict[str, ColumnPlan]]:
    """Choose methods by hidden cells; the target does not help."""
    settled = {
        plan.name
        for plan in known.judged()
        if plan.name in known.of_group or known.facts[plan.name].distinct == 1
    }
    plans = _columns_to_check(known)
    asked = [
        ColumnPlan(
            name=plan.name,
            level=plan.level,
            method="" if plan.name in settled else plan.method,
            reason=plan.reason,
            n_missing=plan.n_missing,
            n_observed=plan.n_observed,
        )
        for plan in plans
    ]
    frame = known.frame[[plan.name for plan in plans]]
    steps = best_guess.choose(frame, spec, asked, impute.impute)
    while True:
        try:
            share, message = next(steps)
        except StopIteration as stop:
            return {plan.name: plan for plan in stop.value}
        yield Step(done=0.2 + 0.7 * share, total=1.0, message=message)


def _columns_to_check(known: Known) -> list[ColumnPlan]:
    """Take the columns that the check looks at: of many, those most related."""
    own = {plan.name for plan in known.judged()}
    others = [p for p in known.plans if p.name not in own and p.name != known.target]
    helpers = [plan.name for plan in others if plan.level in PREDICTORS]
    if own and len(helpers) > HELPERS:
        known.warnings.append(
            f"Methods were tried beside {HELPERS} of {len(helpers):,} columns without "
            "missing values"
            + (", those most related." if known.correlated else ", the first of them.")
        )
        if known.correlated is not None:
            strength = strongest(known.correlated, own)
            helpers.sort(key=lambda name: -strength.get(name, 0.0))
        kept = own | set(helpers[:HELPERS])
        return [plan for plan in known.plans if plan.name in kept]
    return [plan for plan in known.plans if plan.name != known.target]


def _as_part(
    steps: Generator[Step, None, T], start: float, stop: float
) -> Generator[Step, None, T]:
    """Run steps as a part of the work."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            found: T = end.value
            return found
        done = start + (stop - start) * step.done / max(step.total, 1e-9)
        yield Step(done=done, total=1.0, message=step.message)


def _warn_of_target(
    known: Known, chosen: Mapping[str, ColumnPlan]
) -> Generator[Step, None, None]:
    target = str(known.target)
    if known.correlated is not None:
        known.warnings += copies(known.correlated, target)
    incomplete = [plan.name for plan in known.judged()]
    yield Step(done=0.9, total=1.0, message="looking at the target")
    looking = informative_missingness(known.frame, incomplete, target)
    known.warnings += yield from _as_part(looking, 0.9, 1.0)
    whole = sorted(
        {
            plan.method
            for plan in chosen.values()
            if plan.n_missing
            and plan.method
            and METHODS[plan.method].kind in {"neighbours", "joint"}
        }
    )
    if whole:
        which = " and ".join(map(repr, whole))
        known.warnings.append(
            f"{which} look at all columns of a row, so the target {target!r} would "
            "help to impute the others. Impute without it, for example "
            f"jw.impute(df.drop(columns={target!r}), plan)."
        )
    own = known.facts[target].n_missing
    if own:
        known.warnings.append(
            f"The target {target!r} has {own:,} missing values; rows without it teach "
            "a model nothing, and imputed ones teach it what the imputation knew."
        )
