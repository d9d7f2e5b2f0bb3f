"""The event stream: all of a caller's jobs on one connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from jupyter_wrangler.contract import Job, Progress, QueueUpdate
from jupyter_wrangler.runtime.listener import News
from jupyter_wrangler.service.context import Owner, TheEventHub
from jupyter_wrangler.service.uds import ABORT

router = APIRouter(tags=["events"])

KEEP_ALIVE_S = 15
RETRY_MS = 3000
#: What is told -> the name of its event.
_KINDS = {Job: "job", Progress: "progress", QueueUpdate: "queue"}


class Stream(EventSourceResponse):
    """An event stream that is hung up on who does not read it.

    Parameters
    ----------
    content, **options
        As `EventSourceResponse` takes them.
    leave : callable
        Called when the stream is over, however that came.
    """

    def __init__(
        self, content: Any, *, leave: Callable[[], None], **options: Any
    ) -> None:
        super().__init__(content, **options)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until somebody ends it."""
        try:
            await super().__call__(scope, receive, send)
        except* SendTimeoutError:
            # closing would wait for what is still to be read
            scope.get("state", {}).get(ABORT, _nothing)()
            await asyncio.sleep(0)
        finally:
            self._leave()


@router.get(
    "/events",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def stream(
    request: Request,
    owner: Owner,
    event_hub: TheEventHub,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Send jobs as they change, and progress in between."""
    listener = await event_hub.subscribe(owner)

    async def events() -> AsyncIterator[ServerSentEvent | bytes]:
        yield ServerSentEvent(event="ready", data="{}", retry=RETRY_MS)
        async with contextlib.aclosing(event_hub.news(listener, last_event_id)) as news:
            async for item in news:
                yield _event(item)

    return Stream(
        events(),
        leave=lambda: event_hub.unsubscribe(listener),
        ping=KEEP_ALIVE_S,
        send_timeout=request.app.state.stall_s,
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


def _event(item: News) -> bytes:
    """Write an event; JSON has no line breaks, so that each field is one line."""
    mark = f"id: {item.mark}\r\n" if item.mark else ""
    kind = _KINDS[type(item.view)]
    return f"{mark}event: {kind}\r\ndata: {item.text}\r\n\r\n".encode()


def _nothing() -> None:
    """Stand in for a server that cannot hang up."""
