"""Jobs as their owners see them: look up, list, cancel, delete."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import (
    FINAL,
    Job,
    JobError,
    JobEvent,
    JobEventPage,
    JobPage,
    spec_class,
)
from jupyter_wrangler.errors import Conflict, JobAlreadyFinished, JobNotFound
from jupyter_wrangler.store import audit
from jupyter_wrangler.store.paging import next_key
from jupyter_wrangler.store.queue.job_completion import (
    finalize,
    lock_job,
    record,
    stop_parts,
)
from jupyter_wrangler.store.queue.priorities import name_of
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text

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
#: Unfinished jobs of one owner that are reported at the beginning of a stream.
_MOST_RECENT = 1000


def error_of(row: Row[Any]) -> JobError | None:
    """Return why the job or part of a row has failed, or None if it has not."""
    if not row.error_code:
        return None
    return JobError(
        code=row.error_code,
        message=row.error_message or "",
        details=row.error_details or {},
    )


def _view(row: Row[Any], *, whole: bool = False, reused: bool = False) -> Job:
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
        error=error_of(row),
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
    data_sha256: str | None = None,
) -> JobPage:
    """List jobs without specs and summaries, newest first, from the key `after`."""
    # each condition in words of its own: one that may be absent keeps an index away
    wanted = "" if state is None else "AND state = :state"
    if data_sha256 is not None:
        wanted += """
            AND input_version_id IN (SELECT id FROM wrangler.dataset_version
                                      WHERE owner_id = :o AND blob_sha = :sha)"""
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
        {
            "o": owner,
            "after": after,
            "state": state,
            "sha": bytes.fromhex(data_sha256 or ""),
            "n": limit + 1,
        },
    ).all()
    items = tuple(_view(row) for row in rows[:limit])
    return JobPage(items=items, next=next_key(items, rows, key="id"))


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
    return JobEventPage(items=items, next=next_key(items, rows, key="seq"))
