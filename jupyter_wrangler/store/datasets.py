"""Datasets and their versions, always seen through their owner.

Read and written as ORM models; only the dataset itself is inserted by an upsert,
whose lock makes concurrent versions take their numbers one after the other.
"""

from __future__ import annotations

import json
import uuid
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer, joinedload

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
from jupyter_wrangler.store import audit, models, quotas
from jupyter_wrangler.store.paging import next_key
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.session import after_row, column_values, open_session

_BLOB = joinedload(models.DatasetVersion.blob, innerjoin=True).load_only(
    models.Blob.size, raiseload=True
)
_VERSION = select(models.DatasetVersion).options(
    joinedload(models.DatasetVersion.dataset, innerjoin=True), _BLOB
)
_ONE_VERSION = _VERSION.where(
    models.DatasetVersion.owner_id == bindparam("owner"),
    models.DatasetVersion.id == bindparam("id"),
)
_NUMBERED = _VERSION.where(
    models.DatasetVersion.owner_id == bindparam("owner"),
    models.DatasetVersion.n == bindparam("n"),
    models.DatasetVersion.dataset.has(
        and_(
            models.Dataset.id == bindparam("dataset"),
            models.Dataset.deleted_at.is_(None),
        )
    ),
)
_NEWEST = (
    _VERSION.where(models.DatasetVersion.dataset_id == bindparam("dataset"))
    .order_by(models.DatasetVersion.n.desc())
    .limit(1)
)
_READY = (
    select(models.Blob)
    .where(
        models.Blob.owner_id == bindparam("owner"),
        models.Blob.sha256 == bindparam("sha"),
        models.Blob.state == "ready",
    )
    .with_for_update(read=True)
)
_OWNED = select(models.Dataset).where(
    models.Dataset.owner_id == bindparam("owner"), models.Dataset.deleted_at.is_(None)
)
_LATEST = joinedload(models.Dataset.latest, innerjoin=True)
_WHOLE = _OWNED.options(_LATEST.options(_BLOB))
_NAMED = _WHOLE.where(models.Dataset.name == bindparam("name"))
_ONE = _WHOLE.where(models.Dataset.id == bindparam("id"))
_LOCKED = _ONE.with_for_update(of=models.Dataset, key_share=True)
#: Without the columns, which may take megabytes.
_LISTED = _OWNED.options(
    _LATEST.options(_BLOB, defer(models.DatasetVersion.columns, raiseload=True))
)
_READER = (
    select(models.Job.id)
    .join(models.Job.input_version)
    .where(
        models.DatasetVersion.dataset_id == bindparam("dataset"),
        models.Job.finished_at.is_(None),
    )
    .limit(1)
)


def _version_view(
    version: models.DatasetVersion, *, columns: bool = True
) -> DatasetVersion:
    return DatasetVersion(
        id=version.id,
        dataset_id=version.dataset_id,
        name=version.dataset.name,
        n=version.n,
        sha256=version.blob_sha.hex(),
        size=version.blob.size,
        n_rows=version.n_rows,
        n_columns=version.n_columns,
        columns=(
            tuple(ColumnInfo(**column) for column in version.columns) if columns else ()
        ),
        created_at=version.created_at,
    )


