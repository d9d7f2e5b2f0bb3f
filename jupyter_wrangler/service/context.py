"""What a route gets: the desk, the watch, and the caller's id."""

from __future__ import annotations

import time
import uuid
from typing import Annotated

from fastapi import Depends, Request

from jupyter_wrangler.jobs.desk import Desk
from jupyter_wrangler.jobs.watch import Watch
from jupyter_wrangler.service.identity import Caller


class Activity:
    """When somebody last asked for something."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def touch(self) -> None:
        """Note a request."""
        self._last = time.monotonic()

    @property
    def idle_s(self) -> float:
        """Seconds since the last request."""
        return time.monotonic() - self._last


def desk(request: Request) -> Desk:
    """Return the desk of this app."""
    found: Desk = request.app.state.desk
    return found


def watch(request: Request) -> Watch:
    """Return the watch of this app."""
    found: Watch = request.app.state.watch
    return found


def activity(request: Request) -> Activity:
    """Return the activity of this app."""
    found: Activity = request.app.state.activity
    return found


async def owner(caller: Caller, request: Request) -> uuid.UUID:
    """Return the caller's id, and note that somebody asked."""
    activity(request).touch()
    return await desk(request).user(caller.kind, caller.name)


TheDesk = Annotated[Desk, Depends(desk)]
TheWatch = Annotated[Watch, Depends(watch)]
Owner = Annotated[uuid.UUID, Depends(owner)]
