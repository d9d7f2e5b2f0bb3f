"""The transitions of a part: each is one guarded UPDATE.

    waiting -> queued -> dispatched -> running -> succeeded | failed | timed_out
    queued | dispatched -> cancelled            running -> cancelling -> cancelled
    lease expired: dispatched -> queued, running -> queued (attempt + 1 at the next
    claim) or quarantined, cancelling -> cancelled

Every verb that changes more than one row locks the job first, then its parts in the
order of their ids, so that no two of them ever wait for each other.  A worker that lost
its lease changes nothing: its guard (`attempt`, `lease_owner`) no longer matches.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from jupyter_wrangler.store.queue.attempts import (
    MEMORY,
    NO_RECIPE,
    Recipe,
    Ticket,
    as_json,
    end_attempt,
    facts_of,
    give_up,
    plain,
)
from jupyter_wrangler.store.queue.growth import More, grow
from jupyter_wrangler.store.queue.job_completion import (
    finalize,
    lock_job,
    lock_parts,
    record,
)
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text

_MINE = "id = :part AND attempt = :attempt AND lease_owner = :worker AND state = :state"


@for_system
def requeue(c: Connection, part_id: uuid.UUID) -> None:
    """Put back a part whose message could not be sent, or whose worker is leaving."""
    c.execute(
        text("""
        UPDATE wrangler.job_part SET state = 'queued', lease_until = NULL,
               dispatch_after = now() + interval '1 second'
         WHERE id = :part AND state = 'dispatched'"""),
        {"part": part_id},
    )


@for_system
def overlooked(c: Connection, *, lease_s: float, after_s: float) -> bool:
    """Whether a part was sent that long ago and no worker has claimed it."""
    found: bool = c.execute(
        text("""
        SELECT EXISTS (SELECT 1 FROM wrangler.job_part
                        WHERE state = 'dispatched'
                          AND lease_until < now() + make_interval(secs => :s))"""),
        {"s": lease_s - after_s},
    ).scalar_one()
    return found


@for_system
def extend(
    c: Connection,
    worker_id: uuid.UUID,
    part_ids: list[uuid.UUID],
    *,
    lease_s: float,
    in_time: Sequence[uuid.UUID] = (),
) -> dict[uuid.UUID, str]:
    """Renew the leases of a worker; return the state of each part still its own.

    The deadlines of those that are `in_time` by the worker's own clock are put off if
    need be: that clock stands still while the machine sleeps.  What another
    transaction holds is left for the next time: it may be one that has fallen silent,
    and all others must not lose their leases for it.
    """
    rows = c.execute(
        text("""
        WITH free AS (SELECT id FROM wrangler.job_part
                       WHERE id = ANY(:ids) AND lease_owner = :w
                         AND state IN ('running', 'cancelling')
                       ORDER BY id FOR UPDATE SKIP LOCKED),
             renewed AS (UPDATE wrangler.job_part
                            SET lease_until = now() + make_interval(secs => :s),
                                deadline_at = CASE
                                    WHEN state = 'running' AND id = ANY(:in_time)
                                    THEN greatest(
                                        deadline_at, now() + interval '60 seconds')
                                    ELSE deadline_at END
                          WHERE id IN (SELECT id FROM free))
        SELECT id, state FROM wrangler.job_part
         WHERE id = ANY(:ids) AND lease_owner = :w
           AND state IN ('running', 'cancelling')"""),
        {"ids": part_ids, "w": worker_id, "s": lease_s, "in_time": list(in_time)},
    )
    return {row.id: row.state for row in rows}


@for_system
def succeed(
    c: Connection,
    ticket: Ticket,
    *,
    result_sha: bytes | None,
    recipe: Recipe = NO_RECIPE,
    summary: dict[str, Any] | None,
    usage: dict[str, float],
    more: More | None = None,
) -> bool:
    """Record the result of a part; False if the lease was lost or it was cancelled.

    With `more` it is the last part, and other parts are wanted before it ends; unless
    somebody has asked to finish with what is there.
    """
    job = lock_job(c, ticket.job_id)
    if more is not None and job is not None and job.finish_requested_at is None:
        return grow(c, ticket, job, guard=_MINE, more=more, usage=usage)
    done = c.execute(
        text(f"""
        WITH done AS (
             UPDATE wrangler.job_part
                SET state = 'succeeded', lease_owner = NULL, lease_until = NULL,
                    finished_at = now(), result_sha = :sha, recipe_sha = :recipe,
                    recipe_note = :note
              WHERE {_MINE} RETURNING id),
             ended AS (
             UPDATE wrangler.job_attempt
                SET ended_at = now(), exit = 'succeeded', rss_peak_kb = :rss,
                    cpu_s = :cpu
              WHERE part_id IN (SELECT id FROM done) AND attempt = :attempt)
        SELECT id FROM done"""),
        ticket.params(
            state="running",
            sha=result_sha,
            recipe=recipe.sha,
            note=recipe.note,
            rss=usage.get("rss_peak_kb"),
            cpu=usage.get("cpu_s"),
        ),
    ).one_or_none()
    if job is None or done is None:
        return False
    if summary is not None:
        message = as_json(summary)
        c.execute(
            text("""
            UPDATE wrangler.job
               SET summary = CAST(:s AS jsonb),
                   meta_bytes = meta_bytes + :n
                                - coalesce(octet_length(summary::text), 0)
             WHERE id = :j"""),
            {"s": message, "n": len(message), "j": ticket.job_id},
        )
    finalize(c, ticket.job_id, job)
    return True


@for_system
def fail(
    c: Connection,
    ticket: Ticket,
    *,
    state: str,
    code: str,
    message: str,
    details: dict[str, Any],
    usage: dict[str, float],
) -> bool:
    """End a part without a result: `failed` or `timed_out`, never tried again."""
    lock_job(c, ticket.job_id)
    lock_parts(c, ticket.job_id)
    done = c.execute(
        text(f"""
        UPDATE wrangler.job_part
           SET state = :to, lease_owner = NULL, lease_until = NULL,
               finished_at = now(), error_code = :code, error_message = :message,
               error_details = CAST(:details AS jsonb)
         WHERE {_MINE} RETURNING id"""),
        ticket.params(
            state="running",
            to=state,
            code=code,
            message=plain(message)[:3900],
            details=as_json(details),
        ),
    ).one_or_none()
    if done is None:
        return False
    end_attempt(c, ticket, state, usage)
    finalize(c, ticket.job_id)
    return True


@for_system
def mark_cancelled(c: Connection, ticket: Ticket, *, usage: dict[str, float]) -> bool:
    """Record that a cancelled part no longer runs."""
    lock_job(c, ticket.job_id)
    lock_parts(c, ticket.job_id)
    done = c.execute(
        text(f"""
        UPDATE wrangler.job_part
           SET state = 'cancelled', lease_owner = NULL, lease_until = NULL,
               finished_at = now()
         WHERE {_MINE} RETURNING id"""),
        ticket.params(state="cancelling"),
    ).one_or_none()
    if done is None:
        return False
    end_attempt(c, ticket, "cancelled", usage)
    finalize(c, ticket.job_id)
    return True


@for_system
def are_cancelling(c: Connection, job_id: uuid.UUID) -> bool:
    """Whether parts of a job still run that are to stop."""
    found: bool = c.execute(
        text("""
        SELECT EXISTS (SELECT 1 FROM wrangler.job_part
                        WHERE job_id = :j AND state = 'cancelling')"""),
        {"j": job_id},
    ).scalar_one()
    return found


@for_system
def mark_lost(
    c: Connection,
    ticket: Ticket,
    *,
    reason: str,
    usage: dict[str, float],
    advice: str = MEMORY,
) -> bool:
    """Record that the runner died: queue the part again, or quarantine it."""
    lock_job(c, ticket.job_id)
    lock_parts(c, ticket.job_id)
    if not give_up(
        c,
        ticket.part_id,
        _MINE,
        ticket.params(state="running"),
        reason,
        advice,
        worker=ticket.worker_id,
    ):
        return False
    end_attempt(c, ticket, reason, usage)
    finalize(c, ticket.job_id)
    return True


@for_system
def release(c: Connection, ticket: Ticket, *, waits_for: str | None = None) -> bool:
    """Give a part back unharmed: the attempt is not spent.

    Because the worker drains; or because something must come back first that is no
    fault of the part's: then it pauses, for longer the longer it has waited, and is
    tried again for as long as the job may take.
    """
    lock_job(c, ticket.job_id)
    done = c.execute(
        text(f"""
        UPDATE wrangler.job_part
           SET state = 'queued', attempt = attempt - 1, lease_owner = NULL,
               lease_until = NULL, deadline_at = NULL, error_message = :why,
               dispatch_after = CASE WHEN CAST(:why AS text) IS NULL THEN now()
                   ELSE now() + make_interval(secs => (0.8 + 0.4 * random()) * greatest(
                        2, least(60, extract(epoch FROM now() - started_at) / 2)))
                   END
         WHERE {_MINE} RETURNING id, owner_id, stage, k"""),
        ticket.params(
            state="running", why=None if waits_for is None else plain(waits_for)[:2000]
        ),
    ).one_or_none()
    if done is None:
        return False
    record(
        c,
        ticket.job_id,
        done.owner_id,
        "released",
        **facts_of(
            done,
            attempt=ticket.attempt,
            worker=ticket.worker_id,
            **({} if waits_for is None else {"reason": waits_for}),
        ),
    )
    # the same attempt number will be used again
    c.execute(
        text("""
        DELETE FROM wrangler.job_attempt
         WHERE part_id = :part AND attempt = :attempt"""),
        {"part": ticket.part_id, "attempt": ticket.attempt},
    )
    return True
