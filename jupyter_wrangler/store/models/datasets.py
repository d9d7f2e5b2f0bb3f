"""Stored bytes, and the datasets whose versions refer to them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import (
    Mapped,
    mapped_column,
    relationship,
    validates,
)

from jupyter_wrangler.store.models.base import (
    INT8,
    Base,
    Timestamp,
    UuidKey,
    checked_count,
    checked_name,
    one_of,
)
from jupyter_wrangler.store.models.latest import is_latest

BlobState = Literal["staging", "ready", "deleting"]
BlobFormat = Literal["parquet", "json", "recipe"]


class Blob(Base):
    """Stored bytes, known by their digest; de-duplicated per owner only.

    Sharing blobs between owners would let one ask whether another has a file.
    """

    __tablename__ = "blob"
    __table_args__ = (
        CheckConstraint("octet_length(sha256) = 32", "sha256_length"),
        CheckConstraint("size >= 0", "size"),
        CheckConstraint(one_of("state", BlobState), "state"),
        CheckConstraint(one_of("format", BlobFormat), "format"),
        Index(None, "owner_id", "size"),
        Index(None, "last_ref_at"),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT"), primary_key=True
    )
    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    format: Mapped[str] = mapped_column(server_default="parquet")
    store_key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default="ready")
    created_at: Mapped[Timestamp]
    last_ref_at: Mapped[Timestamp]


class Upload(Base):
    """Bytes on their way in; the staged file is named after the id."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("octet_length(sha256) = 32", "sha256_length"),
        CheckConstraint("size > 0", "size"),
        CheckConstraint("received BETWEEN 0 AND size", "received"),
        Index(None, "owner_id"),
    )

    id: Mapped[UuidKey]
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT")
    )
    sha256: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[Timestamp]
    updated_at: Mapped[Timestamp]
    #: Since when its bytes are stored; completing it again gives the same answer.
    finished_at: Mapped[dt.datetime | None]


class Dataset(Base):
    """A named series of versions."""

    __tablename__ = "dataset"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 255", "name_length"),
        Index(
            "uq_dataset_owner_id_name",
            "owner_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_dataset_owner_id_created_at", "owner_id", "created_at", "id"),
    )

    id: Mapped[UuidKey]
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT")
    )
    name: Mapped[str]
    created_at: Mapped[Timestamp]
    deleted_at: Mapped[dt.datetime | None]

    #: The version with the highest number.
    latest: Mapped[DatasetVersion] = relationship(
        primaryjoin=lambda: is_latest(DatasetVersion, "dataset_id", Dataset),
        lazy="raise_on_sql",
        uselist=False,
        viewonly=True,
    )

    @validates("name")
    def _check_name(self, _key: str, name: str) -> str:
        return checked_name("A dataset", name)


class DatasetVersion(Base):
    """One immutable state of a dataset."""

    __tablename__ = "dataset_version"
    __table_args__ = (
        UniqueConstraint("dataset_id", "n"),
        ForeignKeyConstraint(
            ["owner_id", "blob_sha"],
            ["blob.owner_id", "blob.sha256"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("n >= 1", "n"),
        CheckConstraint("n_rows >= 0 AND n_columns >= 0", "shape"),
        Index(None, "owner_id", "blob_sha"),
        Index(None, "owner_id", "meta_bytes"),
    )

    id: Mapped[UuidKey]
    dataset_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("dataset.id", ondelete="RESTRICT")
    )
    n: Mapped[int]
    owner_id: Mapped[uuid.UUID]
    blob_sha: Mapped[bytes]
    n_rows: Mapped[int] = mapped_column(BigInteger)
    n_columns: Mapped[int]
    columns: Mapped[list[Any]]
    #: Bytes of `columns` as JSON, which count as bytes that the owner stores.
    meta_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[Timestamp]

    dataset: Mapped[Dataset] = relationship(lazy="raise_on_sql")
    blob: Mapped[Blob] = relationship(lazy="raise_on_sql")

    @validates("n_rows")
    def _check_n_rows(self, _key: str, n_rows: int) -> int:
        return checked_count("The number of rows", n_rows, most=INT8)
