"""Who stopped or deleted what; an entry outlives what was deleted."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, bindparam, select

from jupyter_wrangler.contract.admin import (
    AuditAction,
    AuditEntry,
    AuditPage,
    AuditSubject,
)
from jupyter_wrangler.store import models
from jupyter_wrangler.store.paging import next_key
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.session import open_session

_NEWEST = (
    select(models.AuditEntry)
    .order_by(models.AuditEntry.seq.desc())
    .limit(bindparam("limit"))
)
_BEFORE = _NEWEST.where(models.AuditEntry.seq < bindparam("after"))


def note(
    c: Connection,
    owner: uuid.UUID,
    action: AuditAction,
    subject: AuditSubject,
    subject_id: uuid.UUID,
    *,
    by: str | None = None,
    details: str | None = None,
) -> None:
    """Write an entry, in the transaction that does it; `by` None is the owner."""
    with open_session(c) as session:
        user = session.get_one(models.User, owner)
        session.add(
            models.AuditEntry(
                owner_id=owner,
                owner_kind=user.kind,
                owner_name=user.name,
                by=by,
                action=action,
                subject=subject,
                subject_id=subject_id,
                details=details,
            )
        )


@for_system
def page(c: Connection, *, after: int | None, limit: int) -> AuditPage:
    """List everybody's entries, newest first, from the number `after`."""
    query = _NEWEST if after is None else _BEFORE
    with open_session(c) as session:
        rows = session.scalars(query, {"after": after, "limit": limit + 1}).all()
    items = tuple(_view(row) for row in rows[:limit])
    return AuditPage(items=items, next=next_key(items, rows, key="seq"))


def _view(row: models.AuditEntry) -> AuditEntry:
    return AuditEntry.model_validate(
        {
            "seq": row.seq,
            "at": row.at,
            "by": row.by or row.owner_name,
            "owner_kind": row.owner_kind,
            "owner": row.owner_name,
            "action": row.action,
            "subject": row.subject,
            "subject_id": row.subject_id,
            "details": row.details,
        }
    )
