"""How a job is submitted: once for each request, and once for each piece of work."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from jupyter_wrangler.contract import Job, JobRequest, Quota
from jupyter_wrangler.contract.spec_size import brief
from jupyter_wrangler.errors import Conflict, KeyUsedAlready
from jupyter_wrangler.store import models, quotas
from jupyter_wrangler.store.queue.due import work_s
from jupyter_wrangler.store.queue.jobs import get
from jupyter_wrangler.store.queue.priorities import level_of
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text

#: One statement, for each is a round trip: the job, its parts, and the first event.
_INSERT = """
    WITH job AS (
         INSERT INTO wrangler.job (owner_id, kind, name, spec, input_version_id,
                priority, idempotency_key, request_sha, cache_key, app_version,
                estimate_s, brief, n_parts, meta_bytes, queue, part_s, due_at)
         VALUES (:o, :kind, :name, CAST(:spec AS jsonb), :v, :p, :idem, :sha,
                 :cache, :app, :estimate, CAST(:brief AS jsonb), :n, :size,
                 :queue, :part_s, now() + make_interval(secs => :work))
         ON CONFLICT DO NOTHING RETURNING id, owner_id),
         parts AS (
         INSERT INTO wrangler.job_part
                (job_id, owner_id, stage, k, state, queue, max_attempts, memory,
                 recipe_sha)
         SELECT job.id, job.owner_id, stage, k,
                CASE WHEN stage > 0 THEN 'waiting' ELSE 'queued' END,
                queue, :max, memory, recipe
           FROM job, unnest(CAST(:stages AS int[]), CAST(:ks AS int[]),
                            CAST(:queues AS text[]), CAST(:memories AS bigint[]),
                            CAST(:recipes AS bytea[]))
                     AS part (stage, k, queue, memory, recipe)),
         event AS (
         INSERT INTO wrangler.job_event (job_id, owner_id, type, payload)
         SELECT id, owner_id, 'queued', '{}' FROM job)
    SELECT id FROM job"""
#: Idempotency keys that are kept of one job.
_MOST_KEYS = 1000


@dataclass(frozen=True, kw_only=True)
class PartPlan:
    """A part to be made with its job."""

    stage: int
    k: int
    queue: str
    #: Bytes of memory that it is thought to take; 0: little.
    memory: int = 0
    #: Digest of the models that it imputes by.
    recipe: bytes | None = None


@for_owner
def submit(
    c: Connection,
    owner: uuid.UUID,
    request: JobRequest,
    *,
    parts: list[PartPlan],
    cache_key: bytes,
    app_version: str,
    max_attempts: int,
    quota: Quota,
    estimate_s: float | None = None,
    part_s: float | None = None,
    most_parts: int = 0,
) -> tuple[Job, bool]:
    """Insert a job with its parts; return it, and whether it is new.

    An unfinished or successful job of the same owner with the same cache key, or
    any job with the same idempotency key, is returned instead.  `quota` holds for
    owners of whom the table of quotas says nothing; it must have room for `most_parts`.

    Raises
    ------
    KeyUsedAlready
        If the idempotency key came with another request before.
    """
    sha = _digest(request)
    before = _same_request(c, owner, request, sha)
    if before is not None:
        return before, False
    if request.force:
        _release_cache_key(c, owner, cache_key)
    elif (found := _same_work(c, owner, cache_key)) is not None:
        return _reuse(c, owner, found, request, sha), False
    spec = request.spec.model_dump_json()
    n = max(len(parts), most_parts)
    quotas.admit_job(c, owner, quota, parts=n, size=len(spec))
    # the model validates what the statement, which also adds parts and event, inserts
    row = models.Job(
        owner_id=owner,
        kind=request.spec.kind,
        name=request.name,
        n_parts=len(parts),
        meta_bytes=len(spec),
        input_version_id=request.dataset_version_id,
        priority=level_of(request.priority),
        idempotency_key=request.idempotency_key,
    )
    job_id = c.execute(
        text(_INSERT),
        {
            "o": row.owner_id,
            "kind": row.kind,
            "name": row.name,
            "spec": spec,
            "brief": json.dumps(brief(request.spec)),
            "n": row.n_parts,
            "size": row.meta_bytes,
            "v": row.input_version_id,
            "p": row.priority,
            "idem": row.idempotency_key,
            "sha": sha,
            "cache": cache_key,
            "app": app_version,
            "estimate": estimate_s,
            "max": max_attempts,
            **_columns_of(parts, part_s),
        },
    ).scalar_one_or_none()
    if job_id is None:
        return _submitted_meanwhile(c, owner, request, sha, cache_key), False
    return get(c, owner, job_id), True


def _columns_of(parts: list[PartPlan], part_s: float | None) -> dict[str, Any]:
    """Return what the statement inserts of parts, as one list for each column."""
    return {
        "part_s": part_s,
        "work": work_s(len(parts) - 1, part_s),
        "queue": parts[0].queue,
        "stages": [part.stage for part in parts],
        "ks": [part.k for part in parts],
        "queues": [part.queue for part in parts],
        "memories": [part.memory for part in parts],
        "recipes": [part.recipe for part in parts],
    }


def _release_cache_key(c: Connection, owner: uuid.UUID, cache_key: bytes) -> None:
    """Let a new job have the cache key of earlier ones."""
    c.execute(
        text("""
        UPDATE wrangler.job SET cache_key = NULL
         WHERE owner_id = :o AND cache_key = :k"""),
        {"o": owner, "k": cache_key},
    )


def _submitted_meanwhile(
    c: Connection, owner: uuid.UUID, request: JobRequest, sha: bytes, cache_key: bytes
) -> Job:
    """Return the same job, which was inserted between our look and our insert."""
    before = _same_request(c, owner, request, sha)
    if before is not None:
        return before
    found = _same_work(c, owner, cache_key)
    if found is None:
        raise Conflict(
            "The same job was being submitted and changed at the same moment; "
            "submit it again."
        )
    return _reuse(c, owner, found, request, sha)


def _digest(request: JobRequest) -> bytes:
    """Tell one request from another by all that it asks for."""
    asked = request.model_dump(mode="json", exclude={"idempotency_key"})
    return hashlib.sha256(canonical(asked)).digest()


def _same_request(
    c: Connection, owner: uuid.UUID, request: JobRequest, sha: bytes
) -> Job | None:
    """Return the job with which this very request was answered before."""
    if request.idempotency_key is None:
        return None
    row = c.execute(
        text("""
        SELECT id, request_sha, false AS reused FROM wrangler.job
         WHERE owner_id = :o AND idempotency_key = :k
        UNION ALL
        SELECT job_id, request_sha, true FROM wrangler.job_key
         WHERE owner_id = :o AND key = :k LIMIT 1"""),
        {"o": owner, "k": request.idempotency_key},
    ).one_or_none()
    if row is None:
        return None
    # jobs of earlier versions do not say what was asked for
    if row.request_sha is not None and bytes(row.request_sha) != sha:
        raise KeyUsedAlready(request.idempotency_key, row.id)
    return get(c, owner, row.id, reused=row.reused)


def _reuse(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID, request: JobRequest, sha: bytes
) -> Job:
    """Answer with a job that does the same work, and keep the key for a repetition."""
    if request.idempotency_key is not None:
        # of so many requests for the same work the later ones are known by the work
        c.execute(
            text("""
            INSERT INTO wrangler.job_key (owner_id, key, job_id, request_sha)
            SELECT :o, :k, id, :sha FROM wrangler.job
             WHERE id = :j AND reuses < :most ON CONFLICT DO NOTHING"""),
            {
                "o": owner,
                "k": request.idempotency_key,
                "j": job_id,
                "sha": sha,
                "most": _MOST_KEYS,
            },
        )
    # no event: nothing happened to the job, and nobody who watches it must hear of it
    c.execute(
        text("UPDATE wrangler.job SET reuses = reuses + 1 WHERE id = :j"),
        {"j": job_id},
    )
    return get(c, owner, job_id, reused=True)


def _same_work(c: Connection, owner: uuid.UUID, cache_key: bytes) -> uuid.UUID | None:
    found: uuid.UUID | None = c.execute(
        text("""
        SELECT id FROM wrangler.job WHERE owner_id = :o AND cache_key = :k
           AND state IN ('queued', 'running', 'succeeded')"""),
        {"o": owner, "k": cache_key},
    ).scalar_one_or_none()
    return found


def canonical(spec: dict[str, Any]) -> bytes:
    """Spell a spec the same way whatever the order of its keys."""
    return json.dumps(spec, sort_keys=True, separators=(",", ":")).encode()
