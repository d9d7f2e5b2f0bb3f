"""Named results: versions that outlive the jobs that computed them.

A version repeats of its job what somebody wants to know of it later, and refers to the
bytes by rows of its own, so that the job may be deleted.
"""

from __future__ import annotations

import uuid
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import (
    Mapped,
    mapped_column,
    relationship,
    validates,
)

from jupyter_wrangler.contract.named_results import AT
from jupyter_wrangler.contract.states import FinalState
from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.store.models.base import (
    Base,
    Timestamp,
    UuidKey,
    checked_choice,
    checked_name,
    one_of,
)
from jupyter_wrangler.store.models.datasets import Blob
from jupyter_wrangler.store.models.latest import is_latest

#: Imputed cells, and fitted models that can be used on other rows.
ResultPartRole = Literal["cells", "recipe"]


class NamedResult(Base):
    """A named series of versions."""

    __tablename__ = "named_result"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 255", "name_length"),
        CheckConstraint("last_n >= 0", "last_n"),
        UniqueConstraint("owner_id", "name"),
        Index("ix_named_result_owner_id_created_at", "owner_id", "created_at", "id"),
    )

    id: Mapped[UuidKey]
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT")
    )
    name: Mapped[str]
    #: The highest number that was given; those of deleted versions are not used again.
    last_n: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Timestamp]

    #: The version with the highest number.
    latest: Mapped[ResultVersion] = relationship(
        primaryjoin=lambda: is_latest(ResultVersion, "result_id", NamedResult),
        lazy="raise_on_sql",
        uselist=False,
        viewonly=True,
    )

    @validates("name")
    def _check_name(self, _key: str, name: str) -> str:
        if AT in name:
            raise InvalidSpec(
                f"The name {name!r} holds {AT!r}, which stands before the number of a "
                "version; leave it out."
            )
        return checked_name("A result", name)


class ResultVersion(Base):
    """One immutable state of a named result; only its note can be changed."""

    __tablename__ = "result_version"
    __table_args__ = (
        UniqueConstraint("result_id", "n"),
        CheckConstraint("n >= 1", "n"),
        CheckConstraint("length(note) BETWEEN 1 AND 2000", "note_length"),
        CheckConstraint(one_of("job_state", FinalState), "job_state"),
        Index(None, "input_version_id"),
        Index(None, "source_id"),
        Index(None, "job_id"),
        # what an owner keeps is counted without a look at the rows
        Index(None, "owner_id", "meta_bytes"),
    )

    id: Mapped[UuidKey]
    result_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("named_result.id", ondelete="CASCADE")
    )
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT")
    )
    n: Mapped[int]
    note: Mapped[str | None]
    #: The version that it repeats, and how that was called then.
    source_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("result_version.id", ondelete="SET NULL")
    )
    source: Mapped[str | None]
    #: No foreign key: the job may be deleted.
    job_id: Mapped[uuid.UUID]
    job_name: Mapped[str | None]
    job_state: Mapped[str]
    kind: Mapped[str]
    spec: Mapped[dict[str, Any]]
    #: Of the spec what lists show, see `contract.brief`.
    brief: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any] | None]
    #: Imputations that the job was to compute.
    n_wanted: Mapped[int]
    app_version: Mapped[str]
    input_version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("dataset_version.id", ondelete="RESTRICT")
    )
    #: Bytes of spec, summary and note, which count as bytes that the owner keeps.
    meta_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[Timestamp]

    named: Mapped[NamedResult] = relationship(lazy="raise_on_sql")

    @validates("job_state")
    def _check_state(self, _key: str, state: str) -> str:
        return checked_choice("The state", state, FinalState)


class ResultPart(Base):
    """Bytes that a version keeps: of imputation `k` the cells, or the fitted model."""

    __tablename__ = "result_part"
    __table_args__ = (
        ForeignKeyConstraint(
            ["owner_id", "sha256"],
            ["blob.owner_id", "blob.sha256"],
            ondelete="RESTRICT",
        ),
        CheckConstraint(one_of("role", ResultPartRole), "role"),
        CheckConstraint("k >= 0", "k"),
        Index(None, "owner_id", "sha256"),
    )

    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("result_version.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(primary_key=True)
    k: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[uuid.UUID]
    sha256: Mapped[bytes]

    blob: Mapped[Blob] = relationship(lazy="raise_on_sql")

    @validates("role")
    def _check_role(self, _key: str, role: str) -> str:
        return checked_choice("The role", role, ResultPartRole)
