"""The tables: who owns what, what was asked, where each part of a job stands.

Every row that holds data names its owner.  States are text with a CHECK, so that
a new state is a plain migration.  All times come from the database's clock.
`lease_until` is set exactly while somebody is answerable for a part.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, get_args

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    validates,
)

from jupyter_wrangler.contract import FinalState, JobState, PartState

SCHEMA = "wrangler"

JOB_FINAL: tuple[str, ...] = get_args(FinalState)
JOB_STATES: tuple[str, ...] = get_args(JobState)
PART_STATES: tuple[str, ...] = get_args(PartState)
#: The form of the name of a kind of job.  The kinds themselves are in the contract, so
#: that a new one needs no migration (decision 24).
_KIND = "kind ~ '^[a-z][a-z_]{0,31}$'"
AUDITED = ("cancel", "delete", "forget", "rename", "transfer", "purge")
PART_LEASED = ("dispatched", "running", "cancelling")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Base(DeclarativeBase):
    """Base of all tables, with a naming convention that migrations rely on."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it once, as given
        str: Text,
        dt.datetime: DateTime(timezone=True),
        uuid.UUID: Uuid,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        bytes: LargeBinary,
    }


def _uuid_key() -> Mapped[uuid.UUID]:
    return mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))


def _now() -> Mapped[dt.datetime]:
    return mapped_column(server_default=text("now()"))


class User(Base):
    """Somebody who owns things: an OS user, a Hub user or a Hub service."""

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
        CheckConstraint(_one_of("kind", ("local", "hub_user", "hub_service")), "kind"),
        CheckConstraint("length(name) BETWEEN 1 AND 255", "name_length"),
    )

    id: Mapped[uuid.UUID] = _uuid_key()
    kind: Mapped[str]
    name: Mapped[str]
    #: What the Hub says of the user besides the name, which is given away again.
    hub_id: Mapped[str | None]
    created_at: Mapped[dt.datetime] = _now()
    #: Since when the name is no longer theirs.
    left_at: Mapped[dt.datetime | None]

    datasets: Mapped[list[Dataset]] = relationship(back_populates="owner")
    jobs: Mapped[list[Job]] = relationship(back_populates="owner")
    quota: Mapped[Quota | None] = relationship(back_populates="owner")

    @validates("name")
    def _check_name(self, _key: str, name: str) -> str:
        if not name.strip():
            raise ValueError("A user needs a name; this one is blank.")
        return name


class Quota(Base):
    """What one user may use; the row without an owner is for all others.

    NULL means: as the row without an owner says, or else as the settings say.
    """

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint("owner_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "least(max_running, max_queued, max_bytes, max_cells, max_streams, "
            "max_datasets, max_jobs, max_parts) >= 0",
            "positive",
        ),
    )

    id: Mapped[uuid.UUID] = _uuid_key()
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
    updated_at: Mapped[dt.datetime] = _now()

    owner: Mapped[User | None] = relationship(back_populates="quota")


