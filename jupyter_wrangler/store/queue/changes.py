"""What an owner changes about a job: its name, its priority, and an early end."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import FAILED, FINAL, Job, JobChange, spec_class
from jupyter_wrangler.errors import (
    Conflict,
    JobAlreadyFinished,
    JobNotFound,
    NothingFinished,
)
from jupyter_wrangler.store.queue import jobs
from jupyter_wrangler.store.queue.job_completion import (
    finalize,
    lock_job,
    lock_parts,
    record,
    stop_parts,
)
from jupyter_wrangler.store.queue.priorities import level_of
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text


@for_owner
def change(c: Connection, owner: uuid.UUID, job_id: uuid.UUID, asked: JobChange) -> Job:
    """Rename a job, or change its priority among its owner's jobs.

    Raises
    ------
    JobNotFound
        If this owner has no such job.
    JobAlreadyFinished
        If it has ended and its priority is to be changed.
    """
    if asked.priority is None:
        job = _lock(c, owner, job_id)
    else:
        job = _lock_unfinished(c, owner, job_id, "whose priority could matter")
    name = job.name if asked.name is None else asked.name
    level = job.priority if asked.priority is None else level_of(asked.priority)
    if (name, level) != (job.name, job.priority):
        c.execute(
            text("UPDATE wrangler.job SET name = :n, priority = :p WHERE id = :j"),
            {"j": job_id, "n": name, "p": level},
        )
        record(c, job_id, owner, "changed", **asked.model_dump(exclude_none=True))
    return jobs.get(c, owner, job_id)


@for_owner
def finish(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> Job:
    """Let a job go on to its end with the parts that have ended; it then succeeds.

    Parts that run are stopped, those that wait do not begin, and what has ended is
    summed up.  Whoever locks the job first decides: a part that ends before counts, one
    that ends later is stopped.  The same work submitted again is computed in full.

    Raises
    ------
    JobNotFound
        If this owner has no such job.
    JobAlreadyFinished
        If it has ended.
    NothingFinished
        If none of its parts has ended.
    Conflict
        If it is being stopped, or its parts mean nothing one by one.
    """
    job = _lock_unfinished(c, owner, job_id, "to finish")
    if job.finish_requested_at is not None:
        return jobs.get(c, owner, job_id)
    spec = spec_class(job.kind)
    if not spec.finishes_early:
        raise Conflict(
            f"Job {job_id} is a {job.kind}, whose parts mean nothing one by one, so it "
            "cannot be finished early. Wait for it, or cancel it."
        )
    lock_parts(c, job_id)
    parts = _count(c, job_id)
    if job.state == "cancelling" or (parts.failed and not spec.skips_failed_parts):
        why = "cancelled" if job.state == "cancelling" else "ended by an error"
        raise Conflict(
            f"Job {job_id} is being {why}, so it cannot be finished any more; what is "
            "done is kept: job.partial_result() gives it."
        )
    if not parts.kept:
        raise NothingFinished(str(job_id), f"{spec.part_word}s")
    if not parts.left and job.spec.get("se_cv") is None:
        # it is summing up anyway, and does not ask for more
        return jobs.get(c, owner, job_id)
    c.execute(
        text("""
        UPDATE wrangler.job SET finish_requested_at = now(), cache_key = NULL
         WHERE id = :j"""),
        {"j": job_id},
    )
    record(c, job_id, owner, "finishing", kept=parts.kept, stopped=parts.left)
    stop_parts(c, job_id, last_stage=0)
    finalize(c, job_id)
    return jobs.get(c, owner, job_id)


def _lock(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> Row[Any]:
    """Lock a job; raise if this owner has none of that id."""
    job = lock_job(c, job_id)
    if job is None or job.owner_id != owner:
        raise JobNotFound(f"There is no job {job_id} of yours; jw.jobs() lists them.")
    return job


def _lock_unfinished(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID, purpose: str
) -> Row[Any]:
    """Lock a job that has not ended; raise if it has, or if there is none."""
    job = _lock(c, owner, job_id)
    if job.state in FINAL:
        raise JobAlreadyFinished(
            f"Job {job_id} has already ended ({job.state}), so there is nothing "
            f"{purpose}."
        )
    return job


def _count(c: Connection, job_id: uuid.UUID) -> Row[Any]:
    """Count the parts before the last one: kept, not ended, ended by an error."""
    return c.execute(
        text("""
        SELECT count(*) FILTER (WHERE state = 'succeeded') AS kept,
               count(*) FILTER (WHERE finished_at IS NULL) AS left,
               count(*) FILTER (WHERE state = ANY(:failed)) AS failed
          FROM wrangler.job_part WHERE job_id = :j AND stage = 0"""),
        {"j": job_id, "failed": list(FAILED)},
    ).one()
