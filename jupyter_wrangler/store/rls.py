"""For whom a transaction works: for one owner, or for the machinery.

Row-level security shows a transaction nothing, and lets it write nothing, until it
has said for whom it works.  Each verb of this room is marked with that, so that no
caller can forget it: a verb of owners names the owner as its first argument, and the
rows of all others are not there for it, whatever its own WHERE says.  A verb of the
machinery (dispatching, workers, clearing, administration) sees everybody's rows.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, TypeVar

from sqlalchemy import Connection, text

OwnersVerb = TypeVar(
    "OwnersVerb", bound=Callable[Concatenate[Connection, uuid.UUID, ...], Any]
)
AnyVerb = TypeVar("AnyVerb", bound=Callable[Concatenate[Connection, ...], Any])

_OWNER, _MACHINERY = "owner", "machinery"

UNWALLED = (
    "Row-level security does not bind the database role (a superuser, or BYPASSRLS), "
    "so that only the queries keep owners apart; give the service and the workers a "
    "role of their own, as docs/deployment.md says."
)


def for_owner(verb: OwnersVerb) -> OwnersVerb:
    """Mark a verb that works for the owner whose id is its first argument."""
    verb.__dict__["scope"] = _OWNER
    return verb


def for_system(verb: AnyVerb) -> AnyVerb:
    """Mark a verb that works for nobody in particular, and sees all rows."""
    verb.__dict__["scope"] = _MACHINERY
    return verb


def scope_of(verb: Callable[..., Any]) -> str | None:
    """Return `owner`, `machinery`, or None for a verb that has no mark.

    Examples
    --------
    >>> scope_of(for_system(lambda connection: None))
    'machinery'
    """
    found: str | None = getattr(verb, "scope", None)
    return found


def opening(verb: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """Return what begins the transaction of a verb: one message, one round trip.

    The settings end with the transaction, so that no connection carries them on.

    Raises
    ------
    TypeError
        If the verb has no mark.  It would see no rows, and to find none means
        something: that a file has no owner any more, say.

    Examples
    --------
    >>> opening(for_owner(lambda c, owner: None), (uuid.UUID(int=7),))
    "BEGIN; SET LOCAL wrangler.owner = '00000000-0000-0000-0000-000000000007'"
    """
    scope = scope_of(verb)
    if scope == _OWNER:
        return f"BEGIN; SET LOCAL wrangler.owner = '{uuid.UUID(str(args[0]))}'"
    if scope == _MACHINERY:
        return "BEGIN; SET LOCAL wrangler.machinery = 'on'"
    raise TypeError(
        f"{verb!r} does not say for whom it works; mark it @for_owner or @for_system"
    )


@contextlib.contextmanager
def as_system(c: Connection) -> Iterator[None]:
    """Let a few statements of an owner's transaction see everybody's rows.

    For what is learnt from all, and tells of none.
    """
    c.exec_driver_sql("SET LOCAL wrangler.machinery = 'on'")
    yield
    # after an error the transaction takes no more statements, this one included
    c.exec_driver_sql("SET LOCAL wrangler.machinery = 'off'")


@for_system
def holds(c: Connection) -> bool:
    """Tell whether row-level security binds the role that is connected.

    It does not bind superusers and roles with BYPASSRLS.
    """
    return bool(
        c.execute(text("SELECT row_security_active('wrangler.job')")).scalar_one()
    )
