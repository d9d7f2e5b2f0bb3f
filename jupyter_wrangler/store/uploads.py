"""Uploads: bytes on their way in, and the blobs they become."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import Quota, Upload
from jupyter_wrangler.errors import UploadNotFound, UploadOutOfStep
from jupyter_wrangler.store import quotas
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Where bytes lie, how many there are, and what they are."""

    key: str
    size: int
    #: parquet or json.
    form: str


def _view(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        sha256=bytes(row.sha256).hex(),
        size=row.size,
        received=row.received,
        known=False,
    )


@for_owner
def known(c: Connection, owner: uuid.UUID, sha: bytes) -> Stored | None:
    """Say where a blob lies that this owner has, and keep it for a while; or None."""
    row = c.execute(
        text("""
        UPDATE wrangler.blob SET last_ref_at = now()
         WHERE owner_id = :o AND sha256 = :s AND state = 'ready'
        RETURNING store_key, size, format"""),
        {"o": owner, "s": sha},
    ).one_or_none()
    if row is None:
        return None
    return Stored(key=row.store_key, size=row.size, form=row.format)


@for_owner
def begin(
    c: Connection, owner: uuid.UUID, sha: bytes, size: int, *, quota: Quota
) -> Upload:
    """Begin an upload, or find the one that was begun for the same bytes."""
    row = c.execute(
        text("""
        SELECT * FROM wrangler.upload WHERE owner_id = :o AND sha256 = :s AND size = :n
               AND finished_at IS NULL
         ORDER BY created_at LIMIT 1"""),
        {"o": owner, "s": sha, "n": size},
    ).one_or_none()
    if row is None:
        quotas.admit_bytes(c, owner, size, quota)
        row = c.execute(
            text("""
            INSERT INTO wrangler.upload (owner_id, sha256, size)
            VALUES (:o, :s, :n) RETURNING *"""),
            {"o": owner, "s": sha, "n": size},
        ).one()
    return _view(row)


@for_owner
def get(
    c: Connection, owner: uuid.UUID, upload_id: uuid.UUID, *, lock: bool = False
) -> Upload:
    """Return an upload of this owner."""
    row = c.execute(
        text(
            "SELECT * FROM wrangler.upload "
            "WHERE id = :u AND owner_id = :o AND finished_at IS NULL"
            + (" FOR UPDATE" if lock else "")
        ),
        {"u": upload_id, "o": owner},
    ).one_or_none()
    if row is None:
        raise UploadNotFound(
            f"There is no upload {upload_id} of yours; begin one with POST /uploads."
        )
    return _view(row)


@for_owner
def advance(
    c: Connection, owner: uuid.UUID, upload_id: uuid.UUID, offset: int, count: int
) -> Upload:
    """Record that `count` bytes were staged at `offset`."""
    row = c.execute(
        text("""
        UPDATE wrangler.upload SET received = received + :n, updated_at = now()
         WHERE id = :u AND owner_id = :o AND received = :at AND received + :n <= size
        RETURNING *"""),
        {"u": upload_id, "o": owner, "at": offset, "n": count},
    ).one_or_none()
    if row is None:
        raise UploadOutOfStep(offset, get(c, owner, upload_id).received)
    return _view(row)


@for_owner
def finish(
    c: Connection, owner: uuid.UUID, upload_id: uuid.UUID, sha: bytes, key: str
) -> str:
    """Turn a complete upload into a blob; return what `add_blob` does."""
    upload = get(c, owner, upload_id, lock=True)
    kept = add_blob(c, owner, sha, upload.size, key)
    # kept for a while: the answer may be lost, or it was completed twice
    c.execute(
        text("""
        UPDATE wrangler.upload SET finished_at = now(), updated_at = now()
         WHERE id = :u AND owner_id = :o"""),
        {"u": upload_id, "o": owner},
    )
    return kept


@for_owner
def finished(c: Connection, owner: uuid.UUID, upload_id: uuid.UUID) -> Upload | None:
    """Return an upload whose bytes are kept already."""
    row = c.execute(
        text("""
        SELECT * FROM wrangler.upload
         WHERE id = :u AND owner_id = :o AND finished_at IS NOT NULL"""),
        {"u": upload_id, "o": owner},
    ).one_or_none()
    if row is None:
        return None
    return _view(row).model_copy(update={"id": None, "known": True})


@for_owner
def drop(c: Connection, owner: uuid.UUID, upload_id: uuid.UUID) -> None:
    """Forget an upload."""
    c.execute(
        text("DELETE FROM wrangler.upload WHERE id = :u AND owner_id = :o"),
        {"u": upload_id, "o": owner},
    )


@for_owner
def add_blob(
    c: Connection,
    owner: uuid.UUID,
    sha: bytes,
    size: int,
    key: str,
    *,
    form: str = "parquet",
) -> str:
    """Record bytes that lie in the store; return the key under which they are known.

    The same bytes twice are one blob: then the key is the first one, and what was
    stored under the second is to be deleted.
    """
    kept: str = c.execute(
        text("""
        INSERT INTO wrangler.blob (owner_id, sha256, size, store_key, format)
        VALUES (:o, :s, :n, :k, :f)
        ON CONFLICT (owner_id, sha256)
        DO UPDATE SET last_ref_at = now(), state = 'ready'
        RETURNING store_key"""),
        {"o": owner, "s": sha, "n": size, "k": key, "f": form},
    ).scalar_one()
    return kept


@for_owner
def add_recipe(
    c: Connection, owner: uuid.UUID, sha: bytes, size: int, key: str, *, quota: Quota
) -> str:
    """Record fitted models that were stored, if the owner may keep so many bytes.

    Raises
    ------
    QuotaExceeded, StorageQuotaExceeded
        As `quotas.admit_bytes` does.
    """
    quotas.admit_bytes(c, owner, size, quota)
    return add_blob(c, owner, sha, size, key, form="recipe")


@for_owner
def replace(c: Connection, owner: uuid.UUID, sha: bytes, lost: str, key: str) -> bool:
    """Record that the same bytes, no longer under the one key, lie under another."""
    done = c.execute(
        text("""
        UPDATE wrangler.blob SET store_key = :new
         WHERE owner_id = :o AND sha256 = :s AND store_key = :lost"""),
        {"o": owner, "s": sha, "lost": lost, "new": key},
    )
    return done.rowcount == 1


@for_owner
def find(c: Connection, owner: uuid.UUID, sha: bytes) -> Stored:
    """Say where the bytes lie that a version or a result of this owner names."""
    row = c.execute(
        text("""
        SELECT store_key, size, format FROM wrangler.blob
         WHERE owner_id = :o AND sha256 = :s"""),
        {"o": owner, "s": sha},
    ).one()
    return Stored(key=row.store_key, size=row.size, form=row.format)
