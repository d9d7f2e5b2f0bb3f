"""Workers: their rows and signs of life."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text


@dataclass(frozen=True, kw_only=True)
class Load:
    """What the service says about its workers in a health check."""

    #: Alive or not, but for those that ended in good order.
    known: int
    workers: int
    slots: int
    queued: int
    running: int
    unclaimed_s: float
    #: Slots in which nothing runs.
    free: int = 0
    #: How long a part has waited that was sent, and that nobody takes.
    overlooked_s: float = 0.0
    #: Why living workers cannot read the data.
    storage_faults: tuple[str, ...] = ()


@for_system
def register(
    c: Connection,
    worker_id: uuid.UUID,
    *,
    host: str,
    pid: int,
    boot_id: str,
    version: str,
    queues: list[str],
    slots: int,
    memory: int = 0,
) -> None:
    """Record a worker that has started."""
    c.execute(
        text("""
        INSERT INTO wrangler.worker
               (id, host, pid, boot_id, version, queues, slots, memory)
        VALUES (:id, :host, :pid, :boot, :version, :queues, :slots, :memory)
        ON CONFLICT DO NOTHING"""),
        {
            "id": worker_id,
            "host": host,
            "pid": pid,
            "boot": boot_id,
            "version": version,
            "queues": queues,
            "slots": slots,
            "memory": memory,
        },
    )


@for_system
def beat(c: Connection, worker_id: uuid.UUID, *, draining: bool) -> bool | None:
    """Record a sign of life; return whether the worker is to take no more parts.

    None if the worker is not on record: somebody took it for dead.
    """
    found: bool | None = c.execute(
        text("""
        UPDATE wrangler.worker
           SET heartbeat_at = now(), draining = draining OR :d
         WHERE id = :w RETURNING draining"""),
        {"w": worker_id, "d": draining},
    ).scalar_one_or_none()
    return found


@for_system
def note_storage(c: Connection, worker_id: uuid.UUID, fault: str | None) -> None:
    """Record whether a worker can read the data; while not, it is sent no parts."""
    c.execute(
        text("UPDATE wrangler.worker SET storage_fault = :f WHERE id = :w"),
        {"w": worker_id, "f": fault},
    )


@for_system
def deregister(c: Connection, worker_id: uuid.UUID) -> None:
    """Forget a worker that ends in good order."""
    c.execute(text("DELETE FROM wrangler.worker WHERE id = :w"), {"w": worker_id})


@for_system
def load(
    c: Connection, *, alive_s: float, lease_s: float = 30, after_s: float = 10
) -> Load:
    """Count living workers, their slots, and what waits and runs.

    A part that was sent `after_s` ago, of the `lease_s` in which it must be claimed,
    counts as one that nobody takes.
    """
    row = c.execute(
        text("""
         WITH serving AS (
              SELECT id, slots FROM wrangler.worker
               WHERE NOT draining AND storage_fault IS NULL
                 AND heartbeat_at > now() - make_interval(secs => :s))
         SELECT (SELECT count(*) FROM wrangler.worker) AS known,
                (SELECT count(*) FROM wrangler.worker
                 WHERE heartbeat_at > now() - make_interval(secs => :s)) AS workers,
               (SELECT array_agg(DISTINCT storage_fault) FROM wrangler.worker
                 WHERE storage_fault IS NOT NULL
                   AND heartbeat_at > now() - make_interval(secs => :s)) AS faults,
               (SELECT coalesce(sum(slots), 0) FROM serving) AS slots,
               count(*) FILTER (
                   WHERE state IN ('waiting', 'queued', 'dispatched')) AS queued,
               count(*) FILTER (
                   WHERE state IN ('running', 'cancelling')) AS running,
               count(*) FILTER (
                   WHERE lease_owner IN (SELECT id FROM serving)) AS taken,
               coalesce(extract(epoch FROM now() - min(dispatch_after) FILTER (
                   WHERE state IN ('queued', 'dispatched'))), 0) AS unclaimed,
               coalesce(extract(epoch FROM now() - min(dispatch_after) FILTER (
                   WHERE state = 'dispatched' AND lease_until
                         < now() + make_interval(secs => :left))), 0) AS overlooked
          FROM wrangler.job_part
         WHERE state IN ('waiting', 'queued', 'dispatched', 'running', 'cancelling')
        """),
        {"s": alive_s, "left": lease_s - after_s},
    ).one()
    return Load(
        known=int(row.known),
        workers=int(row.workers),
        slots=int(row.slots),
        queued=int(row.queued),
        running=int(row.running),
        unclaimed_s=float(row.unclaimed),
        free=int(row.slots) - int(row.taken),
        overlooked_s=float(row.overlooked),
        storage_faults=tuple(sorted(row.faults or ())),
    )


@for_system
def on_host(c: Connection, *, host: str, boot_id: str) -> list[Row[Any]]:
    """List the workers (id, pid) recorded for this boot of this host."""
    return list(
        c.execute(
            text("""
            SELECT id, pid FROM wrangler.worker WHERE host = :h AND boot_id = :b"""),
            {"h": host, "b": boot_id},
        )
    )


@for_system
def reap_dead(c: Connection, worker_ids: list[uuid.UUID]) -> None:
    """End the leases of workers known to be dead, so that the reaper acts now."""
    c.execute(
        text("""
        UPDATE wrangler.job_part SET lease_until = now() - interval '1 second'
         WHERE id IN (SELECT id FROM wrangler.job_part
                       WHERE lease_owner = ANY(:ids)
                         AND state IN ('running', 'cancelling')
                       ORDER BY id FOR UPDATE)"""),
        {"ids": worker_ids},
    )
    c.execute(
        text("DELETE FROM wrangler.worker WHERE id = ANY(:ids)"), {"ids": worker_ids}
    )


@for_system
def any_alive(c: Connection, *, host: str, boot_id: str, alive_s: float) -> bool:
    """Whether a worker of this host has given a sign of life lately.

    The host may have got another name since the worker started.
    """
    count = c.execute(
        text("""
        SELECT count(*) FROM wrangler.worker
         WHERE (host = :h OR boot_id = :b)
           AND heartbeat_at > now() - make_interval(secs => :s)"""),
        {"h": host, "b": boot_id, "s": alive_s},
    ).scalar_one()
    return int(count) > 0
