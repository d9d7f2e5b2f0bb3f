"""Claiming a part: the transition to `running`, and all that its runner needs.

See `parts` for the other transitions.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, Row

from jupyter_wrangler.store.queue.attempts import Ticket
from jupyter_wrangler.store.queue.parts import requeue
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text

#: What a runner needs to know of the data, of the owner and of the other parts.
_INPUTS = """
    SELECT b.store_key, v.n_rows, v.n_columns,
           coalesce((SELECT max_cells FROM wrangler.quota
                      WHERE owner_id = v.owner_id),
                    (SELECT max_cells FROM wrangler.quota
                      WHERE owner_id IS NULL)) AS max_cells,
           (SELECT count(*) FROM wrangler.job_part
             WHERE job_id = :j AND stage = 0) AS n_parts,
           (SELECT array_agg(r.store_key ORDER BY k) FROM wrangler.job_part p
              JOIN wrangler.blob r
                ON r.owner_id = p.owner_id AND r.sha256 = p.result_sha
             WHERE job_id = :j AND stage = 0 AND :stage > 0
               AND p.state = 'succeeded') AS results,
           (SELECT json_object_agg(k, CASE state WHEN 'cancelled'
                       THEN 'The job was finished before this had ended.'
                       ELSE error_message END) FROM wrangler.job_part
             WHERE job_id = :j AND stage = 0 AND :stage > 0
               AND state IN ('failed', 'timed_out', 'quarantined', 'cancelled')
           ) AS failures
      FROM wrangler.dataset_version v
      JOIN wrangler.blob b ON b.owner_id = v.owner_id AND b.sha256 = v.blob_sha
     WHERE v.id = :v"""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A part that this worker now runs, with all that the runner needs."""

    ticket: Ticket
    owner_id: uuid.UUID
    stage: int
    k: int
    n_parts: int
    spec: dict[str, Any]
    n_rows: int
    n_columns: int
    #: Cells that the owner may compute with, where a quota says so.
    max_cells: int | None
    #: Key of the bytes of the data set.
    input_key: str
    #: Keys of the results of stage 0, in order, for a part of stage 1.
    result_keys: tuple[str, ...]
    #: Digest and key of the models that a transform imputes by.
    recipe_sha: bytes | None
    recipe_key: str | None
    #: Number of a part of stage 0 -> why it has no result, where the job goes on.
    failures: dict[int, str]


class Lease(TypedDict):
    """On which terms a part is claimed."""

    lease_s: float
    timeout_s: float
    #: Of the worker; it claims no job of another version.
    version: str


def _lock_job_of(c: Connection, part_id: uuid.UUID) -> Row[Any] | None:
    """Lock the job of a part; return it with the memory that the part wants."""
    return c.execute(
        text("""
        SELECT j.id, j.owner_id, j.state, j.spec, j.input_version_id, j.app_version,
               p.memory
          FROM wrangler.job_part p JOIN wrangler.job j ON j.id = p.job_id
         WHERE p.id = :p FOR UPDATE OF j"""),
        {"p": part_id},
    ).one_or_none()


def _has_room(
    c: Connection, part_id: uuid.UUID, worker_id: uuid.UUID, wanted: int
) -> bool:
    """Whether a part's memory fits beside what a worker runs; if not, put it back.

    Whatever runs alone fits: nobody could run it else, and the runner has a limit.  The
    worker's row is locked, so that two of its threads look one after the other.
    """
    if not wanted:
        return True
    most = c.execute(
        text("SELECT memory FROM wrangler.worker WHERE id = :w FOR NO KEY UPDATE"),
        {"w": worker_id},
    ).scalar_one_or_none()
    taken = c.execute(
        text("""
        SELECT coalesce(sum(memory), 0) FROM wrangler.job_part
         WHERE lease_owner = :w AND state IN ('running', 'cancelling')"""),
        {"w": worker_id},
    ).scalar_one()
    if not most or not taken or taken + wanted <= most:
        return True
    requeue(c, part_id)
    return False


