"""Stored bytes as a streamed answer that no browser would render."""

from __future__ import annotations

from pathlib import Path

from fastapi.responses import FileResponse, StreamingResponse
from starlette.background import BackgroundTask

from jupyter_wrangler.contract import ExportFormat
from jupyter_wrangler.runtime.job_service import JobService, Stored

_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "recipe": "application/zip",
}
_SUFFIXES = {"recipe": "zip"}
_EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def exported(path: Path, form: ExportFormat, name: str) -> FileResponse:
    """Stream a file that was made for this answer, and remove it afterwards.

    `name` comes from us, never from a caller.
    """
    return FileResponse(
        path,
        media_type=_EXPORTS[form],
        filename=f"{name}.{form}",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


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
