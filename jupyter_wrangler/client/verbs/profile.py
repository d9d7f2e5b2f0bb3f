"""The verbs `profile` and `mark_missing`: look at a frame, and mark what is missing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Literal, overload

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.marking import mark_values
from jupyter_wrangler.client.objects.profile import Profile
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.arguments import (
    column_name,
    column_names,
    recorded_seed,
)
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.profile.run import profile as profile_steps


@overload
def profile(
    df: Any,
    *,
    columns: Iterable[Hashable] | str | None = ...,
    time: Hashable | None = ...,
    max_patterns: int = ...,
    random_state: int | None = ...,
    local: Literal[True] = ...,
    name: str | None = ...,
    priority: contract.Priority = ...,
    force: bool = ...,
    client: Client | None = ...,
) -> Profile: ...
@overload
def profile(
    df: Any,
    *,
    columns: Iterable[Hashable] | str | None = ...,
    time: Hashable | None = ...,
    max_patterns: int = ...,
    random_state: int | None = ...,
    local: Literal[False],
    name: str | None = ...,
    priority: contract.Priority = ...,
    force: bool = ...,
    client: Client | None = ...,
) -> Job: ...
@public
def profile(
    df: Any,
    *,
    columns: Iterable[Hashable] | str | None = None,
    time: Hashable | None = None,
    max_patterns: int = 100,
    random_state: int | None = 0,
    local: bool = True,
    name: str | None = None,
    priority: contract.Priority = "normal",
    force: bool = False,
    client: Client | None = None,
) -> Profile | Job:
    """Look at a frame: columns, missing values, and values that stand for them.

    Here and now, unless a job is asked for: no service is needed, and nothing leaves
    the process.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; cells may hold anything.
    columns : iterable of labels, optional
        Columns to look at; None means all.
    time : label, optional
        Column that says when rows were, for runs of missing rows; None keeps the order
        of the rows.
    max_patterns : int, default=100
        Patterns of missing values to list at most.
    random_state : int or None, default=0
        Seed of the sample of rows that Little's test takes of a long frame.
    local : bool, default=True
        False computes it in the background and gives a `Job`, whose ``result()`` is
        the same.
    name, priority, force, client
        Of that job, as in `impute`.

    Returns
    -------
    Profile or Job
        Shows what stands out, then tables.

    Raises
    ------
    InvalidData
        If the frame is empty, or two columns share a name.
    InvalidSpec
        If there is no such column, or `time` has missing values or is no time.

    Examples
    --------
    >>> import pandas as pd
    >>> rates = [61.0, 75.0, None, 255.0, 66.0, 70.0, 81.0, 59.0, 255.0, 62.0, 64.0]
    >>> found = profile(pd.DataFrame({"rate": [*rates, 73.0, 58.0]}))
    >>> print(found.findings[0])
    13 rows and 1 column; 1 cell (7.7%) is missing, in 1 column; 12 rows (92%) are
    complete.
    >>> print(found.findings[1])
    rate: 255 occurs 2 times, 174 above the next value, 81. It seems to stand for a
    missing value.
    """
    spec = build_request(
        contract.AnalysisSpec,
        columns=column_names(columns),
        time=column_name(time),
        max_patterns=max_patterns,
        random_state=recorded_seed(random_state),
    )
    if not local:
        return (client or default_client()).submit(
            df, spec, name=name, priority=priority, force=force
        )
    frame = frames.as_pandas(df)
    return Profile(finish(profile_steps(frame, spec), frame.size))


@public
def mark_missing(df: Any, codes: Mapping[Any, Any], *, verbose: bool = True) -> Any:
    """Turn values that stand for missing ones into missing values.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    codes : mapping of column to value or values
        What stands for a missing value: numbers, strings, or moments (also as text in
        ISO 8601, by the clock on the wall); "inf" and "-inf" in columns of numbers.
    verbose : bool, default=True
        Print how many cells held each value.

    Returns
    -------
    DataFrame
        A new one with missing values.  Whole numbers and booleans that cannot be
        missing become float64 (nullable where that would lose digits) and boolean;
        categories that stand for missing values are taken out.

    Raises
    ------
    UnknownColumn
        If the frame has no such column.
    InvalidSpec
        If a column cannot hold a value that was given.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"rate": [60.0, 255.0], "sex": ["f", "?"]})
    >>> mark_missing(df, {"rate": 255, "sex": ["?", "unknown"]})
    2 cells became missing: rate 255 (1), sex '?' (1), sex 'unknown' (0).
       rate  sex
    0  60.0    f
    1   NaN  NaN
    """
    return mark_values(df, codes, verbose=verbose)
