"""Users: everything that is stored belongs to one.

A user is found by name.  Names can be given to somebody else: so the id that the Hub
has for a user is stored beside the name, and somebody else under an old name is another
user.  The row of a user who left stays, with `left_at`, and holds the data until they
are transferred, purged or too old.

Users are ORM models; where two requests may meet at the same user (an insert at first
sight, a change only if nothing changed meanwhile), one statement decides.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jupyter_wrangler.contract.admin import UserPage, UserView
from jupyter_wrangler.errors import Conflict, NotAllowed, NotFound
from jupyter_wrangler.store import audit, models
from jupyter_wrangler.store.paging import next_key
from jupyter_wrangler.store.rls import for_system
from jupyter_wrangler.store.session import after_row, column_values, open_session

_JOBS = select(func.count()).where(models.Job.owner_id == models.User.id)
#: Users with how much they have.
_USER = select(
    models.User,
    _JOBS.scalar_subquery().label("jobs"),
    _JOBS.where(models.Job.finished_at.is_(None)).scalar_subquery().label("unfinished"),
    select(func.count())
    .where(
        models.Dataset.owner_id == models.User.id, models.Dataset.deleted_at.is_(None)
    )
    .scalar_subquery()
    .label("datasets"),
    select(func.coalesce(func.sum(models.Blob.size), 0))
    .where(models.Blob.owner_id == models.User.id)
    .scalar_subquery()
    .label("bytes"),
)

_NAMED = select(models.User).where(
    models.User.kind == bindparam("kind"),
    models.User.name == bindparam("name"),
    models.User.left_at.is_(None),
)


@for_system
def ensure(c: Connection, kind: str, name: str, hub_id: str | None = None) -> uuid.UUID:
    """Return the id of a user, making the row at first sight.

    Raises
    ------
    NotAllowed
        If it is not known whether this is still the user who has the data.
    InvalidSpec
        If nobody can have this name.
    """
    wanted = models.User(kind=kind, name=name, hub_id=hub_id)
    with open_session(c) as session:
        user = session.scalar(_NAMED, {"kind": kind, "name": name})
        if user is None:
            user = _renamed(session, wanted) or _insert(session, wanted)
        elif hub_id is not None and _kind(user.hub_id) != _kind(hub_id):
            # data from before the Hub said it: the first one under the name has them
            session.execute(
                update(models.User)
                .where(
                    models.User.id == user.id,
                    models.User.hub_id.is_not_distinct_from(user.hub_id),
                )
                .values(hub_id=hub_id)
                .execution_options(synchronize_session=False)
            )
            return user.id
        elif (
            hub_id is not None
            and user.hub_id is not None
            and _later(hub_id, than=user.hub_id)
        ):
            mark_left(session, user.id)
            user = _insert(session, wanted)
        if user.hub_id != hub_id and kind != "local":
            raise NotAllowed(
                f"The data of {name!r} belong to the user whom the Hub knows as "
                f"{user.hub_id}, and it says {hub_id or 'nothing'} of this one. If you "
                "are that user, sign in again; or the Hub's administrator gives the "
                "service the scope read:users, as docs/hub.md shows."
            )
        return user.id


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


def _insert(session: Session, user: models.User) -> models.User:
    """Insert a user, or find the one that another request has just inserted."""
    upsert = insert(models.User).values(column_values(user))
    return session.scalars(
        upsert.on_conflict_do_update(
            index_elements=["kind", "name"],
            index_where=models.User.left_at.is_(None),
            set_={"hub_id": func.coalesce(models.User.hub_id, upsert.excluded.hub_id)},
        ).returning(models.User)
    ).one()


def _renamed(session: Session, wanted: models.User) -> models.User | None:
    """Find a user by the Hub's own key, who has a new name."""
    if wanted.hub_id is None or not wanted.hub_id.startswith("id:"):
        # two users may have been made in the same instant
        return None
    return session.scalars(
        update(models.User)
        .where(
            models.User.kind == wanted.kind,
            models.User.hub_id == wanted.hub_id,
            models.User.left_at.is_(None),
        )
        .values(name=wanted.name)
        .returning(models.User)
    ).one_or_none()


def mark_left(session: Session, user: uuid.UUID) -> None:
    """Free a user's name."""
    session.execute(
        update(models.User)
        .where(models.User.id == user, models.User.left_at.is_(None))
        .values(left_at=func.now())
        .execution_options(synchronize_session=False)
    )


@for_system
def page(
    c: Connection, *, after: uuid.UUID | None, limit: int, name: str | None
) -> UserPage:
    """List users by name, those who left after the one who has it now."""
    query = _page_query(after=after is not None, name=name is not None)
    given = {"after": after, "name": name, "limit": limit + 1}
    with open_session(c) as session:
        rows = session.execute(query, given).all()
    items = tuple(_view(row) for row in rows[:limit])
    return UserPage(items=items, next=next_key(items, rows, key="id"))


@cache
def _page_query(*, after: bool, name: bool) -> Select[Any]:
    def keys(user: Any) -> Any:
        return user.name, user.kind, user.left_at.is_not(None), user.id

    query = _USER.order_by(*keys(models.User))
    if after:
        query = query.where(after_row(models.User, keys))
    if name:
        query = query.where(models.User.name == bindparam("name"))
    return query.limit(bindparam("limit"))


@for_system
def get(c: Connection, user: uuid.UUID) -> UserView:
    """Return one user with what they have."""
    with open_session(c) as session:
        row = session.execute(_USER.where(models.User.id == user)).one_or_none()
    if row is None:
        raise _missing(user)
    return _view(row)


def _view(row: Row[Any]) -> UserView:
    user: models.User = row.User
    return UserView(
        id=user.id,
        kind=user.kind,
        name=user.name,
        hub_id=user.hub_id,
        created_at=user.created_at,
        left_at=user.left_at,
        jobs=row.jobs,
        unfinished=row.unfinished,
        datasets=row.datasets,
        bytes=row.bytes,
    )


def _missing(user: uuid.UUID) -> NotFound:
    return NotFound(
        f"There is no user {user}; 'jupyter wrangler admin users' lists those that are "
        "known."
    )


@for_system
def forget(c: Connection, user: uuid.UUID, *, by: str) -> UserView:
    """Free a user's name: the next one who comes under it begins with nothing."""
    with open_session(c) as session:
        lock(session, user)
        mark_left(session, user)
    audit.note(c, user, "forget", "user", user, by=by)
    return get(c, user)


@for_system
def rename(c: Connection, user: uuid.UUID, name: str, *, by: str) -> UserView:
    """Give a user another name, as the Hub did, and with it all their data.

    Raises
    ------
    Conflict
        If another user has the name.
    InvalidSpec
        If nobody can have it.
    """
    with open_session(c) as session:
        row = lock(session, user)
        kind, was = row.kind, row.name
        row.name, row.left_at = name, None
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict(
                f"There is a {kind} {name!r} already; transfer the data to that "
                "one instead ('jupyter wrangler admin users transfer')."
            ) from error
    audit.note(c, user, "rename", "user", user, by=by, details=f"{was} -> {name}")
    return get(c, user)


def lock(session: Session, user: uuid.UUID) -> models.User:
    """Lock a user, so that no job and no upload of theirs begins meanwhile."""
    row = session.get(models.User, user, with_for_update=True)
    if row is None:
        raise _missing(user)
    return row
