"""A comparison of methods: each in each repeat by itself, then one leaderboard.

The engine yields and the caller pulls, part by part; a part is one method in one
repeat.  The same functions run here and now and in a job, so the numbers are equal.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import (
    BASELINE,
    ColumnTrial,
    ComparisonSpec,
    ImputationSpec,
    Trial,
)
from jupyter_wrangler.engine.compare.columns import Judged, judged
from jupyter_wrangler.engine.compare.masking import Hidden, check_missing, hide
from jupyter_wrangler.engine.compare.score import losses_of, of_classes, of_numbers
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.strategies import impute
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import Step
from jupyter_wrangler.errors import UnknownMethod, WranglerError

#: The simple rule: where it does not fit, the most frequent value stands in.
SIMPLE = "median"
#: Blocks of rows in which losses are kept for paired tests: so many, and fewer for
#: many columns, so that a trial stays small.
FEWEST_BLOCKS, MOST_BLOCKS, NUMBERS = 20, 200, 10_000


def check(frame: pd.DataFrame, spec: ComparisonSpec) -> None:
    """Refuse what cannot be compared.

    Parameters
    ----------
    frame : DataFrame
        The data.
    spec : ComparisonSpec
        What is asked for.

    Raises
    ------
    InvalidData
        If the frame cannot be imputed, or no column of it can be judged.
    InvalidSpec
        UnknownColumn, UnknownMethod; or patterns are to be imitated, and there are
        none.

    Examples
    --------
    >>> check(pd.DataFrame({"x": [1.0, 2.0, None]}), ComparisonSpec(methods=("nn",)))
    Traceback (most recent call last):
    jupyter_wrangler.errors.InvalidData: No column can be judged. 'x': It has 2
    observed values, too few to hide any. ...
    """
    data = named(frame)
    columns, _ = judged(data, spec)
    for method in spec.methods:
        if method != BASELINE and method not in METHODS:
            raise UnknownMethod(method, list(METHODS))
    check_missing(columns, spec)


def cell(
    frame: pd.DataFrame, spec: ComparisonSpec, k: int
) -> Generator[Step, None, dict[str, Any]]:
    """Run one part of a comparison: one method in one repeat.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The data; not changed.
    spec : ComparisonSpec
        What is asked for.
    k : int
        Which part; `spec.cells()` names its method and repeat.

    Yields
    ------
    Step
        As those of an imputation.

    Returns
    -------
    dict
        A `contract.Trial` as JSON values.  A method that cannot run is a trial with an
        `error`, so that the others go on.

    Raises
    ------
    InvalidData, InvalidSpec
        If nothing can be compared, whatever the method.

    Notes
    -----
    1. Hide observed cells, see `hide`; the same for every method of a repeat.
    2. Impute the frame by the method alone (its stand-ins where it does not fit):
       `n_imputations` times if it draws, once if it does not.
    3. Hold the imputed values against the hidden ones, see `score`.

    Examples
    --------
    >>> df = pd.DataFrame({"x": np.arange(50.0), "y": 2 * np.arange(50.0)})
    >>> steps = cell(df, ComparisonSpec(methods=("linear",), columns=("y",)), 1)
    >>> while True:
    ...     try:
    ...         step = next(steps)
    ...     except StopIteration as stop:
    ...         found = stop.value
    ...         break
    >>> found["scores"][0]["used"], round(found["scores"][0]["mae"], 6)
    ('linear', 0.0)
    """
    method, repeat = spec.cells()[k]
    words = f"{method!r}, repeat {repeat + 1} of {spec.repeats}"
    yield Step(done=0.0, total=1.0, message=f"{words}: hiding cells")
    data = named(frame)
    columns, left_out = judged(data, spec)
    hidden = hide(data, columns, spec, repeat)
    trial = Trial(
        n_rows=len(data),
        columns=tuple(one.described(len(hidden.rows[one.name])) for one in columns),
        left_out=left_out,
    )
    try:
        asked = _imputation_spec(spec, method, repeat, columns)
        runs = yield from _run_draws(hidden.frame, asked, words)
    except WranglerError as error:
        failed = trial.model_copy(update={"error": error.message})
        return failed.model_dump(mode="json")
    blocks = max(FEWEST_BLOCKS, min(MOST_BLOCKS, NUMBERS // len(columns)))
    scores = tuple(_column_trial(one, hidden, runs, blocks) for one in columns)
    done = trial.model_copy(
        update={
            "scores": tuple(score for score in scores if score is not None),
            "draws": len(runs),
        }
    )
    return done.model_dump(mode="json")


def _imputation_spec(
    spec: ComparisonSpec, method: str, repeat: int, columns: Sequence[Judged]
) -> ImputationSpec:
    """Tell how the frame is imputed; the seed is that of the repeat."""
    name = SIMPLE if method == BASELINE else method
    if name not in METHODS:
        raise UnknownMethod(name, list(METHODS))
    seed = np.random.SeedSequence([spec.random_state, repeat]).generate_state(1)[0]
    asked = ImputationSpec(
        method=name,
        columns=tuple(one.name for one in columns),
        n_imputations=spec.n_imputations,
        max_iter=spec.max_iter,
        random_state=int(seed),
    )
    if METHODS[name].differs(asked):
        return asked
    return asked.model_copy(update={"n_imputations": 1})


def _run_draws(
    frame: pd.DataFrame, asked: ImputationSpec, words: str
) -> Generator[Step, None, list[Run]]:
    """Impute as often as asked."""
    m = asked.n_imputations
    found: list[Run] = []
    for draw in range(m):
        steps = impute.fit(frame, asked, draw)
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                found.append(stop.value)
                break
            done = (draw + step.done / max(step.total, 1e-9)) / m
            nth = f"draw {draw + 1} of {m}, " if m > 1 else ""
            message = f"{words}: {nth}{step.message}"
            yield replace(step, done=done, total=1.0, message=message)
    return found


def _column_trial(
    one: Judged, hidden: Hidden, runs: Sequence[Run], blocks: int
) -> ColumnTrial | None:
    """Score one column; None where nothing was hidden, or nothing was filled."""
    rows = hidden.rows[one.name]
    if not len(rows):
        return None
    drawn = np.stack([_imputed_values(one, run, rows) for run in runs])
    column = one.column
    filled = np.ones(len(rows), dtype=bool)
    if column.numeric:
        filled = ~np.isnan(drawn).any(axis=0)
    if not filled.any():
        return None
    truth, drawn = column.y[rows][filled], drawn[:, filled]
    draws = runs[0].draws(one.name)
    classes = 0 if column.numeric else column.classes
    if column.numeric:
        # dates are far from zero, their errors are not
        truth, drawn = truth * one.scale, drawn * one.scale
        scores = of_numbers(truth, drawn, draws=draws)
    else:
        scores = of_classes(truth, drawn, classes if draws else 0)
    paired = None
    if draws and len(runs) > 1:
        paired = losses_of(rows[filled], truth, drawn, classes=classes, blocks=blocks)
    return ColumnTrial(
        column=one.name,
        used=runs[0].method(one.name),
        n=int(filled.sum()),
        losses=paired,
        **scores.model_dump(),
    )


def _imputed_values(
    one: Judged, run: Run, rows: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Numbers or codes that a run put into these rows; NaN where it left them."""
    column = run.columns[one.name]
    if one.name not in run.imputed:
        return np.full(len(rows), np.nan if one.column.numeric else -1)
    own = run.imputed[one.name]
    there: pd.Series = pd.Series(own, dtype=own.dtype)
    found, _ = one.column.read(there.iloc[np.searchsorted(column.missing, rows)])
    return found
