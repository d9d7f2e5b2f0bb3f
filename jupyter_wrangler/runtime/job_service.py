"""The job_service that the service's routes call: one object with all the API's verbs.

Verbs are async; each is one transaction, written once in `store` and run on the
async engine.  `owner` is the id of the calling user, resolved by `user`.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import (
    FINAL,
    AnySpec,
    ComparisonSpec,
    DatasetVersion,
    ImputationSpec,
    Job,
    JobChange,
    JobEventPage,
    JobPage,
    JobPartPage,
    JobRequest,
    Me,
    PartResult,
    QueuePlace,
    RecipeManifest,
    ResultManifest,
    TransformSpec,
    spec_class,
)
from jupyter_wrangler.contract.specs import check_size
from jupyter_wrangler.engine.planning import cost
from jupyter_wrangler.errors import (
    NoRecipe,
    NoResult,
    NotFound,
    ResultNotReady,
    ServerUnreachable,
    listed,
)
from jupyter_wrangler.runtime import footprint
from jupyter_wrangler.runtime.celery_app import LARGE, LARGE_S, QUEUES, celery_app
from jupyter_wrangler.runtime.dispatcher import Dispatcher
from jupyter_wrangler.runtime.garbage_collector import GarbageCollector
from jupyter_wrangler.runtime.health import Checkup
from jupyter_wrangler.runtime.progress import gather
from jupyter_wrangler.runtime.queue_places import places_of
from jupyter_wrangler.runtime.row_reader import RowReader
from jupyter_wrangler.runtime.why_service import WhyService
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import datasets, quotas, uploads, users
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.database import Database, SyncDatabase
from jupyter_wrangler.store.engines import async_engine, sync_engine
from jupyter_wrangler.store.page_cache import PageCache
from jupyter_wrangler.store.pubsub import AsyncPubSub
from jupyter_wrangler.store.queue import (
    changes,
    estimates,
    job_results,
    jobs,
    part_list,
    places,
    recipes,
    retry,
    submission,
    version_lease,
)
from jupyter_wrangler.store.rls import as_system, for_owner
from jupyter_wrangler.store.uploads import Stored

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["JobService", "Stored"]

#: Queued jobs of one answer that are given their place in the queue.
MOST_PLACED = 20
#: Seconds for which it is remembered which user a caller is.
_KNOWN_S = 5.0


class JobService(WhyService):
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
        job, new = await self.database.run(for_owner(self._accept), owner, request)
        if new:
            self.dispatcher.wake()
            await self.pubsub.notify(job.id, owner)
        return job, new

    def _accept(
        self, c: Connection, owner: uuid.UUID, request: JobRequest
    ) -> tuple[Job, bool]:
        version = datasets.version(c, owner, request.dataset_version_id)
        recipe = _recipe_of(c, owner, request.spec)
        chosen = getattr(request.spec, "columns", None)
        columns = version.n_columns if chosen is None else len(chosen)
        cells = version.n_rows * version.n_columns
        n_parts = request.spec.n_parts(columns)
        with as_system(c):
            part_s = estimates.part_seconds(
                c,
                kind=request.spec.kind,
                method=getattr(request.spec, "method", None),
                cells=cells,
                rounds=getattr(request.spec, "max_iter", 1),
            )
        if part_s is None:
            part_s = _seconds_by_size(version, request.spec)
        estimate = None
        if part_s is not None:
            slots = estimates.slots(c, alive_s=self.settings.alive_s)
            estimate = part_s * math.ceil(n_parts / slots)
        large = cells >= LARGE or (part_s or 0) >= LARGE_S
        queue = QUEUES[1] if large else QUEUES[0]
        memory = footprint.estimate(request.spec, version.n_rows, version.n_columns)
        plan = [
            submission.PartPlan(
                stage=0,
                k=k,
                queue=queue,
                memory=memory,
                recipe=recipe[k] if recipe else None,
            )
            for k in range(n_parts)
        ]
        plan.append(submission.PartPlan(stage=1, k=0, queue=queue, memory=memory))
        return submission.submit(
            c,
            owner,
            request,
            parts=plan,
            cache_key=_cache_key(version, request.spec),
            app_version=__version__,
            max_attempts=self.settings.max_attempts,
            quota=self.quota,
            estimate_s=estimate,
            part_s=part_s,
        )

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
    ) -> JobPage:
        """List jobs, newest first."""
        page = await self.database.run(
            jobs.page, owner, after=after, limit=limit, state=state
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
        """Return the places of queued jobs of an owner; of others nothing is said."""
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
            cache_key=_cache_key(version, job.spec),
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

    async def result(self, owner: uuid.UUID, job_id: uuid.UUID) -> ResultManifest:
        """Return what a finished job left; partial for one that was cut short."""
        job, found, version = await self.database.run(_result_rows, owner, job_id)
        early = spec_class(job.kind).shows_parts_early
        if job.state not in FINAL and not early:
            raise ResultNotReady(
                f"Job {job_id} is {job.state}; its result comes when it has finished. "
                "Wait with job.result()."
            )
        if job.state in FINAL - {"succeeded"} and not found:
            raise _no_result(job)
        return ResultManifest(
            job_id=job.id,
            state=job.state,
            partial=job.partial or job.state != "succeeded",
            dataset_version=version,
            imputations=await self._with_data(found),
            summary=job.summary,
        )

    async def part(self, owner: uuid.UUID, job_id: uuid.UUID, k: int) -> Stored:
        """Say where lies what one part has stored."""
        found = await self.database.run(_stored_part, owner, job_id, k)
        if found is None:
            raise NotFound(
                f"Job {job_id} has no part {k}; "
                f"GET /jobs/{job_id}/result lists those it has."
            )
        return found

    async def recipe(self, owner: uuid.UUID, job_id: uuid.UUID) -> RecipeManifest:
        """Describe the fitted models of a job."""
        return await self.database.run(recipes.manifest, owner, job_id)

    async def recipe_part(self, owner: uuid.UUID, job_id: uuid.UUID, k: int) -> Stored:
        """Say where the fitted models of one imputation lie."""
        found = await self.database.run(recipes.part, owner, job_id, k)
        if found is None:
            # says why, if the job has no models at all
            there = await self.recipe(owner, job_id)
            raise NotFound(
                f"Job {job_id} has kept no models of imputation {k}; it has those of "
                f"{listed(one.imputation for one in there.parts)}."
            )
        return found

    async def document(self, owner: uuid.UUID, job_id: uuid.UUID) -> Stored:
        """Say where lies the document that a look at the data has left."""
        job = await self.database.run(jobs.get, owner, job_id)
        sha = await self.database.run(job_results.document, owner, job_id)
        if sha is None and job.state in FINAL - {"succeeded"}:
            raise _no_result(job)
        if sha is None:
            raise ResultNotReady(
                f"Job {job_id} ({job.kind}) is {job.state} and has no document; a "
                "profile, a correlation or a comparison has one when it has succeeded. "
                f"GET /jobs/{job_id}/result lists what there is."
            )
        return await self.database.run(uploads.find, owner, sha)


def _no_result(job: Job) -> NoResult:
    """Say that a job left nothing; its own error is inside, and not the answer's."""
    error = None if job.error is None else job.error.model_dump(mode="json")
    return NoResult(str(job.id), job.state, error)


