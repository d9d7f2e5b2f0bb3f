"""Health, and who the caller is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from jupyter_wrangler.contract import Health, Me
from jupyter_wrangler.service.context import TheEventHub, TheJobService, activity
from jupyter_wrangler.service.identity import Caller

router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/health/ready", responses={503: {"model": Health}})
async def ready(
    request: Request,
    job_service: TheJobService,
    event_hub: TheEventHub,
    response: Response,
) -> Health:
    """Say whether jobs can be accepted and run."""
    health = await job_service.checkup.look(
        idle_s=activity(request).idle_s, streams=event_hub.streams
    )
    response.status_code = 200 if health.status == "ok" else 503
    return health


@router.get("/me")
async def me(caller: Caller, job_service: TheJobService) -> Me:
    """Say who the caller is to this service, and what they may use and do use."""
    return await job_service.me(
        caller.kind, caller.name, caller.hub_id, admin=caller.admin
    )
