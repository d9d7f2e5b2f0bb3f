"""Health, and who the caller is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from jupyter_wrangler.contract import Health, Me
from jupyter_wrangler.service.context import TheDesk, TheWatch, activity
from jupyter_wrangler.service.identity import Caller

router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/health/ready", responses={503: {"model": Health}})
async def ready(
    request: Request, desk: TheDesk, watch: TheWatch, response: Response
) -> Health:
    """Say whether jobs can be accepted and run."""
    health = await desk.checkup.look(
        idle_s=activity(request).idle_s, streams=watch.streams
    )
    response.status_code = 200 if health.status == "ok" else 503
    return health


@router.get("/me")
async def me(caller: Caller, desk: TheDesk) -> Me:
    """Say who the caller is to this service, and what they may use and do use."""
    return await desk.me(caller.kind, caller.name, caller.hub_id, admin=caller.admin)
