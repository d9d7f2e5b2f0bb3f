"""The verb `transform`: impute later rows by kept models, as a job."""

from __future__ import annotations

from typing import Any, Literal

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public, variable_of
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.recipe import Recipe, check_rows
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.transport.connection import ServiceLocation
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.errors import InvalidSpec, shown


@public
def transform(
    df: Any,
    recipe: Recipe | Result | str,
    *,
    handle_unknown: Literal["error", "impute"] = "error",
    name: str | None = None,
    priority: contract.Priority = "normal",
    force: bool = False,
    client: Client | None = None,
) -> Job:
    """Impute later rows in the background, by models that an earlier job has kept.

    Nothing is fitted again.  The same rows by the same models are computed once.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        Rows with the columns of the fit; never changed.
    recipe : Recipe, Result or str
        The models, the result that has them, or the name of a saved result:
        ``"patients"`` or ``"patients@3"``.
    handle_unknown : {"error", "impute"}, default="error"
        What to do with classes that the fit has not seen, as in `Imputer`.
    name : str, optional
        Name of the job and of the dataset.
    priority : {"low", "normal", "high"}, default="normal"
        Which of your jobs comes first.
    force : bool, default=False
        Compute again what was computed before.
    client : Client, optional
        The service to use; see `connect`.

    Returns
    -------
    Job
        Its result is a `Result` with as many imputations as the recipe has.

    Raises
    ------
    NoRecipe
        If the models were not kept, or are deleted.
    ResultNotFound
        If there is no saved result of that name.
    InvalidSpec
        If `recipe` is none of these.
    SchemaMismatch, EmptyFrame
        If the rows have other columns than the fit, or there are none.

    Examples
    --------
    >>> import pandas as pd
    >>> transform(pd.DataFrame({"age": [1.0]}), 3)
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InvalidSpec: recipe is 3, and ...
    """
    title = variable_of(df)
    if isinstance(recipe, str):
        client = client or default_client()
        recipe = client.load(recipe)
    found = recipe.recipe if isinstance(recipe, Result) else recipe
    if not isinstance(found, Recipe):
        raise InvalidSpec(
            f"recipe is {shown(recipe)}, and a result of a job, its recipe, or the "
            "name of a saved result is wanted. Pass for example jw.job(id).result()."
        )
    check_rows(found, df)
    spec = build_request(
        contract.TransformSpec, models=found.digests, handle_unknown=handle_unknown
    )
    return (client or default_client()).submit(
        df, spec, name=name, priority=priority, force=force, title=title
    )


def submit_rows(df: Any, recipe: Recipe, service: ServiceLocation, **how: Any) -> Job:
    """Impute later rows where the models of a recipe lie; see `transform`."""
    client = Client._from_location(service)  # noqa: SLF001  ours
    return transform(df, recipe, client=client, **how)