def _view(dataset: models.Dataset, *, columns: bool = True) -> Dataset:
    return Dataset(
        id=dataset.id,
        name=dataset.name,
        created_at=dataset.created_at,
        latest=_version_view(dataset.latest, columns=columns),
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
    with open_session(c) as session:
        # first without a lock: mostly it is the frame of before, and nothing to write
        found = session.scalar(_NAMED, {"owner": owner, "name": name})
        if found is not None and found.latest.blob_sha == sha:
            return _version_view(found.latest), False
        blob = session.scalar(_READY, {"owner": owner, "sha": sha})
        if blob is None:
            raise UploadNotFound(
                f"No bytes with digest {request.sha256[:12]}... of yours are stored; "
                "upload them first with POST /uploads."
            )
        dataset = _lock_named(session, models.Dataset(owner_id=owner, name=name))
        latest = session.scalar(_NEWEST, {"dataset": dataset.id})
        if latest is not None and latest.blob_sha == sha:
            return _version_view(latest), False
        columns = [column.model_dump() for column in request.columns]
        size = len(json.dumps(columns))
        quotas.admit_dataset(c, owner, size, quota)
        version = models.DatasetVersion(
            dataset=dataset,
            n=1 if latest is None else latest.n + 1,
            blob=blob,
            n_rows=request.n_rows,
            n_columns=len(columns),
            columns=columns,
            meta_bytes=size,
        )
        session.add(version)
        session.flush()
        return _version_view(version), True


def _lock_named(session: Session, dataset: models.Dataset) -> models.Dataset:
    """Insert a dataset, or find the one of its name; its row is locked."""
    upsert = insert(models.Dataset).values(column_values(dataset))
    return session.scalars(
        upsert.on_conflict_do_update(
            index_elements=["owner_id", "name"],
            index_where=models.Dataset.deleted_at.is_(None),
            set_={"name": upsert.excluded.name},
        ).returning(models.Dataset)
    ).one()


@for_owner
def version(c: Connection, owner: uuid.UUID, version_id: uuid.UUID) -> DatasetVersion:
    """Return a version by its id."""
    with open_session(c) as session:
        found = session.scalar(_ONE_VERSION, {"owner": owner, "id": version_id})
        if found is None:
            raise _missing(version_id)
        return _version_view(found)


@for_owner
def numbered(
    c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID, n: int
) -> DatasetVersion:
    """Return version `n` of a dataset."""
    given = {"owner": owner, "dataset": dataset_id, "n": n}
    with open_session(c) as session:
        found = session.scalar(_NUMBERED, given)
        if found is None:
            raise _missing(dataset_id)
        return _version_view(found)


def _one(
    session: Session,
    owner: uuid.UUID,
    dataset_id: uuid.UUID,
    query: Select[models.Dataset] = _ONE,
) -> models.Dataset:
    found = session.scalar(query, {"owner": owner, "id": dataset_id})
    if found is None:
        raise _missing(dataset_id)
    return found


@for_owner
def get(c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID) -> Dataset:
    """Return a dataset with its latest version."""
    with open_session(c) as session:
        return _view(_one(session, owner, dataset_id))


@for_owner
def page(
    c: Connection, owner: uuid.UUID, *, after: uuid.UUID | None, limit: int
) -> DatasetPage:
    """List datasets without their columns, newest first, from the key `after`."""
    query = _page_query(after=after is not None)
    given = {"owner": owner, "after": after, "limit": limit + 1}
    with open_session(c) as session:
        rows = session.scalars(query, given).all()
        items = tuple(_view(row, columns=False) for row in rows[:limit])
    return DatasetPage(items=items, next=next_key(items, rows, key="id"))


@cache
def _page_query(*, after: bool) -> Select[models.Dataset]:
    def keys(dataset: Any) -> Any:
        return dataset.created_at, dataset.id

    query = _LISTED.order_by(*(key.desc() for key in keys(models.Dataset)))
    if after:
        query = query.where(after_row(models.Dataset, keys, descending=True))
    return query.limit(bindparam("limit"))


@for_owner
def rename(
    c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID, name: str
) -> Dataset:
    """Rename a dataset; names are unique within an owner."""
    with open_session(c) as session:
        dataset = _one(session, owner, dataset_id, _LOCKED)
        dataset.name = name
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict(
                f"You have another dataset named {name!r}; choose another name, or "
                "delete that one first."
            ) from error
        return _view(dataset)


@for_owner
def delete(c: Connection, owner: uuid.UUID, dataset_id: uuid.UUID) -> None:
    """Hide a dataset; refused while an unfinished job reads it."""
    with open_session(c) as session:
        dataset = _one(session, owner, dataset_id, _LOCKED)
        busy = session.scalar(_READER, {"dataset": dataset_id})
        if busy is not None:
            raise DatasetInUse(
                f"Job {busy} still reads this dataset; cancel it, or wait until it is "
                "done."
            )
        dataset.deleted_at = func.now()
        session.flush()
        audit.note(c, owner, "delete", "dataset", dataset_id)
