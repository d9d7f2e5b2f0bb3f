"""Jobs, their parts, and the requests that were answered with them.

A lease (`lease_until`) is set exactly while a dispatcher or a worker is answerable
for a part.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from jupyter_wrangler.contract.specs import spec_class
from jupyter_wrangler.contract.states import (
    FinalState,
    JobState,
    LeasedState,
    PartState,
)
from jupyter_wrangler.store.models.base import (
    FINISHED,
    Base,
    Timestamp,
    UuidKey,
    checked_count,
    checked_name,
    one_of,
)
from jupyter_wrangler.store.models.datasets import DatasetVersion
from jupyter_wrangler.store.models.users import User

#: The form of the name of a kind of job.  The kinds themselves are in the contract, so
#: that a new one needs no migration (decision 24).
_KIND = "kind ~ '^[a-z][a-z_]{0,31}$'"


class Job(Base):
    """One run of a spec on a dataset version."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(_KIND, "kind"),
        CheckConstraint(one_of("state", JobState), "state"),
        CheckConstraint("priority BETWEEN 0 AND 9", "priority"),
        # what is stored takes more room than the JSON, of which `MAX_SPEC` is taken
        CheckConstraint("pg_column_size(spec) < 16777216", "spec_size"),
        CheckConstraint("length(error_message) < 4000", "error_length"),
        CheckConstraint("octet_length(cache_key) = 32", "cache_key_length"),
        CheckConstraint("octet_length(request_sha) = 32", "request_sha_length"),
        CheckConstraint(FINISHED, "finished"),
        CheckConstraint(
            "state NOT IN ('cancelling', 'cancelled') OR "
            "cancel_requested_at IS NOT NULL",
            "cancel_requested",
        ),
        UniqueConstraint("owner_id", "idempotency_key"),
        Index(
            "uq_job_owner_id_cache_key",
            "owner_id",
            "cache_key",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running', 'succeeded')"),
        ),
        Index("ix_job_owner_id_created_at", "owner_id", "created_at", "id"),
        Index(
            "ix_job_owner_id_state_created_at", "owner_id", "state", "created_at", "id"
        ),
        # what an owner keeps is counted without a look at the rows
        Index(None, "owner_id", "meta_bytes", "n_parts"),
        Index("ix_job_created_at", "created_at", "id"),
        Index(
            "ix_job_deadline_at",
            "deadline_at",
            postgresql_where=text(f"NOT ({one_of('state', FinalState)})"),
        ),
        # whose turn it is among the jobs of one owner, lane by lane
        Index(
            "ix_job_turn",
            "queue",
            "owner_id",
            text("priority DESC"),
            "due_at",
            "id",
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index(None, "input_version_id"),
        Index(None, "finished_at"),
        Index(
            "ix_job_owner_id_unfinished",
            "owner_id",
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[UuidKey]
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT")
    )
    kind: Mapped[str]
    name: Mapped[str | None] = mapped_column(String(255))
    spec: Mapped[dict[str, Any]]
    #: Of the spec what lists show, see `contract.brief`: a spec may take megabytes.
    brief: Mapped[dict[str, Any]]
    #: Parts of all stages.
    n_parts: Mapped[int] = mapped_column(server_default="0")
    #: Bytes of spec and summary as JSON, which count as bytes that the owner keeps.
    meta_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    input_version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("dataset_version.id", ondelete="RESTRICT")
    )
    state: Mapped[str] = mapped_column(server_default="queued")
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="5")
    #: The queue of its parts.
    queue: Mapped[str] = mapped_column(server_default="jw.small")
    #: Seconds that a part is thought to take; None if nothing is known.
    part_s: Mapped[float | None]
    #: When it was submitted, or tried again; and when it is due among its owner's jobs,
    #: see `store.queue.due`.
    queued_at: Mapped[Timestamp]
    due_at: Mapped[Timestamp]
    cancel_requested_at: Mapped[dt.datetime | None]
    #: Since then it goes on with the parts that had ended.
    finish_requested_at: Mapped[dt.datetime | None]
    #: No job stays unfinished after this.
    deadline_at: Mapped[dt.datetime] = mapped_column(
        server_default=text("now() + interval '7 days'")
    )
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    error_details: Mapped[dict[str, Any] | None]
    summary: Mapped[dict[str, Any] | None]
    idempotency_key: Mapped[str | None]
    #: Digest of the request with that key, to tell it from another one.
    request_sha: Mapped[bytes | None]
    cache_key: Mapped[bytes | None]
    #: How often the same work was asked for again and found here.
    reuses: Mapped[int] = mapped_column(server_default="0")
    app_version: Mapped[str]
    #: Seconds that the job was thought to take when it was submitted.
    estimate_s: Mapped[float | None]
    created_at: Mapped[Timestamp]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    owner: Mapped[User] = relationship(lazy="raise_on_sql")
    input_version: Mapped[DatasetVersion] = relationship(lazy="raise_on_sql")

    @validates("kind")
    def _check_kind(self, _key: str, kind: str) -> str:
        spec_class(kind)  # refuses an unknown one
        return kind

    @validates("name")
    def _check_name(self, _key: str, name: str | None) -> str | None:
        return None if name is None else checked_name("A job", name)

    @validates("priority")
    def _check_priority(self, _key: str, priority: int) -> int:
        return checked_count("The priority", priority, most=9)

    @validates("n_parts")
    def _check_n_parts(self, _key: str, n_parts: int) -> int:
        return checked_count("The number of parts", n_parts, least=1)


