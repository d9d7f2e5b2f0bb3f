"""Stored bytes as a streamed answer that no browser would render."""

from __future__ import annotations

from fastapi.responses import StreamingResponse

from jupyter_wrangler.runtime.job_service import JobService, Stored

_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "recipe": "application/zip",
}
_SUFFIXES = {"recipe": "zip"}


async def stored(
    job_service: JobService, found: Stored, name: str
) -> StreamingResponse:
    """Stream stored bytes; `name` comes from us, never from a caller."""
    await job_service.require(found)
    suffix = _SUFFIXES.get(found.form, found.form)
    return StreamingResponse(
        job_service.read(found),
        media_type=_TYPES[found.form],
        headers={
            "Content-Length": str(found.size),
            "Content-Disposition": f'attachment; filename="{name}.{suffix}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
