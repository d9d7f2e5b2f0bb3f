"""What will happen to one column: its level, its method, and the reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec, Level, is_formula
from jupyter_wrangler.engine.columns.coding import n_dummies
from jupyter_wrangler.engine.columns.levels import (
    CATEGORICAL,
    FEW_REPEATED,
    NUMERIC,
    Measured,
    holds_codes,
    measure,
)
from jupyter_wrangler.engine.columns.literal import literal
from jupyter_wrangler.engine.columns.values import as_floats
from jupyter_wrangler.engine.methods import METHODS, fitting, method_of
from jupyter_wrangler.engine.planning.bounds import check_adjusted
from jupyter_wrangler.engine.planning.delta import check_classes
from jupyter_wrangler.engine.planning.frame import (
    check_numbers,
    constants,
    given,
)
from jupyter_wrangler.engine.types import ColumnPlan
from jupyter_wrangler.errors import (
    InvalidData,
    InvalidSpec,
    MethodDoesNotFit,
    NothingObserved,
    TooFewDonors,
    UnsupportedFrame,
)


def _measured(
    name: str, series: pd.Series, spec: ImputationSpec
) -> tuple[Measured, str]:
    """Measure a column that can be imputed, and say if it is only not refused."""
    try:
        measured = measure(series)
        if measured.level in NUMERIC and series.dtype.kind not in "iu":
            check_numbers(name, as_floats(series), spec)
    except InvalidData as error:
        if spec.methods.get(name, spec.method):
            raise
        # Left alone as asked; nothing is learned from it either.
        excused = f"Left alone as asked, and it helps no other column. {error}"
        return Measured(level="text"), excused
    return measured, ""


def plan_column(
    name: str, series: pd.Series, spec: ImputationSpec, *, every: bool
) -> ColumnPlan:
    """Plan one column; `every` plans for missing values of later rows too."""
    measured, excused = _measured(name, series, spec)
    level = _level(series, measured.level, spec.methods.get(name, ""))
    observed = int(series.count())
    plan = ColumnPlan(
        name=name,
        level=level,
        method="",
        reason=excused,
        n_missing=len(series) - observed,
        n_observed=observed,
        wanted=spec.columns is None or name in spec.columns,
        width=n_dummies(series) if level == "nominal" else 1,
    )
    needed = bool(plan.n_missing) or every
    check_adjusted(name, level, spec, needed=needed)
    asked = spec.methods.get(name, spec.method)
    if not asked or not (needed or name in spec.methods):
        return plan
    if not (given(asked) or observed or is_formula(asked)):
        return _unobserved(plan, spec)
    if not measured.fillable:
        return _unfillable(plan, measured.reason, explicit=name in spec.methods)
    plan = _with_method(plan, asked, measured, series, spec)
    return plan if needed else replace(plan, method="", reason="")


def _unobserved(plan: ColumnPlan, spec: ImputationSpec) -> ColumnPlan:
    """Leave a column alone that has no value to learn from, or refuse it."""
    if plan.n_missing and plan.name in {*spec.methods, *(spec.columns or ())}:
        raise NothingObserved(plan.name)
    return replace(
        plan,
        reason="Left alone: it has no observed value to learn from; only "
        "'constant' can fill it.",
    )


def _with_method(
    plan: ColumnPlan,
    asked: str,
    measured: Measured,
    series: pd.Series,
    spec: ImputationSpec,
) -> ColumnPlan:
    """Find the method for a column that can be filled, and say what is odd about it."""
    explicit = plan.name in spec.methods
    if explicit:
        plan = _as_asked(plan, asked)
        if _lacks_donors(asked, plan, spec):
            raise TooFewDonors(plan.name, spec.donors, plan.n_observed)
    else:
        plan = _as_fits(plan, asked, measured)
        plan = _if_classes(plan, asked, series)
    plan = _of_many_classes(plan, series, explicit=explicit)
    _check_method(series, plan, spec)
    plan = _beyond(plan, series)
    if _lacks_donors(plan.method, plan, spec):
        plan = replace(
            plan,
            reason=f"It has {plan.n_observed} observed values, fewer than donors="
            f"{spec.donors}; all of them are donors.",
        )
    return plan


def _zero_or_one(series: pd.Series) -> bool:
    """Tell whether a column of numbers holds 0 and 1 only."""
    y = as_floats(series)
    y = y[~np.isnan(y)]
    return bool(((y == 0.0) | (y == 1.0)).all()) and bool(y.min() < y.max())


def _beyond(plan: ColumnPlan, series: pd.Series) -> ColumnPlan:
    """Say what a method that draws numbers does to a column of 0 and 1."""
    if not plan.method or not method_of(plan.method).beyond_observed:
        return plan
    if plan.level not in NUMERIC or not _zero_or_one(series):
        return plan
    whole = plan.level == "integer"
    what = "whole numbers, -1 and 2 among them" if whole else "numbers such as -0.2"
    reason = (
        f"It holds 0 and 1 only, and {plan.method!r} draws {what}. That suits "
        "estimates of means and regressions; to draw 0 and 1, name "
        f"methods={{{plan.name!r}: 'logreg'}}."
    )
    return replace(plan, reason=f"{plan.reason} {reason}".strip())


def _level(series: pd.Series, level: Level, named: str) -> Level:
    """Take whole numbers for classes where a method of classes is named for them."""
    classes = method_of(named).codes_are if named else None
    return classes if classes and level in NUMERIC and holds_codes(series) else level


def _if_classes(plan: ColumnPlan, asked: str, series: pd.Series) -> ColumnPlan:
    """Say how whole numbers become classes, where something stands in for a method."""
    if method_of(asked).codes_are is None or plan.level not in NUMERIC:
        return plan
    if not holds_codes(series):
        return plan
    return replace(
        plan,
        reason=f"{plan.reason} If its whole numbers are classes, name it: "
        f"methods={{{plan.name!r}: {asked!r}}}.",
    )


def _as_asked(plan: ColumnPlan, asked: str) -> ColumnPlan:
    """Take the method that was asked for this column, or refuse it."""
    if plan.level not in method_of(asked).levels:
        level: str = plan.level
        if method_of(asked).codes_are and level in NUMERIC:
            level = (
                f"{level}, and no codes of classes, which are whole and at most "
                f"{FEW_REPEATED} different"
            )
        raise MethodDoesNotFit(plan.name, asked, level, fitting(plan.level))
    return replace(plan, method=asked)


def _as_fits(plan: ColumnPlan, asked: str, measured: Measured) -> ColumnPlan:
    """Take the method that was asked for all columns, or what stands in for it."""
    if METHODS[asked].given:
        return replace(plan, method=asked)
    if plan.level == "text" and plan.level not in METHODS[asked].levels:
        why = measured.reason
        return replace(plan, reason=f"Left alone: {why[:1].lower()}{why[1:]}")
    method = asked
    while method and plan.level not in METHODS[method].levels:
        method = METHODS[method].stand_in
    if method == asked:
        return replace(plan, method=method)
    if method:
        reason = (
            f"{asked!r} does not fit a {plan.level} column; {method!r} stands in for "
            "it."
        )
    else:
        reason = (
            f"Left alone: {asked!r} cannot impute a {plan.level} column; ask for "
            f"{' or '.join(map(repr, fitting(plan.level)))} by column to fill it."
        )
    return replace(plan, method=method, reason=reason)


def _unfillable(plan: ColumnPlan, why: str, *, explicit: bool) -> ColumnPlan:
    """Leave a column alone in which nothing can be put, or refuse it."""
    if explicit and plan.n_missing:
        raise UnsupportedFrame(f"Column {plan.name!r} cannot be filled. {why}")
    return replace(plan, reason=f"Left alone: {why[:1].lower()}{why[1:]}")


def _of_many_classes(
    plan: ColumnPlan, series: pd.Series, *, explicit: bool
) -> ColumnPlan:
    """Replace a method that tells fewer classes apart than there are, or refuse it."""
    method = method_of(plan.method) if plan.method else None
    most = method.most_classes if method else None
    if method is None or most is None or int(series.nunique()) <= most:
        return plan
    few = "two" if most == 2 else f"{most}"
    if explicit:
        others = [name for name in fitting(plan.level) if name != method.name]
        level = f"{plan.level} with more than {few} classes"
        raise MethodDoesNotFit(plan.name, method.name, level, others)
    reason = (
        f"It has more than {few} classes; {method.stand_in!r} stands in for "
        f"{method.name!r}."
    )
    return replace(plan, method=method.stand_in, reason=reason)


def _lacks_donors(method: str, plan: ColumnPlan, spec: ImputationSpec) -> bool:
    """Tell whether a method wants more donors than there are observed values."""
    needs = bool(method) and method_of(method).needs_donors
    return needs and plan.n_observed < spec.donors


def _check_method(series: pd.Series, plan: ColumnPlan, spec: ImputationSpec) -> None:
    """Refuse a method that cannot do for this column what the spec asks of it."""
    if given(plan.method):
        _check_constant(series, plan, spec)
    if plan.method and plan.level in CATEGORICAL and plan.name in spec.delta:
        classes = series.dropna().unique()
        delta = spec.delta[plan.name]
        check_classes(plan.name, plan.level, plan.method, delta, classes)


def _check_constant(series: pd.Series, plan: ColumnPlan, spec: ImputationSpec) -> None:
    value = constants(spec, plan.name)
    if value is None:
        raise InvalidSpec(
            f"Method 'constant' needs a value for column {plan.name!r}, but none was "
            f"given; pass fill_value=... or fill_value={{{plan.name!r}: ...}}, or use "
            "another method for it."
        )
    literal(plan.name, series, plan.level, value)
