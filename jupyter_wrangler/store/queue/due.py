"""When a job is due among its owner's jobs: least work left first, and none starves.

A job is due at `queued_at` + the seconds of one slot that its unfinished parts are
thought to take, at most `LONGEST_S`; the earliest due comes first.  While nothing is
submitted that is the order of the least work left.  What is submitted later than a job
is due can never be due before it, so that nothing waits behind newcomers for ever.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.store.sql import text

#: Seconds of a part of which nothing is known.
ASSUMED_S = 1.0
#: Seconds for which a job can be passed by newer ones, however much is left of it.
LONGEST_S = 6 * 3600.0


def work_s(parts: int, part_s: float | None) -> float:
    """Return for how many seconds after it was queued a job may be passed.

    Parameters
    ----------
    parts : int
        Unfinished parts, without the last one, which sums up.
    part_s : float or None
        Seconds that each is thought to take; None if nothing is known.

    Examples
    --------
    >>> work_s(5, 2.0), work_s(5, None), work_s(1000, 60.0)
    (10.0, 5.0, 21600.0)
    """
    return min(LONGEST_S, parts * (ASSUMED_S if part_s is None else part_s))


def set_due(c: Connection, job_id: uuid.UUID, *, queued_now: bool = False) -> None:
    """Set anew when a locked job is due: parts have ended or begin again.

    `queued_now` says that it has been queued again.
    """
    c.execute(
        text("""
        UPDATE wrangler.job j
           SET queued_at = base.at,
               due_at = base.at + make_interval(secs => least(:longest,
                   coalesce(part_s, :assumed)
                   * (SELECT count(*) FROM wrangler.job_part
                       WHERE job_id = :j AND stage = 0 AND finished_at IS NULL)))
          FROM (SELECT CASE WHEN :again THEN now() ELSE queued_at END AS at
                  FROM wrangler.job WHERE id = :j) base
         WHERE j.id = :j"""),
        {"j": job_id, "again": queued_now, "longest": LONGEST_S, "assumed": ASSUMED_S},
    )
