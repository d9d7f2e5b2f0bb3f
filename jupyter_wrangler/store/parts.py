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

import json
import uuid
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, Row

from jupyter_wrangler.store.outcome import conclude, lock_job, lock_parts, record
from jupyter_wrangler.store.scope import for_machinery
from jupyter_wrangler.store.sql import text

#: What to do about a part that was lost again and again.
MEMORY = (
    "The usual cause is too little memory: try fewer columns or imputations, or ask "
    "the administrator to look at the worker's log."
)
_MINE = "id = :part AND attempt = :attempt AND lease_owner = :worker AND state = :state"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What entitles a worker to change a part: its lease on one attempt."""

    part_id: uuid.UUID
    job_id: uuid.UUID
    attempt: int
    worker_id: uuid.UUID

    def params(self, **more: Any) -> dict[str, Any]:
        """Bind parameters of the guard."""
        return {
            "part": self.part_id,
            "attempt": self.attempt,
            "worker": self.worker_id,
            **more,
        }


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
    #: Number of a part of stage 0 -> why it has no result, where the job goes on.
    failures: dict[int, str]


class Lease(TypedDict):
    """On which terms a part is claimed."""

    lease_s: float
    timeout_s: float
    #: A job of another version than the worker's is not to be had.
    version: str


@for_machinery
def undispatch(c: Connection, part_id: uuid.UUID) -> None:
    """Put back a part whose message could not be sent, or whose worker is leaving."""
    c.execute(
        text("""
        UPDATE wrangler.job_part SET state = 'queued', lease_until = NULL,
               dispatch_after = now() + interval '1 second'
         WHERE id = :part AND state = 'dispatched'"""),
        {"part": part_id},
    )


@for_machinery
def claim(
    c: Connection,
    part_id: uuid.UUID,
    worker_id: uuid.UUID,
    **lease: Unpack[Lease],
) -> Claim | None:
    """Take a part to run it; None if it is not, or no longer, to be had."""
    job_id = c.execute(
        text("SELECT job_id FROM wrangler.job_part WHERE id = :p"), {"p": part_id}
    ).scalar_one_or_none()
    if job_id is None:
        return None
    job = lock_job(c, job_id)
    if job is None or job.state not in {"queued", "running"}:
        return None
    if job.app_version != lease["version"]:
        return None
    part = c.execute(
        text("""
        UPDATE wrangler.job_part
           SET state = 'running', attempt = attempt + 1, lease_owner = :w,
               lease_until = now() + make_interval(secs => :lease),
               deadline_at = now() + make_interval(secs => :timeout),
               started_at = coalesce(started_at, now()), error_message = NULL
         WHERE id = :p AND state IN ('queued', 'dispatched')
               AND attempt < max_attempts
        RETURNING attempt, owner_id, stage, k"""),
        {
            "p": part_id,
            "w": worker_id,
            "lease": lease["lease_s"],
            "timeout": lease["timeout_s"],
        },
    ).one_or_none()
    if part is None:
        return None
    c.execute(
        text("""
        INSERT INTO wrangler.job_attempt (part_id, attempt, worker_id)
        VALUES (:p, :a, :w)"""),
        {"p": part_id, "a": part.attempt, "w": worker_id},
    )
    if job.state == "queued":
        c.execute(
            text("""
            UPDATE wrangler.job SET state = 'running', started_at = now()
             WHERE id = :j AND state = 'queued'"""),
            {"j": job_id},
        )
        record(c, job_id, job.owner_id, "running")
    data = c.execute(
        text("""
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
               (SELECT json_object_agg(k, error_message) FROM wrangler.job_part
                 WHERE job_id = :j AND stage = 0 AND :stage > 0
                   AND state IN ('failed', 'timed_out', 'quarantined')) AS failures
          FROM wrangler.dataset_version v
          JOIN wrangler.blob b ON b.owner_id = v.owner_id AND b.sha256 = v.blob_sha
         WHERE v.id = :v"""),
        {"j": job_id, "v": job.input_version_id, "stage": part.stage},
    ).one()
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
        failures={int(k): why or "" for k, why in (data.failures or {}).items()},
    )


@for_machinery
def claim_last(
    c: Connection,
    ended: Claim,
    worker_id: uuid.UUID,
    **lease: Unpack[Lease],
) -> Claim | None:
    """Take the last part of a job, if the end of another one has just made it due.

    The worker whose part was the last to end has a free slot and need not be rung for.
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


@for_machinery
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


