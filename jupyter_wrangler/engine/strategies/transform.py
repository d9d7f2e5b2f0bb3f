"""Impute rows that came later by what a run has learned, without fitting again.

Simple methods fill with the value learned; `knn` looks for neighbours among the
rows of the fit; the joint methods complete rows by the parameters of the fit;
`linear` replays its regressions round by round, as scikit-learn's IterativeImputer
does; `pmm` repeats its last regressions, whose donors are rows of the fit, as often
as the fit had rounds.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Literal

import numpy as np
import pandas as pd

from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.strategies.new_rows import (
    NewRows,
    check_columns,
    new_column,
)
from jupyter_wrangler.engine.strategies.registry import STRATEGIES
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.strategy import Progress
from jupyter_wrangler.engine.types import Rows, Step


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
        Whether classes that the fit has not seen are refused, or stand as missing
        values where they would help to impute others; they themselves stay.

    Yields
    ------
    Step
        At least one for each visit of a column.

    Returns
    -------
    dict of str to (rows, values)
        Positions of the missing values filled, and their values in the dtype of the
        fit.

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
    columns = {
        plan.name: new_column(
            run.columns[plan.name], frame[plan.name], run.spec, handle_unknown
        )
        for plan in run.plans
    }
    new = NewRows(frame=frame, columns=columns, rng=rng)
    work = [one.transform_work(run) for one in STRATEGIES.values()]
    done, total = 0.0, sum(work)
    for strategy, part in zip(STRATEGIES.values(), work, strict=True):
        yield from strategy.transform(run, new, Progress(done=done, total=total))
        done += part
    return {
        name: _still_missing(frame[name], *found) for name, found in new.imputed.items()
    }


def _still_missing(
    series: pd.Series, rows: Rows, values: Values
) -> tuple[Rows, Values]:
    """Leave out cells that hold a class the fit has not seen."""
    empty = series.isna().to_numpy()[rows]
    return (rows, values) if empty.all() else (rows[empty], values[empty])
