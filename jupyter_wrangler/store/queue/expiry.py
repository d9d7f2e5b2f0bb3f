"""Leases and deadlines that ran out: the part is tried again, given up, or ended."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.store.queue.attempts import end_last_attempt, facts_of, give_up
from jupyter_wrangler.store.queue.job_completion import (
    finalize,
    lock_job,
    lock_parts,
    record,
)
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text


@for_system
def expired(c: Connection, *, limit: int = 100) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """List (part, job) whose lease ran out, and (nil, job) past its deadline."""
    rows = c.execute(
        text("""
        (SELECT id AS part, job_id AS job FROM wrangler.job_part
          WHERE state IN ('dispatched', 'running', 'cancelling')
            AND least(lease_until, deadline_at) < now()
          ORDER BY lease_until LIMIT :n)
        UNION ALL
        (SELECT NULL, id FROM wrangler.job
          WHERE state IN ('queued', 'running') AND deadline_at < now() LIMIT :n)"""),
        {"n": limit},
    )
    return [(row.part or uuid.UUID(int=0), row.job) for row in rows]


@for_system
def reap(  # noqa: PLR0911  a case each
    c: Connection,
    part_id: uuid.UUID,
    job_id: uuid.UUID,
    *,
    alive_s: float = 30,
    lease_s: float = 30,
) -> str | None:
    """Deal with one expired lease or deadline; return what was done, if anything.

    `alive_s` is how long after its last heartbeat a worker counts as alive, `lease_s`
    how long a part that was sent ahead goes on to wait for a busy one.
    """
    job = lock_job(c, job_id, skip_locked=True)
    if job is None:
        return None
    if not part_id.int:
        return _expire_job(c, job_id)
    lock_parts(c, job_id)
    sent = _sent(c, part_id, job_id, alive_s=alive_s, lease_s=lease_s)
    if sent is not None:
        return sent
    over = "id = :part AND state = :state AND lease_until < now()"
    params = {"part": part_id, "state": "running"}
    worker = _holder(c, part_id)
    if give_up(c, part_id, over, params, "the worker stopped answering", worker=worker):
        end_last_attempt(c, part_id, "lease expired")
        finalize(c, job_id)
        return "requeued"
    if _time_out(c, part_id):
        end_last_attempt(c, part_id, "deadline passed")
        finalize(c, job_id)
        return "timed_out"
    over = "id = :part AND state = :state AND least(lease_until, deadline_at) < now()"
    if c.execute(
        text(f"""
        UPDATE wrangler.job_part SET state = 'cancelled', lease_owner = NULL,
               lease_until = NULL, finished_at = now()
         WHERE {over} RETURNING id"""),
        {"part": part_id, "state": "cancelling"},
    ).one_or_none():
        end_last_attempt(c, part_id, "never stopped")
        finalize(c, job_id)
        return "cancelled"
    return None


def _sent(
    c: Connection,
    part_id: uuid.UUID,
    job_id: uuid.UUID,
    *,
    alive_s: float,
    lease_s: float,
) -> str | None:
    """Deal with a part that was sent and that no worker has claimed in time.

    While all slots of living workers are taken it waits in the broker's queue, where
    it belongs, and nothing is said.  Else its message was lost, or there is no worker:
    it is queued again, which is reported once for each attempt.
    """
    waiting = c.execute(
        text("""
        WITH serving AS (
             SELECT id, slots FROM wrangler.worker
              WHERE NOT draining AND storage_fault IS NULL
                AND heartbeat_at > now() - make_interval(secs => :alive))
        UPDATE wrangler.job_part
           SET lease_until = now() + make_interval(secs => :lease)
         WHERE id = :part AND state = 'dispatched' AND lease_until < now()
               AND (SELECT sum(slots) FROM serving)
                   <= (SELECT count(*) FROM wrangler.job_part
                        WHERE state IN ('running', 'cancelling')
                          AND lease_owner IN (SELECT id FROM serving))
        RETURNING id"""),
        {"part": part_id, "lease": lease_s, "alive": alive_s},
    ).one_or_none()
    if waiting is not None:
        return "waits"
    unclaimed = c.execute(
        text("""
        UPDATE wrangler.job_part SET state = 'queued', lease_until = NULL
         WHERE id = :part AND state = 'dispatched' AND lease_until < now()
        RETURNING owner_id, stage, k, attempt,
                  EXISTS (SELECT 1 FROM wrangler.job_event e
                           WHERE e.job_id = :job AND e.type = 'requeued'
                             AND e.payload @> jsonb_build_object(
                                 'stage', stage, 'k', k, 'attempt', attempt)
                         ) AS reported"""),
        {"part": part_id, "job": job_id},
    ).one_or_none()
    if unclaimed is None:
        return None
    if not unclaimed.reported:
        facts = facts_of(
            unclaimed, attempt=unclaimed.attempt, reason="no worker has claimed it"
        )
        record(c, job_id, unclaimed.owner_id, "requeued", **facts)
    return "queued"


def _time_out(c: Connection, part_id: uuid.UUID) -> bool:
    """End a part whose worker is alive, but did not stop it in time."""
    row = c.execute(
        text("""
        UPDATE wrangler.job_part
           SET state = 'timed_out', lease_owner = NULL, lease_until = NULL,
               finished_at = now(), error_code = 'job_timed_out',
               error_message = 'The computation ran longer than allowed and its worker '
                 'did not stop it. Try the job again; the log of the worker says '
                 'more.'
         WHERE id = :part AND state = 'running' AND deadline_at < now()
        RETURNING id"""),
        {"part": part_id},
    ).one_or_none()
    return row is not None


def _expire_job(c: Connection, job_id: uuid.UUID) -> str | None:
    changed = c.execute(
        text("""
        UPDATE wrangler.job SET error_code = 'job_timed_out',
               error_message = 'The job was not done by its deadline; '
                 || coalesce((SELECT 'it waited for this: ' || min(error_message)
                                FROM wrangler.job_part
                               WHERE job_id = :j AND finished_at IS NULL) || ' ',
                             'its workers may be down or busy. ')
                 || 'Submit it again; `jupyter wrangler doctor` looks at the workers.'
         WHERE id = :j AND state IN ('queued', 'running') AND deadline_at < now()
        RETURNING id"""),
        {"j": job_id},
    ).one_or_none()
    if changed is None:
        return None
    finalize(c, job_id)
    return "timed_out"


def _holder(c: Connection, part_id: uuid.UUID) -> uuid.UUID | None:
    """Return the worker that has the lease of a part."""
    found: uuid.UUID | None = c.execute(
        text("SELECT lease_owner FROM wrangler.job_part WHERE id = :p"), {"p": part_id}
    ).scalar_one_or_none()
    return found
