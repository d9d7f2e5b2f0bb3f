"""Pages of a result's rows, fetched without its data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.errors import InvalidSpec, JobNotFound, ResultNotFound, shown


def result_page(
    api: Api,
    manifest: contract.ResultManifest,
    *,
    filters: Sequence[dict[str, Any] | contract.RowFilter],
    **asked: Any,
) -> contract.RowPage:
    """Fetch a page of a result's rows.

    Parameters
    ----------
    api : Api
        The service.
    manifest : ResultManifest
        Of the result: a saved version is asked for its own rows, whatever became of
        its job.
    filters : sequence of dict or RowFilter
        What the rows must pass.
    **asked
        The other fields of `contract.RowQuestion`.

    Raises
    ------
    InvalidSpec
        If the question makes no sense.
    NotFound
        If there is no such imputation, or the result was deleted.
    """
    made = [
        one
        if isinstance(one, contract.RowFilter)
        else build_request(contract.RowFilter, **one)
        for one in _checked(filters)
    ]
    question = build_request(contract.RowQuestion, filters=tuple(made), **asked)
    of_job = f"jobs/{manifest.job_id}/result"
    saved = manifest.saved
    if saved is None:
        return api.rows(of_job, question)
    try:
        return api.rows(f"results/{saved.result_id}/versions/{saved.n}", question)
    except ResultNotFound as error:
        # that version was deleted; the job may still be there
        try:
            return api.rows(of_job, question)
        except JobNotFound:
            raise error from None


def names_of_labels(columns: Any) -> tuple[str, ...]:
    """Give labels as text; one label alone is one column."""
    if columns is None:
        return ()
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        return (str(columns),)
    return tuple(map(str, columns))


def _checked(filters: object) -> list[Any]:
    """Refuse what is no list of filters."""
    listed = isinstance(filters, Sequence) and not isinstance(filters, str)
    found = list(filters) if isinstance(filters, Sequence) else []
    if listed and all(map(_is_filter, found)):
        return found
    raise InvalidSpec(
        f"filters is {shown(filters)}, and a list of mappings is wanted, for example "
        'filters=[{"column": "age", "operator": ">=", "value": 30}].'
    )


def _is_filter(one: object) -> bool:
    if isinstance(one, contract.RowFilter):
        return True
    return isinstance(one, dict) and all(isinstance(key, str) for key in one)