class Blob(Base):
    """Stored bytes, known by their digest; de-duplicated per owner only.

    Sharing blobs between owners would let one ask whether another has a file.
    """

    __tablename__ = "blob"
    __table_args__ = (
        CheckConstraint("octet_length(sha256) = 32", "sha256_length"),
        CheckConstraint("size >= 0", "size"),
        CheckConstraint(_one_of("state", ("staging", "ready", "deleting")), "state"),
        CheckConstraint(_one_of("format", ("parquet", "json")), "format"),
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
    created_at: Mapped[dt.datetime] = _now()
    last_ref_at: Mapped[dt.datetime] = _now()


class Upload(Base):
    """Bytes on their way in; the staged file is named after the id."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("octet_length(sha256) = 32", "sha256_length"),
        CheckConstraint("size > 0", "size"),
        CheckConstraint("received BETWEEN 0 AND size", "received"),
        Index(None, "owner_id"),
    )

    id: Mapped[uuid.UUID] = _uuid_key()
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT")
    )
    sha256: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[dt.datetime] = _now()
    updated_at: Mapped[dt.datetime] = _now()
    #: Since when its bytes are kept; who completes it once more hears the same.
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

    id: Mapped[uuid.UUID] = _uuid_key()
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT")
    )
    name: Mapped[str]
    created_at: Mapped[dt.datetime] = _now()
    deleted_at: Mapped[dt.datetime | None]

    owner: Mapped[User] = relationship(back_populates="datasets")
    versions: Mapped[list[DatasetVersion]] = relationship(
        back_populates="dataset", order_by="DatasetVersion.n"
    )


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

    id: Mapped[uuid.UUID] = _uuid_key()
    dataset_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("dataset.id", ondelete="RESTRICT")
    )
    n: Mapped[int]
    owner_id: Mapped[uuid.UUID]
    blob_sha: Mapped[bytes]
    n_rows: Mapped[int] = mapped_column(BigInteger)
    n_columns: Mapped[int]
    columns: Mapped[list[Any]]
    #: Bytes of `columns` as JSON, which count as bytes that the owner keeps.
    meta_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[dt.datetime] = _now()

    dataset: Mapped[Dataset] = relationship(back_populates="versions")
    jobs: Mapped[list[Job]] = relationship(back_populates="input_version")


class Job(Base):
    """One run of a spec on a dataset version."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(_KIND, "kind"),
        CheckConstraint(_one_of("state", JOB_STATES), "state"),
        CheckConstraint("priority BETWEEN 0 AND 9", "priority"),
        # what is stored takes more room than the JSON, of which `MAX_SPEC` is taken
        CheckConstraint("pg_column_size(spec) < 16777216", "spec_size"),
        CheckConstraint("length(error_message) < 4000", "error_length"),
        CheckConstraint("octet_length(cache_key) = 32", "cache_key_length"),
        CheckConstraint("octet_length(request_sha) = 32", "request_sha_length"),
        CheckConstraint(
            f"({_one_of('state', JOB_FINAL)}) = (finished_at IS NOT NULL)", "finished"
        ),
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
            postgresql_where=text(f"NOT ({_one_of('state', JOB_FINAL)})"),
        ),
        Index(None, "input_version_id"),
        Index(None, "finished_at"),
        Index(
            "ix_job_owner_id_unfinished",
            "owner_id",
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = _uuid_key()
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
    cancel_requested_at: Mapped[dt.datetime | None]
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
    created_at: Mapped[dt.datetime] = _now()
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    owner: Mapped[User] = relationship(back_populates="jobs")
    input_version: Mapped[DatasetVersion] = relationship(back_populates="jobs")
    parts: Mapped[list[JobPart]] = relationship(
        back_populates="job", order_by="(JobPart.stage, JobPart.k)"
    )


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
    created_at: Mapped[dt.datetime] = _now()


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
        CheckConstraint(_one_of("state", PART_STATES), "state"),
        CheckConstraint("attempt BETWEEN 0 AND max_attempts", "attempt"),
        CheckConstraint(
            f"({_one_of('state', PART_LEASED)}) = (lease_until IS NOT NULL)", "lease"
        ),
        CheckConstraint(
            "(state IN ('running', 'cancelling')) = (lease_owner IS NOT NULL)",
            "lease_owner",
        ),
        CheckConstraint(
            f"({_one_of('state', JOB_FINAL)}) = (finished_at IS NOT NULL)", "finished"
        ),
        CheckConstraint("rank BETWEEN 0 AND 9", "rank"),
        # the order in which one owner's parts have their turn, lane by lane
        Index(
            "ix_job_part_queued",
            "queue",
            "owner_id",
            "rank",
            "created_at",
            "stage",
            "k",
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_job_part_lease_until",
            "lease_until",
            postgresql_where=text(_one_of("state", PART_LEASED)),
        ),
        Index(
            "ix_job_part_owner_id_active",
            "owner_id",
            postgresql_where=text("state IN ('dispatched', 'running')"),
        ),
        Index(None, "owner_id", "result_sha"),
    )

    id: Mapped[uuid.UUID] = _uuid_key()
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    owner_id: Mapped[uuid.UUID]
    #: 0: the work; 1: the summary, which waits for all of stage 0.
    stage: Mapped[int] = mapped_column(SmallInteger)
    #: Number within the stage; in stage 0 the imputation, from 0.
    k: Mapped[int]
    state: Mapped[str]
    queue: Mapped[str]
    #: Place among the owner's parts: 9 minus the priority of the job.
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="4")
    attempt: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    max_attempts: Mapped[int] = mapped_column(SmallInteger)
    #: Bytes of memory that it is thought to take; 0: little.
    memory: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_owner: Mapped[uuid.UUID | None]
    lease_until: Mapped[dt.datetime | None]
    dispatch_after: Mapped[dt.datetime] = _now()
    #: A running part is killed after this.
    deadline_at: Mapped[dt.datetime | None]
    result_sha: Mapped[bytes | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    error_details: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = _now()
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    job: Mapped[Job] = relationship(back_populates="parts")
    attempts: Mapped[list[JobAttempt]] = relationship(back_populates="part")


class JobAttempt(Base):
    """One try at a part, kept for the record."""

    __tablename__ = "job_attempt"

    part_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("job_part.id", ondelete="CASCADE"), primary_key=True
    )
    attempt: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    worker_id: Mapped[uuid.UUID]
    started_at: Mapped[dt.datetime] = _now()
    ended_at: Mapped[dt.datetime | None]
    #: How it ended: succeeded, failed, cancelled, released, or what was lost.
    exit: Mapped[str | None]
    rss_peak_kb: Mapped[int | None] = mapped_column(BigInteger)
    cpu_s: Mapped[float | None]

    part: Mapped[JobPart] = relationship(back_populates="attempts")


