"""Where queued jobs of one owner stand: what comes before them, and why they wait.

One look at the rows serves all of an owner's jobs; `queue_places` reckons with that.
It reads along the indexes of the order, and no more of it than is counted.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_wrangler.contract import MOST_COUNTED, JobState, Quota
from jupyter_wrangler.store import quotas
from jupyter_wrangler.store.queue.fair_scheduling import walk_in_order
from jupyter_wrangler.store.rls import as_system, for_owner
from jupyter_wrangler.store.sql import text

#: Other owners, and of each the parts, that are looked at.
_MOST_OWNERS, _MOST_PARTS = 100, 50

_ACTIVE = text("""
    SELECT p.owner_id, p.job_id, p.state = 'dispatched' AS sent, j.part_s,
           extract(epoch FROM now() - a.started_at) AS ran_s
      FROM wrangler.job_part p
      JOIN wrangler.job j ON j.id = p.job_id
      LEFT JOIN wrangler.job_attempt a ON a.part_id = p.id AND a.attempt = p.attempt
                                      AND p.state <> 'dispatched'
     WHERE p.state IN ('dispatched', 'running', 'cancelling')""")
_SLOTS = text("""
    SELECT coalesce(sum(slots), 0) FROM wrangler.worker
     WHERE NOT draining AND storage_fault IS NULL
       AND heartbeat_at > now() - make_interval(secs => :alive)""")
#: The owner's jobs that have parts to begin, in their order.
_OWN = text("""
    SELECT j.id, j.name, j.state, j.n_parts, j.part_s, j.created_at,
           j.priority, j.due_at, d.name AS dataset_name,
           CASE WHEN j.state = 'running' THEN (
                SELECT count(*) FROM wrangler.job_part p
                 WHERE p.state = 'queued' AND p.queue = j.queue
                   AND p.owner_id = j.owner_id AND p.job_id = j.id) END AS waiting
      FROM unnest(CAST(:queues AS text[])) AS lane (queue) CROSS JOIN LATERAL (
           SELECT * FROM wrangler.job
            WHERE queue = lane.queue AND owner_id = :o
              AND state IN ('queued', 'running')
            ORDER BY priority DESC, due_at, id LIMIT :most) j
      JOIN wrangler.dataset_version v ON v.id = j.input_version_id
      JOIN wrangler.dataset d ON d.id = v.dataset_id
     ORDER BY j.priority DESC, j.due_at, j.id LIMIT :most""")
#: The first parts that others have queued, in the order of each.
_OTHERS = text("""
    WITH RECURSIVE lane AS (
         (SELECT queue, owner_id, 1 AS nth FROM wrangler.job_part
           WHERE state = 'queued' ORDER BY queue, owner_id LIMIT 1)
         UNION ALL
         SELECT next.queue, next.owner_id, nth + 1 FROM lane, LATERAL (
                SELECT queue, owner_id FROM wrangler.job_part p
                 WHERE p.state = 'queued'
                   AND (p.queue, p.owner_id) > (lane.queue, lane.owner_id)
                 ORDER BY queue, owner_id LIMIT 1) next
          WHERE nth <= :owners)
    SELECT lane.owner_id, first.*
      FROM lane CROSS JOIN LATERAL (
           SELECT j.id AS job_id, j.state, j.part_s, j.created_at
             FROM wrangler.job j CROSS JOIN LATERAL (
                  SELECT stage, k FROM wrangler.job_part p
                   WHERE p.state = 'queued' AND p.queue = lane.queue
                     AND p.owner_id = lane.owner_id AND p.job_id = j.id
                     AND p.dispatch_after <= now()
                   ORDER BY stage, k LIMIT :parts) queued
            WHERE j.queue = lane.queue AND j.owner_id = lane.owner_id
              AND j.state IN ('queued', 'running')
            ORDER BY j.priority DESC, j.due_at, j.id, stage, k LIMIT :parts) first
     WHERE lane.owner_id <> :o""")


@dataclass(frozen=True, kw_only=True)
class ActivePart:
    """A part that runs, or that was sent to a worker."""

    job_id: uuid.UUID
    own: bool
    sent: bool
    #: Seconds that it is thought to take, and that it has run.
    part_s: float | None
    ran_s: float


@dataclass(frozen=True, kw_only=True)
class OwnJob:
    """An unfinished job of the owner, and how many of its parts have not begun."""

    id: uuid.UUID
    name: str | None
    dataset_name: str
    state: JobState
    waiting: int
    part_s: float | None
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class OthersPart:
    """A part that somebody else has queued."""

    owner_id: uuid.UUID
    job_id: uuid.UUID
    #: Whether its job waits for its first part.
    waits: bool
    part_s: float | None
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class QueueView:
    """What the places of an owner's jobs follow from."""

    slots: int
    #: Parts that the owner may run; 0: any number.
    most: int
    active: tuple[ActivePart, ...]
    #: Parts of other owners that run, by owner.
    busy: dict[uuid.UUID, int]
    own: tuple[OwnJob, ...]
    others: tuple[OthersPart, ...]


@for_owner
def look(
    c: Connection,
    owner: uuid.UUID,
    *,
    queues: tuple[str, ...],
    quota: Quota,
    alive_s: float,
) -> QueueView:
    """Look at all that the places of an owner's queued jobs follow from."""
    most = quotas.effective(c, owner, quota).max_running
    with as_system(c):
        walk_in_order(c)
        slots = int(c.execute(_SLOTS, {"alive": alive_s}).scalar_one())
        active = c.execute(_ACTIVE).all()
        own = c.execute(
            _OWN, {"o": owner, "queues": list(queues), "most": MOST_COUNTED + 1}
        ).all()
        others = c.execute(
            _OTHERS, {"o": owner, "owners": _MOST_OWNERS, "parts": _MOST_PARTS}
        ).all()
    busy: dict[uuid.UUID, int] = {}
    for row in active:
        if row.owner_id != owner:
            busy[row.owner_id] = busy.get(row.owner_id, 0) + 1
    return QueueView(
        slots=slots,
        most=most,
        active=tuple(
            ActivePart(
                job_id=row.job_id,
                own=row.owner_id == owner,
                sent=row.sent,
                part_s=row.part_s,
                ran_s=float(row.ran_s or 0),
            )
            for row in active
        ),
        busy=busy,
        own=tuple(
            OwnJob(
                id=row.id,
                name=row.name,
                dataset_name=row.dataset_name,
                state=row.state,
                waiting=row.n_parts - 1 if row.waiting is None else row.waiting,
                part_s=row.part_s,
                created_at=row.created_at,
            )
            for row in own
        ),
        others=tuple(
            OthersPart(
                owner_id=row.owner_id,
                job_id=row.job_id,
                waits=row.state == "queued",
                part_s=row.part_s,
                created_at=row.created_at,
            )
            for row in others
        ),
    )
