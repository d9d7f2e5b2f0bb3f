"""Users: everything that is stored belongs to one.

A user is found by name.  Names are given away again: so the id that the Hub has for a
user is kept beside the name, and somebody else under an old name is another user.  The
row of a user who is gone stays, with `left_at`, and holds the data until they are
transferred, purged or too old.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row

from jupyter_wrangler.contract.admin import UserPage, UserView
from jupyter_wrangler.errors import Conflict, NotAllowed, NotFound
from jupyter_wrangler.store import audit
from jupyter_wrangler.store.rls import for_machinery
from jupyter_wrangler.store.sql import text

_USER = """
    SELECT u.id, u.kind, u.name, u.hub_id, u.created_at, u.left_at,
           (SELECT count(*) FROM wrangler.job j WHERE j.owner_id = u.id) AS jobs,
           (SELECT count(*) FROM wrangler.job j
             WHERE j.owner_id = u.id AND j.finished_at IS NULL) AS unfinished,
           (SELECT count(*) FROM wrangler.dataset d
             WHERE d.owner_id = u.id AND d.deleted_at IS NULL) AS datasets,
           (SELECT coalesce(sum(size), 0) FROM wrangler.blob b
             WHERE b.owner_id = u.id) AS bytes
      FROM wrangler."user" u"""

#: Moves what a user has to another one, row by row of every table that names an owner.
#: Where both have the same, the receiver's stays.
_TRANSFER = (
    # a blob is referred to by its owner and digest: it is copied, and then deleted
    "UPDATE wrangler.blob SET store_key = 'moved:' || store_key WHERE owner_id = :a",
    """INSERT INTO wrangler.blob (owner_id, sha256, size, format, store_key, state,
                                  created_at, last_ref_at)
       SELECT :b, sha256, size, format, substr(store_key, 7), state, created_at, now()
         FROM wrangler.blob WHERE owner_id = :a
           ON CONFLICT (owner_id, sha256) DO NOTHING""",
    """UPDATE wrangler.dataset d SET owner_id = :b,
              name = CASE WHEN d.deleted_at IS NULL AND EXISTS (
                          SELECT 1 FROM wrangler.dataset o WHERE o.owner_id = :b
                             AND o.deleted_at IS NULL AND o.name = d.name)
                     THEN left(d.name, 200) || ' (' || left(CAST(d.id AS text), 8)
                          || ')'
                     ELSE d.name END
        WHERE owner_id = :a""",
    "UPDATE wrangler.dataset_version SET owner_id = :b WHERE owner_id = :a",
    """DELETE FROM wrangler.job_key k WHERE owner_id = :a AND EXISTS (
              SELECT 1 FROM wrangler.job_key o
               WHERE o.owner_id = :b AND o.key = k.key)""",
    "UPDATE wrangler.job_key SET owner_id = :b WHERE owner_id = :a",
    """UPDATE wrangler.job j SET owner_id = :b,
              idempotency_key = CASE WHEN EXISTS (
                  SELECT 1 FROM wrangler.job o WHERE o.owner_id = :b
                     AND o.idempotency_key = j.idempotency_key)
                  THEN NULL ELSE j.idempotency_key END,
              cache_key = CASE WHEN EXISTS (
                  SELECT 1 FROM wrangler.job o
                   WHERE o.owner_id = :b AND o.cache_key = j.cache_key)
                  THEN NULL ELSE j.cache_key END
        WHERE owner_id = :a""",
    "UPDATE wrangler.job_part SET owner_id = :b WHERE owner_id = :a",
    # the history of jobs is closed to the role of the service
    "SELECT wrangler.transfer_events(:a, :b)",
    "UPDATE wrangler.upload SET owner_id = :b WHERE owner_id = :a",
)

#: Deletes what a user has, in an order that no reference forbids.
_PURGE = (
    "DELETE FROM wrangler.job_key WHERE owner_id = :u",
    "DELETE FROM wrangler.job WHERE owner_id = :u",
    "DELETE FROM wrangler.dataset_version WHERE owner_id = :u",
    "DELETE FROM wrangler.dataset WHERE owner_id = :u",
    "DELETE FROM wrangler.upload WHERE owner_id = :u",
    "DELETE FROM wrangler.quota WHERE owner_id = :u",
)


@for_machinery
def ensure(c: Connection, kind: str, name: str, hub_id: str | None = None) -> uuid.UUID:
    """Return the id of a user, making the row at first sight.

    Raises
    ------
    NotAllowed
        If it is not known whether this is still the user who has the data.
    """
    found = c.execute(
        text("""
        SELECT id, hub_id FROM wrangler."user"
         WHERE kind = :k AND name = :n AND left_at IS NULL"""),
        {"k": kind, "n": name},
    ).one_or_none()
    if found is None:
        found = _renamed(c, kind, name, hub_id) or _made(c, kind, name, hub_id)
    elif hub_id is not None and _kind(found.hub_id) != _kind(hub_id):
        # data from before the Hub said it: who comes first under the name has them
        c.execute(
            text("""
            UPDATE wrangler."user" SET hub_id = :h
             WHERE id = :u AND hub_id IS NOT DISTINCT FROM :was"""),
            {"h": hub_id, "u": found.id, "was": found.hub_id},
        )
        return uuid.UUID(str(found.id))
    elif hub_id is not None and _later(hub_id, than=found.hub_id):
        _leave(c, found.id)
        found = _made(c, kind, name, hub_id)
    if found.hub_id != hub_id and kind != "local":
        raise NotAllowed(
            f"The data of {name!r} belong to the user whom the Hub knows as "
            f"{found.hub_id}, and it says {hub_id or 'nothing'} of this one. If you "
            "are that user, sign in anew; or the Hub's administrator gives the service "
            "the scope read:users, as docs/hub.md shows."
        )
    return uuid.UUID(str(found.id))


def _kind(hub_id: str | None) -> str:
    return (hub_id or "").partition(":")[0]


def _later(hub_id: str, *, than: str) -> bool:
    """Tell whether the Hub made this user after that one.

    A token of a user who was deleted is believed for a while; it must not put out the
    one who has the name now.

    Examples
    --------
    >>> _later("id:10", than="id:9"), _later("id:9", than="id:10")
    (True, False)
    >>> _later("created:2026-01-01T00:00:00+00:00", than="created:2025-12-31T23:00:00")
    True
    """
    _, _, mine = hub_id.partition(":")
    _, _, other = than.partition(":")
    if mine.isdecimal() and other.isdecimal():
        return int(mine) > int(other)
    if _kind(hub_id) == "id":
        # keys without an order
        return mine != other
    return mine > other


def _made(c: Connection, kind: str, name: str, hub_id: str | None) -> Row[Any]:
    return c.execute(
        text("""
        INSERT INTO wrangler."user" (kind, name, hub_id) VALUES (:k, :n, :h)
        ON CONFLICT (kind, name) WHERE left_at IS NULL
        DO UPDATE SET hub_id = coalesce("user".hub_id, excluded.hub_id)
        RETURNING id, hub_id"""),
        {"k": kind, "n": name, "h": hub_id},
    ).one()


def _renamed(
    c: Connection, kind: str, name: str, hub_id: str | None
) -> Row[Any] | None:
    """Find somebody by the Hub's own key, who has a new name."""
    if hub_id is None or not hub_id.startswith("id:"):
        # two users may have been made in the same instant
        return None
    return c.execute(
        text("""
        UPDATE wrangler."user" SET name = :n
         WHERE kind = :k AND hub_id = :h AND left_at IS NULL
        RETURNING id, hub_id"""),
        {"k": kind, "n": name, "h": hub_id},
    ).one_or_none()


