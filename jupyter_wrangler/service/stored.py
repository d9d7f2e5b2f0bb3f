"""Stored bytes as a streamed answer that no browser would render."""

from __future__ import annotations

from fastapi.responses import StreamingResponse

from jupyter_wrangler.jobs.desk import Desk

_TYPES = {"parquet": "application/vnd.apache.parquet", "json": "application/json"}


def stored(desk: Desk, key: str, name: str, form: str) -> StreamingResponse:
    """Stream stored bytes; `name` comes from us, never from a caller."""
    return StreamingResponse(
        desk.read(key),
        media_type=_TYPES[form],
        headers={
            "Content-Length": str(desk.size(key)),
            "Content-Disposition": f'attachment; filename="{name}.{form}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
