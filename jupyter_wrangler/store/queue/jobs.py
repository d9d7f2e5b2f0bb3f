"""Jobs as their owners see them: submit, look up, list, cancel, forget."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import (
    FINAL,
    Job,
    JobError,
    JobEvent,
    JobEventPage,
    JobPage,
    JobRequest,
    PartResult,
    Quota,
    RecipePart,
    spec_class,
)
from jupyter_wrangler.contract.specs import brief
from jupyter_wrangler.errors import (
    Conflict,
    JobAlreadyFinished,
    JobNotFound,
    KeyUsedAlready,
)
from jupyter_wrangler.store import audit, models, quotas
from jupyter_wrangler.store.queue.due import work_s
from jupyter_wrangler.store.queue.job_completion import (
    finalize,
    lock_job,
    record,
    stop_parts,
)
from jupyter_wrangler.store.queue.priorities import level_of, name_of
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text
from jupyter_wrangler.store.uploads import Stored

_HEAD = """
    SELECT j.id, j.kind, j.name, j.state, j.input_version_id, j.estimate_s,
           j.error_code, j.error_message, j.error_details, j.reuses, j.created_at,
           j.started_at, j.finished_at, d.name AS dataset_name, j.n_parts, j.priority,
           j.finish_requested_at IS NOT NULL AS finishes,
           p.parts_done, p.n_finished, p.attempts, p.parts_kept,
           extract(epoch FROM now() - j.started_at) AS running_s"""
_FROM = """
      FROM wrangler.job j
      JOIN wrangler.dataset_version v ON v.id = j.input_version_id
      JOIN wrangler.dataset d ON d.id = v.dataset_id
      JOIN LATERAL (
           SELECT max(attempt) AS attempts,
                  count(*) FILTER (WHERE state = 'succeeded') AS parts_done,
                  count(*) FILTER (WHERE state = 'succeeded'
                                     AND stage = 0) AS n_finished,
                  count(*) FILTER (WHERE state = 'succeeded'
                                     AND finished_at < j.started_at) AS parts_kept
             FROM wrangler.job_part WHERE job_id = j.id) p ON true
     WHERE j.owner_id = :o """
#: With spec and summary, which may take megabytes, and without.
_WHOLE = f"{_HEAD}, j.spec, j.summary{_FROM}"
_LISTED = f"{_HEAD}, j.brief AS spec{_FROM}"
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
#: Unfinished jobs of one owner that are reported at the beginning of a stream.
_MOST_RECENT = 1000
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


def _view(row: Row[Any], *, whole: bool = False, reused: bool = False) -> Job:
    error = None
    if row.error_code:
        error = JobError(
            code=row.error_code,
            message=row.error_message or "",
            details=row.error_details or {},
        )
    return Job(
        id=row.id,
        kind=row.kind,
        name=row.name,
        state=row.state,
        dataset_version_id=row.input_version_id,
        dataset_name=row.dataset_name,
        spec=row.spec,
        brief=not whole,
        n_parts=row.n_parts,
        parts_done=row.parts_done,
        n_finished=row.n_finished,
        attempts=row.attempts or 0,
        priority=name_of(row.priority),
        **_early_end(row),
        estimate_s=row.estimate_s,
        error=error,
        summary=(row.summary or None) if whole else None,
        parts_kept=row.parts_kept,
        running_s=(
            None
            if row.running_s is None or row.finished_at is not None
            else float(row.running_s)
        ),
        reused=reused,
        reuses=row.reuses,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _early_end(row: Row[Any]) -> dict[str, bool]:
    """Say whether a job can end with what is done, is about to, or has."""
    spec, some = spec_class(row.kind), 0 < row.n_finished < row.n_parts - 1
    runs = row.state in {"queued", "running"}
    return {
        "can_finish": runs and some and spec.finishes_early and not row.finishes,
        "finishing": runs and row.finishes,
        "partial": row.state == "succeeded" and row.finishes and some,
    }


def _missing(job_id: uuid.UUID) -> JobNotFound:
    return JobNotFound(f"There is no job {job_id} of yours; jw.jobs() lists them.")


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
) -> tuple[Job, bool]:
    """Insert a job with its parts; return it, and whether it is new.

    An unfinished or successful job of the same owner with the same cache key, or
    any job with the same idempotency key, is returned instead.  `quota` holds for
    owners of whom the table of quotas says nothing.

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
    quotas.admit_job(c, owner, quota, parts=len(parts), size=len(spec))
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
            "part_s": part_s,
            "work": work_s(len(parts) - 1, part_s),
            **_columns_of(parts),
        },
    ).scalar_one_or_none()
    if job_id is None:
        return _submitted_meanwhile(c, owner, request, sha, cache_key), False
    return get(c, owner, job_id), True


