"""Users: everything that is stored belongs to one."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from jupyter_wrangler.store.scope import for_machinery
from jupyter_wrangler.store.sql import text


@for_machinery
def ensure(c: Connection, kind: str, name: str) -> uuid.UUID:
    """Return the id of a user, making the row at first sight."""
    found = c.execute(
        text('SELECT id FROM wrangler."user" WHERE kind = :k AND name = :n'),
        {"k": kind, "n": name},
    ).scalar_one_or_none()
    if found is None:
        found = c.execute(
            text("""
            INSERT INTO wrangler."user" (kind, name) VALUES (:k, :n)
            ON CONFLICT (kind, name) DO UPDATE SET name = excluded.name
            RETURNING id"""),
            {"k": kind, "n": name},
        ).scalar_one()
    return uuid.UUID(str(found))
