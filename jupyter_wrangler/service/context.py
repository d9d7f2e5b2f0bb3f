"""What a route gets: the services, the event hub, and who calls."""

from __future__ import annotations

import time
import uuid
from typing import Annotated

from fastapi import Depends, Query, Request

from jupyter_wrangler.errors import NotAllowed
from jupyter_wrangler.runtime.admin_service import AdminService
from jupyter_wrangler.runtime.event_hub import EventHub
from jupyter_wrangler.runtime.job_service import JobService
from jupyter_wrangler.service.identity import Caller, Known, Principal


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


# Coroutines, for FastAPI sends plain functions to a thread and back.


async def job_service(request: Request) -> JobService:
    """Return the job_service of this app."""
    found: JobService = request.app.state.job_service
    return found


async def event_hub(request: Request) -> EventHub:
    """Return the event hub of this app."""
    found: EventHub = request.app.state.event_hub
    return found


def activity(request: Request) -> Activity:
    """Return the activity of this app."""
    found: Activity = request.app.state.activity
    return found


async def owner(caller: Caller, request: Request) -> uuid.UUID:
    """Return the caller's id, and note that somebody asked."""
    activity(request).touch()
    found: JobService = request.app.state.job_service
    return await found.user(caller.kind, caller.name, caller.hub_id)


async def admin(principal: Known) -> Principal:
    """Let administrators in: the owner of the socket, and whose token may do it."""
    if not principal.admin:
        raise NotAllowed(
            f"{principal.name!r} is no administrator here, and this is for "
            "administrators only. On a JupyterHub it takes a token with the scope "
            "custom:wrangler:admin, which a role of the Hub's configuration grants."
        )
    return principal


async def scraper(principal: Known) -> Principal:
    """Let those in who may read the metrics, administrators among them."""
    if not (principal.metrics or principal.admin):
        raise NotAllowed(
            f"{principal.name!r} is no administrator here and may not read the "
            "metrics. On a JupyterHub it takes a token with the scope "
            "custom:wrangler:metrics, which a role of the Hub's configuration grants."
        )
    return principal


async def admin_service(request: Request) -> AdminService:
    """Return the administrators' job_service of this app."""
    return AdminService(request.app.state.job_service)


TheJobService = Annotated[JobService, Depends(job_service)]
TheEventHub = Annotated[EventHub, Depends(event_hub)]
TheAdminService = Annotated[AdminService, Depends(admin_service)]
Owner = Annotated[uuid.UUID, Depends(owner)]
#: A route's parameter of this type keeps out everybody but administrators.
Admin = Annotated[Principal, Depends(admin)]
#: The same, for those who may read the metrics.
Scraper = Annotated[Principal, Depends(scraper)]
#: Items that one page of a list holds.
PageSize = Annotated[int, Query(ge=1, le=200)]
#: The same, of lists whose items are small.
LongPageSize = Annotated[int, Query(ge=1, le=1000)]
