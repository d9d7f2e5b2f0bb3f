"""What an attempt at a part leaves behind: its end, facts to tell, another try."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.store.queue.job_completion import record
from jupyter_wrangler.store.sql import text

#: What to do about a part that was lost again and again.
MEMORY = (
    "The usual cause is too little memory: hand in a frame of fewer columns, or look "
    "at the log of the worker."
)


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
class Recipe:
    """The fitted models that a part has kept or used, or why it has none."""

    sha: bytes | None = None
    note: str | None = None


NO_RECIPE = Recipe()


def end_attempt(
    c: Connection, ticket: Ticket, outcome: str, usage: dict[str, float]
) -> None:
    """Write how an attempt ended, and what it used."""
    c.execute(
        text("""
        UPDATE wrangler.job_attempt
           SET ended_at = now(), exit = :exit, rss_peak_kb = :rss, cpu_s = :cpu
         WHERE part_id = :part AND attempt = :attempt"""),
        {
            "part": ticket.part_id,
            "attempt": ticket.attempt,
            "exit": plain(outcome)[:200],
            "rss": usage.get("rss_peak_kb"),
            "cpu": usage.get("cpu_s"),
        },
    )


def end_last_attempt(c: Connection, part_id: uuid.UUID, outcome: str) -> None:
    """Write how the attempt ended that was under way."""
    c.execute(
        text("""
        UPDATE wrangler.job_attempt SET ended_at = now(), exit = :exit
         WHERE part_id = :part AND ended_at IS NULL"""),
        {"part": part_id, "exit": outcome},
    )


def give_up(
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
        {**params, "message": plain(message), "part": part_id},
    ).one_or_none()
    if row is None:
        return False
    facts = facts_of(row, attempt=row.attempt, worker=worker, reason=reason)
    record(c, row.job_id, row.owner_id, "lost", **facts, then=row.state)
    return True


def facts_of(
    part: Row[Any], *, worker: uuid.UUID | None = None, **more: Any
) -> dict[str, Any]:
    """Say for the history of a job which part it was, who had it, and why."""
    facts = {"stage": part.stage, "k": part.k, **more}
    if worker is not None:
        facts["worker"] = str(worker)
    if "reason" in facts:
        facts["reason"] = plain(facts["reason"])[:500]
    return facts


def as_json(value: Any) -> str:
    """Write JSON that PostgreSQL takes."""
    return json.dumps(plain(value), allow_nan=False)


def plain(value: Any) -> Any:
    """Leave out what no text of PostgreSQL holds: NUL, and halves of a character."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
