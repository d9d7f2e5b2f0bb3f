"""Whether a frame can be imputed as asked, and what will happen to each column.

Kernels import this before anything is sent anywhere, so it loads neither
scikit-learn nor scipy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Level, Scalar
from jupyter_wrangler.engine import ports
from jupyter_wrangler.engine.columns.coding import n_dummies
from jupyter_wrangler.engine.columns.column import as_floats, literal, see_missing
from jupyter_wrangler.engine.columns.formula import is_formula
from jupyter_wrangler.engine.columns.id_columns import names_rows
from jupyter_wrangler.engine.columns.levels import (
    CATEGORICAL,
    FEW_REPEATED,
    NUMERIC,
    PREDICTORS,
    Measured,
    holds_codes,
    measure,
)
from jupyter_wrangler.engine.methods import METHODS, fitting, method_of
from jupyter_wrangler.engine.planning.blocks import (
    blocks_of,
    by_pmm,
    check_blocks,
    check_bounds,
    check_members,
    members_of,
)
from jupyter_wrangler.engine.planning.bounds import check_adjusted
from jupyter_wrangler.engine.planning.delta import check_classes
from jupyter_wrangler.engine.planning.passive_dependencies import (
    check_ingredients,
    check_names,
    formulas_of,
)
from jupyter_wrangler.engine.types import ColumnPlan
from jupyter_wrangler.errors import (
    DuplicateColumns,
    EmptyFrame,
    InfiniteValues,
    InvalidData,
    InvalidSpec,
    MethodDoesNotFit,
    NothingObserved,
    TooFewDonors,
    UnknownColumn,
    UnknownMethod,
    UnsupportedFrame,
)

#: Larger numbers overflow in the sums of squares that models are fitted from.
LARGEST = 1e140


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
        _plan(str(name), series, asked, every=every or name in also)
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
        and names_rows(frame[plan.name])
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


def named(df: Any) -> pd.DataFrame:
    """Give a frame string column names, refusing what is no usable frame.

    NaN is a missing value in every column of it; the frame that was given stays as it
    is.
    """
    df = ports.as_pandas(df)
    if not isinstance(df, pd.DataFrame):
        kind = type(df)
        raise UnsupportedFrame(
            "A pandas or polars DataFrame is wanted, but this is "
            f"{kind.__module__}.{kind.__qualname__}; convert it, for example with "
            "pd.DataFrame(...) or .to_pandas()."
        )
    if 0 in df.shape:
        raise EmptyFrame(*df.shape)
    names = [str(label) for label in df.columns]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DuplicateColumns(twice)
    frame = df.copy(deep=False)
    frame.columns = pd.Index(names, dtype=object)
    return see_missing(frame)


def untyped(frame: pd.DataFrame, spec: ImputationSpec) -> pd.DataFrame:
    """See columns of nothing but NaN as objects where a constant is no number.

    Such a column has no type that the constant could disagree with; it becomes one of
    objects when it is filled.
    """
    found = frame
    for name, dtype in frame.dtypes.items():
        null = str(dtype) == "null[pyarrow]"
        if not null and not (isinstance(dtype, np.dtype) and dtype.kind == "f"):
            continue
        if not _given(spec.methods.get(str(name), spec.method)):
            continue
        value = constants(spec, str(name))
        other = null or isinstance(value, str | bool)
        if other and frame[name].isna().all():
            found = frame.copy(deep=False) if found is frame else found
            found[name] = frame[name].astype(object)
    return found


def constants(spec: ImputationSpec, name: str) -> Scalar | None:
    """Tell the constant of one column, if one was given."""
    if isinstance(spec.fill_value, dict):
        return spec.fill_value.get(name)
    return spec.fill_value


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


def _plan(
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
    if not (_given(asked) or observed or is_formula(asked)):
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


def check_numbers(name: str, y: NDArray[np.float64], spec: ImputationSpec) -> None:
    """Refuse infinite numbers, and those of which models cannot take squares."""
    size = float(np.fmax.reduce(np.abs(y), initial=0.0))
    if np.isinf(size):
        raise InfiniteValues(name, int(np.isinf(y).sum()))
    models = (
        method_of(m).kind not in {"simple", "passive"}
        for m in (spec.method, *spec.methods.values())
        if m
    )
    if size > LARGEST and any(models):
        raise InvalidData(
            f"Column {name!r} holds {size:.3g}, beyond {LARGEST:.0e}, whose square is "
            "no number any more; models need smaller ones. Divide the column by a "
            "constant, or see whether the value stands for a missing value."
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


def _given(method: str) -> bool:
    """Tell whether the analyst gives the value."""
    return bool(method) and method_of(method).given


def _lacks_donors(method: str, plan: ColumnPlan, spec: ImputationSpec) -> bool:
    """Tell whether a method wants more donors than there are observed values."""
    needs = bool(method) and method_of(method).needs_donors
    return needs and plan.n_observed < spec.donors


def _check_method(series: pd.Series, plan: ColumnPlan, spec: ImputationSpec) -> None:
    """Refuse a method that cannot do for this column what the spec asks of it."""
    if _given(plan.method):
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
