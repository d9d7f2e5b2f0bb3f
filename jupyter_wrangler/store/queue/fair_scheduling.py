"""Whose turn it is: queued parts are sent to workers fairly.

Owners take turns: what counts for an owner's next part is how many parts run or are
on their way already.  Within one owner the priority decides, then which job is due
first (see `due`).
Large parts never get all slots, so that small ones need not wait for hours, and parts
that are thought to take much memory wait until there is room for it.  What still
runs on workers that drain or are silent takes no slot of the others.  All of it is one
statement, under a lock, so that several dispatchers count the same.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text

#: A dispatcher that is stopped in the midst may keep the others waiting this long.
_LOCK_TIMEOUT = "3s"

TURNS = text("""
    WITH RECURSIVE lane AS (
         (SELECT queue, owner_id FROM wrangler.job_part
           WHERE state = 'queued' ORDER BY queue, owner_id LIMIT 1)
         UNION ALL
         SELECT next.queue, next.owner_id FROM lane, LATERAL (
                SELECT queue, owner_id FROM wrangler.job_part p
                 WHERE p.state = 'queued'
                   AND (p.queue, p.owner_id) > (lane.queue, lane.owner_id)
                 ORDER BY queue, owner_id LIMIT 1) next),
         serving AS (
         SELECT id, slots, memory FROM wrangler.worker
          WHERE NOT draining AND storage_fault IS NULL
            AND heartbeat_at > now() - make_interval(secs => :alive)),
         slots AS (SELECT coalesce(sum(slots), 0) AS n FROM serving),
         -- of memory only what is much counts; where a worker does not say how much it
         -- has, nothing is known
         sizes AS (
         SELECT CASE WHEN min(memory) > 0 THEN sum(memory) END AS n FROM serving),
         active AS (
         SELECT owner_id, queue, count(*) AS n,
                coalesce(sum(memory) FILTER (
                    WHERE state = 'dispatched'
                       OR lease_owner IN (SELECT id FROM serving)), 0) AS memory,
                count(*) FILTER (
                    WHERE state = 'dispatched'
                       OR lease_owner IN (SELECT id FROM serving)) AS taken
           FROM wrangler.job_part
          WHERE state IN ('dispatched', 'running', 'cancelling')
          GROUP BY owner_id, queue),
         room AS (
         SELECT slots.n + :ahead - (SELECT coalesce(sum(taken), 0) FROM active) AS n,
                greatest(slots.n - 1, 1) - (SELECT coalesce(sum(taken), 0) FROM active
                                             WHERE queue = :large) AS n_large
           FROM slots),
         cap AS (
         SELECT lane.queue, lane.owner_id,
                coalesce((SELECT max_running FROM wrangler.quota
                           WHERE owner_id = lane.owner_id),
                         (SELECT max_running FROM wrangler.quota
                           WHERE owner_id IS NULL), :max) AS most,
                (SELECT coalesce(sum(n), 0) FROM active
                  WHERE active.owner_id = lane.owner_id) AS busy
           FROM lane),
         first AS (
         SELECT p.*, cap.most, cap.busy
           FROM cap CROSS JOIN LATERAL (
                SELECT queued.*, j.priority, j.due_at, j.id AS job_id
                  FROM wrangler.job j CROSS JOIN LATERAL (
                       SELECT id, owner_id, queue, created_at, stage, k, memory
                         FROM wrangler.job_part p
                        WHERE p.state = 'queued' AND p.queue = cap.queue
                          AND p.owner_id = cap.owner_id AND p.job_id = j.id
                          AND p.dispatch_after <= now()
                        ORDER BY stage, k
                        -- keeps this a walk along the order of the jobs
                        LIMIT greatest(0, (SELECT n FROM room))) queued
                 WHERE j.queue = cap.queue AND j.owner_id = cap.owner_id
                   AND j.state IN ('queued', 'running')
                 ORDER BY j.priority DESC, j.due_at, j.id, stage, k
                 -- no more than may be sent, or they would take the places of others
                 LIMIT greatest(0, least((SELECT n FROM room),
                       CASE WHEN cap.most = 0 THEN NULL
                            ELSE cap.most - cap.busy END))) p),
         fitting AS (
         SELECT first.*, row_number() OVER (
                PARTITION BY queue ORDER BY busy + place, created_at, stage, k) AS nth
           FROM (SELECT first.*, row_number() OVER (
                        PARTITION BY queue, owner_id
                        ORDER BY priority DESC, due_at, job_id, stage, k) AS place
                   FROM first) first),
         ranked AS (
         SELECT fitting.*, busy + row_number() OVER (
                PARTITION BY owner_id
                ORDER BY priority DESC, due_at, job_id, stage, k) AS turn
           FROM fitting
          WHERE queue <> :large OR nth <= (SELECT n_large FROM room)),
         weighed AS (
         SELECT ranked.*,
                sum(memory) OVER (ORDER BY turn, created_at, stage, k, id)
                + (SELECT coalesce(sum(memory), 0) FROM active) AS together
           FROM ranked WHERE most = 0 OR turn <= most),
         picked AS (
         SELECT id, turn FROM weighed
          -- what takes little passes; what takes much waits for its turn, and alone it
          -- may take more than there is
          WHERE memory = 0 OR together = memory
             OR together <= (SELECT coalesce(n, together) FROM sizes)
          ORDER BY turn, created_at, stage, k
          LIMIT greatest((SELECT n FROM room), 0)),
         free AS (
         SELECT id FROM wrangler.job_part
          WHERE id IN (SELECT id FROM picked) AND state = 'queued'
            FOR UPDATE SKIP LOCKED),
         sent AS (
         UPDATE wrangler.job_part p
            SET state = 'dispatched', lease_until = now() + make_interval(secs => :s)
          WHERE id IN (SELECT id FROM free)
         RETURNING p.id, p.queue, p.created_at, p.stage, p.k)
    SELECT sent.id, queue FROM sent JOIN picked USING (id)
     ORDER BY turn, created_at, stage, k""")


def walk_in_order(c: Connection) -> None:
    """Let statements of this transaction read jobs along the index of their order.

    Without fresh statistics the planner takes a user to have one job and sorts those
    that there are, be it a hundred thousand; sorting where the index can be followed is
    what is turned off.
    """
    c.exec_driver_sql("SET LOCAL enable_sort = off; SET LOCAL jit = off")


@for_system
def dispatch(
    c: Connection,
    *,
    ahead: int,
    large: str,
    alive_s: float,
    lease_s: float,
    max_running: int = 0,
) -> list[tuple[uuid.UUID, str]]:
    """Mark as many queued parts as sent as there is room for; return (id, queue).

    Parameters
    ----------
    ahead : int
        Parts sent beyond the free slots, to keep slots busy between two looks.
    large : str
        The queue that may take all slots but one; where there is one only, that.
    alive_s : float
        Seconds since its last sign of life for which a worker's slots count.
    lease_s : float
        Seconds in which a worker must claim what was sent.
    max_running : int, default=0
        Parts that one owner may have sent or running where no quota says otherwise;
        0 for no limit.
    """
    c.execute(
        # the first two as `walk_in_order` does
        text("""
        SELECT set_config('enable_sort', 'off', true), set_config('jit', 'off', true),
               set_config('idle_in_transaction_session_timeout', :patience, true),
               pg_advisory_xact_lock(hashtextextended('jupyter_wrangler:turns', 0))"""),
        {"patience": _LOCK_TIMEOUT},
    )
    rows = c.execute(
        TURNS,
        {
            "ahead": ahead,
            "large": large,
            "alive": alive_s,
            "s": lease_s,
            "max": max_running,
        },
    )
    return [(row.id, row.queue) for row in rows]
