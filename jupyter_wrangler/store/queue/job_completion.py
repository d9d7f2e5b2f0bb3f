"""What the states of its parts mean for a job.

`finalize` is the one place where a job's state follows from its parts.  It is
called in the transaction that changed a part, with the job's row locked.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import FAILED, spec_class
from jupyter_wrangler.store.queue.due import set_due
from jupyter_wrangler.store.sql import text


def lock_job(
    c: Connection, job_id: uuid.UUID, *, skip_locked: bool = False
) -> Row[Any] | None:
    """Lock a job's row; everybody who changes its parts does this first."""
    return c.execute(
        text(
            "SELECT id, owner_id, kind, state, spec, input_version_id, error_code, "
            "app_version, finish_requested_at, name, priority "
            "FROM wrangler.job WHERE id = :j FOR UPDATE"
            + (" SKIP LOCKED" if skip_locked else "")
        ),
        {"j": job_id},
    ).one_or_none()


def record(
    c: Connection, job_id: uuid.UUID, owner_id: uuid.UUID, kind: str, **payload: Any
) -> None:
    """Write an event of a job."""
    c.execute(
        text("""
        INSERT INTO wrangler.job_event (job_id, owner_id, type, payload)
        VALUES (:j, :o, :t, CAST(:p AS jsonb))"""),
        {"j": job_id, "o": owner_id, "t": kind, "p": json.dumps(payload)},
    )


def lock_parts(c: Connection, job_id: uuid.UUID) -> None:
    """Lock the unfinished parts of a locked job, in the order in which heartbeats do.

    Anyone who may end more than one part does this before the first is changed, or the
    two would wait for each other.
    """
    c.execute(
        text("""
        SELECT id FROM wrangler.job_part
         WHERE job_id = :j AND finished_at IS NULL ORDER BY id FOR UPDATE"""),
        {"j": job_id},
    )


def stop_parts(c: Connection, job_id: uuid.UUID, *, last_stage: int = 1) -> None:
    """End the parts that have not begun, and ask the running ones to stop.

    Those of later stages than `last_stage` go on.
    """
    lock_parts(c, job_id)
    c.execute(
        text("""
        UPDATE wrangler.job_part
           SET state = 'cancelled', lease_until = NULL, finished_at = now()
         WHERE job_id = :j AND state IN ('waiting', 'queued', 'dispatched')
               AND stage <= :last"""),
        {"j": job_id, "last": last_stage},
    )
    c.execute(
        text("""
        UPDATE wrangler.job_part
           SET state = 'cancelling',
               deadline_at = least(deadline_at, now() + interval '60 seconds')
         WHERE job_id = :j AND state = 'running' AND stage <= :last"""),
        {"j": job_id, "last": last_stage},
    )


def finalize(  # noqa: PLR0911  a case each
    c: Connection, job_id: uuid.UUID, job: Row[Any] | None = None
) -> str:
    """Bring a locked job in line with its parts; return its state.

    `job` is its row, where the caller has it from `lock_job` and has changed nothing
    that is in there.
    """
    if job is None:
        job = lock_job(c, job_id)
    if job is None or job.state not in {"queued", "running", "cancelling"}:
        return job.state if job else ""
    lenient = 0 if spec_class(job.kind).skips_failed_parts else -1
    # of a job that finishes early those parts are not waited for that were stopped
    over = [*FAILED, *(["cancelled"] if job.finish_requested_at else [])]
    # counted there: a job may have ten thousand parts, each of which ends here
    parts = c.execute(
        text("""
        SELECT busy, next, waiting, bad.* FROM (
               SELECT count(*) FILTER (
                          WHERE state IN ('running', 'cancelling')) AS busy,
                      min(stage) FILTER (
                          WHERE state <> 'succeeded'
                            AND state <> ALL(:over)) AS next,
                      min(stage) FILTER (WHERE state = 'waiting') AS waiting
                 FROM wrangler.job_part WHERE job_id = :j) counted
          LEFT JOIN LATERAL (
               SELECT state, error_code, error_message, error_details
                 FROM wrangler.job_part
                WHERE job_id = :j AND state = ANY(:bad) AND stage <> :lenient
                ORDER BY stage, k LIMIT 1) bad ON true"""),
        {"j": job_id, "bad": list(FAILED), "over": over, "lenient": lenient},
    ).one()
    if job.state == "cancelling" or parts.state or job.error_code:
        stop_parts(c, job_id)
        if parts.busy:
            record(c, job_id, job.owner_id, "stopping")
            return str(job.state)
        if job.state == "cancelling":
            return _end(c, job, "cancelled")
        if parts.state is None:
            return _end(c, job, "timed_out")
        return _end(
            c,
            job,
            parts.state,
            parts.error_code,
            parts.error_message,
            parts.error_details,
        )
    if parts.next is None:
        return _end(c, job, "succeeded")
    if parts.waiting == parts.next:
        c.execute(
            text("""
            UPDATE wrangler.job_part SET state = 'queued', dispatch_after = now()
             WHERE job_id = :j AND stage = :s AND state = 'waiting'"""),
            {"j": job_id, "s": parts.next},
        )
    set_due(c, job_id)
    record(c, job_id, job.owner_id, "part")
    return str(job.state)


def _end(
    c: Connection,
    job: Row[Any],
    state: str,
    code: str | None = None,
    message: str | None = None,
    details: dict[str, Any] | None = None,
) -> str:
    c.execute(
        text("""
        WITH ended AS (
             UPDATE wrangler.job
                SET state = :s, finished_at = now(),
                    error_code = coalesce(:code, error_code),
                    error_message = coalesce(:message, error_message),
                    error_details = coalesce(CAST(:details AS jsonb), error_details)
              WHERE id = :j AND state IN ('queued', 'running', 'cancelling'))
        INSERT INTO wrangler.job_event (job_id, owner_id, type, payload)
        VALUES (:j, :o, :s, '{}')"""),
        {
            "j": job.id,
            "o": job.owner_id,
            "s": state,
            "code": code,
            "message": message,
            "details": None if details is None else json.dumps(details),
        },
    )
    return state