class JobKey(Base):
    """The idempotency key of a request that was answered with an earlier job."""

    __tablename__ = "job_key"
    __table_args__ = (
        CheckConstraint("octet_length(request_sha) = 32", "request_sha_length"),
        Index(None, "job_id"),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    request_sha: Mapped[bytes]
    created_at: Mapped[Timestamp]


class JobPart(Base):
    """One piece of a job: the unit that is dispatched, leased and retried."""

    __tablename__ = "job_part"
    __table_args__ = (
        UniqueConstraint("job_id", "stage", "k"),
        ForeignKeyConstraint(
            ["owner_id", "result_sha"],
            ["blob.owner_id", "blob.sha256"],
            ondelete="RESTRICT",
        ),
        ForeignKeyConstraint(
            ["owner_id", "recipe_sha"],
            ["blob.owner_id", "blob.sha256"],
            ondelete="RESTRICT",
        ),
        CheckConstraint(one_of("state", PartState), "state"),
        CheckConstraint("attempt BETWEEN 0 AND max_attempts", "attempt"),
        CheckConstraint(
            f"({one_of('state', LeasedState)}) = (lease_until IS NOT NULL)", "lease"
        ),
        CheckConstraint(
            "(state IN ('running', 'cancelling')) = (lease_owner IS NOT NULL)",
            "lease_owner",
        ),
        CheckConstraint(FINISHED, "finished"),
        CheckConstraint("rank BETWEEN 0 AND 9", "rank"),
        # the owners of whom something waits, and what waits of each of their jobs
        Index(
            "ix_job_part_queued",
            "queue",
            "owner_id",
            "job_id",
            "stage",
            "k",
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_job_part_lease_until",
            "lease_until",
            postgresql_where=text(one_of("state", LeasedState)),
        ),
        Index(
            "ix_job_part_owner_id_active",
            "owner_id",
            postgresql_where=text("state IN ('dispatched', 'running')"),
        ),
        Index(None, "owner_id", "result_sha"),
        Index(
            "ix_job_part_owner_id_recipe_sha",
            "owner_id",
            "recipe_sha",
            postgresql_where=text("recipe_sha IS NOT NULL"),
        ),
    )

    id: Mapped[UuidKey]
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    owner_id: Mapped[uuid.UUID]
    #: 0: the work; 1: the summary, which waits for all of stage 0.
    stage: Mapped[int] = mapped_column(SmallInteger)
    #: Number within the stage; in stage 0 the imputation, from 0.
    k: Mapped[int]
    state: Mapped[str]
    queue: Mapped[str]
    #: Read by versions before 0011 only, which may still run while others are there.
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="4")
    attempt: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    max_attempts: Mapped[int] = mapped_column(SmallInteger)
    #: Bytes of memory that it is thought to take; 0: little.
    memory: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_owner: Mapped[uuid.UUID | None]
    lease_until: Mapped[dt.datetime | None]
    dispatch_after: Mapped[Timestamp]
    #: A running part is killed after this.
    deadline_at: Mapped[dt.datetime | None]
    result_sha: Mapped[bytes | None]
    #: Digest of the fitted models: that it has kept, or, of a transform, that it uses.
    recipe_sha: Mapped[bytes | None]
    #: Why there are none.
    recipe_note: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    error_details: Mapped[dict[str, Any] | None]
    created_at: Mapped[Timestamp]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
