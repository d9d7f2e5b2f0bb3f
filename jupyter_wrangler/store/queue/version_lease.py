"""The version in charge: that of the service which started last.

Numbers are the same for the same version only, so workers of another one take no
parts, and what an earlier version has left unfinished begins again.
"""

from __future__ import annotations

from sqlalchemy import Connection

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.store.queue.due import set_due
from jupyter_wrangler.store.queue.job_completion import record
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text


@for_system
def take_charge(c: Connection, version: str) -> None:
    """Record the version of a service that starts."""
    c.execute(
        text("""
        INSERT INTO wrangler.release (id, version) VALUES (1, :v)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, at = now()"""),
        {"v": version},
    )


@for_system
def note_storage(c: Connection, storage_id: str | None) -> None:
    """Record by what workers know the place of the data again."""
    c.execute(text("UPDATE wrangler.release SET storage_id = :s"), {"s": storage_id})


@for_system
def storage(c: Connection) -> str | None:
    """Return by what a worker knows the place of the data again; None: by nothing."""
    found: str | None = c.execute(
        text("SELECT storage_id FROM wrangler.release")
    ).scalar_one_or_none()
    return found


@for_system
def fits(c: Connection, version: str) -> bool:
    """Whether a worker of this version may take parts."""
    charge = _in_charge(c)
    return charge is None or charge == version


@for_system
def require(c: Connection, version: str) -> None:
    """Raise unless a worker of this version may take parts.

    Raises
    ------
    StackFailed
        If the service has another version.
    """
    if not fits(c, version):
        charge = _in_charge(c)
        raise StackFailed(
            f"The service has version {charge} and this worker {version}; the same "
            "data would give other numbers. Install the same on both: pip install "
            f"jupyter-wrangler=={charge}"
        )


@for_system
def adopt(c: Connection, version: str) -> int:
    """Begin jobs again that an earlier version has left unfinished; count them.

    Does nothing for a version that is not in charge, and leaves jobs for later of
    which a part still runs.
    """
    jobs = list(
        c.execute(
            text("""
            SELECT j.id FROM wrangler.job j
             WHERE j.finished_at IS NULL AND j.state <> 'cancelling'
               AND j.app_version <> :v
               AND EXISTS (SELECT 1 FROM wrangler.release WHERE version = :v)
               AND NOT EXISTS (SELECT 1 FROM wrangler.job_part p
                                WHERE p.job_id = j.id
                                  AND p.state IN ('running', 'cancelling'))
             ORDER BY j.id LIMIT 100 FOR UPDATE OF j SKIP LOCKED"""),
            {"v": version},
        ).scalars()
    )
    # claiming locks the job first, so nothing of these begins to run meanwhile, but
    # something may have begun before the lock
    adopted = list(
        c.execute(
            text("""
            UPDATE wrangler.job j
               SET app_version = :v, cache_key = NULL, summary = NULL,
                   finish_requested_at = NULL,
                   -- one that the earlier version submitted does not say it
                   queue = coalesce((SELECT queue FROM wrangler.job_part p
                                      WHERE p.job_id = j.id LIMIT 1), queue),
                   meta_bytes = meta_bytes - coalesce(octet_length(summary::text), 0)
             WHERE j.id = ANY(:jobs)
               AND NOT EXISTS (SELECT 1 FROM wrangler.job_part p
                                WHERE p.job_id = j.id
                                  AND p.state IN ('running', 'cancelling'))
            RETURNING j.id, j.owner_id"""),
            {"v": version, "jobs": jobs},
        )
    )
    c.execute(
        text("""
        UPDATE wrangler.job_part
           SET state = CASE WHEN stage = 0 THEN 'queued' ELSE 'waiting' END,
               max_attempts = max_attempts + attempt, lease_until = NULL,
               deadline_at = NULL, dispatch_after = now(),
               result_sha = NULL, started_at = NULL, finished_at = NULL,
               error_code = NULL, error_message = NULL, error_details = NULL
         WHERE job_id = ANY(:jobs)"""),
        {"jobs": [row.id for row in adopted]},
    )
    for row in adopted:
        set_due(c, row.id)
        record(c, row.id, row.owner_id, "adopted", version=version)
    return len(adopted)


def _in_charge(c: Connection) -> str | None:
    found: str | None = c.execute(
        text("SELECT version FROM wrangler.release")
    ).scalar_one_or_none()
    return found
