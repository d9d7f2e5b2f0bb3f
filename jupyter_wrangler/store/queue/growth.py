"""More parts for a job that turns out to want them.

The last part of a job looks at what the others have stored.  If that is not enough, it
goes back behind new parts in one transaction, and looks again when they have ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.store.queue.attempts import Ticket, end_attempt, plain
from jupyter_wrangler.store.queue.job_completion import finalize, record
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text


@dataclass(frozen=True, kw_only=True)
class More:
    """How many parts of the first stage there are to be, and why."""

    parts: int
    #: A sentence for the history of the job.
    reason: str


@for_system
def grow(
    c: Connection,
    ticket: Ticket,
    job: Row[Any],
    *,
    guard: str,
    more: More,
    usage: dict[str, float],
) -> bool:
    """Add parts to a locked job; its last part, which runs, waits again.

    Parameters
    ----------
    c : Connection
        In a transaction.
    ticket : Ticket
        The lease of the last part.
    job : Row
        The job, locked.
    guard : str
        Condition under which the part is the worker's.
    more : More
        How many there are to be.
    usage : dict
        What the look took.

    Returns
    -------
    bool
        Whether the part was the worker's, so that this was done.
    """
    back = c.execute(
        # the look is no failed attempt
        text(f"""
        UPDATE wrangler.job_part
           SET state = 'waiting', lease_owner = NULL, lease_until = NULL,
               deadline_at = NULL, started_at = NULL, max_attempts = max_attempts + 1
         WHERE {guard} RETURNING id"""),
        ticket.params(state="running"),
    ).one_or_none()
    if back is None:
        return False
    end_attempt(c, ticket, "more parts are wanted", usage)
    first, n = c.execute(
        text("""
        WITH last AS (SELECT max(k) AS k FROM wrangler.job_part
                       WHERE job_id = :j AND stage = 0),
             added AS (
             INSERT INTO wrangler.job_part
                    (job_id, owner_id, stage, k, state, queue, max_attempts, memory)
             SELECT p.job_id, p.owner_id, 0, new.k, 'queued', p.queue,
                    greatest(1, p.max_attempts - p.attempt + 1), p.memory
               FROM wrangler.job_part p, last, generate_series(last.k + 1, :to - 1)
                    AS new (k)
              WHERE p.job_id = :j AND p.stage = 0 AND p.k = 0 RETURNING id)
        SELECT last.k + 1, (SELECT count(*) FROM added) FROM last"""),
        {"j": ticket.job_id, "to": more.parts},
    ).one()
    c.execute(
        text("UPDATE wrangler.job SET n_parts = n_parts + :n WHERE id = :j"),
        {"j": ticket.job_id, "n": n},
    )
    record(
        c,
        ticket.job_id,
        job.owner_id,
        "growing",
        **{"from": first, "to": first + n, "reason": plain(more.reason)[:500]},
    )
    finalize(c, ticket.job_id)
    return True
