"""The event stream: all of a caller's jobs on one connection."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse, ServerSentEvent

from jupyter_wrangler.contract import Job
from jupyter_wrangler.jobs.watch import News
from jupyter_wrangler.service.context import Owner, TheWatch

router = APIRouter(tags=["events"])

KEEP_ALIVE_S = 15
RETRY_MS = 3000


@router.get("/events", response_class=EventSourceResponse)
async def stream(
    owner: Owner,
    watch: TheWatch,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Send jobs as they change, and progress in between."""
    await watch.check_room(owner)

    async def events() -> AsyncIterator[ServerSentEvent | bytes]:
        yield ServerSentEvent(event="ready", data="{}", retry=RETRY_MS)
        async with contextlib.aclosing(watch.subscribe(owner, last_event_id)) as news:
            async for item in news:
                yield _event(item)

    return EventSourceResponse(
        events(),
        ping=KEEP_ALIVE_S,
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


def _event(item: News) -> bytes:
    """Write an event; JSON has no line breaks, so that each field is one line."""
    mark = f"id: {item.mark}\r\n" if item.mark else ""
    kind = "job" if isinstance(item.view, Job) else "progress"
    return f"{mark}event: {kind}\r\ndata: {item.text}\r\n\r\n".encode()
