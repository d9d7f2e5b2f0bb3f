"""What administrators ask of the rows: everybody's jobs, all workers, figures.

These verbs know no owner.  Nobody but an administrator may reach them; the service
sees to that before it calls.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

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
from jupyter_wrangler.store import quotas
from jupyter_wrangler.store.rls import for_machinery
from jupyter_wrangler.store.sql import text

_WORKER = """
    SELECT w.*, heartbeat_at > now() - make_interval(secs => :alive) AS alive,
           (SELECT count(*) FROM wrangler.job_part p
             WHERE p.lease_owner = w.id
               AND p.state IN ('running', 'cancelling')) AS running
      FROM wrangler.worker w"""

_JOB = """
    SELECT j.id, u.kind AS owner_kind, u.name AS owner, j.kind, j.name, j.state,
           p.n_parts, p.parts_done, p.attempts, j.error_code, j.created_at,
           j.started_at, j.finished_at
      FROM wrangler.job j JOIN wrangler."user" u ON u.id = j.owner_id,
           LATERAL (SELECT count(*) AS n_parts, coalesce(max(attempt), 0) AS attempts,
                           count(*) FILTER (WHERE state = 'succeeded') AS parts_done
                      FROM wrangler.job_part WHERE job_id = j.id) p"""


_WORKER_STATE = """
    CASE WHEN heartbeat_at <= now() - make_interval(secs => :alive) THEN 'silent'
         WHEN draining THEN 'draining' ELSE 'alive' END"""

Labels = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is counted for metrics; each mapping goes from labels to a number."""

    jobs: dict[Labels, float]
    parts: dict[Labels, float]
    waits: dict[Labels, float]
    workers: dict[Labels, float]
    slots: dict[Labels, float]
    attempts: dict[Labels, float]
    blobs: dict[Labels, float]
    blob_bytes: dict[Labels, float]
    users: float


@for_machinery
def workers(c: Connection, *, alive_s: float) -> WorkerList:
    """List all workers that are known, the living first."""
    rows = c.execute(
        text(f"{_WORKER} ORDER BY alive DESC, w.host, w.started_at"), {"alive": alive_s}
    )
    return WorkerList(
        items=tuple(
            WorkerView.model_validate(row, from_attributes=True) for row in rows
        )
    )


@for_machinery
def drain(c: Connection, worker_id: uuid.UUID, *, alive_s: float) -> WorkerView:
    """Tell a worker to take no more parts; it hears of it at its next heartbeat."""
    c.execute(
        text("UPDATE wrangler.worker SET draining = true WHERE id = :w"),
        {"w": worker_id},
    )
    row = c.execute(
        text(f"{_WORKER} WHERE w.id = :w"), {"w": worker_id, "alive": alive_s}
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no worker {worker_id}; 'jupyter wrangler admin workers' lists "
            "those that are known."
        )
    return WorkerView.model_validate(row, from_attributes=True)


@for_machinery
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


@for_machinery
def jobs(
    c: Connection, *, after: uuid.UUID | None, limit: int, state: str | None
) -> OwnedJobPage:
    """List everybody's jobs, newest first, from the key `after`."""
    rows = c.execute(
        text(f"""{_JOB}
         WHERE (CAST(:after AS uuid) IS NULL OR (j.created_at, j.id) <
                (SELECT created_at, id FROM wrangler.job WHERE id = :after))
           AND (CAST(:state AS text) IS NULL OR j.state = :state)
         ORDER BY j.created_at DESC, j.id DESC LIMIT :n"""),
        {"after": after, "state": state, "n": limit + 1},
    ).all()
    items = tuple(
        OwnedJob.model_validate(r, from_attributes=True) for r in rows[:limit]
    )
    return OwnedJobPage(
        items=items, next=str(items[-1].id) if len(rows) > limit else None
    )


@for_machinery
def job(c: Connection, job_id: uuid.UUID) -> OwnedJob:
    """Return anybody's job."""
    row = c.execute(text(f"{_JOB} WHERE j.id = :j"), {"j": job_id}).one_or_none()
    if row is None:
        raise _missing(job_id)
    return OwnedJob.model_validate(row, from_attributes=True)


