"""The verb `impute`: check the request here, then submit it as a job."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from jupyter_wrangler import calls, contract, frames
from jupyter_wrangler.calls import public, variable_of
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.arguments import (
    column_name,
    column_names,
    convert_values,
    override,
    recorded_seed,
    text_keys,
)
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.planning.early_warnings import warn
from jupyter_wrangler.errors import InvalidSpec, MethodsChosenAgain

if TYPE_CHECKING:
    import pandas as pd


@public
def impute(
    df: Any,
    plan: str | Mapping[Any, str] = "pmm",
    *,
    method: str | Mapping[Any, str] | None = None,
    n_imputations: int | Literal["auto"] = 1,
    columns: Iterable[Hashable] | str | None = None,
    max_iter: int = 10,
    tol: float = 1e-3,
    tol_scale: Literal["column", "largest"] = "column",
    n_neighbors: int = 5,
    weights: Literal["uniform", "distance"] = "uniform",
    max_donors: int | Literal["auto", "all"] = "auto",
    donors: int = 5,
    matchtype: Literal[0, 1, 2] = 1,
    sample_posterior: bool = True,
    n_estimators: int = 10,
    group: Hashable | None = None,
    time: Hashable | None = None,
    predictors: Mapping[Any, Iterable[Hashable]] | None = None,
    max_predictors: int | Literal["auto", "all"] = "auto",
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
    keep_models: bool | None = None,
    name: str | None = None,
    priority: contract.Priority = "normal",
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
        and turns sentinel values into missing values first, which is printed.  Where
        it was made for one imputation and several are asked for, `auto` chooses again
        for the columns whose method would give the same values each time.
    method : str or mapping of column to str, optional
        Another name of `plan`, as `Imputer` calls it.
    n_imputations : int or "auto", default=1
        Number of completed data sets.  "auto" makes 10, and adds as many as standard
        errors want that vary by less than 5 % between runs, up to 200; an event of the
        job says what decided, see `required_imputations`.
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
    max_donors : int or {"auto", "all"}, default="auto"
        Most rows among which ``"knn"`` looks for neighbours, drawn once.  "auto" takes
        all, but 20 000 where there are 200 000 rows or more, and says so in the
        result's events.
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
        others, see `max_predictors`.
    max_predictors : int or {"auto", "all"}, default="auto"
        Most predictors of a column that `predictors` does not name: those of the others
        that correlate most with it.  "auto" takes all, but 100 where there are 200
        columns or more, and says so in the result's events.
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
        you mean (all, by position, of an array); missing values allowed.
    where : DataFrame or array of bool of shape (n, p), optional
        Cells to impute; default: those without a value.  Observed ones are imputed as
        though each alone were missing.  A frame is taken by its labels.
    random_state : int or None, default=0
        Seed; None draws one, see `job.spec.random_state`.
    keep_models : bool, optional
        Whether fitted models are kept with the result, for `Result.recipe`; None: where
        that takes no longer than the imputation, or a second.
    name : str, optional
        Name of the job and of the dataset.
    priority : {"low", "normal", "high"}, default="normal"
        Which of your own jobs come first.
    force : bool, default=False
        Compute again what was computed before.
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
    plan = _given_plan(plan, method)
    settings: dict[str, Any] = {}
    if isinstance(plan, Plan):
        df = plan.mark(df)
        _warn_of_new_choices(plan, n_imputations)
        settings = plan.settings(frames.as_pandas(df).columns, n_imputations)
        plan = settings.get("methods", {})
    frame = frames.as_pandas(df)
    spec = build_request(
        contract.ImputationSpec,
        **_methods(plan),
        columns=column_names(columns),
        n_imputations=n_imputations,
        max_iter=max_iter,
        tol=tol,
        tol_scale=tol_scale,
        n_neighbors=n_neighbors,
        weights=weights,
        max_donors=max_donors,
        donors=donors,
        matchtype=matchtype,
        sample_posterior=sample_posterior,
        n_estimators=n_estimators,
        group=column_name(settings.get("group") if group is None else group),
        time=column_name(time),
        predictors=convert_values(
            override(settings.get("predictors"), predictors), column_names
        ),
        max_predictors=max_predictors,
        blocks=convert_values(blocks, column_names),
        visit_sequence=(
            visit_sequence
            if isinstance(visit_sequence, str)
            else column_names(visit_sequence)
        ),
        min_value=override(settings.get("min_value"), min_value),
        max_value=override(settings.get("max_value"), max_value),
        factor=text_keys(factor or {}),
        delta=convert_values(delta, text_keys),
        fill_value=text_keys(fill_value),
        random_state=recorded_seed(random_state),
        keep_models=keep_models,
    )
    warn(check(frame, spec), spec)
    return (client or default_client()).submit(
        df,
        spec,
        name=name,
        priority=priority,
        force=force,
        cell_options=_cell_options(frame, start, where),
        title=title,
    )


def _given_plan(plan: Any, method: Any) -> Any:
    """Return the plan, which `method` is another name of."""
    if method is None:
        return plan
    if plan not in ("pmm", method):
        raise InvalidSpec(
            f"plan={plan!r:.60} and method={method!r:.60} were given, and they "
            "mean the same; give one of them."
        )
    return method


def _methods(plan: Any) -> dict[str, Any]:
    """Return the method of all columns, and those of single columns."""
    if isinstance(plan, Mapping):
        methods = {str(column): method for column, method in plan.items()}
        return {"method": "pmm", "methods": methods}
    if isinstance(plan, str):
        return {"method": plan, "methods": {}}
    raise InvalidSpec(
        f"plan is {plan!r:.60}, and the name of a method, a mapping of columns to "
        'methods or a Plan is wanted. Pass for example "pmm" or '
        '{"age": "mean", "sex": "most_frequent"}.'
    )


def _warn_of_new_choices(plan: Plan, n_imputations: int | Literal["auto"]) -> None:
    """Warn that other methods are chosen where those of the plan do not draw."""
    unfit = plan.unfit(n_imputations)
    if not unfit:
        return
    number = "several" if n_imputations == "auto" else str(n_imputations)
    which = "column" if len(unfit) == 1 else "columns"
    calls.warn(
        f"The plan was made for one imputation: its methods for {which} "
        f"{', '.join(map(repr, unfit))} are best guesses, which do not show what is "
        f"uncertain. For {number} imputations 'auto' chooses others in the job, "
        "whose events say which and why. "
        f"To see and change them first, use recommend(df, n_imputations="
        f"{n_imputations!r}).",
        MethodsChosenAgain,
    )


def _cell_options(
    frame: pd.DataFrame, start: Any, where: Any
) -> frames.CellOptions | None:
    """Check `start` and `where` here, rather than in the background."""
    if start is None and where is None:
        return None
    from jupyter_wrangler.engine.planning.given import check_given  # noqa: PLC0415  loads slowly, used rarely
    from jupyter_wrangler.engine.planning.start import start_of  # noqa: PLC0415  the same
    from jupyter_wrangler.engine.planning.where import where_of  # noqa: PLC0415  the same
    from jupyter_wrangler.engine.types import Given  # noqa: PLC0415  the same

    named = frame.set_axis(list(map(str, frame.columns)), axis=1)
    if frames.backend_of_frame(start) != "pandas":
        start = frames.as_pandas(start)
    if frames.backend_of_frame(where) != "pandas":
        where = frames.as_pandas(where)
    given = Given(
        start=start_of(start, named, labelled=True),
        where=where_of(where, named, labelled=True),
    )
    check_given(given, named)
    return frames.CellOptions(where=given.where, start=given.start)
