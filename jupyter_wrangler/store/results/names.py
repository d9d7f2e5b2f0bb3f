"""Named results: listed, looked up by id or name, and renamed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from jupyter_wrangler.contract import NamedResult, NamedResultPage
from jupyter_wrangler.errors import Conflict
from jupyter_wrangler.store import models
from jupyter_wrangler.store.paging import next_key
from jupyter_wrangler.store.results import versions
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.session import after_row, open_session

_COUNTED = select(
    models.NamedResult,
    select(func.count())
    .where(models.ResultVersion.result_id == models.NamedResult.id)
    .scalar_subquery()
    .label("n_versions"),
).where(models.NamedResult.owner_id == bindparam("owner"))
_ONE = _COUNTED.where(models.NamedResult.id == bindparam("id"))
_LOCKED = (
    select(models.NamedResult)
    .where(
        models.NamedResult.owner_id == bindparam("owner"),
        models.NamedResult.id == bindparam("id"),
    )
    .with_for_update()
)


@for_owner
def get(c: Connection, owner: uuid.UUID, result_id: uuid.UUID) -> NamedResult:
    """Return a named result with its latest version.

    Raises
    ------
    ResultNotFound
        If there is none with this id.
    """
    with open_session(c) as session:
        rows = session.execute(_ONE, {"owner": owner, "id": result_id}).all()
    found = _views(c, owner, rows)
    if not found:
        raise versions.missing_result(result_id)
    return found[0]


@for_owner
def page(
    c: Connection,
    owner: uuid.UUID,
    *,
    after: uuid.UUID | None,
    limit: int,
    name: str | None,
) -> NamedResultPage:
    """List named results, newest first, from the key `after`; or the one of a name."""
    query = _page_query(after=after is not None, name=name is not None)
    given = {"owner": owner, "after": after, "limit": limit + 1, "name": name}
    with open_session(c) as session:
        rows = session.execute(query, given).all()
    items = tuple(_views(c, owner, rows[:limit]))
    return NamedResultPage(items=items, next=next_key(items, rows, key="id"))


@cache
def _page_query(*, after: bool, name: bool) -> Select[Any]:
    def keys(result: Any) -> Any:
        return result.created_at, result.id

    query = _COUNTED.order_by(*(key.desc() for key in keys(models.NamedResult)))
    if after:
        query = query.where(after_row(models.NamedResult, keys, descending=True))
    if name:
        query = query.where(models.NamedResult.name == bindparam("name"))
    return query.limit(bindparam("limit"))


def _views(c: Connection, owner: uuid.UUID, rows: Sequence[Any]) -> list[NamedResult]:
    latest = versions.latest_of(c, owner, [row.NamedResult.id for row in rows])
    return [
        NamedResult(
            id=row.NamedResult.id,
            name=row.NamedResult.name,
            created_at=row.NamedResult.created_at,
            n_versions=row.n_versions,
            latest=latest[row.NamedResult.id],
        )
        for row in rows
        # deleted between the two queries
        if row.NamedResult.id in latest
    ]


@for_owner
def rename(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, name: str
) -> NamedResult:
    """Rename a result; names are unique within an owner.

    Raises
    ------
    Conflict
        If another result of the owner has the name.
    """
    with open_session(c) as session:
        row = session.scalar(_LOCKED, {"owner": owner, "id": result_id})
        if row is not None:
            row.name = name
            try:
                session.flush()
            except IntegrityError as error:
                raise Conflict(
                    f"You have another result named {name!r}; choose another name, or "
                    "rename or delete that one first."
                ) from error
    return get(c, owner, result_id)
