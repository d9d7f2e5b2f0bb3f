"""Clearing away: what is too old, and what nothing refers to any more.

Each verb takes a limited number of rows in one transaction and returns how many it
had, so that clearing never holds locks for long; call it again until nothing is left.

Why no blob is lost that somebody needs: a row is deleted only while it is locked and
after a second look that nothing refers to it.  Anyone who wants to refer to it must
lock it first, so it comes either before the look, or finds no row and uploads again.
The file goes after the row, under a key that is never used again.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.sql import text

_FREE = """
    NOT EXISTS (SELECT 1 FROM wrangler.dataset_version v
                 WHERE v.owner_id = b.owner_id AND v.blob_sha = b.sha256)
    AND NOT EXISTS (SELECT 1 FROM wrangler.job_part p
                     WHERE p.owner_id = b.owner_id AND p.result_sha = b.sha256)
    AND NOT EXISTS (SELECT 1 FROM wrangler.result_part r
                     WHERE r.owner_id = b.owner_id AND r.sha256 = b.sha256)
    AND NOT EXISTS (SELECT 1 FROM wrangler.job_part p
                     WHERE p.owner_id = b.owner_id AND p.recipe_sha = b.sha256)
    AND b.last_ref_at < now() - make_interval(secs => :grace)"""


@for_system
def jobs(c: Connection, *, days: float, limit: int) -> int:
    """Forget jobs that ended longer ago than that, with all that belongs to them."""
    return c.execute(
        text("""
        DELETE FROM wrangler.job WHERE id IN (
               SELECT id FROM wrangler.job
                WHERE finished_at < now() - make_interval(secs => :days * 86400)
                ORDER BY finished_at LIMIT :n FOR UPDATE SKIP LOCKED)"""),
        {"days": days, "n": limit},
    ).rowcount


@for_system
def versions(c: Connection, *, days: float, grace_s: float, limit: int) -> int:
    """Forget versions that are not used, of datasets that were deleted or never named.

    Jobs and saved results use them.  A frame that was imputed without a name is stored
    as `frame-` and its digest; it goes when it is as old as the oldest job kept.
    """
    unused = """NOT EXISTS (SELECT 1 FROM wrangler.job j
                             WHERE j.input_version_id = v.id)
                AND NOT EXISTS (SELECT 1 FROM wrangler.result_version r
                                 WHERE r.input_version_id = v.id)"""
    ids = c.execute(
        text(f"""
        SELECT v.id FROM wrangler.dataset_version v
          JOIN wrangler.dataset d ON d.id = v.dataset_id
         WHERE {unused}
           AND (d.deleted_at < now() - make_interval(secs => :grace)
                OR (d.name = 'frame-' || left(encode(v.blob_sha, 'hex'), 8)
                    AND v.created_at < now() - make_interval(secs => :days * 86400)))
         LIMIT :n FOR UPDATE OF v SKIP LOCKED"""),
        {"days": days, "grace": grace_s, "n": limit},
    ).scalars()
    return c.execute(
        text(f"""
        DELETE FROM wrangler.dataset_version v WHERE v.id = ANY(:ids) AND {unused}"""),
        {"ids": list(ids)},
    ).rowcount


@for_system
def datasets(c: Connection, *, grace_s: float, limit: int) -> int:
    """Forget datasets of which no version is left."""
    return c.execute(
        text("""
        DELETE FROM wrangler.dataset WHERE id IN (
               SELECT d.id FROM wrangler.dataset d
                WHERE d.created_at < now() - make_interval(secs => :grace)
                  AND NOT EXISTS (SELECT 1 FROM wrangler.dataset_version v
                                   WHERE v.dataset_id = d.id)
                LIMIT :n FOR UPDATE OF d SKIP LOCKED)"""),
        {"grace": grace_s, "n": limit},
    ).rowcount


@for_system
def blobs(c: Connection, *, grace_s: float, limit: int) -> list[str]:
    """Forget bytes that nothing refers to; return their keys, whose files may go."""
    # two statements: what one looks up is as old as its beginning, the second is not
    found = c.execute(
        text(f"""
        SELECT store_key FROM wrangler.blob b WHERE {_FREE}
         ORDER BY last_ref_at LIMIT :n FOR UPDATE SKIP LOCKED"""),
        {"grace": grace_s, "n": limit},
    ).scalars()
    rows = c.execute(
        text(f"""
        DELETE FROM wrangler.blob b WHERE b.store_key = ANY(:keys) AND {_FREE}
        RETURNING b.store_key"""),
        {"keys": list(found), "grace": grace_s},
    )
    return list(rows.scalars())


@for_system
def uploads(c: Connection, *, stale_s: float, limit: int) -> list[uuid.UUID]:
    """Give up uploads that were not continued; return their names."""
    rows = c.execute(
        text("""
        DELETE FROM wrangler.upload WHERE id IN (
               SELECT id FROM wrangler.upload
                WHERE updated_at < now() - make_interval(secs => :stale)
                LIMIT :n FOR UPDATE SKIP LOCKED)
        RETURNING id"""),
        {"stale": stale_s, "n": limit},
    )
    return [row.id for row in rows]


@for_system
def workers(c: Connection, *, days: float) -> int:
    """Forget workers that have been silent for so long."""
    return c.execute(
        text("""
        DELETE FROM wrangler.worker
         WHERE heartbeat_at < now() - make_interval(secs => :days * 86400)"""),
        {"days": days},
    ).rowcount


@for_system
def unknown_keys(c: Connection, keys: list[str]) -> list[str]:
    """Return those of our users' keys that no row has; none if rows could be hidden.

    Keys of owners that this database does not know belong to another one.
    """
    rows = c.execute(
        text("""
        SELECT key FROM unnest(CAST(:keys AS text[])) AS key
         WHERE current_setting('wrangler.machinery', true) = 'on'
               AND split_part(key, '/', 1) IN
                   (SELECT CAST(id AS text) FROM wrangler."user")
               AND NOT EXISTS (SELECT 1 FROM wrangler.blob WHERE store_key = key)"""),
        {"keys": keys},
    )
    return [row.key for row in rows]


@for_system
def unknown_uploads(c: Connection, names: list[uuid.UUID]) -> list[uuid.UUID]:
    """Return those of the names that no upload has; none if rows could be hidden."""
    rows = c.execute(
        text("""
        SELECT name FROM unnest(CAST(:names AS uuid[])) AS name
         WHERE current_setting('wrangler.machinery', true) = 'on'
               AND NOT EXISTS (SELECT 1 FROM wrangler.upload WHERE id = name)"""),
        {"names": names},
    )
    return [row.name for row in rows]
