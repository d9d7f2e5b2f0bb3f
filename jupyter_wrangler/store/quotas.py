"""Quotas: what each user may use, checked where it cannot be outrun.

Adding a job or an upload locks the row of its owner first, so that two requests at
the same time count one after the other.  Limits are ORM models; what is used is summed
over many rows by one statement of SQL.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from jupyter_wrangler.contract import Quota, QuotaPatch, Usage
from jupyter_wrangler.errors import QuotaExceeded, StorageQuotaExceeded
from jupyter_wrangler.store import models
from jupyter_wrangler.store.rls import as_system, for_owner, for_system
from jupyter_wrangler.store.session import column_values, open_session
from jupyter_wrangler.store.sql import text

_FIELDS = tuple(QuotaPatch.model_fields)

#: The owner's own row first, then that of everybody.
_LIMITS = (
    select(models.Quota)
    .where(
        or_(
            models.Quota.owner_id == bindparam("owner"),
            models.Quota.owner_id.is_(None),
        )
    )
    .order_by(models.Quota.owner_id.nulls_last())
)


@for_owner
def effective(c: Connection, owner: uuid.UUID, defaults: Quota) -> Quota:
    """Return what holds for an owner: its own row, that of all, or the defaults."""
    with open_session(c) as session:
        return merge(session.scalars(_LIMITS, {"owner": owner}), defaults)


def merge(rows: Iterable[models.Quota | None], defaults: Quota) -> Quota:
    """Return the first value that is set of each limit, or else its default.

    Examples
    --------
    >>> defaults = Quota(**dict.fromkeys(Quota.model_fields, 9))
    >>> mine, every = models.Quota(max_jobs=1), models.Quota(max_jobs=2, max_parts=3)
    >>> found = merge((mine, None, every), defaults)
    >>> found.max_jobs, found.max_parts, found.max_bytes
    (1, 3, 9)
    """
    limits = defaults.model_dump()
    for row in reversed([row for row in rows if row is not None]):
        given = {name: getattr(row, name) for name in _FIELDS}
        limits |= {name: value for name, value in given.items() if value is not None}
    return Quota.model_validate(limits)


@for_owner
def usage(c: Connection, owner: uuid.UUID) -> Usage:
    """Count what an owner uses."""
    return usage_by_owner(c, [owner])[owner]


@for_system
def usage_by_owner(c: Connection, owners: list[uuid.UUID]) -> dict[uuid.UUID, Usage]:
    """Count what each of some owners uses, in one statement."""
    rows = c.execute(
        text("""
        SELECT o.id,
               (SELECT count(*) FROM wrangler.job_part
                 WHERE owner_id = o.id
                   AND state IN ('dispatched', 'running')) AS running,
               (SELECT count(*) FROM wrangler.job
                 WHERE owner_id = o.id AND finished_at IS NULL) AS queued,
               (b.bytes + u.bytes + v.bytes + j.bytes + r.bytes)::bigint AS bytes,
               v.n AS datasets, j.n AS jobs, j.parts::bigint AS parts,
               r.n AS results, b.n + u.n AS files
          FROM unnest(CAST(:owners AS uuid[])) AS o (id),
               LATERAL (
               SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes
                 FROM wrangler.blob WHERE owner_id = o.id) b,
               LATERAL (
               SELECT count(*) AS n, coalesce(sum(size) FILTER (
                      WHERE finished_at IS NULL), 0) AS bytes
                 FROM wrangler.upload WHERE owner_id = o.id) u,
               LATERAL (
               SELECT count(*) AS n, coalesce(sum(meta_bytes), 0) AS bytes
                 FROM wrangler.dataset_version WHERE owner_id = o.id) v,
               LATERAL (
               SELECT count(*) AS n, coalesce(sum(meta_bytes), 0) AS bytes
                 FROM wrangler.result_version WHERE owner_id = o.id) r,
               LATERAL (
               SELECT count(*) AS n, coalesce(sum(meta_bytes), 0) AS bytes,
                      coalesce(sum(n_parts), 0) AS parts
                 FROM wrangler.job WHERE owner_id = o.id) j"""),
        {"owners": owners},
    ).mappings()
    return {row["id"]: Usage.model_validate(dict(row)) for row in rows}


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
            "JUPYTER_WRANGLER_MAX_JOBS",
        )
    if parts is not None:
        _at_most("jobs", used.jobs + 1, quota.max_jobs)
        _at_most("parts of jobs", used.parts + parts, quota.max_parts)
    _check_bytes(quota, used, size)


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
    _at_most("data sets", used.datasets + 1, quota.max_datasets)
    _check_bytes(quota, used, size)


def admit_result(c: Connection, owner: uuid.UUID, size: int, defaults: Quota) -> None:
    """Let one more version of a named result in, with `size` bytes of metadata.

    Its cells are stored already, and count once however many versions refer to them.

    Raises
    ------
    QuotaExceeded
        If the owner has too many.
    StorageQuotaExceeded
        If there would be more bytes than the owner may keep.
    """
    quota, used = _hold(c, owner, defaults)
    if used.results >= quota.max_results:
        raise QuotaExceeded(
            "versions of named results",
            quota.max_results,
            "delete some that you no longer need, as jw.results() lists them",
            "JUPYTER_WRANGLER_MAX_JOBS",
        )
    _check_bytes(quota, used, size)


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
    _at_most("stored files", used.files + 1, most)
    _check_bytes(quota, used, size)


def _check_bytes(quota: Quota, used: Usage, size: int) -> None:
    if used.bytes + size > quota.max_bytes:
        raise StorageQuotaExceeded(used.bytes, size, quota.max_bytes)


def _at_most(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise QuotaExceeded(
            what,
            limit,
            "delete data sets and jobs that you no longer need (what belonged to them "
            "goes within some hours)",
            "JUPYTER_WRANGLER_MAX_JOBS",
        )


@for_system
def change(c: Connection, owner: uuid.UUID | None, patch: QuotaPatch) -> None:
    """Set what was given of a user's quota, or of everybody's (`owner` None)."""
    given = patch.model_dump(exclude_unset=True)
    if not given:
        return
    row = models.Quota(owner_id=owner, **given)
    upsert = insert(models.Quota).values(column_values(row))
    with open_session(c) as session:
        session.execute(
            upsert.on_conflict_do_update(
                index_elements=["owner_id"],
                set_={name: upsert.excluded[name] for name in given}
                | {"updated_at": func.now()},
            )
        )


def _hold(c: Connection, owner: uuid.UUID, defaults: Quota) -> tuple[Quota, Usage]:
    """Lock an owner's row; return what the owner may use, and uses."""
    c.execute(
        text('SELECT id FROM wrangler."user" WHERE id = :o FOR NO KEY UPDATE'),
        {"o": owner},
    )
    quota = effective(c, owner, defaults)
    # ten thousand jobs are counted twice as fast where no policy looks at each
    with as_system(c):
        return quota, usage(c, owner)