@for_system
def claim(
    c: Connection,
    part_id: uuid.UUID,
    worker_id: uuid.UUID,
    **lease: Unpack[Lease],
) -> Claim | None:
    """Claim a part. Returns None if another worker has claimed it."""
    job = _lock_job_of(c, part_id)
    if job is None or job.state not in {"queued", "running"}:
        return None
    if job.app_version != lease["version"]:
        return None
    if not _has_room(c, part_id, worker_id, job.memory):
        return None
    job_id = job.id
    part = _start(c, part_id, worker_id, lease)
    if part is None:
        return None
    if job.state == "queued":
        c.execute(
            text("""
            WITH begun AS (
                 UPDATE wrangler.job SET state = 'running', started_at = now()
                  WHERE id = :j AND state = 'queued')
            INSERT INTO wrangler.job_event (job_id, owner_id, type, payload)
            VALUES (:j, :o, 'running', '{}')"""),
            {"j": job_id, "o": job.owner_id},
        )
    data = c.execute(
        text(_INPUTS), {"j": job_id, "v": job.input_version_id, "stage": part.stage}
    ).one()
    recipe = _recipe(c, job_id, part) if job.spec["kind"] == "transform" else None
    return Claim(
        ticket=Ticket(
            part_id=part_id, job_id=job_id, attempt=part.attempt, worker_id=worker_id
        ),
        owner_id=part.owner_id,
        stage=part.stage,
        k=part.k,
        n_parts=data.n_parts,
        spec=job.spec,
        n_rows=data.n_rows,
        n_columns=data.n_columns,
        max_cells=data.max_cells,
        input_key=data.store_key,
        result_keys=tuple(data.results or ()),
        recipe_sha=None if recipe is None else bytes(recipe.recipe_sha),
        recipe_key=None if recipe is None else recipe.store_key,
        failures={int(k): why or "" for k, why in (data.failures or {}).items()},
    )


def _recipe(c: Connection, job_id: uuid.UUID, part: Row[Any]) -> Row[Any] | None:
    """Return the models of a part; the summary goes by those of the first one."""
    return c.execute(
        text("""
        SELECT p.recipe_sha, b.store_key FROM wrangler.job_part p
          JOIN wrangler.blob b ON b.owner_id = p.owner_id AND b.sha256 = p.recipe_sha
         WHERE p.job_id = :j AND p.stage = 0 AND (p.k = :k OR :stage > 0)
         ORDER BY p.k LIMIT 1"""),
        {"j": job_id, "k": part.k, "stage": part.stage},
    ).one_or_none()


def _start(
    c: Connection, part_id: uuid.UUID, worker_id: uuid.UUID, lease: Lease
) -> Row[Any] | None:
    """Begin an attempt of a part. Returns None if another worker has claimed it."""
    return c.execute(
        text("""
        WITH part AS (
             UPDATE wrangler.job_part
                SET state = 'running', attempt = attempt + 1, lease_owner = :w,
                    lease_until = now() + make_interval(secs => :lease),
                    deadline_at = now() + make_interval(secs => :timeout),
                    started_at = coalesce(started_at, now()), error_message = NULL
              WHERE id = :p AND state IN ('queued', 'dispatched')
                    AND attempt < max_attempts
             RETURNING id, attempt, owner_id, stage, k),
             begun AS (
             INSERT INTO wrangler.job_attempt (part_id, attempt, worker_id)
             SELECT id, attempt, :w FROM part)
        SELECT attempt, owner_id, stage, k FROM part"""),
        {
            "p": part_id,
            "w": worker_id,
            "lease": lease["lease_s"],
            "timeout": lease["timeout_s"],
        },
    ).one_or_none()


@for_system
def claim_last(
    c: Connection,
    ended: Claim,
    worker_id: uuid.UUID,
    **lease: Unpack[Lease],
) -> Claim | None:
    """Take the last part of a job, if the end of another one has just made it due.

    The worker whose part was the last to end has a free slot and needs no message.
    A part of the same owner takes the place of one that has ended, so that nobody's
    turn is passed over, and it takes a moment.
    """
    due = None
    if ended.stage == 0:
        due = c.execute(
            text("""
            SELECT id FROM wrangler.job_part
             WHERE job_id = :j AND stage = 1 AND state = 'queued'
                   AND dispatch_after <= now()"""),
            {"j": ended.ticket.job_id},
        ).scalar_one_or_none()
    if due is None:
        return None
    return claim(c, due, worker_id, **lease)