@for_machinery
def extend(
    c: Connection, worker_id: uuid.UUID, part_ids: list[uuid.UUID], *, lease_s: float
) -> dict[uuid.UUID, str]:
    """Renew the leases of a worker; return the state of each part still its own."""
    rows = c.execute(
        text("""
        UPDATE wrangler.job_part SET lease_until = now() + make_interval(secs => :s)
         WHERE id IN (SELECT id FROM wrangler.job_part
                       WHERE id = ANY(:ids) AND lease_owner = :w
                         AND state IN ('running', 'cancelling')
                       ORDER BY id FOR UPDATE)
        RETURNING id, state"""),
        {"ids": part_ids, "w": worker_id, "s": lease_s},
    )
    return {row.id: row.state for row in rows}


@for_machinery
def succeed(
    c: Connection,
    ticket: Ticket,
    *,
    result_sha: bytes | None,
    summary: dict[str, Any] | None,
    usage: dict[str, float],
) -> bool:
    """Record the result of a part; False if the lease was lost or it was cancelled."""
    job = lock_job(c, ticket.job_id)
    done = c.execute(
        text(f"""
        UPDATE wrangler.job_part
           SET state = 'succeeded', lease_owner = NULL, lease_until = NULL,
               finished_at = now(), result_sha = :sha
         WHERE {_MINE} RETURNING id"""),
        ticket.params(state="running", sha=result_sha),
    ).one_or_none()
    if job is None or done is None:
        return False
    _end_attempt(c, ticket, "succeeded", usage)
    if summary is not None:
        c.execute(
            text("""
            UPDATE wrangler.job SET summary = CAST(:s AS jsonb) WHERE id = :j"""),
            {"s": _json(summary), "j": ticket.job_id},
        )
    conclude(c, ticket.job_id)
    return True


@for_machinery
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
            message=_plain(message)[:3900],
            details=_json(details),
        ),
    ).one_or_none()
    if done is None:
        return False
    _end_attempt(c, ticket, state, usage)
    conclude(c, ticket.job_id)
    return True


@for_machinery
def stop(c: Connection, ticket: Ticket, *, usage: dict[str, float]) -> bool:
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
    _end_attempt(c, ticket, "cancelled", usage)
    conclude(c, ticket.job_id)
    return True


@for_machinery
def stopping(c: Connection, job_id: uuid.UUID) -> bool:
    """Whether parts of a job still run that are to stop."""
    found: bool = c.execute(
        text("""
        SELECT EXISTS (SELECT 1 FROM wrangler.job_part
                        WHERE job_id = :j AND state = 'cancelling')"""),
        {"j": job_id},
    ).scalar_one()
    return found


