"""The public verbs: impute, job, jobs, datasets, connect."""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from jupyter_wrangler import calls, contract, frames
from jupyter_wrangler.calls import public, variable_of
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract.validation import ask
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.planning.early_warnings import warn
from jupyter_wrangler.errors import InvalidSpec, MethodsChosenAnew

_lock = threading.Lock()
_default: Client | None = None


@public
def connect(url: str | None = None, token: str | None = None) -> Client:
    """Choose the service that the other verbs use, and check that it answers.

    Parameters
    ----------
    url : str, optional
        Address of the service; None looks for it.
    token : str, optional
        Token to send; None uses what is configured.

    Returns
    -------
    Client
        The client; also the default of all verbs from now on.
    """
    global _default
    client = Client(url, token)
    client.api.me()
    with _lock:
        before, _default = _default, client
    if before is not None:
        before.close()
    return client


def default_client() -> Client:
    """Give the client that the verbs use; makes it at the first call."""
    global _default  # noqa: PLW0603  the one default client of a process
    with _lock:
        if _default is None:
            _default = Client()
        return _default


@public
def impute(
    df: Any,
    plan: str | Mapping[Any, str] = "pmm",
    *,
    method: str | Mapping[Any, str] | None = None,
    n_imputations: int = 1,
    columns: Iterable[Hashable] | str | None = None,
    max_iter: int = 10,
    tol: float = 1e-3,
    tol_scale: Literal["column", "largest"] = "column",
    n_neighbors: int = 5,
    weights: Literal["uniform", "distance"] = "uniform",
    donors: int = 5,
    matchtype: Literal[0, 1, 2] = 1,
    sample_posterior: bool = True,
    n_estimators: int = 10,
    group: Hashable | None = None,
    time: Hashable | None = None,
    predictors: Mapping[Any, Iterable[Hashable]] | None = None,
    blocks: Mapping[Any, Iterable[Hashable]] | None = None,
    visit_sequence: contract.VisitOrder | Iterable[Hashable] = "ascending",
    min_value: float | Mapping[Any, float] | None = None,
    max_value: float | Mapping[Any, float] | None = None,
    factor: Mapping[Any, float] | None = None,
    delta: Mapping[Any, float | Mapping[Any, float]] | None = None,
    fill_value: contract.Scalar | Mapping[Any, contract.Scalar] | None = None,
    start: Any = None,
    where: Any = None,
    random_state: int | None = 0,
    name: str | None = None,
    priority: int = 5,
    force: bool = False,
    client: Client | None = None,
) -> Job:
    """Impute missing values in the background.

    Returns at once.  Data that cannot be imputed as asked are refused here, before
    anything is sent.  The same data with the same settings are computed once: the
    job that exists is given back.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    plan : str, mapping of column to str, or Plan, default="pmm"
        Method for all columns, or by column; columns not named get ``"pmm"``, and
        an empty method leaves a column alone.  A formula such as
        ``"~ weight / height ** 2"`` computes a column from others.  A `Plan` of
        `recommend` brings its predictors, bounds and group too, below those given here,
        and turns values that stand for holes into holes first, which is printed.  Where
        it was made for one imputation and several are asked for, `auto` chooses anew
        for the columns whose method would give the same values each time.
    method : str or mapping of column to str, optional
        Another name of `plan`, as `Imputer` calls it.
    n_imputations : int, default=1
        Number of completed data sets.
    columns : iterable of labels, optional
        Columns to impute; None means every column with missing values.
    max_iter : int, default=10
        Most rounds of the chained equations.
    tol : float, default=1e-3
        Relative change below which chains without draws stop early.
    tol_scale : {"column", "largest"}, default="column"
        What `tol` is relative to: the standard deviation of each column, or the
        largest absolute value of all columns, as in scikit-learn.
    n_neighbors : int, default=5
        Neighbours of ``"knn"``.
    weights : {"uniform", "distance"}, default="uniform"
        How ``"knn"`` weighs its neighbours.
    donors : int, default=5
        Donors of ``"pmm"`` and ``"boosting"``.
    matchtype : {0, 1, 2}, default=1
        Which predictions ``"pmm"`` compares: both estimated, those of the receivers
        drawn, or both drawn.
    sample_posterior : bool, default=True
        False takes predictions instead of draws from ``"norm"``, the trees and the
        logistic methods.
    n_estimators : int, default=10
        Trees of ``"rf"``.
    group, time : label, optional
        Columns that say which rows belong together and when they were, for
        ``"sample"``, ``"ffill"``, ``"bfill"``, ``"interpolate"`` and ``"time"``.
    predictors : mapping of column to columns, optional
        Columns that help to impute a column, see `quickpred`; those not named use all
        others.
    blocks : mapping of name to columns, optional
        Columns that are imputed together by ``"pmm"``: what a row lacks of them is
        copied from one donor, so that sums, ranges and codes stay as they belong.
    visit_sequence : str or iterable of labels, default="ascending"
        Order of the visits of the chained equations.
    min_value, max_value : float or mapping of column to float, optional
        Bounds of imputed numbers.
    factor, delta : mapping of column to float (or mapping), optional
        Factor of the imputed numbers, and number added to them after that, for data
        that are not missing at random.  Of classes `delta` shifts the log-odds: a
        mapping of class to shift, or a number for True and for ordered classes.
    fill_value : scalar or mapping of column to scalar, optional
        Value of ``"constant"``.
    start : DataFrame or array of shape (n, p), optional
        Where the chained equations start: the rows of the data, and the columns that
        you mean (all, by position, of an array); holes allowed.
    where : DataFrame or array of bool of shape (n, p), optional
        Cells to impute; default: those without a value.  Observed ones are imputed as
        though each alone were missing.  A frame is taken by its labels.
    random_state : int or None, default=0
        Seed; None draws one, which `job.spec.random_state` tells.
    name : str, optional
        Name of the job and of the dataset.
    priority : int, default=5
        From 0 (whenever there is time) to 9 (first).
    force : bool, default=False
        Compute anew what was computed before.
    client : Client, optional
        The service to use; see `connect`.

    Returns
    -------
    Job
        Like a Future: ``job.result().df`` waits and gives the completed data.

    Raises
    ------
    InvalidData
        If the data cannot be imputed; names the column and says what to do.
    InvalidSpec
        If what was asked for makes no sense.
    ServerUnreachable
        If there is no service; says why.

    Examples
    --------
    >>> import pandas as pd
    >>> impute(pd.DataFrame({"age": [1.0, float("inf")]}))
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InfiniteValues: Column 'age' has 1 infinite values; ...
    """
    title = variable_of(df)
    if method is not None:
        if plan not in ("pmm", method):
            raise InvalidSpec(
                f"plan={plan!r:.60} and method={method!r:.60} were given, and they "
                "mean the same; give one of them."
            )
        plan = method
    if isinstance(plan, Plan):
        df = plan.mark(df)
        _tell_unfit(plan, n_imputations)
        planned = plan.settings(frames.as_pandas(df).columns, n_imputations)
        predictors = planned.get("predictors", {}) | _named(predictors or {})
        min_value = _over(planned.get("min_value"), min_value)
        max_value = _over(planned.get("max_value"), max_value)
        group = planned.get("group") if group is None else group
        plan = planned.get("methods", {})
    named = isinstance(plan, Mapping)
    if not named and not isinstance(plan, str):
        raise InvalidSpec(
            f"plan is {plan!r:.60}, and the name of a method, a mapping of columns to "
            'methods or a Plan is wanted. Pass for example "pmm" or '
            '{"age": "mean", "sex": "most_frequent"}.'
        )
    frame = frames.as_pandas(df)
    spec = ask(
        contract.ImputationSpec,
        method="pmm" if named else plan,
        methods={str(k): v for k, v in plan.items()}
        if isinstance(plan, Mapping)
        else {},
        columns=names(columns),
        n_imputations=n_imputations,
        max_iter=max_iter,
        tol=tol,
        tol_scale=tol_scale,
        n_neighbors=n_neighbors,
        weights=weights,
        donors=donors,
        matchtype=matchtype,
        sample_posterior=sample_posterior,
        n_estimators=n_estimators,
        group=None if group is None else str(group),
        time=None if time is None else str(time),
        predictors=_each(predictors, names),
        blocks=_each(blocks, names),
        visit_sequence=(
            visit_sequence if isinstance(visit_sequence, str) else names(visit_sequence)
        ),
        min_value=_named(min_value),
        max_value=_named(max_value),
        factor=_named(factor or {}),
        delta=_each(delta, _named),
        fill_value=_named(fill_value),
        random_state=seed_of(random_state),
    )
    warn(check(frame, spec), spec)
    return (client or default_client()).submit(
        df,
        spec,
        name=name,
        priority=priority,
        force=force,
        beside=_beside(frame, start, where),
        title=title,
    )


