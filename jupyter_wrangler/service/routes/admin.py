"""For administrators: workers, queues, everybody's jobs, and metrics."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from jupyter_wrangler.contract import JobState
from jupyter_wrangler.contract.admin import (
    AuditPage,
    OwnedJob,
    OwnedJobPage,
    QueueList,
    QuotaChange,
    QuotaPage,
    UserPage,
    UserRename,
    UserTransfer,
    UserView,
    WorkerList,
    WorkerView,
)
from jupyter_wrangler.service import bodies
from jupyter_wrangler.service.context import (
    Admin,
    PageSize,
    Scraper,
    TheAdminService,
    TheEventHub,
)
from jupyter_wrangler.service.middleware.metrics import RequestMetrics

router = bodies.router(tags=["admin"])


@router.get("/metrics", response_class=Response)
async def metrics(
    request: Request,
    scraper: Scraper,
    admin_service: TheAdminService,
    event_hub: TheEventHub,
) -> Response:
    """Return figures in Prometheus' text format."""
    del scraper
    metrics: RequestMetrics = request.app.state.metrics
    snapshot = await admin_service.snapshot(streams=event_hub.streams)
    return Response(metrics.text(snapshot), media_type=CONTENT_TYPE_LATEST)


@router.get("/admin/workers")
async def workers(admin: Admin, admin_service: TheAdminService) -> WorkerList:
    """List all workers that are known, the living first."""
    del admin
    return await admin_service.workers()


@router.post("/admin/workers/{worker_id}/drain", status_code=202)
async def drain(
    worker_id: uuid.UUID, admin: Admin, admin_service: TheAdminService
) -> WorkerView:
    """Tell a worker to take no more parts; it hears of it at its next heartbeat."""
    return await admin_service.drain(worker_id, by=admin.name)


@router.get("/admin/queues")
async def queues(admin: Admin, admin_service: TheAdminService) -> QueueList:
    """Say how much waits and runs in each queue."""
    del admin
    return await admin_service.queues()


@router.get("/admin/jobs")
async def jobs(
    admin: Admin,
    admin_service: TheAdminService,
    after: uuid.UUID | None = None,
    limit: PageSize = 50,
    state: JobState | None = None,
) -> OwnedJobPage:
    """List everybody's jobs, newest first."""
    del admin
    return await admin_service.jobs(after=after, limit=limit, state=state)


@router.post("/admin/jobs/{job_id}/cancel", status_code=202)
async def cancel(
    job_id: uuid.UUID, admin: Admin, admin_service: TheAdminService
) -> OwnedJob:
    """Cancel anybody's job; after this answer it never succeeds."""
    return await admin_service.cancel(job_id, by=admin.name)


@router.post("/admin/jobs/{job_id}/retry", status_code=202)
async def retry(
    job_id: uuid.UUID, admin: Admin, admin_service: TheAdminService
) -> OwnedJob:
    """Try anybody's job again that ended without its result."""
    return await admin_service.retry(job_id, by=admin.name)


@router.get("/admin/audit")
async def audit(
    admin: Admin,
    admin_service: TheAdminService,
    after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: PageSize = 50,
) -> AuditPage:
    """List who cancelled or deleted what, newest first."""
    del admin
    return await admin_service.audit(after=after, limit=limit)


@router.get("/admin/quotas")
async def quotas(
    admin: Admin,
    admin_service: TheAdminService,
    after: uuid.UUID | None = None,
    limit: PageSize = 50,
) -> QuotaPage:
    """List users by name, with what they may use and what they use."""
    del admin
    return await admin_service.quotas(after=after, limit=limit)


@router.patch("/admin/quotas", status_code=204, response_model=None)
async def set_quota(
    body: QuotaChange, admin: Admin, admin_service: TheAdminService
) -> None:
    """Set what is given of a user's quota, or of everybody's."""
    await admin_service.set_quota(body, by=admin.name)


@router.get("/admin/users")
async def users(
    admin: Admin,
    admin_service: TheAdminService,
    after: uuid.UUID | None = None,
    limit: PageSize = 50,
    name: Annotated[str | None, Query(max_length=255, pattern=r"^[^\x00]*$")] = None,
) -> UserPage:
    """List users by name, with how much they have."""
    del admin
    return await admin_service.users(after=after, limit=limit, name=name)


@router.post("/admin/users/{user_id}/forget")
async def forget_user(
    user_id: uuid.UUID, admin: Admin, admin_service: TheAdminService
) -> UserView:
    """Free a user's name: the next one who comes under it begins with nothing."""
    return await admin_service.forget_user(user_id, by=admin.name)


@router.post("/admin/users/{user_id}/rename")
async def rename_user(
    user_id: uuid.UUID, body: UserRename, admin: Admin, admin_service: TheAdminService
) -> UserView:
    """Give a user another name, as the Hub did."""
    return await admin_service.rename_user(user_id, body.name, by=admin.name)


@router.post("/admin/users/{user_id}/transfer")
async def transfer_user(
    user_id: uuid.UUID, body: UserTransfer, admin: Admin, admin_service: TheAdminService
) -> UserView:
    """Give all that a user has to another; the answer is the receiver."""
    return await admin_service.transfer_user(user_id, body.to, by=admin.name)


@router.delete("/admin/users/{user_id}")
async def purge_user(
    user_id: uuid.UUID, admin: Admin, admin_service: TheAdminService
) -> UserView:
    """Delete all that a user has; 409 while jobs of theirs are still ending."""
    return await admin_service.purge_user(user_id, by=admin.name)
