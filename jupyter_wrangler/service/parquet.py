"""Parquet bytes as a streamed answer that no browser would render."""

from __future__ import annotations

from fastapi.responses import StreamingResponse

from jupyter_wrangler.jobs.desk import Desk


def parquet(desk: Desk, key: str, filename: str) -> StreamingResponse:
    """Stream stored bytes; `filename` comes from us, never from a caller."""
    return StreamingResponse(
        desk.read(key),
        media_type="application/vnd.apache.parquet",
        headers={
            "Content-Length": str(desk.size(key)),
            "Content-Disposition": f'attachment; filename="{filename}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
