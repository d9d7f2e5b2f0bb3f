"""Datasets, their versions, and the bytes of a version."""

from __future__ import annotations

import uuid

from fastapi import Response
from fastapi.responses import StreamingResponse

from jupyter_wrangler.contract import (
    Dataset,
    DatasetPage,
    DatasetPatch,
    DatasetRequest,
    DatasetVersion,
    RowPage,
)
from jupyter_wrangler.service import bodies
from jupyter_wrangler.service.blob_response import stored
from jupyter_wrangler.service.context import Owner, PageSize, TheJobService
from jupyter_wrangler.service.row_question import Rows

router = bodies.router(tags=["datasets"])


@router.post("/datasets", status_code=201, responses={200: {"model": DatasetVersion}})
async def add(
    body: DatasetRequest, owner: Owner, job_service: TheJobService, response: Response
) -> DatasetVersion:
    """Make a dataset version of uploaded bytes."""
    version, new = await job_service.add_dataset(owner, body)
    response.status_code = 201 if new else 200
    return version


@router.get("/datasets")
async def page(
    owner: Owner,
    job_service: TheJobService,
    after: uuid.UUID | None = None,
    limit: PageSize = 50,
) -> DatasetPage:
    """List datasets, newest first."""
    return await job_service.datasets(owner, after=after, limit=limit)


@router.get("/datasets/{dataset_id}")
async def get(
    dataset_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> Dataset:
    """Return a dataset with its latest version."""
    return await job_service.dataset(owner, dataset_id)


@router.patch("/datasets/{dataset_id}")
async def rename(
    dataset_id: uuid.UUID, body: DatasetPatch, owner: Owner, job_service: TheJobService
) -> Dataset:
    """Rename a dataset."""
    return await job_service.rename_dataset(owner, dataset_id, body.name)


@router.delete("/datasets/{dataset_id}", status_code=204, response_model=None)
async def delete(
    dataset_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> None:
    """Delete a dataset that no unfinished job reads."""
    await job_service.delete_dataset(owner, dataset_id)


@router.get("/datasets/{dataset_id}/versions/{n}")
async def numbered_version(
    dataset_id: uuid.UUID, n: int, owner: Owner, job_service: TheJobService
) -> DatasetVersion:
    """Return a version by its number."""
    return await job_service.numbered_version(owner, dataset_id, n)


@router.get(
    "/datasets/{dataset_id}/versions/{n}/content", response_class=StreamingResponse
)
async def numbered_content(
    dataset_id: uuid.UUID, n: int, owner: Owner, job_service: TheJobService
) -> StreamingResponse:
    """Return the bytes of a version."""
    version = await job_service.numbered_version(owner, dataset_id, n)
    return await stored(
        job_service, await job_service.content(owner, version), str(version.id)
    )


@router.get("/versions/{version_id}")
async def version(
    version_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> DatasetVersion:
    """Return a version by its id."""
    return await job_service.version(owner, version_id)


@router.get("/versions/{version_id}/rows")
async def rows(
    version_id: uuid.UUID, asked: Rows, owner: Owner, job_service: TheJobService
) -> RowPage:
    """Return a page of the rows of a version."""
    return await job_service.data_rows(owner, version_id, asked)


@router.get("/versions/{version_id}/content", response_class=StreamingResponse)
async def content(
    version_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> StreamingResponse:
    """Return the bytes of a version."""
    found = await job_service.version(owner, version_id)
    return await stored(
        job_service, await job_service.content(owner, found), str(version_id)
    )
