"""What administrators ask of the rows: everybody's jobs, all workers, queues.

These operations know no owner.  Only administrators may call them; the service checks
that before.  Lists are ORM queries that name what they load; queues are counted over
all parts by SQL.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, desc, func, select, true
from sqlalchemy.orm import joinedload, load_only

from jupyter_wrangler.contract.admin import (
    OwnedJob,
    OwnedJobPage,
    OwnerName,
    OwnerQuota,
    QueueList,
    QueueView,
    QuotaChange,
    QuotaPage,
    WorkerList,
    WorkerView,
)
from jupyter_wrangler.contract.limits import Quota
from jupyter_wrangler.errors import JobNotFound, NotFound
from jupyter_wrangler.store import models, quotas
from jupyter_wrangler.store.paging import next_key
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.session import after_row, open_session
from jupyter_wrangler.store.sql import text

_RUNNING = (
    select(func.count())
    .where(
        models.JobPart.lease_owner == models.Worker.id,
        models.JobPart.state.in_(("running", "cancelling")),
    )
    .scalar_subquery()
)
_WORKER = select(
    models.Worker,
    (
        models.Worker.heartbeat_at
        > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, bindparam("alive"))
    ).label("alive"),
    _RUNNING.label("running"),
)
_WORKERS = _WORKER.order_by(desc("alive"), models.Worker.host, models.Worker.started_at)
_ONE_WORKER = _WORKER.where(models.Worker.id == bindparam("id"))
#: Counted by PostgreSQL for each job that is listed, which may have thousands of parts.
_PARTS = (
    select(
        func.count().filter(models.JobPart.state == "succeeded").label("parts_done"),
        func.coalesce(func.max(models.JobPart.attempt), 0).label("attempts"),
    )
    .where(models.JobPart.job_id == models.Job.id)
    .lateral()
)
_JOB = (
    select(models.Job, _PARTS.c.parts_done, _PARTS.c.attempts)
    .join(_PARTS, true())
    .options(
        load_only(
            models.Job.kind,
            models.Job.name,
            models.Job.state,
            models.Job.n_parts,
            models.Job.error_code,
            models.Job.created_at,
            models.Job.started_at,
            models.Job.finished_at,
            raiseload=True,
        ),
        joinedload(models.Job.owner, innerjoin=True).load_only(
            models.User.kind, models.User.name, raiseload=True
        ),
    )
)
_ONE_JOB = _JOB.where(models.Job.id == bindparam("id"))


@for_system
def workers(c: Connection, *, alive_s: float) -> WorkerList:
    """List all workers that are known, the living first."""
    with open_session(c) as session:
        rows = session.execute(_WORKERS, {"alive": alive_s}).all()
    return WorkerList(items=tuple(_worker_view(row) for row in rows))


@for_system
def drain(c: Connection, worker_id: uuid.UUID, *, alive_s: float) -> WorkerView:
    """Tell a worker to take no more parts; it hears of it at its next heartbeat."""
    with open_session(c) as session:
        worker = session.get(
            models.Worker, worker_id, with_for_update={"key_share": True}
        )
        if worker is None:
            raise NotFound(
                f"There is no worker {worker_id}; 'jupyter wrangler admin workers' "
                "lists those that are known."
            )
        worker.draining = True
        given = {"id": worker_id, "alive": alive_s}
        return _worker_view(session.execute(_ONE_WORKER, given).one())


def _worker_view(row: Row[Any]) -> WorkerView:
    worker: models.Worker = row.Worker
    return WorkerView(
        id=worker.id,
        host=worker.host,
        pid=worker.pid,
        version=worker.version,
        queues=tuple(worker.queues),
        slots=worker.slots,
        running=row.running,
        draining=worker.draining,
        alive=row.alive,
        started_at=worker.started_at,
        heartbeat_at=worker.heartbeat_at,
    )


@for_system
def queues(c: Connection, names: tuple[str, ...]) -> QueueList:
    """Say how much waits and runs in each queue."""
    rows = {
        row.queue: row
        for row in c.execute(
            text("""
            SELECT queue, count(*) FILTER (WHERE state = 'waiting') AS waiting,
                   count(*) FILTER (WHERE state = 'queued') AS queued,
                   count(*) FILTER (WHERE state = 'dispatched') AS dispatched,
                   count(*) FILTER (
                       WHERE state IN ('running', 'cancelling')) AS running,
                   greatest(0, coalesce(extract(epoch FROM now() - min(dispatch_after)
                       FILTER (WHERE state IN ('queued', 'dispatched'))), 0)) AS wait
              FROM wrangler.job_part
             WHERE state IN
                   ('waiting', 'queued', 'dispatched', 'running', 'cancelling')
             GROUP BY queue""")
        )
    }
    return QueueList(
        items=tuple(
            QueueView(
                name=name,
                waiting=row.waiting if (row := rows.get(name)) else 0,
                queued=row.queued if row else 0,
                dispatched=row.dispatched if row else 0,
                running=row.running if row else 0,
                oldest_wait_s=float(row.wait) if row else 0.0,
            )
            for name in sorted({*names, *rows})
        )
    )


@for_system
def jobs(
    c: Connection, *, after: uuid.UUID | None, limit: int, state: str | None
) -> OwnedJobPage:
    """List everybody's jobs, newest first, from the key `after`."""
    query = _job_page(after=after is not None, state=state is not None)
    given = {"after": after, "state": state, "limit": limit + 1}
    with open_session(c) as session:
        rows = session.execute(query, given).all()
    items = tuple(_job_view(row) for row in rows[:limit])
    return OwnedJobPage(items=items, next=next_key(items, rows, key="id"))


