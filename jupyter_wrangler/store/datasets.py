"""Datasets and their versions, always seen through their owner."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract import (
    ColumnInfo,
    Dataset,
    DatasetPage,
    DatasetRequest,
    DatasetVersion,
    Quota,
)
from jupyter_wrangler.errors import (
    Conflict,
    DatasetInUse,
    DatasetNotFound,
    UploadNotFound,
)
from jupyter_wrangler.store import audit, quotas
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.sql import text

_HEAD = """
    SELECT v.id, v.dataset_id, d.name, v.n, v.blob_sha, b.size, v.n_rows, v.n_columns,
           v.created_at, d.created_at AS dataset_created_at"""
_FROM = """
      FROM wrangler.dataset_version v
      JOIN wrangler.dataset d ON d.id = v.dataset_id
      JOIN wrangler.blob b ON b.owner_id = v.owner_id AND b.sha256 = v.blob_sha
     WHERE v.owner_id = :o """
#: With the columns, which may take megabytes, and without.
_VERSION, _LISTED = f"{_HEAD}, v.columns{_FROM}", f"{_HEAD}{_FROM}"


def _version(row: Row[Any]) -> DatasetVersion:
    return DatasetVersion(
        id=row.id,
        dataset_id=row.dataset_id,
        name=row.name,
        n=row.n,
        sha256=bytes(row.blob_sha).hex(),
        size=row.size,
        n_rows=row.n_rows,
        n_columns=row.n_columns,
        columns=tuple(ColumnInfo(**column) for column in getattr(row, "columns", ())),
        created_at=row.created_at,
    )


def _dataset(row: Row[Any]) -> Dataset:
    return Dataset(
        id=row.dataset_id,
        name=row.name,
        created_at=row.dataset_created_at,
        latest=_version(row),
    )


def _missing(dataset_id: uuid.UUID) -> DatasetNotFound:
    return DatasetNotFound(
        f"There is no dataset {dataset_id} of yours; jw.datasets() lists them."
    )


@for_owner
def add(
    c: Connection, owner: uuid.UUID, request: DatasetRequest, quota: Quota
) -> tuple[DatasetVersion, bool]:
    """Add a version; return it, and whether it is new.

    `quota` holds for owners of whom the table of quotas says nothing.
    """
    sha = bytes.fromhex(request.sha256)
    name = request.name or f"frame-{request.sha256[:8]}"
    # first without a lock: mostly it is the frame of before, and nothing to write
    row = c.execute(
        text(
            _VERSION + "AND d.name = :n AND d.deleted_at IS NULL AND d.owner_id = :o "
            "ORDER BY v.n DESC LIMIT 1"
        ),
        {"o": owner, "n": name},
    ).one_or_none()
    if row is not None and bytes(row.blob_sha) == sha:
        return _version(row), False
    if (
        c.execute(
            text("""
            SELECT 1 FROM wrangler.blob
             WHERE owner_id = :o AND sha256 = :s AND state = 'ready' FOR SHARE"""),
            {"o": owner, "s": sha},
        ).one_or_none()
        is None
    ):
        raise UploadNotFound(
            f"No bytes with digest {request.sha256[:12]}... of yours are stored; "
            "upload them first with POST /uploads."
        )
    dataset_id = c.execute(
        text("""
        INSERT INTO wrangler.dataset (owner_id, name) VALUES (:o, :n)
        ON CONFLICT (owner_id, name) WHERE deleted_at IS NULL
        DO UPDATE SET name = excluded.name RETURNING id"""),
        {"o": owner, "n": name},
    ).scalar_one()  # the upsert locks the row, so that versions are numbered in turn
    latest = c.execute(
        text(_VERSION + "AND v.dataset_id = :d ORDER BY v.n DESC LIMIT 1"),
        {"o": owner, "d": dataset_id},
    ).one_or_none()
    if latest is not None and bytes(latest.blob_sha) == sha:
        return _version(latest), False
    info = json.dumps([column.model_dump() for column in request.columns])
    quotas.admit_dataset(c, owner, len(info), quota)
    version_id = c.execute(
        text("""
        INSERT INTO wrangler.dataset_version (dataset_id, n, owner_id, blob_sha,
                    n_rows, n_columns, columns, meta_bytes)
        VALUES (:d, :n, :o, :s, :rows, :cols, CAST(:info AS jsonb), :size)
        RETURNING id"""),
        {
            "d": dataset_id,
            "n": 1 if latest is None else latest.n + 1,
            "o": owner,
            "s": sha,
            "rows": request.n_rows,
            "cols": len(request.columns),
            "info": info,
            "size": len(info),
        },
    ).scalar_one()
    return version(c, owner, version_id), True


@for_owner
def version(c: Connection, owner: uuid.UUID, version_id: uuid.UUID) -> DatasetVersion:
    """Return a version by its id."""
    row = c.execute(
        text(_VERSION + "AND v.id = :v"), {"o": owner, "v": version_id}
    ).one_or_none()
    if row is None:
        raise _missing(version_id)
    return _version(row)


@for_owner
def numbered(
    c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID, n: int
) -> DatasetVersion:
    """Return version `n` of a dataset."""
    row = c.execute(
        text(_VERSION + "AND d.id = :d AND d.deleted_at IS NULL AND v.n = :n"),
        {"o": owner, "d": dataset_id, "n": n},
    ).one_or_none()
    if row is None:
        raise _missing(dataset_id)
    return _version(row)


@for_owner
def get(c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID) -> Dataset:
    """Return a dataset with its latest version."""
    row = c.execute(
        text(
            _VERSION
            + "AND d.id = :d AND d.deleted_at IS NULL ORDER BY v.n DESC LIMIT 1"
        ),
        {"o": owner, "d": dataset_id},
    ).one_or_none()
    if row is None:
        raise _missing(dataset_id)
    return _dataset(row)


@for_owner
def page(
    c: Connection, owner: uuid.UUID, *, after: uuid.UUID | None, limit: int
) -> DatasetPage:
    """List datasets without their columns, newest first, from the key `after`."""
    rows = c.execute(
        text(
            f"""
        SELECT newest.*, s.created_at AS key
          FROM wrangler.dataset s
          JOIN LATERAL ({_LISTED} AND v.dataset_id = s.id
                        ORDER BY v.n DESC LIMIT 1) newest ON true
         WHERE s.owner_id = :o AND s.deleted_at IS NULL
           AND (CAST(:after AS uuid) IS NULL OR (s.created_at, s.id) <
                (SELECT created_at, id FROM wrangler.dataset
                  WHERE id = :after AND owner_id = :o))
         ORDER BY key DESC, dataset_id DESC LIMIT :n"""
        ),
        {"o": owner, "after": after, "n": limit + 1},
    ).all()
    items = tuple(_dataset(row) for row in rows[:limit])
    return DatasetPage(
        items=items, next=str(items[-1].id) if len(rows) > limit else None
    )


@for_owner
def rename(
    c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID, name: str
) -> Dataset:
    """Rename a dataset; names are unique within an owner."""
    get(c, owner, dataset_id)
    taken = c.execute(
        text("""
        SELECT 1 FROM wrangler.dataset
         WHERE owner_id = :o AND name = :n AND deleted_at IS NULL AND id <> :d"""),
        {"o": owner, "d": dataset_id, "n": name},
    ).one_or_none()
    if taken:
        raise Conflict(
            f"You have another dataset named {name!r}; choose another name, or delete "
            "that one first."
        )
    c.execute(
        text("UPDATE wrangler.dataset SET name = :n WHERE id = :d AND owner_id = :o"),
        {"o": owner, "d": dataset_id, "n": name},
    )
    return get(c, owner, dataset_id)


@for_owner
def delete(c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID) -> None:
    """Hide a dataset; refused while an unfinished job reads it."""
    get(c, owner, dataset_id)
    busy = c.execute(
        text("""
        SELECT j.id FROM wrangler.job j
          JOIN wrangler.dataset_version v ON v.id = j.input_version_id
         WHERE v.dataset_id = :d AND j.finished_at IS NULL LIMIT 1"""),
        {"d": dataset_id},
    ).scalar_one_or_none()
    if busy is not None:
        raise DatasetInUse(
            f"Job {busy} still reads this dataset; cancel it, or wait until it is done."
        )
    c.execute(
        text("""
        UPDATE wrangler.dataset SET deleted_at = now()
         WHERE id = :d AND owner_id = :o"""),
        {"o": owner, "d": dataset_id},
    )
    audit.note(c, owner, "delete", "dataset", dataset_id)