class JobEvent(Base):
    """What happened to a job, in order; feeds the event stream and its replay.

    Numbers from a sequence do not appear in the order of commits, so a reader
    goes by (xid, seq) and stops before the oldest transaction still open.
    """

    __tablename__ = "job_event"
    __table_args__ = (
        CheckConstraint("pg_column_size(payload) < 8192", "payload_size"),
        Index(None, "xid", "seq"),
        Index(None, "owner_id", "xid", "seq"),
        Index(None, "job_id"),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True
    )
    xid: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint")
    )
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    owner_id: Mapped[uuid.UUID]
    type: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    at: Mapped[dt.datetime] = _now()


class AuditEntry(Base):
    """Who stopped or deleted what; outlives what was deleted."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint(_one_of("action", AUDITED), "action"),
        CheckConstraint(_one_of("subject", ("job", "dataset", "user")), "subject"),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True
    )
    at: Mapped[dt.datetime] = _now()
    #: No foreign key: an entry outlives its owner, too.
    owner_id: Mapped[uuid.UUID]
    owner_kind: Mapped[str]
    owner_name: Mapped[str]
    #: The administrator who did it; None: the owner.
    by: Mapped[str | None]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    details: Mapped[str | None]


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
    started_at: Mapped[dt.datetime] = _now()
    heartbeat_at: Mapped[dt.datetime] = _now()
    draining: Mapped[bool] = mapped_column(server_default=text("false"))
    #: Why it cannot read the data, so that it takes no parts.
    storage_fault: Mapped[str | None]


class Release(Base):
    """The version of the service in charge, which workers must have too."""

    __tablename__ = "release"
    __table_args__ = (CheckConstraint("id = 1", "single"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[str]
    at: Mapped[dt.datetime] = _now()
    #: By what a worker knows the folder of data again.
    storage_id: Mapped[str | None]
