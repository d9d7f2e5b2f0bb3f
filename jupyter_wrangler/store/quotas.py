"""Quotas: what each user may use, checked where it cannot be outrun.

Whoever adds a job or an upload locks the row of its owner first, so that two
requests at the same time count one after the other.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.contract import Quota, QuotaPatch, Usage
from jupyter_wrangler.errors import QuotaExceeded, StorageQuotaExceeded
from jupyter_wrangler.store.rls import as_machinery, for_machinery, for_owner
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
               (b.bytes + u.bytes + v.bytes + j.bytes)::bigint AS bytes,
               v.n AS datasets, j.n AS jobs, j.parts::bigint AS parts,
               b.n + u.n AS files
          FROM (SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes
                  FROM wrangler.blob WHERE owner_id = :o) b,
               (SELECT count(*) AS n, coalesce(sum(size) FILTER (
                       WHERE finished_at IS NULL), 0) AS bytes
                  FROM wrangler.upload WHERE owner_id = :o) u,
               (SELECT count(*) AS n, coalesce(sum(meta_bytes), 0) AS bytes
                  FROM wrangler.dataset_version WHERE owner_id = :o) v,
               (SELECT count(*) AS n, coalesce(sum(meta_bytes), 0) AS bytes,
                       coalesce(sum(n_parts), 0) AS parts
                  FROM wrangler.job WHERE owner_id = :o) j"""),
            {"o": owner},
        )
        .mappings()
        .one()
    )
    return Usage.model_validate(dict(row))


def admit_job(
    c: Connection,
    owner: uuid.UUID,
    defaults: Quota,
    *,
    parts: int | None = None,
    size: int = 0,
) -> None:
    """Let one more job in, or raise; holds the owner until the transaction ends.

    A new job brings `parts` parts and `size` bytes of metadata; None is for one that is
    there already and is tried again.

    Raises
    ------
    QuotaExceeded
        If the owner has too many jobs or parts.
    StorageQuotaExceeded
        If data sets and results take more than they may already.
    """
    quota, used = _hold(c, owner, defaults)
    if used.queued >= quota.max_queued:
        raise QuotaExceeded(
            "unfinished jobs",
            quota.max_queued,
            "wait until some have ended, cancel some",
            "JUPYTER_WRANGLER_MAX_QUEUED",
        )
    if parts is not None:
        _at_most("jobs", used.jobs + 1, quota.max_jobs, "JOBS")
        _at_most("parts of jobs", used.parts + parts, quota.max_parts, "PARTS")
    if used.bytes + size > quota.max_bytes:
        raise StorageQuotaExceeded(used.bytes, size, quota.max_bytes)


def admit_dataset(c: Connection, owner: uuid.UUID, size: int, defaults: Quota) -> None:
    """Let one more version in, with `size` bytes of metadata, or raise.

    Raises
    ------
    QuotaExceeded
        If the owner has too many.
    StorageQuotaExceeded
        If there would be more bytes than the owner may keep.
    """
    quota, used = _hold(c, owner, defaults)
    _at_most("data sets", used.datasets + 1, quota.max_datasets, "DATASETS")
    if used.bytes + size > quota.max_bytes:
        raise StorageQuotaExceeded(used.bytes, size, quota.max_bytes)


def admit_bytes(c: Connection, owner: uuid.UUID, size: int, defaults: Quota) -> None:
    """Let `size` more bytes in, or raise; holds the owner until the transaction ends.

    Raises
    ------
    QuotaExceeded
        If the owner has more files than data sets and results can be.
    StorageQuotaExceeded
        If there would be more than the owner may keep.
    """
    quota, used = _hold(c, owner, defaults)
    most = quota.max_datasets + quota.max_parts
    _at_most("stored files", used.files + 1, most, "DATASETS")
    if used.bytes + size > quota.max_bytes:
        raise StorageQuotaExceeded(used.bytes, size, quota.max_bytes)


def _at_most(what: str, found: int, limit: int, setting: str) -> None:
    if found > limit:
        raise QuotaExceeded(
            what,
            limit,
            "delete data sets and jobs that you no longer need (what belonged to them "
            "goes within some hours)",
            f"JUPYTER_WRANGLER_MAX_{setting}",
        )


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


def _hold(c: Connection, owner: uuid.UUID, defaults: Quota) -> tuple[Quota, Usage]:
    """Lock an owner's row; return what the owner may use, and uses."""
    c.execute(
        text('SELECT id FROM wrangler."user" WHERE id = :o FOR NO KEY UPDATE'),
        {"o": owner},
    )
    quota = effective(c, owner, defaults)
    # ten thousand jobs are counted twice as fast where no policy looks at each
    with as_machinery(c):
        return quota, usage(c, owner)
