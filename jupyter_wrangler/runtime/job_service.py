"""The job_service that the service's routes call: one object with all the API's verbs.

Verbs are async; each is one transaction, written once in `store` and run on the
async engine.  `owner` is the id of the calling user, resolved by `user`.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import (
    FINAL,
    Job,
    JobChange,
    JobEventPage,
    JobPage,
    JobPartPage,
    JobRequest,
    Me,
    QueuePlace,
)
from jupyter_wrangler.contract.spec_size import check_size
from jupyter_wrangler.errors import ServerUnreachable
from jupyter_wrangler.runtime.acceptance import accept, cache_key
from jupyter_wrangler.runtime.celery_app import QUEUES, celery_app
from jupyter_wrangler.runtime.dispatcher import Dispatcher
from jupyter_wrangler.runtime.garbage_collector import GarbageCollector
from jupyter_wrangler.runtime.health import Checkup
from jupyter_wrangler.runtime.job_result_service import JobResultService
from jupyter_wrangler.runtime.progress import gather
from jupyter_wrangler.runtime.queue_places import places_of
from jupyter_wrangler.runtime.row_reader import RowReader
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import datasets, quotas, users
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.database import Database, SyncDatabase
from jupyter_wrangler.store.engines import async_engine, sync_engine
from jupyter_wrangler.store.page_cache import PageCache
from jupyter_wrangler.store.pubsub import AsyncPubSub
from jupyter_wrangler.store.queue import (
    changes,
    jobs,
    part_list,
    places,
    retry,
    version_lease,
)
from jupyter_wrangler.store.uploads import Stored

#: `Stored` is what some of its verbs give, for those who may not know the store.
__all__ = ["JobService", "Stored"]

#: Queued jobs of one answer that are given their place in the queue.
MOST_PLACED = 20
#: Seconds for which it is remembered which user a caller is.
_KNOWN_S = 5.0


class JobService(JobResultService):
    """Everything a caller of the service can ask for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(async_engine(settings, application="wrangler-service"))
        self.pubsub = AsyncPubSub(settings)
        self.blobs = open_blobs(settings)
        self.rows, self.reasons, self.exporter = (
            RowReader(),
            RowReader(),
            RowReader(),
        )
        self.pages = PageCache(self.pubsub)
        self._sync = SyncDatabase(
            sync_engine(settings, application="wrangler-dispatcher", size=2)
        )
        self.dispatcher = Dispatcher(settings, self._sync, celery_app(settings))
        self.clearing = GarbageCollector(settings, self._sync, self.blobs)
        #: kind and name -> what the Hub says of them, their id, until when
        self._users: dict[tuple[str, str], tuple[str | None, uuid.UUID, float]] = {}
        self.checkup = Checkup(settings, self.database, self.pubsub, self.dispatcher)

    def start(self) -> None:
        """Begin to dispatch."""
        self.blobs.prepare()
        self._sync.run(version_lease.note_storage, self.blobs.mark())
        self.dispatcher.start()
        self.clearing.start()

    async def close(self) -> None:
        """Close every connection."""
        self.dispatcher.stop()
        self.clearing.stop()
        await asyncio.to_thread(self.dispatcher.join, 5)
        await asyncio.to_thread(self.clearing.join, 5)
        await self.rows.close()
        await self.reasons.close()
        await self.exporter.close()
        await self.pubsub.close()
        await self.database.close()
        self._sync.close()

    async def user(self, kind: str, name: str, hub_id: str | None = None) -> uuid.UUID:
        """Return the id of a caller."""
        whose, known, until = self._users.get((kind, name), (None, None, 0.0))
        # not for long: another process may have given the name or the data away
        if known is None or whose != hub_id or time.monotonic() > until:
            known = await self.database.run(users.ensure, kind, name, hub_id)
            until = time.monotonic() + _KNOWN_S
            self._users[kind, name] = (hub_id, known, until)
        return known

    def forget_users(self) -> None:
        """Look every user up again: an administrator has changed some."""
        self._users.clear()

    async def me(
        self, kind: str, name: str, hub_id: str | None = None, *, admin: bool
    ) -> Me:
        """Say who the caller is, and what they may use and do use."""
        me = Me(kind=kind, name=name, admin=admin, limits=self.limits(self.quota))
        try:
            owner = await self.user(kind, name, hub_id)
            quota = await self.database.run(quotas.effective, owner, self.quota)
            usage = await self.database.run(quotas.usage, owner)
        except ServerUnreachable:
            # who somebody is does not depend on a database
            return me
        return me.model_copy(
            update={"quota": quota, "usage": usage, "limits": self.limits(quota)}
        )

    # ── jobs ──

    async def submit(self, owner: uuid.UUID, request: JobRequest) -> tuple[Job, bool]:
        """Accept a job; it is safe in PostgreSQL when this returns."""
        check_size(request.spec)
        job, new = await self.database.run(
            accept, owner, request, settings=self.settings, quota=self.quota
        )
        if new:
            self.dispatcher.wake()
            await self.pubsub.notify(job.id, owner)
        return job, new

    async def job(self, owner: uuid.UUID, job_id: uuid.UUID) -> Job:
        """Return a job with its progress and summary."""
        job = await self.database.run(jobs.get, owner, job_id)
        return (await self._complete(owner, [job]))[0]

    async def jobs(
        self,
        owner: uuid.UUID,
        *,
        after: uuid.UUID | None,
        limit: int,
        state: str | None,
        data_sha256: str | None = None,
    ) -> JobPage:
        """List jobs, newest first."""
        page = await self.database.run(
            jobs.page,
            owner,
            after=after,
            limit=limit,
            state=state,
            data_sha256=data_sha256,
        )
        items = await self._complete(owner, list(page.items))
        return page.model_copy(update={"items": tuple(items)})

    async def recent(self, owner: uuid.UUID) -> list[Job]:
        """Return the unfinished and the newest jobs, oldest first."""
        return await self._complete(
            owner, await self.database.run(jobs.recent, owner, limit=20)
        )

    async def several(self, owner: uuid.UUID, ids: list[uuid.UUID]) -> list[Job]:
        """Return some jobs with their progress; unknown ids are left out."""
        return await self._complete(
            owner, await self.database.run(jobs.several, owner, ids)
        )

    async def places(
        self, owner: uuid.UUID, ids: Iterable[uuid.UUID]
    ) -> dict[uuid.UUID, QueuePlace]:
        """Return the places of queued jobs of an owner; not those of others."""
        view = await self.database.run(
            places.look,
            owner,
            queues=QUEUES,
            quota=self.quota,
            alive_s=self.settings.alive_s,
        )
        return places_of(view, ids)

    async def _complete(self, owner: uuid.UUID, found: list[Job]) -> list[Job]:
        """Add what is in no row: progress, and places in the queue."""
        queued = [job.id for job in found if job.state == "queued"][:MOST_PLACED]
        placed = await self.places(owner, queued) if queued else {}
        return [
            job.model_copy(update={"queue": placed[job.id]})
            if job.id in placed
            else job
            for job in await self._with_progress(found)
        ]

    async def _with_progress(self, found: list[Job]) -> list[Job]:
        begun = [job.id for job in found if job.state not in FINAL and job.started_at]
        steps = await self.pubsub.progress(begun)
        return [
            job.model_copy(update={"progress": gather(job, steps.get(job.id, {}))})
            if job.id in begun
            else job
            for job in found
        ]

    async def list_events(
        self, owner: uuid.UUID, job_id: uuid.UUID, *, after: int, limit: int
    ) -> JobEventPage:
        """List what happened to a job, oldest first."""
        return await self.database.run(
            jobs.list_events, owner, job_id, after=after, limit=limit
        )

    async def parts(
        self, owner: uuid.UUID, job_id: uuid.UUID, *, after: str | None, limit: int
    ) -> JobPartPage:
        """List the parts of a job, by stage and number."""
        return await self.database.run(
            part_list.page, owner, job_id, after=after, limit=limit
        )

    async def cancel(
        self, owner: uuid.UUID, job_id: uuid.UUID, *, by: str | None = None
    ) -> Job:
        """Cancel a job; from now on it can no longer succeed."""
        job = await self.database.run(jobs.cancel, owner, job_id, by=by)
        await self.pubsub.cancel(job_id)
        await self.pubsub.notify(job_id, owner)
        return job

    async def change(
        self, owner: uuid.UUID, job_id: uuid.UUID, asked: JobChange
    ) -> Job:
        """Rename a job, or change its priority among its owner's jobs."""
        job = await self.database.run(changes.change, owner, job_id, asked)
        self.dispatcher.wake()
        await self.pubsub.notify(job_id, owner)
        return (await self._complete(owner, [job]))[0]

    async def finish(self, owner: uuid.UUID, job_id: uuid.UUID) -> Job:
        """Let a job succeed with the parts that are done."""
        job = await self.database.run(changes.finish, owner, job_id)
        self.dispatcher.wake()
        await self.pubsub.cancel(job_id)
        await self.pubsub.notify(job_id, owner)
        return job

    async def retry(
        self, owner: uuid.UUID, job_id: uuid.UUID, *, by: str | None = None
    ) -> Job:
        """Try the parts of an ended job again that have no result."""
        job = await self.database.run(jobs.get, owner, job_id)
        version = await self.database.run(
            datasets.version, owner, job.dataset_version_id
        )
        job = await self.database.run(
            retry.retry,
            owner,
            job_id,
            cache_key=cache_key(version, job.spec),
            app_version=__version__,
            max_attempts=self.settings.max_attempts,
            quota=self.quota,
            by=by,
        )
        await self.pubsub.delete_progress(job_id)
        self.dispatcher.wake()
        await self.pubsub.notify(job_id, owner)
        return job

    async def delete(self, owner: uuid.UUID, job_id: uuid.UUID) -> None:
        """Delete a finished job."""
        await self.database.run(jobs.delete, owner, job_id)