@for_machinery
def lose(
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
    if not _give_up(
        c,
        ticket.part_id,
        _MINE,
        ticket.params(state="running"),
        reason,
        advice,
        worker=ticket.worker_id,
    ):
        return False
    _end_attempt(c, ticket, reason, usage)
    conclude(c, ticket.job_id)
    return True


@for_machinery
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
            state="running", why=None if waits_for is None else _plain(waits_for)[:2000]
        ),
    ).one_or_none()
    if done is None:
        return False
    record(
        c,
        ticket.job_id,
        done.owner_id,
        "released",
        **_facts(
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


@for_machinery
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


@for_machinery
def reap(  # noqa: PLR0911  a case each
    c: Connection, part_id: uuid.UUID, job_id: uuid.UUID
) -> str | None:
    """Deal with one expired lease or deadline; return what was done, if anything."""
    job = lock_job(c, job_id, skip_locked=True)
    if job is None:
        return None
    if not part_id.int:
        return _expire_job(c, job_id)
    lock_parts(c, job_id)
    over = "id = :part AND state = :state AND lease_until < now()"
    unclaimed = c.execute(
        text(f"""
        UPDATE wrangler.job_part SET state = 'queued', lease_until = NULL
         WHERE {over} RETURNING owner_id, stage, k"""),
        {"part": part_id, "state": "dispatched"},
    ).one_or_none()
    if unclaimed is not None:
        facts = _facts(unclaimed, reason="no worker has claimed it")
        record(c, job_id, unclaimed.owner_id, "requeued", **facts)
        return "queued"
    params = {"part": part_id, "state": "running"}
    worker = _holder(c, part_id)
    if _give_up(
        c, part_id, over, params, "the worker stopped answering", worker=worker
    ):
        _end_last_attempt(c, part_id, "lease expired")
        conclude(c, job_id)
        return "requeued"
    if _time_out(c, part_id):
        _end_last_attempt(c, part_id, "deadline passed")
        conclude(c, job_id)
        return "timed_out"
    over = "id = :part AND state = :state AND least(lease_until, deadline_at) < now()"
    if c.execute(
        text(f"""
        UPDATE wrangler.job_part SET state = 'cancelled', lease_owner = NULL,
               lease_until = NULL, finished_at = now()
         WHERE {over} RETURNING id"""),
        {"part": part_id, "state": "cancelling"},
    ).one_or_none():
        _end_last_attempt(c, part_id, "never stopped")
        conclude(c, job_id)
        return "cancelled"
    return None


def _time_out(c: Connection, part_id: uuid.UUID) -> bool:
    """End a part whose worker is alive, but did not stop it in time."""
    row = c.execute(
        text("""
        UPDATE wrangler.job_part
           SET state = 'timed_out', lease_owner = NULL, lease_until = NULL,
               finished_at = now(), error_code = 'job_timed_out',
               error_message = 'The computation ran longer than allowed and its worker '
                 'did not stop it. Try the job again, or ask the administrator to look '
                 'at the log of the worker.'
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
                 || 'Submit it again, or ask the administrator.'
         WHERE id = :j AND state IN ('queued', 'running') AND deadline_at < now()
        RETURNING id"""),
        {"j": job_id},
    ).one_or_none()
    if changed is None:
        return None
    conclude(c, job_id)
    return "timed_out"


def _give_up(
    c: Connection,
    part_id: uuid.UUID,
    guard: str,
    params: dict[str, Any],
    reason: str,
    advice: str = MEMORY,
    *,
    worker: uuid.UUID | None,
) -> bool:
    """Queue a part again after a pause that doubles, or quarantine it."""
    message = (
        f"The computation was lost {{n}} times ({reason}), so it is not tried again. "
        f"{advice}"
    )
    row = c.execute(
        text(f"""
        UPDATE wrangler.job_part
           SET state = CASE WHEN attempt < max_attempts THEN 'queued'
                            ELSE 'quarantined' END,
               lease_owner = NULL, lease_until = NULL, deadline_at = NULL,
               dispatch_after = now() + make_interval(
                   secs => least(power(2, attempt), 60) * (0.8 + 0.4 * random())),
               finished_at = CASE WHEN attempt < max_attempts THEN NULL
                                  ELSE now() END,
               error_code = CASE WHEN attempt < max_attempts THEN NULL
                                 ELSE 'job_quarantined' END,
               error_message = CASE WHEN attempt < max_attempts THEN NULL
                                    ELSE replace(:message, '{{n}}', attempt::text) END
         WHERE {guard} RETURNING job_id, owner_id, stage, k, attempt, state"""),
        {**params, "message": _plain(message), "part": part_id},
    ).one_or_none()
    if row is None:
        return False
    facts = _facts(row, attempt=row.attempt, worker=worker, reason=reason)
    record(c, row.job_id, row.owner_id, "lost", **facts, then=row.state)
    return True


def _holder(c: Connection, part_id: uuid.UUID) -> uuid.UUID | None:
    """Return the worker that has the lease of a part."""
    found: uuid.UUID | None = c.execute(
        text("SELECT lease_owner FROM wrangler.job_part WHERE id = :p"), {"p": part_id}
    ).scalar_one_or_none()
    return found


def _facts(
    part: Row[Any], *, worker: uuid.UUID | None = None, **more: Any
) -> dict[str, Any]:
    """Say for the history of a job which part it was, who had it, and why."""
    facts = {"stage": part.stage, "k": part.k, **more}
    if worker is not None:
        facts["worker"] = str(worker)
    if "reason" in facts:
        facts["reason"] = _plain(facts["reason"])[:500]
    return facts


def _end_attempt(
    c: Connection, ticket: Ticket, outcome: str, usage: dict[str, float]
) -> None:
    c.execute(
        text("""
        UPDATE wrangler.job_attempt
           SET ended_at = now(), exit = :exit, rss_peak_kb = :rss, cpu_s = :cpu
         WHERE part_id = :part AND attempt = :attempt"""),
        {
            "part": ticket.part_id,
            "attempt": ticket.attempt,
            "exit": _plain(outcome)[:200],
            "rss": usage.get("rss_peak_kb"),
            "cpu": usage.get("cpu_s"),
        },
    )


def _end_last_attempt(c: Connection, part_id: uuid.UUID, outcome: str) -> None:
    c.execute(
        text("""
        UPDATE wrangler.job_attempt SET ended_at = now(), exit = :exit
         WHERE part_id = :part AND ended_at IS NULL"""),
        {"part": part_id, "exit": outcome},
    )


def _json(value: Any) -> str:
    return json.dumps(_plain(value), allow_nan=False)


def _plain(value: Any) -> Any:
    """Leave out what no text of PostgreSQL holds: NUL, and halves of a character."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
