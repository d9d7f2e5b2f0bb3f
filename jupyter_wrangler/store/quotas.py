"""Quotas: what each user may use, checked where it cannot be outrun.

Whoever adds a job or an upload locks the row of its owner first, so that two
requests at the same time count one after the other.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.contract import Quota, QuotaPatch, Usage
from jupyter_wrangler.errors import QuotaExceeded, StorageQuotaExceeded
from jupyter_wrangler.store.scope import as_machinery, for_machinery, for_owner
from jupyter_wrangler.store.sql import text

_FIELDS = tuple(QuotaPatch.model_fields)


@for_owner
def effective(c: Connection, owner: uuid.UUID, defaults: Quota) -> Quota:
    """Return what holds for an owner: its own row, that of all, or the defaults."""
    columns = ", ".join(
        f"coalesce(mine.{name}, every.{name}, :{name}) AS {name}" for name in _FIELDS
    )
    row = (
        c.execute(
            text(f"""
        SELECT {columns} FROM (SELECT 1) AS one
          LEFT JOIN wrangler.quota mine ON mine.owner_id = :o
          LEFT JOIN wrangler.quota every ON every.owner_id IS NULL"""),
            {"o": owner, **defaults.model_dump()},
        )
        .mappings()
        .one()
    )
    return Quota.model_validate(dict(row))


@for_owner
def usage(c: Connection, owner: uuid.UUID) -> Usage:
    """Count what an owner uses."""
    row = (
        c.execute(
            text("""
        SELECT (SELECT count(*) FROM wrangler.job_part
                 WHERE owner_id = :o
                   AND state IN ('dispatched', 'running')) AS running,
               (SELECT count(*) FROM wrangler.job
                 WHERE owner_id = :o AND finished_at IS NULL) AS queued,
               (SELECT coalesce(sum(size), 0) FROM wrangler.blob
                 WHERE owner_id = :o)
             + (SELECT coalesce(sum(size), 0) FROM wrangler.upload
                 WHERE owner_id = :o) AS bytes"""),
            {"o": owner},
        )
        .mappings()
        .one()
    )
    return Usage.model_validate(dict(row))


def admit_job(c: Connection, owner: uuid.UUID, defaults: Quota) -> None:
    """Let one more job in, or raise; holds the owner until the transaction ends.

    Raises
    ------
    QuotaExceeded
        If the owner has too many unfinished jobs.
    StorageQuotaExceeded
        If data sets and results take more than they may already.
    """
    _hold(c, owner)
    quota = effective(c, owner, defaults)
    # ten thousand jobs are counted twice as fast where no policy looks at each
    with as_machinery(c):
        used = usage(c, owner)
    if used.queued >= quota.max_queued:
        raise QuotaExceeded(
            "unfinished jobs",
            quota.max_queued,
            "wait until some have ended, or cancel some",
        )
    if used.bytes > quota.max_bytes:
        raise StorageQuotaExceeded(used.bytes, 0, quota.max_bytes)


def admit_bytes(c: Connection, owner: uuid.UUID, size: int, defaults: Quota) -> None:
    """Let `size` more bytes in, or raise; holds the owner until the transaction ends.

    Raises
    ------
    StorageQuotaExceeded
        If there would be more than the owner may keep.
    """
    _hold(c, owner)
    quota, used = effective(c, owner, defaults), usage(c, owner)
    if used.bytes + size > quota.max_bytes:
        raise StorageQuotaExceeded(used.bytes, size, quota.max_bytes)


@for_machinery
def change(c: Connection, owner: uuid.UUID | None, patch: QuotaPatch) -> None:
    """Set what was given of a user's quota, or of everybody's (`owner` None)."""
    given = patch.model_dump(exclude_unset=True)
    if not given:
        return
    names = ", ".join(given)
    values = ", ".join(f":{name}" for name in given)
    news = ", ".join(f"{name} = excluded.{name}" for name in given)
    c.execute(
        text(f"""
        INSERT INTO wrangler.quota (owner_id, {names}) VALUES (:o, {values})
        ON CONFLICT (owner_id) DO UPDATE SET {news}, updated_at = now()"""),
        {"o": owner, **given},
    )


def _hold(c: Connection, owner: uuid.UUID) -> None:
    c.execute(
        text('SELECT id FROM wrangler."user" WHERE id = :o FOR NO KEY UPDATE'),
        {"o": owner},
    )
