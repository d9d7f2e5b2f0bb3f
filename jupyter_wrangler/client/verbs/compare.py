"""The verb that compares methods, here and now or as a job."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, Literal, overload

from jupyter_wrangler import calls, contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.arguments import column_names, recorded_seed
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.planning import cost, long_runs
from jupyter_wrangler.errors import LongJob

if TYPE_CHECKING:
    import pandas as pd

Methods = Iterable[str] | str
Mechanism = Literal["mcar", "mar"]


@overload
def compare(
    df: Any,
    methods: Methods = ...,
    *,
    columns: Iterable[Hashable] | str | None = ...,
    mechanism: Mechanism = ...,
    fraction: float = ...,
    repeats: int = ...,
    n_imputations: int = ...,
    max_iter: int = ...,
    random_state: int | None = ...,
    local: Literal[False] = ...,
    name: str | None = ...,
    priority: contract.Priority = ...,
    force: bool = ...,
    client: Client | None = ...,
) -> Job: ...
@overload
def compare(
    df: Any,
    methods: Methods = ...,
    *,
    columns: Iterable[Hashable] | str | None = ...,
    mechanism: Mechanism = ...,
    fraction: float = ...,
    repeats: int = ...,
    n_imputations: int = ...,
    max_iter: int = ...,
    random_state: int | None = ...,
    local: Literal[True],
    name: str | None = ...,
    priority: contract.Priority = ...,
    force: bool = ...,
    client: Client | None = ...,
) -> Leaderboard: ...
@public
def compare(
    df: Any,
    methods: Methods = ("pmm", "norm", "linear", "knn", "rf"),
    *,
    columns: Iterable[Hashable] | str | None = None,
    mechanism: Mechanism = "mcar",
    fraction: float = 0.1,
    repeats: int = 3,
    n_imputations: int = 10,
    max_iter: int = 10,
    random_state: int | None = 0,
    local: bool = False,
    name: str | None = None,
    priority: contract.Priority = "normal",
    force: bool = False,
    client: Client | None = None,
) -> Job | Leaderboard:
    """Compare methods on your own data: hide observed cells, impute them, look.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    methods : iterable of str or str
        Methods to compare, each for all columns; default: pmm, norm, linear, knn and
        rf.  The baseline (median, or most frequent class) always runs too.
    columns : iterable of labels, optional
        Columns to judge; None means those with missing values, or all if there is no
        missing value.
    mechanism : {"mcar", "mar"}, default="mcar"
        Which cells are hidden: any, or as they are missing in the data.
    fraction : float, default=0.1
        Share of the observed cells of these columns that is hidden.
    repeats : int, default=3
        How often, with other cells each time.
    n_imputations : int, default=10
        Draws of the methods that draw: their mean is judged, and their intervals.
    max_iter : int, default=10
        Most rounds of the chained equations.
    random_state : int or None, default=0
        Seed; None draws one.
    local : bool, default=False
        Compute here and now, without a service, and give the leaderboard at once.
    name, priority, force, client
        Of the job, as in `impute`.

    Returns
    -------
    Job or Leaderboard
        ``job.result()`` waits for the leaderboard, ``job.partial_result()`` gives the
        rows that are done.  The numbers are the same with ``local=True``, but for
        seconds; memory is measured by jobs only.

    Raises
    ------
    InvalidData
        If no column can be judged.
    InvalidSpec
        If what was asked for makes no sense.
    ServerUnreachable
        If there is no service; says why.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> x = np.arange(60.0)
    >>> df = pd.DataFrame({"x": x, "y": np.where(x % 7 == 3, np.nan, 3 * x + 1)})
    >>> board = compare(df, ["linear", "mean"], local=True)
    >>> print(board.findings[0])
    'linear' came nearest: on average its error is 0% ... of that of the baseline ...
    >>> dict(board.best())
    {'y': 'linear'}
    """
    frame = frames.as_pandas(df)
    spec = build_request(
        contract.ComparisonSpec,
        methods=column_names(methods),
        columns=column_names(columns),
        mechanism=mechanism,
        fraction=fraction,
        repeats=repeats,
        n_imputations=n_imputations,
        max_iter=max_iter,
        random_state=recorded_seed(random_state),
    )
    # the statistics are loaded only where they are wanted
    from jupyter_wrangler.engine.compare.run import check  # noqa: PLC0415

    check(frame, spec)
    _warn_if_long(frame, spec)
    if local:
        return Leaderboard(_run_locally(frame, spec))
    return (client or default_client()).submit(
        df, spec, name=name, priority=priority, force=force
    )


def _warn_if_long(frame: pd.DataFrame, spec: contract.ComparisonSpec) -> None:
    """Tell how long the comparison takes, if that is more than ten minutes."""
    missing = {str(name): int(column.isna().sum()) for name, column in frame.items()}
    seconds = len(spec.cells()) * cost.part_seconds(spec, len(frame), missing)
    if seconds > long_runs.LONG_S:
        calls.warn(
            f"This comparison takes about {long_runs.spoken(seconds)} on one core "
            f"({len(frame):,} rows, {len(missing):,} columns). To shorten it: compare "
            "on a sample of the rows, for example compare(df.sample(5_000), ...); "
            "name fewer methods or columns; or lower repeats or n_imputations.",
            LongJob,
        )


def _run_locally(
    frame: pd.DataFrame, spec: contract.ComparisonSpec
) -> contract.LeaderboardDocument:
    """Run all parts, one after the other."""
    # they load slowly, and jobs do not need them
    from jupyter_wrangler.engine.compare.ranking import combine  # noqa: PLC0415
    from jupyter_wrangler.engine.compare.run import cell  # noqa: PLC0415
    from jupyter_wrangler.engine.estimator.run_steps import finish  # noqa: PLC0415

    parts = []
    for k in range(len(spec.cells())):
        began = time.monotonic()
        part = finish(cell(frame, spec, k), frame.size)
        parts.append(part | {"seconds": time.monotonic() - began})
    return combine(spec, parts)