def _tell_unfit(plan: Plan, n_imputations: int) -> None:
    """Warn that methods are chosen anew, since they would not differ."""
    unfit = plan.unfit(n_imputations)
    if not unfit:
        return
    which = "column" if len(unfit) == 1 else "columns"
    calls.warn(
        f"The plan was made for one imputation: its methods for {which} "
        f"{', '.join(map(repr, unfit))} are best guesses, which do not show what is "
        f"uncertain. For {n_imputations} imputations 'auto' chooses others in the job, "
        "whose events say which and why. "
        f"To see and change them first, use recommend(df, n_imputations="
        f"{n_imputations}).",
        MethodsChosenAnew,
    )


@public
def job(job_id: str | uuid.UUID) -> Job:
    """Give a job back by its id, also in a new process.

    Parameters
    ----------
    job_id : str
        The id, or a beginning of at least 4 characters that fits no other job.
    """
    return default_client().job(job_id)


@public
def jobs(limit: int = 20, *, state: str | None = None) -> list[Job]:
    """List your jobs, newest first.

    Parameters
    ----------
    limit : int, default=20
        Jobs at most.
    state : str, optional
        Only those in this state, for example ``"running"``.
    """
    return default_client().jobs(limit, state)


@public
def datasets(limit: int = 20) -> list[contract.Dataset]:
    """List your datasets, newest first."""
    return default_client().datasets(limit)


