"""The verbs of administrators: workers, queues, and anybody's jobs.

Anyone who calls these may act for every user; the routes let administrators in and
nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid

from jupyter_wrangler.contract.admin import (
    AuditPage,
    OwnedJob,
    OwnedJobPage,
    QueueList,
    QuotaChange,
    QuotaPage,
    UserPage,
    UserView,
    WorkerList,
    WorkerView,
)
from jupyter_wrangler.errors import JobAlreadyFinished, ServerUnreachable
from jupyter_wrangler.runtime.celery_app import QUEUES
from jupyter_wrangler.runtime.job_service import JobService
from jupyter_wrangler.runtime.metrics import Snapshot
from jupyter_wrangler.store import admin, audit, figures, ownership, users

log = logging.getLogger(__name__)


class AdminService:
    """What an administrator can ask for, over the job_service that everybody uses."""

    def __init__(self, job_service: JobService) -> None:
        self._job_service = job_service
        self._alive_s = job_service.settings.alive_s

    async def workers(self) -> WorkerList:
        """List all workers that are known."""
        return await self._job_service.database.run(
            admin.workers, alive_s=self._alive_s
        )

    async def drain(self, worker_id: uuid.UUID, *, by: str) -> WorkerView:
        """Tell a worker to take no more parts; those that run go on to their end."""
        worker = await self._job_service.database.run(
            admin.drain, worker_id, alive_s=self._alive_s
        )
        log.info("%s drains worker %s on %s", by, worker.id, worker.host)
        return worker

    async def queues(self) -> QueueList:
        """Say how much waits and runs in each queue."""
        return await self._job_service.database.run(admin.queues, QUEUES)

    async def jobs(
        self, *, after: uuid.UUID | None, limit: int, state: str | None
    ) -> OwnedJobPage:
        """List everybody's jobs, newest first."""
        return await self._job_service.database.run(
            admin.jobs, after=after, limit=limit, state=state
        )

    async def cancel(self, job_id: uuid.UUID, *, by: str) -> OwnedJob:
        """Cancel anybody's job, as its owner would."""
        owner = await self._job_service.database.run(admin.owner_of, job_id)
        await self._job_service.cancel(owner, job_id, by=by)
        log.info("%s cancels job %s of user %s", by, job_id, owner)
        return await self._job_service.database.run(admin.job, job_id)

    async def retry(self, job_id: uuid.UUID, *, by: str) -> OwnedJob:
        """Try anybody's ended job again, as its owner would; quarantined ones too."""
        owner = await self._job_service.database.run(admin.owner_of, job_id)
        await self._job_service.retry(owner, job_id, by=by)
        log.info("%s retries job %s of user %s", by, job_id, owner)
        return await self._job_service.database.run(admin.job, job_id)

    async def audit(self, *, after: int | None, limit: int) -> AuditPage:
        """List who stopped or deleted what, newest first."""
        return await self._job_service.database.run(
            audit.page, after=after, limit=limit
        )

    async def quotas(self, *, after: uuid.UUID | None, limit: int) -> QuotaPage:
        """List users by name with their quotas."""
        return await self._job_service.database.run(
            admin.quota_page, defaults=self._job_service.quota, after=after, limit=limit
        )

    async def set_quota(self, change: QuotaChange, *, by: str) -> None:
        """Set what is given of a user's quota, or of everybody's."""
        await self._job_service.database.run(admin.set_quota, change)
        whose = change.owner.name if change.owner else "everybody"
        given = change.quota.model_dump(exclude_unset=True)
        log.info("%s sets the quota of %r: %s", by, whose, given)

    async def users(
        self, *, after: uuid.UUID | None, limit: int, name: str | None
    ) -> UserPage:
        """List users by name, with how much they have."""
        return await self._job_service.database.run(
            users.page, after=after, limit=limit, name=name
        )

    async def forget_user(self, user: uuid.UUID, *, by: str) -> UserView:
        """Free a user's name; the data stay until they are purged or too old."""
        found = await self._job_service.database.run(users.forget, user, by=by)
        self._job_service.forget_users()
        log.info("%s frees the name of user %s", by, user)
        return found

    async def rename_user(self, user: uuid.UUID, name: str, *, by: str) -> UserView:
        """Give a user another name, as the Hub did."""
        found = await self._job_service.database.run(users.rename, user, name, by=by)
        self._job_service.forget_users()
        log.info("%s renames user %s to %r", by, user, name)
        return found

    async def transfer_user(
        self, user: uuid.UUID, to: uuid.UUID, *, by: str
    ) -> UserView:
        """Give all that a user has to another."""
        found, spare = await self._job_service.database.run(
            ownership.transfer, user, to, by=by
        )
        await self._delete(spare)
        log.info("%s gives the data of user %s to user %s", by, user, to)
        return found

    async def purge_user(self, user: uuid.UUID, *, by: str) -> UserView:
        """Delete all that a user has; jobs that have not ended are cancelled."""
        for job_id in await self._job_service.database.run(ownership.unfinished, user):
            with contextlib.suppress(JobAlreadyFinished):
                await self._job_service.cancel(user, job_id, by=by)
        found, keys = await self._job_service.database.run(ownership.purge, user, by=by)
        self._job_service.forget_users()
        await self._delete(keys)
        log.info("%s purges user %s: %d files", by, user, len(keys))
        return found

    async def _delete(self, keys: list[str]) -> None:
        """Delete bytes; what fails here goes with the next clearing away."""

        def delete() -> None:
            for key in keys:
                with contextlib.suppress(OSError, ServerUnreachable):
                    self._job_service.blobs.delete(key)

        await asyncio.to_thread(delete)

    async def snapshot(self, *, streams: int) -> Snapshot:
        """Count what metrics show; without PostgreSQL say just that."""
        try:
            found = await self._job_service.database.run(
                figures.count, alive_s=self._alive_s
            )
        except ServerUnreachable:
            return Snapshot(None, streams=streams)
        return Snapshot(found, streams=streams)
