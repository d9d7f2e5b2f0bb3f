"""Trials on cells whose values are known: hide them, impute them, count the losses."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import CATEGORICAL
from jupyter_wrangler.engine.columns.missing_cells import masked
from jupyter_wrangler.engine.columns.values import Values, placed
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import AutoTrial
from jupyter_wrangler.engine.types import ColumnPlan, Given, Imputation, Step
from jupyter_wrangler.errors import WranglerError

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
#: Losses in hidden cells, for each frame with hidden cells.
Losses = list[Floats]
#: Imputes a frame: data, spec, imputation, and where to start.
Impute = Callable[
    [pd.DataFrame, ImputationSpec, int, Given | None],
    Generator[Step, None, Imputation],
]

#: Rows that are looked at, and cells that are hidden in each column, at most.
ROWS, CELLS = 1_000, 100
#: Share of the observed cells of a column that is hidden at a time.
HIDDEN = 0.1
#: Times that cells are hidden at most: fewer once `CELLS` have been.
REPEATS = 4
#: Rounds of the chained equations.
ROUNDS = 4
#: Errors below this share of the range of the hidden values are those of rounding.
EXACT = 1e-9
#: Trees start where the regression ended and are grown in one round, and on fewer
#: frames with hidden cells if more than these regressions would have to be fitted.
GROWN_ROUNDS, GROWN_FITS = 1, 24


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A frame with cells hidden, and which."""

    frame: pd.DataFrame
    truth: pd.DataFrame
    #: Column -> rows hidden, ascending.
    rows: dict[str, Rows]
    #: Where trees start: what the regression made of the missing values.
    start: dict[str, pd.Series] = field(default_factory=dict)


