"""The parts of a job, as its owner sees them."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import JobPart, JobPartPage, spec_class
from jupyter_wrangler.store.queue import jobs
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text

#: Before the first part.
_START = "0--1"


@for_owner
def page(
    c: Connection,
    owner: uuid.UUID,
    job_id: uuid.UUID,
    *,
    after: str | None,
    limit: int,
) -> JobPartPage:
    """List the parts of a job by stage and number.

    `after` is the stage and the number, joined by a hyphen, of the part before the
    first one that is wanted; the page's `next` is of that form.
    """
    stage, _, k = (after or _START).partition("-")
    rows = c.execute(
        text("""
        SELECT j.kind, p.stage, p.k, p.state, p.attempt, p.max_attempts, p.started_at,
               p.finished_at, p.error_code, p.error_message, p.error_details
          FROM wrangler.job_part p
          JOIN wrangler.job j ON j.id = p.job_id
         WHERE p.job_id = :j AND p.owner_id = :o AND (p.stage, p.k) > (:stage, :k)
         ORDER BY p.stage, p.k LIMIT :n"""),
        {"j": job_id, "o": owner, "stage": int(stage), "k": int(k), "n": limit + 1},
    ).all()
    if not rows:
        jobs.get(c, owner, job_id)
    items = tuple(_view(row) for row in rows[:limit])
    more = len(rows) > limit
    return JobPartPage(
        items=items, next=f"{items[-1].stage}-{items[-1].k}" if more else None
    )


def _view(row: Row[Any]) -> JobPart:
    return JobPart(
        stage=row.stage,
        k=row.k,
        kind=spec_class(row.kind).part_kind(row.stage),
        state=row.state,
        attempts=row.attempt,
        max_attempts=row.max_attempts,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=jobs.error_of(row),
    )