def _recipe_of(c: Connection, owner: uuid.UUID, spec: AnySpec) -> list[bytes]:
    """Return the digests of the models that a transform imputes by, and hold them."""
    if not isinstance(spec, TransformSpec):
        return []
    digests = [bytes.fromhex(digest) for digest in spec.models]
    gone = recipes.unknown(c, owner, digests)
    if gone:
        raise NoRecipe(
            f"{len(gone)} of the {len(digests)} sets of models are none that a job of "
            f"yours has kept ({gone[0].hex()[:12]}...): they were deleted with their "
            "job, or never were. Submit the imputation again and take its recipe."
        )
    return digests


# What one answer needs comes in one transaction: each costs milliseconds.


@for_owner
def _result_rows(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID
) -> tuple[Job, list[tuple[PartResult, Stored]], DatasetVersion]:
    job = jobs.get(c, owner, job_id)
    version = datasets.version(c, owner, job.dataset_version_id)
    return job, job_results.results(c, owner, job_id), version


@for_owner
def _stored_part(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID, k: int
) -> Stored | None:
    for part, stored in job_results.results(c, owner, job_id):
        if part.imputation == k:
            return stored
    # says so if there is no such job
    jobs.get(c, owner, job_id)
    return None


def _seconds_by_size(version: DatasetVersion, spec: AnySpec) -> float | None:
    """Estimate the seconds of a part nobody has run the like of, if it is long."""
    if not isinstance(spec, ImputationSpec | ComparisonSpec):
        return None
    missing = {column.name: column.missing for column in version.columns}
    seconds = cost.part_seconds(spec, version.n_rows, missing)
    return seconds if seconds >= cost.WORTH_S else None


def _cache_key(version: DatasetVersion, spec: AnySpec) -> bytes:
    """Name a piece of work: the same data, spec and version give the same numbers."""
    work = [
        bytes.fromhex(version.sha256),
        submission.canonical(spec.model_dump(mode="json")),
        __version__.encode(),
    ]
    return hashlib.sha256(b"\n".join(work)).digest()
