"""Uploads: announce, send in chunks, complete."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Header, Query, Request, Response

from jupyter_wrangler.contract import CHUNK, Upload, UploadRequest
from jupyter_wrangler.errors import InvalidData
from jupyter_wrangler.service import bodies
from jupyter_wrangler.service.context import Owner, TheJobService

router = bodies.router(prefix="/uploads", tags=["uploads"])


@router.post("", responses={201: {"model": Upload}})
async def begin(
    body: UploadRequest, owner: Owner, job_service: TheJobService, response: Response
) -> Upload:
    """Announce bytes by their digest; known ones need no upload."""
    upload = await job_service.begin_upload(owner, body)
    response.status_code = 200 if upload.known else 201
    return upload


@router.get("/{upload_id}")
async def get(upload_id: uuid.UUID, owner: Owner, job_service: TheJobService) -> Upload:
    """Say how many bytes have arrived, to resume there."""
    return await job_service.upload(owner, upload_id)


@router.put("/{upload_id}")
async def add_chunk(
    upload_id: uuid.UUID,
    request: Request,
    owner: Owner,
    job_service: TheJobService,
    offset: Annotated[int, Query(ge=0)],
    x_content_sha256: Annotated[str | None, Header()] = None,
) -> Upload:
    """Take the chunk that starts at `offset`."""
    return await job_service.add_chunk(
        owner, upload_id, offset=offset, data=await _body(request),
        sha256=x_content_sha256,
    )  # fmt: skip


@router.post("/{upload_id}/complete")
async def complete(
    upload_id: uuid.UUID, owner: Owner, job_service: TheJobService
) -> Upload:
    """Check the digest of the whole and keep the bytes."""
    return await job_service.complete_upload(owner, upload_id)


async def _body(request: Request) -> bytearray:
    """Read a chunk, and not a byte more than a chunk may have."""
    data = bytearray()
    async for block in request.stream():
        data += block
        if len(data) > CHUNK:
            raise InvalidData(
                f"A chunk may hold {CHUNK} bytes, and more were sent; split the upload."
            )
    return data
