"""Hide what is known, impute it, and see how near the imputations come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.calls import public
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.columns.levels import NUMERIC, measure
from jupyter_wrangler.engine.columns.values import as_floats
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import InvalidData, InvalidSpec, UnknownColumn


@public
def overimpute(
    df: Any,
    column: Any,
    *,
    method: str = "pmm",
    n_imputations: int = 20,
    folds: int = 5,
    level: float = 0.9,
    random_state: int = 0,
) -> pd.DataFrame:
    """Impute each observed value of a column as though it were missing.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame of shape (n, p)
        Data with or without missing values.
    column : label
        A column of numbers.
    method : str, default="pmm"
        Method for this column; other columns with missing values get `pmm`, or what
        fits them.
    n_imputations : int, default=20
        Draws of each value, 2 or more.
    folds : int, default=5
        In how many turns the values are hidden; more turns hide fewer at a time.
    level : float, default=0.9
        Coverage of the intervals.
    random_state : int, default=0
        Seed of turns and draws.

    Returns
    -------
    DataFrame
        A line for each observed value, under the index of the data: `true`, `estimate`
        (mean of the draws), `low` and `high`. Its columns carry the name of the column.

    Raises
    ------
    UnknownColumn
        If there is no such column.
    InvalidSpec
        If it does not hold numbers, or a number given makes no sense.
    InvalidData
        If it has fewer observed values than turns.

    Notes
    -----
    Costs `folds` times `n_imputations` imputations.  Amelia hides one value at a time;
    in turns the fit rests on somewhat fewer rows, and the errors are a little larger.

    References
    ----------
    .. [1] J. Honaker, G. King and M. Blackwell (2011), Amelia II: A Program for Missing
       Data, Journal of Statistical Software 45(7), section 4.3.

    Examples
    --------
    >>> x = np.arange(20.0)
    >>> df = pd.DataFrame({"x": x, "y": 2 * x + np.tile([0.0, 1.0], 10)})
    >>> found = overimpute(df, "y", method="norm", n_imputations=5)
    >>> found.shape, bool((found["estimate"] - found["true"]).abs().max() < 3)
    ((20, 4), True)
    """
    frame = named(df)
    name = str(column)
    if name not in frame.columns:
        raise UnknownColumn(name, list(map(str, frame.columns)))
    if folds < 2 or n_imputations < 2:
        raise InvalidSpec(
            f"folds={folds} and n_imputations={n_imputations} were given; at least 2 "
            "turns, and 2 draws for an interval, are wanted."
        )
    found = measure(frame[name]).level
    if found not in NUMERIC:
        raise InvalidSpec(
            f"Column {name!r} is {found}, but its errors are measured as numbers; "
            "choose a column of numbers."
        )
    truth = as_floats(frame[name])
    rows = np.flatnonzero(~np.isnan(truth))
    if len(rows) < 2 * folds:
        raise InvalidData(
            f"Column {name!r} has {len(rows)} observed values, too few to hide them in "
            f"{folds} turns of 2 or more; lower folds, or choose another column."
        )
    spec = build_request(
        ImputationSpec,
        methods={name: method},
        columns=(name,),
        n_imputations=n_imputations,
        random_state=random_state,
    )
    rng = np.random.default_rng(
        np.random.SeedSequence(random_state, spawn_key=(0, folds))
    )
    pieces = []
    for hidden in np.array_split(rng.permutation(rows), folds):
        incomplete = frame.copy(deep=False)
        series = frame[name].astype("Float64").copy()
        series.iloc[hidden] = None
        incomplete[name] = series
        made = impute_m(incomplete, spec)
        at = np.flatnonzero(np.isin(made.imputations[0].rows[name], hidden))
        predicted = made.intervals(name, level).iloc[at]
        predicted.insert(0, "true", truth[np.sort(hidden)])
        pieces.append(predicted.set_axis(np.sort(hidden)))
    every = pd.concat(pieces).sort_index()
    return every.set_axis(frame.index[every.index]).rename_axis(columns=name)