@for_machinery
def owner_of(c: Connection, job_id: uuid.UUID) -> uuid.UUID:
    """Return whose job it is, to act in the owner's name."""
    found = c.execute(
        text("SELECT owner_id FROM wrangler.job WHERE id = :j"), {"j": job_id}
    ).scalar_one_or_none()
    if found is None:
        raise _missing(job_id)
    return uuid.UUID(str(found))


@for_machinery
def quota_page(
    c: Connection, *, defaults: Quota, after: uuid.UUID | None, limit: int
) -> QuotaPage:
    """List users by name with their quotas, from the key `after`."""
    rows = c.execute(
        text("""
        SELECT id, kind, name FROM wrangler."user"
         WHERE left_at IS NULL AND (CAST(:after AS uuid) IS NULL OR (name, kind) >
               (SELECT name, kind FROM wrangler."user" WHERE id = :after))
         ORDER BY name, kind LIMIT :n"""),
        {"after": after, "n": limit + 1},
    ).all()
    return QuotaPage(
        items=tuple(
            OwnerQuota(
                kind=row.kind,
                name=row.name,
                quota=quotas.effective(c, row.id, defaults),
                usage=quotas.usage(c, row.id),
            )
            for row in rows[:limit]
        ),
        next=str(rows[limit - 1].id) if len(rows) > limit else None,
    )


@for_machinery
def set_quota(c: Connection, change: QuotaChange) -> None:
    """Set what is given of a user's quota, or of everybody's."""
    owner = None if change.owner is None else _user(c, change.owner)
    quotas.change(c, owner, change.quota)


@for_machinery
def figures(c: Connection, *, alive_s: float) -> Figures:
    """Count what metrics show."""

    def table(query: str) -> dict[Labels, float]:
        rows = c.execute(text(query), {"alive": alive_s})
        return {tuple(row[:-1]): float(row[-1]) for row in rows}

    users = c.execute(
        text('SELECT count(*) FROM wrangler."user" WHERE left_at IS NULL')
    ).scalar_one()
    return Figures(
        users=float(users),
        jobs=table("SELECT kind, state, count(*) FROM wrangler.job GROUP BY 1, 2"),
        parts=table("""
            SELECT queue, state, count(*) FROM wrangler.job_part WHERE state IN
                   ('waiting', 'queued', 'dispatched', 'running', 'cancelling')
             GROUP BY 1, 2"""),
        waits=table("""
            SELECT queue, greatest(0, extract(epoch FROM now() - min(dispatch_after)))
              FROM wrangler.job_part WHERE state IN ('queued', 'dispatched')
             GROUP BY 1"""),
        workers=table(f"""
            SELECT {_WORKER_STATE}, count(*) FROM wrangler.worker GROUP BY 1"""),
        slots=table(f"""
            SELECT {_WORKER_STATE}, sum(slots) FROM wrangler.worker GROUP BY 1"""),
        # what a part's end is called is told apart from why an attempt was lost
        attempts=table("""
            SELECT CASE WHEN ended_at IS NULL THEN 'running'
                        WHEN exit IN ('succeeded', 'failed', 'timed_out', 'cancelled')
                        THEN exit ELSE 'lost' END, count(*)
              FROM wrangler.job_attempt GROUP BY 1"""),
        blobs=table("SELECT state, count(*) FROM wrangler.blob GROUP BY 1"),
        blob_bytes=table("SELECT state, sum(size) FROM wrangler.blob GROUP BY 1"),
    )


def _user(c: Connection, owner: OwnerName) -> uuid.UUID:
    found = c.execute(
        text("""
        SELECT id FROM wrangler."user"
         WHERE kind = :k AND name = :n AND left_at IS NULL"""),
        {"k": owner.kind, "n": owner.name},
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(
            f"The service has not seen a {owner.kind} {owner.name!r} yet; 'jupyter "
            "wrangler admin quotas' lists those that it knows."
        )
    return uuid.UUID(str(found))


def _missing(job_id: uuid.UUID) -> JobNotFound:
    return JobNotFound(
        f"There is no job {job_id}; 'jupyter wrangler admin jobs' lists all."
    )
