"""What happened: attempts at parts, events of jobs, and the audit trail."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, validates

from jupyter_wrangler.contract.admin import AuditAction, AuditSubject
from jupyter_wrangler.store.models.base import (
    Base,
    Timestamp,
    checked_choice,
    one_of,
)


class JobAttempt(Base):
    """One try at a part, kept for the record."""

    __tablename__ = "job_attempt"

    part_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("job_part.id", ondelete="CASCADE"), primary_key=True
    )
    attempt: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    worker_id: Mapped[uuid.UUID]
    started_at: Mapped[Timestamp]
    ended_at: Mapped[dt.datetime | None]
    #: How it ended: succeeded, failed, cancelled, released, or what was lost.
    exit: Mapped[str | None]
    rss_peak_kb: Mapped[int | None] = mapped_column(BigInteger)
    cpu_s: Mapped[float | None]


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
    at: Mapped[Timestamp]


class AuditEntry(Base):
    """Who stopped or deleted what; outlives what was deleted."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint(one_of("action", AuditAction), "action"),
        CheckConstraint(one_of("subject", AuditSubject), "subject"),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True
    )
    at: Mapped[Timestamp]
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

    @validates("action")
    def _check_action(self, _key: str, action: str) -> str:
        return checked_choice("The action", action, AuditAction)

    @validates("subject")
    def _check_subject(self, _key: str, subject: str) -> str:
        return checked_choice("The subject", subject, AuditSubject)
