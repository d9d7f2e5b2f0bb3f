"""Worker processes, and the version of the service that they must have."""

from __future__ import annotations

import uuid

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Index,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from jupyter_wrangler.store.models.base import Base, Timestamp


class Worker(Base):
    """A worker process and its last sign of life."""

    __tablename__ = "worker"
    __table_args__ = (
        CheckConstraint("slots > 0", "slots"),
        Index(None, "heartbeat_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    boot_id: Mapped[str]
    version: Mapped[str]
    queues: Mapped[list[str]] = mapped_column(ARRAY(Text))
    slots: Mapped[int]
    #: Bytes that all its runners together may take; 0: not known.
    memory: Mapped[int] = mapped_column(BigInteger, server_default="0")
    started_at: Mapped[Timestamp]
    heartbeat_at: Mapped[Timestamp]
    draining: Mapped[bool] = mapped_column(server_default=text("false"))
    #: Why it cannot read the data, so that it takes no parts.
    storage_fault: Mapped[str | None]


class Release(Base):
    """The version of the service in charge, which workers must have too."""

    __tablename__ = "release"
    __table_args__ = (CheckConstraint("id = 1", "single"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[str]
    at: Mapped[Timestamp]
    #: By what a worker knows the folder of data again.
    storage_id: Mapped[str | None]
