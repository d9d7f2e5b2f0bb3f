"""Who stopped or deleted what; kept when what was deleted is gone."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.contract.admin import AuditEntry, AuditPage
from jupyter_wrangler.store.rls import for_machinery
from jupyter_wrangler.store.sql import text


def note(
    c: Connection,
    owner: uuid.UUID,
    action: str,
    subject: str,
    subject_id: uuid.UUID,
    *,
    by: str | None = None,
    details: str | None = None,
) -> None:
    """Write an entry, in the transaction that does it; `by` None is the owner."""
    c.execute(
        text("""
        INSERT INTO wrangler.audit_entry
               (owner_id, owner_kind, owner_name, by, action, subject, subject_id,
                details)
        SELECT id, kind, name, :by, :action, :subject, :id, :details
          FROM wrangler."user" WHERE id = :o"""),
        {
            "o": owner,
            "by": by,
            "action": action,
            "subject": subject,
            "id": subject_id,
            "details": details,
        },
    )


@for_machinery
def page(c: Connection, *, after: int | None, limit: int) -> AuditPage:
    """List everybody's entries, newest first, from the number `after`."""
    rows = c.execute(
        text("""
        SELECT a.seq, a.at, coalesce(a.by, a.owner_name) AS by, a.owner_kind,
               a.owner_name AS owner, a.action, a.subject, a.subject_id, a.details
          FROM wrangler.audit_entry a
         WHERE CAST(:after AS bigint) IS NULL OR a.seq < :after
         ORDER BY a.seq DESC LIMIT :n"""),
        {"after": after, "n": limit + 1},
    ).all()
    items = tuple(
        AuditEntry.model_validate(row, from_attributes=True) for row in rows[:limit]
    )
    return AuditPage(
        items=items, next=str(items[-1].seq) if len(rows) > limit else None
    )
