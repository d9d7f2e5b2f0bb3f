"""Figures for metrics, counted over whole tables by SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text

_WORKER_STATE = """
    CASE WHEN heartbeat_at <= now() - make_interval(secs => :alive) THEN 'silent'
         WHEN draining THEN 'draining' ELSE 'alive' END"""

Labels = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is counted for metrics; each mapping goes from labels to a number."""

    jobs: dict[Labels, float]
    parts: dict[Labels, float]
    waits: dict[Labels, float]
    workers: dict[Labels, float]
    slots: dict[Labels, float]
    attempts: dict[Labels, float]
    blobs: dict[Labels, float]
    blob_bytes: dict[Labels, float]
    users: float


@for_system
def count(c: Connection, *, alive_s: float) -> Figures:
    """Count what metrics show."""

    def table(query: str) -> dict[Labels, float]:
        rows = c.execute(text(query), {"alive": alive_s})
        return {tuple(row[:-1]): float(row[-1]) for row in rows}

    users = c.execute(
        text('SELECT count(*) FROM wrangler."user" WHERE left_at IS NULL')
    ).scalar_one()
    return Figures(
        users=float(users),
        jobs=table("SELECT kind, state, count(*) FROM wrangler.job GROUP BY 1, 2"),
        parts=table("""
            SELECT queue, state, count(*) FROM wrangler.job_part WHERE state IN
                   ('waiting', 'queued', 'dispatched', 'running', 'cancelling')
             GROUP BY 1, 2"""),
        waits=table("""
            SELECT queue, greatest(0, extract(epoch FROM now() - min(dispatch_after)))
              FROM wrangler.job_part WHERE state IN ('queued', 'dispatched')
             GROUP BY 1"""),
        workers=table(f"""
            SELECT {_WORKER_STATE}, count(*) FROM wrangler.worker GROUP BY 1"""),
        slots=table(f"""
            SELECT {_WORKER_STATE}, sum(slots) FROM wrangler.worker GROUP BY 1"""),
        # what a part's end is called is distinguished from why an attempt was lost
        attempts=table("""
            SELECT CASE WHEN ended_at IS NULL THEN 'running'
                        WHEN exit IN ('succeeded', 'failed', 'timed_out', 'cancelled')
                        THEN exit ELSE 'lost' END, count(*)
              FROM wrangler.job_attempt GROUP BY 1"""),
        blobs=table("SELECT state, count(*) FROM wrangler.blob GROUP BY 1"),
        blob_bytes=table("SELECT state, sum(size) FROM wrangler.blob GROUP BY 1"),
    )
