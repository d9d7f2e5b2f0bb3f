"""Named results: versions that outlive their jobs."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import FileResponse, StreamingResponse

from jupyter_wrangler.contract import (
    ExportFormat,
    NamedResult,
    NamedResultPage,
    NamedResultPatch,
    ResultDeletion,
    ResultManifest,
    ResultVersion,
    ResultVersionPage,
    ResultVersionPatch,
    RowPage,
    SaveRequest,
    WhyDocument,
)
from jupyter_wrangler.contract.result_comparison import ResultComparison
from jupyter_wrangler.service import bodies
from jupyter_wrangler.service.blob_response import exported, stored
from jupyter_wrangler.service.context import Owner, PageSize, TheJobService
from jupyter_wrangler.service.row_question import Rows, Why

router = bodies.router(prefix="/results", tags=["results"])

Number = Annotated[int, Path(ge=0, lt=2**31)]
#: Deletes also what something was made of.
Force = Annotated[bool, Query()]
#: Only says what would go.
DryRun = Annotated[bool, Query()]


@router.post("", status_code=201, responses={200: {"model": ResultVersion}})
async def save(
    body: SaveRequest, owner: Owner, job_service: TheJobService, response: Response
) -> ResultVersion:
    """Save a result under a name (201), or return the latest if it is the same."""
    version, new = await job_service.save_result(owner, body)
    response.status_code = 201 if new else 200
    return version


@router.get("")
async def page(
    owner: Owner,
    job_service: TheJobService,
    after: uuid.UUID | None = None,
    limit: PageSize = 50,
    name: Annotated[str | None, Query(max_length=255, pattern=r"^[^\x00]*$")] = None,
) -> NamedResultPage:
    """List named results with their latest versions, newest first."""
    return await job_service.named_results(owner, after=after, limit=limit, name=name)


@router.get("/{result_id}")
async def get(
    result_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> NamedResult:
    """Return a named result with its latest version."""
    return await job_service.named_result(owner, result_id)


@router.patch("/{result_id}")
async def rename(
    result_id: uuid.UUID,
    body: NamedResultPatch,
    owner: Owner,
    job_service: TheJobService,
) -> NamedResult:
    """Rename a result; 409 if another one has the name."""
    return await job_service.rename_result(owner, result_id, body.name)


@router.delete("/{result_id}")
async def delete(
    result_id: uuid.UUID,
    owner: Owner,
    job_service: TheJobService,
    *,
    force: Force = False,
    dry_run: DryRun = False,
) -> ResultDeletion:
    """Delete a name with all its versions, or say what would go."""
    return await job_service.delete_result(
        owner, result_id, force=force, dry_run=dry_run
    )


@router.get("/{result_id}/versions")
async def versions(
    result_id: uuid.UUID,
    owner: Owner,
    job_service: TheJobService,
    after: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    limit: PageSize = 50,
) -> ResultVersionPage:
    """List the versions of a result without their specs, newest first."""
    return await job_service.result_versions(owner, result_id, after=after, limit=limit)


@router.get("/{result_id}/versions/{n}")
async def version(
    result_id: uuid.UUID, n: Number, owner: Owner, job_service: TheJobService
) -> ResultVersion:
    """Return a version with its spec."""
    return await job_service.result_version(owner, result_id, n)


@router.patch("/{result_id}/versions/{n}")
async def annotate(
    result_id: uuid.UUID,
    n: Number,
    body: ResultVersionPatch,
    owner: Owner,
    job_service: TheJobService,
) -> ResultVersion:
    """Change the note of a version; null removes it."""
    return await job_service.annotate_result(owner, result_id, n, body.note)


@router.delete("/{result_id}/versions/{n}")
async def delete_version(
    result_id: uuid.UUID,
    n: Number,
    owner: Owner,
    job_service: TheJobService,
    *,
    force: Force = False,
    dry_run: DryRun = False,
) -> ResultDeletion:
    """Delete a version, or say what would go; the name goes with the last one."""
    return await job_service.delete_result_version(
        owner, result_id, n, force=force, dry_run=dry_run
    )


@router.post(
    "/{result_id}/versions/{n}/restore",
    status_code=201,
    responses={200: {"model": ResultVersion}},
)
async def restore(
    result_id: uuid.UUID,
    n: Number,
    owner: Owner,
    job_service: TheJobService,
    response: Response,
) -> ResultVersion:
    """Make a version the newest: a new one of the same bytes (201), or itself (200)."""
    found, new = await job_service.restore_result(owner, result_id, n)
    response.status_code = 201 if new else 200
    return found


@router.get("/{result_id}/versions/{n}/manifest")
async def manifest(
    result_id: uuid.UUID, n: Number, owner: Owner, job_service: TheJobService
) -> ResultManifest:
    """Return what a version holds."""
    return await job_service.result_manifest(owner, result_id, n)


@router.get("/{result_id}/versions/{n}/rows")
async def rows(
    result_id: uuid.UUID,
    n: Number,
    asked: Rows,
    owner: Owner,
    job_service: TheJobService,
    imputation: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> RowPage:
    """Return a page of the completed rows of a version, imputed cells marked."""
    asked = asked.model_copy(update={"imputation": imputation})
    return await job_service.saved_rows(owner, result_id, n, asked)


@router.get("/{result_id}/versions/{n}/why")
async def why(
    result_id: uuid.UUID,
    n: Number,
    asked: Why,
    owner: Owner,
    job_service: TheJobService,
) -> WhyDocument:
    """Tell why one cell of a version holds its value."""
    return await job_service.saved_why(owner, result_id, n, asked)


@router.get("/{result_id}/versions/{n}/export", response_class=FileResponse)
async def export(
    result_id: uuid.UUID,
    n: Number,
    owner: Owner,
    job_service: TheJobService,
    imputation: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    form: Annotated[ExportFormat, Query(alias="format")] = "csv",
) -> FileResponse:
    """Return a completed data set as a file; CSV holds no text that runs as formula."""
    path = await job_service.saved_export(owner, result_id, n, imputation, form)
    return exported(path, form, f"{result_id}-{n}-{imputation}")


@router.get(
    "/{result_id}/versions/{n}/cells/{imputation}", response_class=StreamingResponse
)
async def cells(
    result_id: uuid.UUID,
    n: Number,
    imputation: Number,
    owner: Owner,
    job_service: TheJobService,
) -> StreamingResponse:
    """Return the imputed cells of one imputation as Parquet."""
    found = await job_service.result_cells(owner, result_id, n, imputation)
    return await stored(job_service, found, f"{result_id}-{n}-{imputation}")


@router.get(
    "/{result_id}/versions/{n}/recipes/{imputation}", response_class=StreamingResponse
)
async def recipe(
    result_id: uuid.UUID,
    n: Number,
    imputation: Number,
    owner: Owner,
    job_service: TheJobService,
) -> StreamingResponse:
    """Return the fitted models of one imputation, in the format of `Imputer.save`."""
    found = await job_service.result_recipe(owner, result_id, n, imputation)
    return await stored(job_service, found, f"{result_id}-{n}-{imputation}")


@router.get("/{result_id}/versions/{n}/comparison/{other_id}")
async def compare(
    result_id: uuid.UUID,
    n: Number,
    other_id: uuid.UUID,
    owner: Owner,
    job_service: TheJobService,
) -> ResultComparison:
    """Compare settings and summaries of a version and another one, by its own id."""
    return await job_service.compare_results(owner, result_id, n, other_id)
