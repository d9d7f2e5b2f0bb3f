"""Users, who own everything that is stored, and what they may use."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from jupyter_wrangler.contract.admin import UserKind
from jupyter_wrangler.store.models.base import (
    INT4,
    INT8,
    Base,
    Timestamp,
    UuidKey,
    checked_choice,
    checked_count,
    checked_name,
    one_of,
)


class User(Base):
    """The owner of data: an OS user, a Hub user or a Hub service."""

    __tablename__ = "user"
    __table_args__ = (
        # the name of a user who left is free for another
        Index(
            "uq_user_kind_name",
            "kind",
            "name",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
        Index("ix_user_hub_id", "hub_id"),
        CheckConstraint(one_of("kind", UserKind), "kind"),
        CheckConstraint("length(name) BETWEEN 1 AND 255", "name_length"),
    )

    id: Mapped[UuidKey]
    kind: Mapped[str]
    name: Mapped[str]
    #: What the Hub says of the user besides the name, which can be given to another.
    hub_id: Mapped[str | None]
    created_at: Mapped[Timestamp]
    #: Since when the name is no longer theirs.
    left_at: Mapped[dt.datetime | None]

    quota: Mapped[Quota | None] = relationship(lazy="raise_on_sql", viewonly=True)

    @validates("kind")
    def _check_kind(self, _key: str, kind: str) -> str:
        return checked_choice("The kind of a user", kind, UserKind)

    @validates("name")
    def _check_name(self, _key: str, name: str) -> str:
        return checked_name("A user", name)


class Quota(Base):
    """What one user may use; the row without an owner is for all others.

    NULL means: as the row without an owner says, or else as the settings say.
    """

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint("owner_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "least(max_running, max_queued, max_bytes, max_cells, max_streams, "
            "max_datasets, max_jobs, max_parts, max_results) >= 0",
            "positive",
        ),
    )

    id: Mapped[UuidKey]
    owner_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE")
    )
    max_running: Mapped[int | None]
    max_queued: Mapped[int | None]
    max_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_cells: Mapped[int | None] = mapped_column(BigInteger)
    max_streams: Mapped[int | None]
    max_datasets: Mapped[int | None]
    max_jobs: Mapped[int | None]
    max_parts: Mapped[int | None]
    max_results: Mapped[int | None]
    updated_at: Mapped[Timestamp]

    @validates(
        "max_running",
        "max_queued",
        "max_bytes",
        "max_cells",
        "max_streams",
        "max_datasets",
        "max_jobs",
        "max_parts",
        "max_results",
    )
    def _check_limit(self, key: str, limit: int | None) -> int | None:
        most = INT8 if key in {"max_bytes", "max_cells"} else INT4
        return None if limit is None else checked_count(key, limit, most=most)
