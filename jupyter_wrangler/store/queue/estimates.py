"""How long a job may take, learnt from those that have ended.

What is learnt is the time of one part by the clock, loading included, and taken to
grow with cells times rounds.  That is rough, so only jobs of the same kind, method
and order of size are asked, and where there are too few nothing is said.
"""

from __future__ import annotations

from sqlalchemy import Connection

from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text

#: Jobs that are looked at, the newest first; and that must fit at least.
_RECENT, _LEAST = 200, 2
#: How many times larger or smaller a job may be that is learnt from.
_FAR = 30.0


@for_system
def part_seconds(
    c: Connection, *, kind: str, method: str | None, cells: int, rounds: int
) -> float | None:
    """Return the seconds that a part is thought to take; None if nothing is known.

    Parameters
    ----------
    method : str or None
        The method of the spec; None for kinds without one.
    cells, rounds : int
        Size of the data set, and rounds of the chained equations (1 without such).
    """
    row = c.execute(
        text("""
        WITH recent AS (
             SELECT id, input_version_id, brief FROM (
                    SELECT id, kind, state, input_version_id, brief FROM wrangler.job
                     WHERE finished_at IS NOT NULL
                     ORDER BY finished_at DESC LIMIT :recent) job
              WHERE kind = :kind AND state = 'succeeded'
                AND brief->>'method' IS NOT DISTINCT FROM CAST(:method AS text)),
             seen AS (
             SELECT extract(epoch FROM a.ended_at - a.started_at) AS s,
                    v.n_rows::float8 * v.n_columns
                    * coalesce((r.brief->>'max_iter')::int, 1) / :work AS size
               FROM recent r
               JOIN wrangler.dataset_version v ON v.id = r.input_version_id
               JOIN wrangler.job_part p
                 ON p.job_id = r.id AND p.stage = 0 AND p.k < 3
               JOIN wrangler.job_attempt a
                 ON a.part_id = p.id AND a.exit = 'succeeded')
        SELECT count(*) AS n,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY s / size) AS s
          FROM seen WHERE size BETWEEN 1 / :far AND :far"""),
        {
            "recent": _RECENT,
            "kind": kind,
            "method": method,
            "work": float(max(1, cells * rounds)),
            "far": _FAR,
        },
    ).one()
    return float(row.s) if row.n >= _LEAST else None


@for_system
def slots(c: Connection, *, alive_s: float) -> int:
    """Count the slots of living workers that take parts; at least one."""
    found = c.execute(
        text("""
        SELECT coalesce(sum(slots), 0) FROM wrangler.worker
         WHERE NOT draining AND storage_fault IS NULL
           AND heartbeat_at > now() - make_interval(secs => :alive)"""),
        {"alive": alive_s},
    ).scalar_one()
    return max(1, int(found))