def names(columns: Iterable[Hashable] | Hashable) -> tuple[str, ...] | None:
    """Spell columns as the contract does; one name stands for itself."""
    if columns is None:
        return None
    # one name, as people write it; its letters are not meant
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        return (str(columns),)
    return tuple(map(str, columns))


def _each(given: Any, spell: Callable[[Any], Any]) -> Any:
    """Spell each value of a mapping; what is none is for the contract to refuse."""
    if isinstance(given, Mapping):
        return {name: spell(value) for name, value in _named(given).items()}
    return {} if given is None else given


def _named(given: Any) -> Any:
    """Name the columns of a mapping as text; anything else stays as it is."""
    if isinstance(given, Mapping):
        return {str(label): value for label, value in given.items()}
    return given


def _over(planned: Any, given: Any) -> Any:
    """Lay what was given over what was planned: by column, or for all of them."""
    if given is None or isinstance(given, Mapping):
        return {**(planned or {}), **(_named(given) or {})} or None
    return given


def seed_of(random_state: int | None) -> int:
    """Give the seed to be recorded; None draws one."""
    if random_state is None:
        return secrets.randbits(32)
    if isinstance(random_state, bool) or not isinstance(random_state, int | np.integer):
        raise InvalidSpec(
            f"random_state is a {type(random_state).__name__}, and a whole number or "
            "None is wanted: it is recorded, so that the run can be repeated. Pass "
            "for example random_state=0."
        )
    return int(random_state)


def _beside(frame: pd.DataFrame, start: Any, where: Any) -> frames.CellOptions | None:
    """Check what is said of cells here, rather than in the background."""
    if start is None and where is None:
        return None
    from jupyter_wrangler.engine.planning.given import check_given  # noqa: PLC0415  loads slowly, used rarely
    from jupyter_wrangler.engine.planning.start import start_of  # noqa: PLC0415  the same
    from jupyter_wrangler.engine.planning.where import where_of  # noqa: PLC0415  the same
    from jupyter_wrangler.engine.types import Given  # noqa: PLC0415  the same

    named = frame.set_axis(list(map(str, frame.columns)), axis=1)
    if frames.is_polars(start):
        start = frames.as_pandas(start)
    if frames.is_polars(where):
        where = frames.as_pandas(where)
    given = Given(
        start=start_of(start, named, labelled=True),
        where=where_of(where, named, labelled=True),
    )
    check_given(given, named)
    return frames.CellOptions(where=given.where, start=given.start)
