"""Whether a frame can be imputed as asked, and what will happen to each column.

Kernels import this before anything is sent anywhere, so it loads neither
scikit-learn nor scipy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import pandas as pd

from jupyter_wrangler.contract import ImputationSpec, is_formula
from jupyter_wrangler.engine.columns.id_columns import is_row_id
from jupyter_wrangler.engine.columns.levels import NUMERIC, PREDICTORS
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.blocks import (
    blocks_of,
    by_pmm,
    check_blocks,
    check_bounds,
    check_members,
    members_of,
)
from jupyter_wrangler.engine.planning.column_plan import plan_column
from jupyter_wrangler.engine.planning.frame import (
    named,
    untyped,
)
from jupyter_wrangler.engine.planning.passive_dependencies import (
    check_ingredients,
    check_names,
    formulas_of,
)
from jupyter_wrangler.engine.types import ColumnPlan
from jupyter_wrangler.errors import UnknownColumn, UnknownMethod


def check(df: pd.DataFrame, spec: ImputationSpec) -> tuple[ColumnPlan, ...]:
    """Refuse what cannot be imputed, and plan the rest.

    Parameters
    ----------
    df : DataFrame
        The data.
    spec : ImputationSpec
        What is asked for.

    Returns
    -------
    tuple of ColumnPlan
        One for each column of the frame, in its order.

    Raises
    ------
    InvalidData
        EmptyFrame, DuplicateColumns, MixedTypes, UnsupportedFrame, InfiniteValues,
        NothingObserved, TooFewDonors.
    InvalidSpec
        UnknownColumn, UnknownMethod, MethodDoesNotFit, or a constant that a column
        cannot hold.

    Examples
    --------
    >>> df = pd.DataFrame({"age": [1.0, None], "sex": ["f", None]})
    >>> for plan in check(df, ImputationSpec(method="mean")):
    ...     print(plan.name, plan.level, plan.method, plan.reason)
    age continuous mean
    sex nominal most_frequent 'mean' does not fit a nominal column; ...
    """
    return plan_columns(named(df), spec)


def plan_columns(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    *,
    every: bool = False,
    also: Collection[str] = (),
) -> tuple[ColumnPlan, ...]:
    """Plan as `check` does, and for columns without missing values too.

    The frame is as `named` gives it.  `every` plans for missing values in any column of
    later rows, `also` for some columns.
    """
    _check_spec(spec, list(frame.columns))
    frame = untyped(frame, spec)
    for block in blocks_of(spec):
        check_members(block, frame[list(block.members)].notna(), spec.donors)
    asked = by_pmm(spec)
    plans = tuple(
        plan_column(str(name), series, asked, every=every or name in also)
        for name, series in frame.items()
    )
    plans = _in_blocks(plans, spec)
    check_ingredients(
        formulas_of(spec),
        {plan.name: plan.level for plan in plans},
        incomplete={plan.name for plan in plans if plan.n_missing and plan.method},
        kept={plan.name for plan in plans if plan.n_missing and not plan.method},
    )
    return _without_ids(frame, plans, spec, also)


def _in_blocks(
    plans: tuple[ColumnPlan, ...], spec: ImputationSpec
) -> tuple[ColumnPlan, ...]:
    """Refuse bounds of members, and say whom `pmm` imputes because of its block."""
    blocks = members_of(spec)
    if not blocks:
        return plans
    for plan in plans:
        if plan.name in blocks and plan.level in NUMERIC:
            check_bounds(plan.name, blocks[plan.name], spec)
    return tuple(
        replace(plan, reason=blocks[plan.name].why)
        if plan.name in blocks
        and plan.method
        and spec.methods.get(plan.name, spec.method) != plan.method
        else plan
        for plan in plans
    )


def _without_ids(
    frame: pd.DataFrame,
    plans: tuple[ColumnPlan, ...],
    spec: ImputationSpec,
    also: Collection[str],
) -> tuple[ColumnPlan, ...]:
    """Let columns that name the rows help no other, unless they are named themselves.

    Where fewer than two other columns can help they stay: a number that runs along
    with one column is all there is to impute it by.
    """
    mentioned = {*also, *_named(spec)}
    ids = {
        plan.name
        for plan in plans
        if plan.level == "integer"
        and plan.name not in mentioned
        and is_row_id(frame[plan.name])
    }
    others = [p for p in plans if p.level in PREDICTORS and p.n_observed]
    if not ids or len(others) - len(ids) < 2:
        return plans
    return tuple(
        replace(plan, names_rows=True, method="") if plan.name in ids else plan
        for plan in plans
    )


def _named(spec: ImputationSpec) -> Iterator[str]:
    """Name every column that was asked for by its name."""
    given = spec.visit_sequence if isinstance(spec.visit_sequence, tuple) else ()
    bounds = (spec.min_value, spec.max_value, spec.fill_value)
    yield from spec.methods
    yield from spec.columns or ()
    yield from (name for name in (spec.group, spec.time) if name is not None)
    yield from spec.predictors
    yield from (name for helpers in spec.predictors.values() for name in helpers)
    yield from (name for members in spec.blocks.values() for name in members)
    yield from given
    yield from (name for by in bounds if isinstance(by, dict) for name in by)
    yield from spec.factor
    yield from spec.delta
    yield from (name for f in formulas_of(spec).values() for name in f.columns)


def _check_spec(spec: ImputationSpec, names: list[str]) -> None:
    known = set(names)
    for name in _named(spec):
        if name not in known:
            raise UnknownColumn(name, names)
    check_names(formulas_of(spec), names)
    for method in (spec.method, *spec.methods.values()):
        if method and method not in METHODS and not is_formula(method):
            raise UnknownMethod(method, list(METHODS))
    check_blocks(spec)
