"""Impute rows that came later by what a run has learned, without fitting anew.

Simple methods fill with the value learned; `knn` looks for neighbours among the
rows of the fit; the joint methods complete rows by the parameters of the fit;
`linear` replays its regressions round by round, as scikit-learn's IterativeImputer
does; `pmm` repeats its last regressions, whose donors are rows of the fit, as often
as the fit had rounds.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.column import Column, Values, placed
from jupyter_wrangler.engine.columns.dates import zone_of
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.columns.row_order import Order, order_of
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import ByRow, DonorDraw
from jupyter_wrangler.engine.models import joint
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.regression import Model
from jupyter_wrangler.engine.planning.check import check_numbers, named
from jupyter_wrangler.engine.strategies.chained.block_step import draw_block
from jupyter_wrangler.engine.strategies.chained.column_step import Filled, draw, put
from jupyter_wrangler.engine.strategies.chained.passive import Passive, planned, settled
from jupyter_wrangler.engine.strategies.chained.passive import named as named_in
from jupyter_wrangler.engine.strategies.impute import (
    JOINT_VISITS,
    KNN_VISITS,
    neighbours,
)
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.strategies.simple import cells_of, timed_methods
from jupyter_wrangler.engine.types import Step
from jupyter_wrangler.errors import SchemaMismatch, shown

Rows = NDArray[np.intp]

#: How pandas calls numbers among objects.
_NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "boolean"})


@dataclass(frozen=True, kw_only=True)
class Later:
    """One column of the later rows, in the numbers and codes of the fit."""

    y: NDArray[Any]
    ry: NDArray[np.bool_]

    @property
    def missing(self) -> Rows:
        """Positions of the rows without a value."""
        return np.flatnonzero(~self.ry)


def apply(
    run: Run,
    df: pd.DataFrame,
    rng: np.random.Generator,
    *,
    handle_unknown: Literal["error", "impute"] = "error",
) -> Generator[Step, None, dict[str, tuple[Rows, Values]]]:
    """Impute later rows.

    Parameters
    ----------
    run : Run
        Of `fit` with ``keep=True``.
    df : DataFrame
        Rows with the columns of the fit.
    rng : Generator
        Source of the draws of `pmm`.
    handle_unknown : {"error", "impute"}, default="error"
        Whether classes that the fit has not seen are refused, or stand as holes where
        they would help to impute others; they themselves stay.

    Yields
    ------
    Step
        At least one for each visit of a column.

    Returns
    -------
    dict of str to (rows, values)
        Positions of the holes filled, and their values in the dtype of the fit.

    Raises
    ------
    SchemaMismatch
        If columns are missing or unknown, hold other types, or classes that the fit
        has not seen.
    InvalidData
        If a number is infinite (InfiniteValues), or too large for the models.
    """
    frame = named(df)
    check_columns(list(run.columns), [str(name) for name in frame.columns])
    later = {
        plan.name: _later(
            run.columns[plan.name], frame[plan.name], run.spec, handle_unknown
        )
        for plan in run.plans
    }
    imputed: dict[str, tuple[Rows, Values]] = {}
    y: dict[str, NDArray[Any]] = {}
    total = len(run.fills) + KNN_VISITS * (run.space is not None)
    total += len(run.visits) * run.n_iter + JOINT_VISITS * len(run.joints)
    done = 0.0
    order = None
    if run.order is not None:
        timed = timed_methods(run.plans)
        order = order_of(frame, run.spec, timed=timed)
    for name in run.fills:
        cells, values = _filled(run, frame[name], order, later[name], rng)
        imputed[name] = later[name].missing, cells
        if values is not None:
            y[name] = completed(later[name].y, later[name].ry, values)
        done += 1
        yield Step(done=done, total=total, message=f"column {name!r}", column=name)
    if run.space is not None:
        receivers = {name: (new.y, new.ry) for name, new in later.items()}
        found = yield from neighbours(run, receivers, done, total)
        for name, values in found.items():
            new, change = later[name], run.adjustment(name)
            numbers = values if change is None else change(values)
            imputed[name] = new.missing, run.columns[name].decode(numbers)
            y[name] = completed(new.y, new.ry, numbers)
        done += KNN_VISITS
    for method in run.joints:
        _joint(run, method, later, imputed, y, rng)
        done += JOINT_VISITS
        yield Step(done=done, total=total, message=f"{method} completed the rows")
    if run.visits:
        yield from _chained(run, later, imputed, y, rng, total)
    _computed(run, later, imputed)
    return {name: _holes(frame[name], *cells) for name, cells in imputed.items()}


def _holes(series: pd.Series, rows: Rows, values: Values) -> tuple[Rows, Values]:
    """Leave out cells that hold a class the fit has not seen."""
    empty = series.isna().to_numpy()[rows]
    return (rows, values) if empty.all() else (rows[empty], values[empty])


def _computed(
    run: Run, later: dict[str, Later], imputed: dict[str, tuple[Rows, Values]]
) -> None:
    """Compute passive columns from what was filled in; a hole of which one stays."""
    formulas = planned(run)
    now = {name: later[name].y.copy() for name in named_in(formulas)}
    for name, numbers in now.items():
        if name in imputed:
            rows, values = imputed[name]
            numbers[rows] = run.columns[name].floats(pd.Series(values))
    for name, formula in formulas.items():
        imputed[name] = settled(run, name, formula, now, later[name].missing)


def _filled(
    run: Run,
    series: pd.Series,
    order: Order | None,
    new: Later,
    rng: np.random.Generator,
) -> tuple[Values, NDArray[Any] | None]:
    """Impute by a simple method; numbers or codes where they are not the usual one."""
    name = str(series.name)
    column, fill, rows = run.columns[name], run.fills[name], new.missing
    change, own = run.adjustment(name), True
    if order is not None and METHODS[run.method(name)].by_row:
        values, cells = _around(run, series, order, new, rng)
    else:
        codes = None
        if fill.groups is not None and order is not None:
            codes = cast("Order", run.order).like(order)[rows]
        cells, values = fill.cells(codes, len(rows))
        own = codes is not None and column.level in PREDICTORS
    if change is not None:
        before, values = values, change(values)
        cells, own = column.changed(cells, values == before, values), True
    return cells, values if own else None


def _around(
    run: Run, series: pd.Series, order: Order, new: Later, rng: np.random.Generator
) -> tuple[NDArray[Any], Values]:
    """Impute by the later rows around each missing value; `sample` draws from the fit.

    Gives numbers or codes, and the values; those that are handed on stay as they are.
    """
    name = str(series.name)
    column, fill, method = run.columns[name], run.fills[name], METHODS[run.method(name)]
    if isinstance(method, DonorDraw):
        own = cast("Order", run.order)
        groups = own.like(order)[new.missing]
        drawn = run.pools[name].draw(groups, rng)
        return column.y[drawn], column.take(drawn)
    if not isinstance(method, ByRow):
        raise TypeError(f"{method.name!r} does not fill row by row")
    values, donors = cells_of(method, order, new.y, new.ry, new.missing)
    lost = np.isnan(values) if column.numeric else values < 0
    values = np.where(lost, fill.y, values).astype(column.y.dtype)
    cells = column.decode(values)
    if donors is not None and series.dtype == cells.dtype:
        handed = np.flatnonzero(~lost)
        cells = placed(cells, handed, series.array.take(donors[handed]))
    return values, cells


def _joint(
    run: Run,
    method: str,
    later: dict[str, Later],
    imputed: dict[str, tuple[Rows, Values]],
    y: dict[str, NDArray[Any]],
    rng: np.random.Generator,
) -> None:
    found = run.joints[method].complete(
        [
            joint.coordinates(later[c.name].y, later[c.name].ry, run.codings[c.name])
            for c in run.predictors()
        ],
        rng,
    )
    for plan in run.planned("joint"):
        if plan.method == method:
            new = later[plan.name]
            block = found[plan.name][new.missing]
            values = joint.values_of(block, run.codings[plan.name])
            if (change := run.adjustment(plan.name)) is not None:
                values = change(values)
            imputed[plan.name] = new.missing, run.columns[plan.name].decode(values)
            y[plan.name] = completed(new.y, new.ry, values)


def check_columns(wanted: list[str], found: list[str]) -> None:
    """Refuse rows without the columns of the fit.

    Examples
    --------
    >>> check_columns(["age", "sex"], ["age"])
    Traceback (most recent call last):
    jupyter_wrangler.errors.SchemaMismatch: The imputer was fitted on columns that these
    rows do not have: 'sex'. Add them (missing values will do), take
    missing_columns='impute', or fit anew.
    """
    lacking = [name for name in wanted if name not in set(found)]
    if lacking:
        raise SchemaMismatch(
            "The imputer was fitted on columns that these rows do not have: "
            f"{', '.join(map(repr, lacking))}. Add them (missing values will do), "
            "take missing_columns='impute', or fit anew."
        )
    unknown = [name for name in found if name not in set(wanted)]
    if unknown:
        raise SchemaMismatch(
            "These rows have columns that the imputer was not fitted on: "
            f"{', '.join(map(repr, unknown))}. Leave them out, or fit anew."
        )


def _later(
    column: Column, series: pd.Series, spec: ImputationSpec, handle_unknown: str
) -> Later:
    ry = series.notna().to_numpy(bool)
    if column.level not in PREDICTORS:
        return Later(y=np.where(ry, 0, -1), ry=ry)
    if column.numeric and not ry.any():
        # Whatever the dtype is in which nothing was read: no moments have no zone.
        return Later(y=np.full(len(series), np.nan), ry=ry)
    if column.numeric:
        _check_zone(column, series)
        try:
            _check_spelling(column, series)
            y = column.floats(series)
        except (ValueError, TypeError):
            raise SchemaMismatch(
                f"Column {column.name!r} was {column.level} when the imputer was "
                f"fitted, but these rows hold {series.dtype} that is no number, for "
                f"example {shown(series.dropna().iloc[0])}. Convert it, for example "
                "with pd.to_numeric or pd.to_datetime, or fit anew."
            ) from None
        check_numbers(column.name, y, spec)
        return Later(y=y, ry=ry)
    labels = pd.Index(column.labels.astype(object))
    codes = labels.get_indexer(pd.Index(series.astype(object)))
    unseen = pd.unique(series[(codes < 0) & ry].astype(object))
    if len(unseen) and handle_unknown == "error":
        new = ", ".join(shown(value) for value in unseen[:5])
        raise SchemaMismatch(
            f"Column {column.name!r} has classes that the imputer has not seen: {new}"
            f"{', ...' if len(unseen) > 5 else ''}; it knows {len(labels)}: "
            f"{', '.join(shown(value) for value in labels[:5])}"
            f"{', ...' if len(labels) > 5 else ''}. Recode them, set them missing, "
            "take handle_unknown='impute', or fit anew."
        )
    return Later(y=np.where(ry, codes, -1), ry=ry & (codes >= 0))


def _check_spelling(column: Column, series: pd.Series) -> None:
    """Refuse strings for numbers and moments, and numbers for moments."""
    own = series.dtype.kind
    if own in "Mm":
        if own != {"datetime": "M", "timedelta": "m"}.get(column.level):
            raise TypeError
        return
    kind = infer_dtype(series, skipna=True)
    if kind == "string":
        raise TypeError
    if column.level == "datetime" and series.notna().any():
        if kind not in {"datetime", "datetime64"}:
            raise TypeError
    elif column.level == "timedelta" and kind in _NUMBERS:
        raise TypeError


def _check_zone(column: Column, series: pd.Series) -> None:
    """Refuse moments with a time zone where those of the fit had none, and reverse."""
    if column.level != "datetime" or series.isna().all():
        return
    zone = column.clock.zone
    if series.dtype.kind == "M":
        aware = zone_of(series) is not None
    else:
        aware = getattr(series.dropna().iloc[0], "tzinfo", zone) is not None
    if aware == (zone is not None):
        return
    had, have, how = f"the time zone {zone}", "none", f".dt.tz_localize({str(zone)!r})"
    if aware:
        had, have, how = "no time zone", "one", ".dt.tz_localize(None)"
    raise SchemaMismatch(
        f"The moments of column {column.name!r} had {had} when the imputer was fitted, "
        f"and have {have} in these rows. Change them with {how}, or fit anew."
    )


def _start(
    run: Run, column: Column, new: Later, rng: np.random.Generator
) -> NDArray[Any]:
    """Complete a predictor as the chain of the fit did before its first round."""
    together = {name for model in run.together.values() for name in model.members}
    if column.name in {*run.last, *together} and run.draws(column.name):
        drawn = rng.choice(column.y[column.ry], len(new.missing))
        return completed(new.y, new.ry, drawn)
    return completed(new.y, new.ry, run.start(column))


def _chained(
    run: Run,
    later: dict[str, Later],
    imputed: dict[str, tuple[Rows, Values]],
    y: dict[str, NDArray[Any]],
    rng: np.random.Generator,
    total: float,
) -> Generator[Step, None, None]:
    starts = {
        column.name: y[column.name]
        if column.name in y
        else _start(run, column, later[column.name], rng)
        for column in run.predictors()
    }
    rest = {name: later[name].y for name in named_in(planned(run))}
    passive = Passive(run, rest | starts, {n: new.missing for n, new in later.items()})
    blocks = {
        name: run.codings[name].encode(
            passive.now[name] if name in passive.formulas else start
        )
        for name, start in starts.items()
    }
    design = Design(blocks, run.shift)
    picked: dict[str, tuple[Rows, NDArray[Any]]] = {}
    before = total - len(run.visits) * run.n_iter
    for round_, models in enumerate(run.rounds, start=1):
        for k, name in enumerate(run.visits):
            model = models.get(k) or run.last.get(name)
            for one, (found, rows) in _drawn(run, name, model, design, later, rng):
                missing = later[one].missing
                part = design.rows(missing)
                design.update(one, missing, run.codings[one].encode(found), part)
                for other, holes, numbers in passive.renew(one, missing, found):
                    put(design, other, holes, numbers)
                if rows is not None:
                    picked[one] = rows, found
            yield Step(
                done=before + (round_ - 1) * len(run.visits) + k + 1,
                total=total,
                message=f"round {round_} of {run.n_iter}, column {name!r}",
                round=round_,
                max_iter=run.n_iter,
                column=name,
            )
    for name in _filled_in(run):
        column, missing = run.columns[name], later[name].missing
        if name in picked:
            imputed[name] = missing, column.given(*picked[name])
        elif len(missing):
            numbers = design.coordinates(name, missing)[:, 0]
            imputed[name] = missing, column.decode(numbers)


def _drawn(
    run: Run,
    name: str,
    model: Model | None,
    design: Design,
    later: dict[str, Later],
    rng: np.random.Generator,
) -> Iterable[tuple[str, Filled]]:
    """Impute one column, or the block that it leads: what fills which holes."""
    if model is None:
        block = run.together[name]
        missing = np.stack([~later[one].ry for one in block.members], axis=1)
        return draw_block(run, block, design, missing, rng).items()
    rows = later[name].missing
    if not len(rows):
        return ()
    return [(name, draw(run, name, model, design.rows(rows), rng))]


def _filled_in(run: Run) -> list[str]:
    """All columns that the visits fill, those of blocks among them."""
    members = {lead: model.members for lead, model in run.together.items()}
    return [one for name in run.visits for one in members.get(name, (name,))]
