"""ORM sessions inside of the transaction that `Database.run` has begun.

Users, data sets, quotas, the audit trail and the lists of administrators are read and
written through the models; what PostgreSQL does better in one statement (transitions
of the queue, sums over many rows, conditional updates) is SQL.  Both may follow each
other in one transaction: a session works on the connection that the function got, so
row-level security, time limits and repetition after a conflict are the same.

Queries are built once, with named parameters: building one takes as long as to run it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, bindparam, inspect, select, tuple_
from sqlalchemy.orm import Session, aliased

from jupyter_wrangler.store.models import Base

#: Returns the columns that a list is sorted by, the last of which is the primary key.
Keys = Callable[[Any], tuple[ColumnElement[Any], ...]]
ModelT = TypeVar("ModelT", bound=Base)


@contextlib.contextmanager
def open_session(c: Connection) -> Iterator[Session]:
    """Yield a session; what was changed is written at the end, and not committed."""
    # after an error the connection's own transaction is rolled back by `run`
    with Session(c, join_transaction_mode="rollback_only") as session:
        yield session
        session.flush()


def column_values(row: Base) -> dict[str, Any]:
    """Return what was set of a model, for an INSERT that has an ON CONFLICT.

    The constructor has validated it.
    """
    columns = inspect(type(row)).column_attrs.keys()
    return {name: value for name, value in vars(row).items() if name in columns}


def after_row(
    entity: type[ModelT], keys: Keys, *, descending: bool = False
) -> ColumnElement[bool]:
    """Return the condition for rows that a list shows after the row with id `:after`.

    There are none if the row is not there, or not visible.  Building it takes a
    millisecond, so callers keep the query.
    """
    other: Any = aliased(entity)
    last: ColumnElement[Any] = (
        select(*keys(other)).where(other.id == bindparam("after")).scalar_subquery()
    )
    mine: ColumnElement[Any] = tuple_(*keys(entity))
    return mine < last if descending else mine > last
