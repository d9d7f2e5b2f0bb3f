"""What is warned about before anything is imputed, rather than told after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from jupyter_wrangler import calls
from jupyter_wrangler.contract import ImputationSpec, is_formula
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.engine.models.screening import few, kept_of
from jupyter_wrangler.engine.planning.blocks import members_of
from jupyter_wrangler.engine.planning.long_runs import LONG_S, why_long
from jupyter_wrangler.engine.types import ColumnPlan
from jupyter_wrangler.errors import (
    ColumnLeftAlone,
    ColumnNotUsed,
    FewObserved,
    LongJob,
    NoSpread,
)

#: Columns that one warning lists at most.
LISTED = 20
#: Columns of which equal imputations are reported, at most.
SHOWN = 5


def warn(
    plans: Iterable[ColumnPlan], spec: ImputationSpec, *, done: bool = False
) -> None:
    """Tell now what the result would otherwise tell later, at the line of the user.

    One warning of each kind lists all columns; `errors` asks Python to show the same
    one once.

    Parameters
    ----------
    plans : iterable of ColumnPlan
        What will happen to each column.
    spec : ImputationSpec
        What was asked for.
    done : bool, default=False
        Whether it is too late to tell how long it takes.

    Warns
    -----
    ColumnLeftAlone
        If columns keep missing values although nobody asked for that.
    ColumnNotUsed
        If columns of whole numbers name the rows.
    FewObserved
        If columns have too few observed values for their predictors.
    LongJob
        If all this takes longer than ten minutes on one core.
    NoSpread
        If several imputations will not differ, in all columns or in some.

    Examples
    --------
    >>> import pandas as pd
    >>> import warnings
    >>> from jupyter_wrangler.engine.planning.check import check
    >>> spec = ImputationSpec(method="mean", n_imputations=2)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn(check(pd.DataFrame({"x": [1.0, None]}), spec), spec)
    >>> print(caught[0].message)
    'mean' gives the same values every time, so the 2 imputations will not differ ...
    """
    plans = tuple(plans)
    left = [
        plan
        for plan in plans
        if plan.n_missing
        and plan.wanted
        and not plan.method
        and spec.methods.get(plan.name, spec.method) != ""
    ]
    if left:
        calls.warn(_of_left(left), ColumnLeftAlone)
    idle = [plan.name for plan in unused(plans)]
    if idle:
        calls.warn(_of_unused(idle), ColumnNotUsed)
    scarce = few_observed(plans, spec)
    if scarce:
        calls.warn(why_few(scarce, spec.predictors), FewObserved)
    if not done:
        warn_long(plans, spec)
    if spec.n_imputations > 1:
        _warn_of_no_spread(plans, spec)


def _warn_of_no_spread(plans: tuple[ColumnPlan, ...], spec: ImputationSpec) -> None:
    """Name the columns of which several imputations will be equal."""
    filled = [p for p in plans if p.method and p.n_missing and p.wanted]
    equal = _without_spread(filled, spec)
    if not equal:
        return
    m = spec.n_imputations
    methods = sorted({plan.method for plan in equal})
    gives = "gives" if len(methods) == 1 else "give"
    which = f" of {_names(equal)}" if len(equal) < len(filled) else ""
    calls.warn(
        f"{', '.join(map(repr, methods))} {gives} the same values every time, so the "
        f"{m} imputations{which} will not differ and cannot show uncertainty; use "
        "'pmm' or 'auto', a plan of "
        f"recommend(df, n_imputations={m}), or n_imputations=1.",
        NoSpread,
    )


def _without_spread(filled: list[ColumnPlan], spec: ImputationSpec) -> list[ColumnPlan]:
    """Columns whose method draws nothing, where this is not what was asked for."""
    same = [plan for plan in filled if not method_of(plan.method).differs(spec)]
    if len(same) == len(filled):
        return same  # not even one of them differs
    return [
        plan
        for plan in same
        if not is_formula(plan.method) and not method_of(plan.method).given
    ]


def _names(plans: Sequence[ColumnPlan]) -> str:
    names = [repr(plan.name) for plan in plans]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def warn_long(plans: Iterable[ColumnPlan], spec: ImputationSpec) -> None:
    """Tell how long the work takes, if that is more than ten minutes on one core."""
    plans = tuple(plans)
    n = max((plan.n_missing + plan.n_observed for plan in plans), default=0)
    seconds, why = why_long(n, plans, spec)
    if seconds > LONG_S:
        calls.warn(why, LongJob)


def _of_left(plans: Sequence[ColumnPlan]) -> str:
    """List the columns that keep missing values, each with the reason."""
    each = [
        f"Column {plan.name!r} keeps its {plan.n_missing} missing values. {plan.reason}"
        for plan in plans[:LISTED]
    ]
    if len(plans) == 1:
        return each[0]
    more = len(plans) - LISTED
    rest = [f"... and {more:,} more."] if more > 0 else []
    head = f"{len(plans):,} columns keep missing values:"
    return "\n  ".join([head, *each, *rest])


def _of_unused(names: Sequence[str]) -> str:
    if len(names) == 1:
        return why_unused(names[0])
    shown = ", ".join(map(repr, names[:LISTED]))
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return (
        f"Columns {shown}{more} hold whole numbers that all differ, as ids and running "
        "numbers do, so they help to impute no other column, and missing values of "
        "later rows in them stay. Name those that measure something, for example with "
        f"methods={{{names[0]!r}: 'pmm'}}; leave the others out."
    )


def unused(plans: Iterable[ColumnPlan]) -> list[ColumnPlan]:
    """List the columns that would help if they did not name the rows."""
    plans = tuple(plans)
    models = any(
        plan.method and plan.n_missing and method_of(plan.method).kind != "simple"
        for plan in plans
    )
    return [plan for plan in plans if plan.names_rows and models]


def why_unused(name: str) -> str:
    """Say why a column helps no other, and what to do about it."""
    return (
        f"Column {name!r} holds whole numbers that all differ, as ids and running "
        "numbers do, so it helps to impute no other column, and missing values of "
        "later rows in "
        f"it stay. If it measures something, name it, for example with "
        f"methods={{{name!r}: 'pmm'}}; if not, leave it out."
    )


def few_observed(
    plans: Iterable[ColumnPlan], spec: ImputationSpec
) -> dict[str, tuple[int, int]]:
    """List the columns with too few observed values for their predictors.

    Returns
    -------
    dict of str to (int, int)
        Column -> number of its observed values and of its predictors, dummies counted
        one by one.
    """
    plans = tuple(plans)
    found: dict[str, tuple[int, int]] = {}
    helps = {
        plan.name: plan.width
        for plan in plans
        if plan.level in PREDICTORS and plan.n_observed and not plan.names_rows
    }
    blocks = members_of(spec)
    for plan in plans:
        screens = bool(plan.method) and method_of(plan.method).screens
        if not screens or not plan.n_missing or plan.names_rows:
            continue
        asked: Iterable[str] = spec.predictors.get(plan.name, helps)
        own = blocks[plan.name].members if plan.name in blocks else (plan.name,)
        p = sum(helps.get(name, 0) for name in asked if name not in own)
        if few(plan.n_observed, p):
            found[plan.name] = plan.n_observed, p
    return found


def why_few(found: Mapping[str, tuple[int, int]], asked: Collection[str]) -> str:
    """Say what is done about too few observed values, and what can be done."""
    (name, (n, p)), *others = found.items()
    more = f", and so for {len(others)} more columns" if others else ""
    what = (
        "all of them stay as asked, and the weights of numbers are shrunk by a ridge "
        "whose strength is learnt, while classes can be drawn with too little spread"
        if name in asked
        else f"each draw takes those that correlate most, {kept_of(n)} of them"
    )
    return (
        f"Column {name!r} has {n} observed values for {p} predictors, too few for a "
        f"regression on all: {what}{more}. To choose them yourself name at most "
        f"{kept_of(n)}, for example with predictors={{{name!r}: [...]}}."
    )
