"""How a result is saved under a name, and where its bytes come from afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from jupyter_wrangler import contract
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.errors import JobNotFound, NotFound, ResultNotFound


def save(
    api: Api, manifest: contract.ResultManifest, name: str, note: str | None
) -> contract.ResultVersion:
    """Save what a manifest describes as the next version of a named result."""
    asked = build_request(
        contract.SaveRequest, name=name, note=note, job_id=manifest.job_id
    )
    if manifest.saved is not None:
        again = {"job_id": None, "version_id": manifest.saved.id}
        # that version may have been deleted elsewhere, and the job still be there
        with contextlib.suppress(ResultNotFound):
            return api.save_result(asked.model_copy(update=again))
    return api.save_result(asked)


def load_manifest(api: Api, label: str) -> contract.ResultManifest:
    """Ask what the version holds that a label names."""
    return api.saved_manifest(api.find_version(label))


def fetch_cells(
    api: Api, manifest: contract.ResultManifest, part: contract.PartResult
) -> bytes:
    """Fetch the imputed cells of one imputation, of a saved version or of a job.

    Raises
    ------
    ResultNotFound
        If it was deleted meanwhile.
    """
    if part.data is not None:
        return part.data
    if manifest.saved is None:
        with saying_what_went(manifest, "the imputed cells that were not fetched"):
            return api.part(manifest.job_id, part)
    try:
        return api.saved_cells(manifest.saved, part)
    except NotFound as error:
        # the job may still be there
        try:
            return api.part(manifest.job_id, part)
        except NotFound:
            raise _deleted(manifest.saved) from error


def fetch_recipe(api: Api, manifest: contract.ResultManifest, imputation: int) -> bytes:
    """Fetch the fitted models of one imputation, of a saved version or of a job.

    Raises
    ------
    JobNotFound, ResultNotFound
        If they went with the job or the version.
    """
    if manifest.saved is None:
        with saying_what_went(manifest, "its fitted models"):
            return api.recipe_part(manifest.job_id, imputation)
    try:
        return api.saved_recipe(manifest.saved, imputation)
    except NotFound as error:
        try:
            return api.recipe_part(manifest.job_id, imputation)
        except NotFound:
            raise _deleted(manifest.saved) from error


def fetch_data(api: Api, manifest: contract.ResultManifest) -> bytes:
    """Fetch the data that were imputed, as Parquet.

    Raises
    ------
    ResultNotFound
        If they went with a saved version that was deleted meanwhile.
    """
    try:
        return api.content(manifest.dataset_version.id)
    except NotFound as error:
        if manifest.saved is None:
            raise
        raise _deleted(manifest.saved) from error


def spec_of(api: Api, manifest: contract.ResultManifest) -> contract.AnySpec | None:
    """Fetch what was asked for; None if the job is gone that knew it."""
    if manifest.saved is not None and manifest.saved.spec is not None:
        return manifest.saved.spec
    try:
        return api.job(manifest.job_id).spec
    except NotFound:
        return None


@contextlib.contextmanager
def saying_what_went(manifest: contract.ResultManifest, what: str) -> Iterator[None]:
    """Say of a job that was deleted what its result lacks now.

    Raises
    ------
    JobNotFound
        If what is done inside finds no job.
    """
    try:
        yield
    except JobNotFound as error:
        raise JobNotFound(
            f"Job {str(manifest.job_id)[:8]} was deleted, and {what} went with it. "
            "Submit the job again; result.save(name) keeps a result whatever becomes "
            "of its job."
        ) from error


def _deleted(version: contract.ResultVersion) -> ResultNotFound:
    return ResultNotFound(
        f"{version.label} was deleted while it was in use, so what was not fetched "
        "before is gone. jw.results() lists what there is."
    )