def _leave(c: Connection, user: uuid.UUID) -> None:
    c.execute(
        text("""
        UPDATE wrangler."user" SET left_at = now()
         WHERE id = :u AND left_at IS NULL"""),
        {"u": user},
    )


@for_machinery
def page(
    c: Connection, *, after: uuid.UUID | None, limit: int, name: str | None
) -> UserPage:
    """List users by name, those who left after the one who has it now."""
    rows = c.execute(
        text(f"""{_USER}
         WHERE (CAST(:after AS uuid) IS NULL
                OR (u.name, u.kind, u.left_at IS NOT NULL, u.id) >
                   (SELECT name, kind, left_at IS NOT NULL, id FROM wrangler."user"
                     WHERE id = :after))
           AND (CAST(:name AS text) IS NULL OR u.name = :name)
         ORDER BY u.name, u.kind, u.left_at IS NOT NULL, u.id LIMIT :n"""),
        {"after": after, "name": name, "n": limit + 1},
    ).all()
    items = tuple(
        UserView.model_validate(row, from_attributes=True) for row in rows[:limit]
    )
    return UserPage(items=items, next=str(items[-1].id) if len(rows) > limit else None)


@for_machinery
def get(c: Connection, user: uuid.UUID) -> UserView:
    """Return one user with what they have."""
    row = c.execute(text(f"{_USER} WHERE u.id = :u"), {"u": user}).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no user {user}; 'jupyter wrangler admin users' lists those "
            "that are known."
        )
    return UserView.model_validate(row, from_attributes=True)