def _columns_of(parts: list[PartPlan]) -> dict[str, Any]:
    """Return what the statement inserts of parts, as one list for each column."""
    return {
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


@for_owner
def get(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID, *, reused: bool = False
) -> Job:
    """Return a job with its summary."""
    row = c.execute(
        text(_WHOLE + "AND j.id = :j"), {"o": owner, "j": job_id}
    ).one_or_none()
    if row is None:
        raise _missing(job_id)
    return _view(row, whole=True, reused=reused)


@for_owner
def several(c: Connection, owner: uuid.UUID, job_ids: list[uuid.UUID]) -> list[Job]:
    """Return jobs as lists have them, oldest first; unknown ids are left out."""
    rows = c.execute(
        text(_LISTED + "AND j.id = ANY(:ids) ORDER BY j.created_at, j.id"),
        {"o": owner, "ids": job_ids},
    )
    return [_view(row) for row in rows]


@for_owner
def page(
    c: Connection,
    owner: uuid.UUID,
    *,
    after: uuid.UUID | None,
    limit: int,
    state: str | None,
) -> JobPage:
    """List jobs without specs and summaries, newest first, from the key `after`."""
    # each condition in words of its own: one that may be absent keeps an index away
    wanted = "" if state is None else "AND state = :state"
    if after is not None:
        wanted += """
            AND (created_at, id) < (SELECT created_at, id FROM wrangler.job
                                     WHERE id = :after AND owner_id = :o)"""
    # chosen first: their parts are counted for no more jobs than are listed
    chosen = f"""
        AND j.id IN (SELECT id FROM wrangler.job WHERE owner_id = :o {wanted}
                      ORDER BY created_at DESC, id DESC LIMIT :n)
      ORDER BY j.created_at DESC, j.id DESC"""
    rows = c.execute(
        text(_LISTED + chosen),
        {"o": owner, "after": after, "state": state, "n": limit + 1},
    ).all()
    items = tuple(_view(row) for row in rows[:limit])
    return JobPage(items=items, next=str(items[-1].id) if len(rows) > limit else None)


@for_owner
def recent(c: Connection, owner: uuid.UUID, *, limit: int) -> list[Job]:
    """Return unfinished jobs and the newest others, oldest first.

    Of a user's unfinished jobs the thousand that are next, so that a stream opens as
    soon for whom has twenty thousand.
    """
    rows = c.execute(
        text(
            _LISTED
            + """
            AND j.id IN (
                (SELECT id FROM wrangler.job
                  WHERE owner_id = :o AND finished_at IS NULL
                  ORDER BY created_at, id LIMIT :most)
                UNION
                (SELECT id FROM wrangler.job WHERE owner_id = :o
                  ORDER BY created_at DESC, id DESC LIMIT :n))
          ORDER BY j.created_at, j.id"""
        ),
        {"o": owner, "n": limit, "most": _MOST_RECENT},
    )
    return [_view(row) for row in rows]


@for_owner
def cancel(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID, *, by: str | None = None
) -> Job:
    """Cancel a job: at once if nothing runs, else as soon as the runners stop.

    `by` names the administrator who does it in the owner's place.
    """
    job = lock_job(c, job_id)
    if job is None or job.owner_id != owner:
        raise _missing(job_id)
    if job.state in FINAL:
        raise JobAlreadyFinished(
            f"Job {job_id} has already ended ({job.state}), so there is nothing to "
            "cancel."
        )
    if job.state != "cancelling":
        c.execute(
            text("""
            UPDATE wrangler.job
               SET state = 'cancelling', cancel_requested_at = now(), cache_key = NULL
             WHERE id = :j"""),
            {"j": job_id},
        )
        record(c, job_id, owner, "cancelling", **({"by": by} if by else {}))
        audit.note(c, owner, "cancel", "job", job_id, by=by)
        stop_parts(c, job_id)
        finalize(c, job_id)
    return get(c, owner, job_id)


@for_owner
def delete(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> None:
    """Delete a finished job."""
    job = lock_job(c, job_id)
    if job is None or job.owner_id != owner:
        raise _missing(job_id)
    if job.state not in FINAL:
        raise Conflict(
            f"Job {job_id} is {job.state}; cancel it first, then it can be deleted."
        )
    c.execute(text("DELETE FROM wrangler.job WHERE id = :j"), {"j": job_id})
    audit.note(c, owner, "delete", "job", job_id)


@for_owner
def list_events(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID, *, after: int, limit: int
) -> JobEventPage:
    """List what happened to a job, oldest first, from the number `after`.

    Anyone who writes an event of a job holds its row, so that none appears late among
    those that were listed.
    """
    rows = c.execute(
        text("""
        SELECT e.seq, e.at, e.type, e.payload AS details FROM wrangler.job_event e
         WHERE e.job_id = :j AND e.owner_id = :o AND e.seq > :after
         ORDER BY e.seq LIMIT :n"""),
        {"j": job_id, "o": owner, "after": after, "n": limit + 1},
    ).all()
    if not rows:
        get(c, owner, job_id)
    items = tuple(
        JobEvent.model_validate(row, from_attributes=True) for row in rows[:limit]
    )
    return JobEventPage(
        items=items, next=str(items[-1].seq) if len(rows) > limit else None
    )


@for_owner
def results(
    c: Connection, owner: uuid.UUID, job_id: uuid.UUID
) -> list[tuple[PartResult, Stored]]:
    """List what the parts of a job have stored, and where it lies."""
    rows = c.execute(
        text("""
        SELECT p.k, p.result_sha, b.size, b.store_key AS key, b.format AS form,
               p.recipe_sha, p.recipe_note, r.size AS recipe_size
          FROM wrangler.job_part p
          JOIN wrangler.blob b ON b.owner_id = p.owner_id AND b.sha256 = p.result_sha
          LEFT JOIN wrangler.blob r
            ON r.owner_id = p.owner_id AND r.sha256 = p.recipe_sha
         WHERE p.job_id = :j AND p.owner_id = :o AND p.stage = 0
         ORDER BY p.k"""),
        {"j": job_id, "o": owner},
    )
    return [
        (
            PartResult(
                imputation=row.k,
                sha256=bytes(row.result_sha).hex(),
                size=row.size,
                recipe=recipe_part(row),
                recipe_note=row.recipe_note,
            ),
            Stored(key=row.key, size=row.size, form=row.form),
        )
        for row in rows
    ]


def recipe_part(row: Row[Any]) -> RecipePart | None:
    """Return what is known of the models of a part, if it has kept any."""
    if row.recipe_sha is None:
        return None
    return RecipePart(sha256=bytes(row.recipe_sha).hex(), size=row.recipe_size)


@for_owner
def document(c: Connection, owner: uuid.UUID, job_id: uuid.UUID) -> bytes | None:
    """Return the digest of what the last stage of a job has stored."""
    return c.execute(
        text("""
        SELECT result_sha FROM wrangler.job_part
         WHERE job_id = :j AND owner_id = :o AND stage = 1"""),
        {"j": job_id, "o": owner},
    ).scalar_one_or_none()


def canonical(spec: dict[str, Any]) -> bytes:
    """Spell a spec the same way whatever the order of its keys."""
    return json.dumps(spec, sort_keys=True, separators=(",", ":")).encode()