@cache
def _job_page(*, after: bool, state: bool) -> Select[Any]:
    """Return the query; a condition that may be absent would keep an index away."""

    def keys(job: Any) -> Any:
        return job.created_at, job.id

    query = _JOB.order_by(*(key.desc() for key in keys(models.Job)))
    if after:
        query = query.where(after_row(models.Job, keys, descending=True))
    if state:
        query = query.where(models.Job.state == bindparam("state"))
    return query.limit(bindparam("limit"))


@for_system
def job(c: Connection, job_id: uuid.UUID) -> OwnedJob:
    """Return anybody's job."""
    with open_session(c) as session:
        row = session.execute(_ONE_JOB, {"id": job_id}).one_or_none()
    if row is None:
        raise _missing(job_id)
    return _job_view(row)


def _job_view(row: Row[Any]) -> OwnedJob:
    job: models.Job = row.Job
    return OwnedJob.model_validate(
        {
            "id": job.id,
            "owner_kind": job.owner.kind,
            "owner": job.owner.name,
            "kind": job.kind,
            "name": job.name,
            "state": job.state,
            "n_parts": job.n_parts,
            "parts_done": row.parts_done,
            "attempts": row.attempts,
            "error_code": job.error_code,
            "created_at": job.created_at,
            "started_at": job.started_at,
            "finished_at": job.finished_at,
        }
    )


@for_system
def owner_of(c: Connection, job_id: uuid.UUID) -> uuid.UUID:
    """Return whose job it is, to act in the owner's name."""
    query = select(models.Job.owner_id).where(models.Job.id == job_id)
    with open_session(c) as session:
        found = session.scalar(query)
    if found is None:
        raise _missing(job_id)
    return found


@for_system
def quota_page(
    c: Connection, *, defaults: Quota, after: uuid.UUID | None, limit: int
) -> QuotaPage:
    """List users by name with their quotas, from the key `after`."""
    query = _quota_page(after=after is not None)
    with open_session(c) as session:
        users = session.scalars(query, {"after": after, "limit": limit + 1}).all()
        every = session.scalar(
            select(models.Quota).where(models.Quota.owner_id.is_(None))
        )
    shown = users[:limit]
    usage = quotas.usage_by_owner(c, [user.id for user in shown])
    return QuotaPage(
        items=tuple(
            OwnerQuota(
                kind=user.kind,
                name=user.name,
                quota=quotas.merge((user.quota, every), defaults),
                usage=usage[user.id],
            )
            for user in shown
        ),
        next=str(shown[-1].id) if len(users) > limit else None,
    )


@cache
def _quota_page(*, after: bool) -> Select[models.User]:
    def keys(user: Any) -> Any:
        return user.name, user.kind

    query = (
        select(models.User)
        .options(joinedload(models.User.quota))
        .where(models.User.left_at.is_(None))
        .order_by(*keys(models.User))
    )
    if after:
        query = query.where(after_row(models.User, keys))
    return query.limit(bindparam("limit"))


@for_system
def set_quota(c: Connection, change: QuotaChange) -> None:
    """Set what is given of a user's quota, or of everybody's."""
    owner = None if change.owner is None else _user(c, change.owner)
    quotas.change(c, owner, change.quota)


def _user(c: Connection, owner: OwnerName) -> uuid.UUID:
    query = select(models.User.id).where(
        models.User.kind == owner.kind,
        models.User.name == owner.name,
        models.User.left_at.is_(None),
    )
    with open_session(c) as session:
        found = session.scalar(query)
    if found is None:
        raise NotFound(
            f"The service has not seen a {owner.kind} {owner.name!r} yet; 'jupyter "
            "wrangler admin quotas' lists those that it knows."
        )
    return found


def _missing(job_id: uuid.UUID) -> JobNotFound:
    return JobNotFound(
        f"There is no job {job_id}; 'jupyter wrangler admin jobs' lists all."
    )
