"""Try a job again that ended without its result: only what is missing is computed.

Parts that succeeded keep their results.  The others get new attempts, numbered on
from those they had, so that no worker of an earlier attempt can still have a say.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from jupyter_wrangler.contract import FINAL, Job, Quota
from jupyter_wrangler.errors import Conflict, JobAlreadyFinished, JobNotFound
from jupyter_wrangler.store import quotas
from jupyter_wrangler.store.queue import jobs
from jupyter_wrangler.store.queue.due import set_due
from jupyter_wrangler.store.queue.job_completion import lock_job, record
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text


@for_owner
def retry(
    c: Connection,
    owner: uuid.UUID,
    job_id: uuid.UUID,
    *,
    cache_key: bytes,
    app_version: str,
    max_attempts: int,
    quota: Quota,
    by: str | None = None,
) -> Job:
    """Queue the parts of a failed, timed out, quarantined or cancelled job again.

    A comparison that has succeeded may have trials without a score: these run again.

    Parameters
    ----------
    cache_key : bytes of length 32
        What submitting the same work now would be known by.
    app_version : str
        Version of this program.  Results of another one are not mixed with its own:
        then all parts begin again.
    max_attempts : int
        Attempts that each part gets in addition to those it had.
    quota : Quota
        What holds for owners of whom the table of quotas says nothing.
    by : str, optional
        The administrator who does it in the owner's place.

    Raises
    ------
    JobNotFound
        If this owner has no such job.
    JobAlreadyFinished
        If it has succeeded, with every part.
    Conflict
        If it has not ended.
    QuotaExceeded
        If the owner has too many unfinished jobs.
    """
    job = _lock_ended(c, owner, job_id)
    quotas.admit_job(c, owner, quota)
    _queue_again(c, job_id, app_version=app_version, more=max_attempts)
    set_due(c, job_id, queued_now=True)
    _regain(c, job_id, cache_key)
    details: dict[str, Any] = {"was": job.state, "parts": _queued(c, job_id)}
    record(c, job_id, owner, "retried", **details, **({"by": by} if by else {}))
    return jobs.get(c, owner, job_id)


def _lock_ended(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> Row[Any]:
    """Lock a job that may be tried again; raise if it may not."""
    job = lock_job(c, job_id)
    if job is None or job.owner_id != owner:
        raise JobNotFound(f"There is no job {job_id} of yours; jw.jobs() lists them.")
    if job.state == "succeeded" and not _has_gaps(c, job_id):
        raise JobAlreadyFinished(
            f"Job {job_id} has succeeded, so there is nothing to try again. To compute "
            "it again, submit it with force=True."
        )
    if job.state not in FINAL:
        raise Conflict(
            f"Job {job_id} is {job.state}; only a job that has ended without its "
            "result can be tried again. Wait for it, or cancel it first."
        )
    return job


def _queue_again(
    c: Connection, job_id: uuid.UUID, *, app_version: str, more: int
) -> None:
    """Queue the job, and its parts without a result or of another version."""
    c.execute(
        text("""
        UPDATE wrangler.job_part p
           SET state = CASE WHEN stage = 0 THEN 'queued' ELSE 'waiting' END,
               max_attempts = attempt + :more, dispatch_after = now(),
               deadline_at = NULL, result_sha = NULL, started_at = NULL,
               finished_at = NULL, error_code = NULL, error_message = NULL,
               error_details = NULL
          FROM wrangler.job j
         WHERE p.job_id = :j AND j.id = p.job_id
               AND (p.state <> 'succeeded' OR j.app_version <> :app
                    OR p.stage = 1)"""),
        {"j": job_id, "more": more, "app": app_version},
    )
    # when all of a stage is there, the next one is due
    c.execute(
        text("""
        UPDATE wrangler.job_part SET state = 'queued'
         WHERE job_id = :j AND state = 'waiting'
               AND stage = (SELECT min(stage) FROM wrangler.job_part
                             WHERE job_id = :j AND state <> 'succeeded')"""),
        {"j": job_id},
    )
    c.execute(
        text("""
        UPDATE wrangler.job
           SET state = 'queued', cancel_requested_at = NULL,
               finish_requested_at = NULL, error_code = NULL,
               error_message = NULL, error_details = NULL, summary = NULL,
               cache_key = NULL, app_version = :app, started_at = NULL,
               finished_at = NULL, deadline_at = now() + interval '7 days'
         WHERE id = :j"""),
        {"j": job_id, "app": app_version},
    )


def _has_gaps(c: Connection, job_id: uuid.UUID) -> bool:
    """Whether a job went on to its end without the result of some part."""
    found: bool = c.execute(
        text("""
        SELECT EXISTS (SELECT 1 FROM wrangler.job_part
                        WHERE job_id = :j AND stage = 0 AND state <> 'succeeded')"""),
        {"j": job_id},
    ).scalar_one()
    return found


def _queued(c: Connection, job_id: uuid.UUID) -> int:
    count = c.execute(
        text("""
        SELECT count(*) FROM wrangler.job_part
         WHERE job_id = :j AND state = 'queued'"""),
        {"j": job_id},
    ).scalar_one()
    return int(count)


def _regain(c: Connection, job_id: uuid.UUID, cache_key: bytes) -> None:
    """Let the same work find this job again, unless it finds another by now."""
    try:
        with c.begin_nested():
            c.execute(
                text("UPDATE wrangler.job SET cache_key = :k WHERE id = :j"),
                {"k": cache_key, "j": job_id},
            )
    except IntegrityError:
        return