def some_rows(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Take the rows that are looked at."""
    if len(frame) <= ROWS:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), ROWS, replace=False))]


def hide(
    some: pd.DataFrame,
    judged: Sequence[ColumnPlan],
    rng: np.random.Generator,
    *,
    before: Sequence[Hidden] = (),
) -> list[Hidden]:
    """Hide cells of the judged columns, once or several times.

    Cells that were hidden `before` are left out, as far as enough others are there.
    """
    observed = {
        plan.name: np.flatnonzero(some[plan.name].notna().to_numpy()) for plan in judged
    }
    for name, there in observed.items() if before else ():
        fresh = np.setdiff1d(there, np.concatenate([one.rows[name] for one in before]))
        if 2 * len(fresh) >= len(there):
            observed[name] = fresh
    made: list[Hidden] = []
    for _ in range(REPEATS):
        taken = {
            name: np.sort(rng.choice(there, _size(len(there)), replace=False))
            for name, there in observed.items()
        }
        incomplete = some.copy(deep=False)
        for name, at in taken.items():
            incomplete[name] = masked(some[name], np.isin(np.arange(len(some)), at))
        made.append(Hidden(frame=incomplete, truth=some, rows=taken))
        if all(_size(len(there)) * len(made) >= CELLS for there in observed.values()):
            break
    return made


def _size(observed: int) -> int:
    """Cells to hide of a column, leaving one at least."""
    return max(0, min(max(int(HIDDEN * observed), 2), CELLS, observed - 1))


def errors(
    hidden: Sequence[Hidden],
    base: ImputationSpec,
    methods: Mapping[str, str],
    judged: Sequence[ColumnPlan],
    impute: Impute,
) -> Generator[float, None, dict[str, Losses]]:
    """Losses by column of the methods, which guess, frame by frame."""
    lost: dict[str, list[Floats]] = {}
    if not methods:
        return {}
    grown = _count_grown(methods) > 0
    starts = not grown and any(METHODS[m].trial.starts_trees for m in methods.values())
    for k, one in enumerate(hidden):
        spec = _trial_spec(one, base, methods)
        given = Given(start=pd.DataFrame(one.start)) if grown and one.start else None
        steps = impute(one.frame, spec, 0, given)
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                found: Imputation = stop.value
                break
            except WranglerError:
                # Hiding cells can leave a column that a method refuses.
                return {}
            yield (k + step.done / max(step.total, 1.0)) / len(hidden)
        if starts:
            one.start.update(completed_columns(one.frame, found))
        observed = _observed(one, methods)
        for plan in judged:
            if plan.name in observed:
                lost.setdefault(plan.name, []).append(_losses(one, plan, found))
    return {name: parts for name, parts in lost.items() if sum(map(len, parts))}


def _observed(one: Hidden, methods: Mapping[str, str]) -> dict[str, str]:
    """Methods of the columns that have a value left."""
    return {
        name: method
        for name, method in methods.items()
        if one.frame[name].notna().any()
    }


def _trial_spec(
    one: Hidden, base: ImputationSpec, methods: Mapping[str, str]
) -> ImputationSpec:
    """Ask for some methods beside those that are settled, with donors as there are."""
    asked = _observed(one, base.methods) | _observed(one, methods)
    few = [int(one.frame[name].count()) for name in asked]
    donors = min([base.donors, *filter(None, few)])
    return base.model_copy(update={"methods": asked, "donors": donors})


def completed_columns(frame: pd.DataFrame, found: Imputation) -> dict[str, pd.Series]:
    """Columns with their missing values filled."""
    done = {}
    for name, rows in found.rows.items():
        imputed = found.values[name]  # noqa: PD011  no pandas object
        own = placed(frame[name].array, rows, imputed)
        done[name] = pd.Series(own, index=frame.index, dtype=frame[name].dtype)
    return done


def mean(parts: Sequence[Floats], *, guesses: bool) -> float:
    """Mean loss; root mean square of guessed numbers."""
    losses = np.concatenate(list(parts))
    return float(np.sqrt((losses**2).mean()) if guesses else losses.mean())


def _losses(one: Hidden, plan: ColumnPlan, found: Imputation) -> Floats:
    """Losses in the hidden cells of one column; none where it was not imputed."""
    rows = one.rows[plan.name]
    if plan.name not in found.rows or not len(rows):
        return np.empty(0)
    like = column_of(plan.name, one.truth[plan.name], plan.level)
    truth, guess = (
        _numbers(like, like.take(rows)),
        _numbers(like, _at(found, plan.name, rows)),
    )
    if plan.level in CATEGORICAL:
        return np.asarray(guess != truth, dtype=np.float64)
    lost = np.asarray(np.abs(guess - truth), dtype=np.float64)
    lost[lost <= EXACT * np.ptp(truth)] = 0.0
    return lost


def drawn_at(
    like: Column, name: str, rows: Rows, made: Sequence[Imputation]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Hidden values of a column and their draws, of shape (n,) and (D, n).

    They are numbers on its scale, or codes of the classes of `like`.
    """
    given = [like.take(rows), *(_at(one, name, rows) for one in made)]
    if like.level in CATEGORICAL:
        classes = [pd.Index(_numbers(like, values)) for values in given]
        found = np.stack([like.labels.get_indexer(one) for one in classes])
    else:
        found = np.stack([_numbers(like, values) for values in given])
    return found[0], found[1:]


def _at(one: Imputation, name: str, rows: Rows) -> Values:
    """Values that were imputed in these rows."""
    values = one.values[name]  # noqa: PD011  no pandas object
    return values[np.searchsorted(one.rows[name], rows)]


def _numbers(like: Column, values: Values) -> NDArray[Any]:
    """Numbers on the scale of a column, or classes as they are."""
    series: pd.Series = pd.Series(values, dtype=values.dtype)
    if like.level in CATEGORICAL:
        return series.astype(object).to_numpy()
    return like.floats(series)


def affordable(
    hidden: Sequence[Hidden], base: ImputationSpec, methods: Mapping[str, str]
) -> tuple[Sequence[Hidden], ImputationSpec]:
    """Take fewer frames and rounds where trees are grown."""
    grown = _count_grown(methods)
    if not grown:
        return hidden, base
    rounds = min(base.max_iter, GROWN_ROUNDS)
    some = hidden[: max(1, GROWN_FITS // (rounds * grown))]
    return some, base.model_copy(update={"max_iter": rounds})


def growable(
    one: Hidden, fitting: Mapping[str, str], judged: Sequence[ColumnPlan], rows: int
) -> dict[str, str]:
    """Leave out the columns that a method is not tried for.

    `rows` are those of the data, of which the trial sees some.
    """
    plain = {plan.name: plan.level not in CATEGORICAL for plan in judged}

    def tried(name: str, trial: AutoTrial) -> bool:
        column = one.frame[name]
        if trial.most_rows is not None and rows > trial.most_rows:
            return False
        if trial.least_observed and int(column.count()) < trial.least_observed:
            return False
        most = trial.most_classes
        return most is None or plain[name] or int(column.nunique()) <= most

    return {
        name: method
        for name, method in fitting.items()
        if tried(name, METHODS[method].trial)
    }


def _count_grown(methods: Mapping[str, str]) -> int:
    """Count the columns for which trees are grown."""
    return sum(METHODS[method].steps for method in methods.values())


def ratio(one: Losses, other: Losses, *, guesses: bool) -> float:
    """Error of one as a share of that of another, in the frames that both saw."""
    frames = min(len(one), len(other))
    ours = mean(one[:frames], guesses=guesses)
    theirs = mean(other[:frames], guesses=guesses)
    if theirs == 0:
        return 1.0 if ours == 0 else np.inf
    return ours / theirs