@for_machinery
def forget(c: Connection, user: uuid.UUID, *, by: str) -> UserView:
    """Free a user's name: the next one who comes under it begins with nothing."""
    _hold(c, user)
    _leave(c, user)
    audit.note(c, user, "forget", "user", user, by=by)
    return get(c, user)


@for_machinery
def rename(c: Connection, user: uuid.UUID, name: str, *, by: str) -> UserView:
    """Give a user another name, as the Hub did, and with it all their data."""
    was = _hold(c, user)
    taken = c.execute(
        text("""
        SELECT id FROM wrangler."user"
         WHERE kind = :k AND name = :n AND left_at IS NULL AND id <> :u"""),
        {"k": was.kind, "n": name, "u": user},
    ).scalar_one_or_none()
    if taken is not None:
        raise Conflict(
            f"There is a {was.kind} {name!r} already; transfer the data to that one "
            "instead ('jupyter wrangler admin users transfer')."
        )
    c.execute(
        text("""
        UPDATE wrangler."user" SET name = :n, left_at = NULL WHERE id = :u"""),
        {"n": name, "u": user},
    )
    audit.note(c, user, "rename", "user", user, by=by, details=f"{was.name} -> {name}")
    return get(c, user)


@for_machinery
def unfinished(c: Connection, user: uuid.UUID) -> list[uuid.UUID]:
    """List the jobs of a user that have not ended."""
    return list(
        c.execute(
            text("""
            SELECT id FROM wrangler.job
             WHERE owner_id = :u AND finished_at IS NULL"""),
            {"u": user},
        ).scalars()
    )


@for_machinery
def transfer(
    c: Connection, user: uuid.UUID, to: uuid.UUID, *, by: str
) -> tuple[UserView, list[str]]:
    """Give all data and jobs of one user to another.

    Returns the receiver, and the keys of bytes that both had, which may go.
    """
    if user == to:
        raise Conflict("A user's data are theirs already; name another receiver.")
    # in one order, so that two transfers cannot wait for each other
    for one in sorted((user, to)):
        _hold(c, one)
    _refuse_unfinished(c, user)
    for statement in _TRANSFER:
        c.execute(text(statement), {"a": user, "b": to})
    spare = c.execute(
        text("""
        WITH gone AS (DELETE FROM wrangler.blob WHERE owner_id = :a
                      RETURNING substr(store_key, 7) AS key)
        SELECT key FROM gone WHERE NOT EXISTS (
               SELECT 1 FROM wrangler.blob WHERE store_key = key)"""),
        {"a": user},
    ).scalars()
    keys = list(spare)
    audit.note(c, user, "transfer", "user", to, by=by)
    return get(c, to), keys


@for_machinery
def purge(c: Connection, user: uuid.UUID, *, by: str) -> tuple[UserView, list[str]]:
    """Delete all that a user has; return the user, and the keys of bytes to delete.

    The row stays for the audit trail, without a claim to the name.
    """
    _hold(c, user)
    _refuse_unfinished(c, user)
    for statement in _PURGE:
        c.execute(text(statement), {"u": user})
    keys = c.execute(
        text("DELETE FROM wrangler.blob WHERE owner_id = :u RETURNING store_key"),
        {"u": user},
    ).scalars()
    _leave(c, user)
    audit.note(c, user, "purge", "user", user, by=by)
    return get(c, user), list(keys)


def _hold(c: Connection, user: uuid.UUID) -> Row[Any]:
    """Lock a user, so that no job and no upload of theirs begins meanwhile."""
    row = c.execute(
        text('SELECT * FROM wrangler."user" WHERE id = :u FOR UPDATE'), {"u": user}
    ).one_or_none()
    if row is None:
        get(c, user)  # says so
        raise AssertionError
    return row


def _refuse_unfinished(c: Connection, user: uuid.UUID) -> None:
    left = len(unfinished(c, user))
    if left:
        raise Conflict(
            f"{left} jobs of this user have not ended; wait for them or cancel them, "
            "then try again."
        )
