"""What an error of the driver means: an outage, a conflict, a wrong address."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from jupyter_wrangler.errors import DatabaseUnreachable, InvalidSettings

#: What passes when it is tried again: a conflict, a deadlock, a lock that was not to be
#: had in time, a statement that was cancelled.
_PASSING = frozenset({"40001", "40P01", "55P03", "57014"})


def _is_outage(error: Exception) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # a statement that was cancelled or could not lock is our matter, no outage
    return getattr(error.orig, "sqlstate", None) in {
        None, "57P01", "57P02", "57P03", "53300", "53100",
    }  # fmt: skip


def is_passing(error: BaseException) -> bool:
    """Whether the same verb may well succeed when it is run again."""
    return (
        isinstance(error, DBAPIError)
        and getattr(error.orig, "sqlstate", None) in _PASSING
    )


def is_conflict(error: Exception) -> bool:
    """Whether the same verb may well succeed at once."""
    return _sqlstate(error) in {"40001", "40P01"}


def _sqlstate(error: BaseException) -> str | None:
    """Return what PostgreSQL calls an error."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def is_away(error: BaseException) -> bool:
    """Whether it is PostgreSQL that does not answer, and not our pool that has run dry.

    Connections that hang, each held by a thread, come back sooner in a new process.
    """
    return isinstance(error, DatabaseUnreachable) and not isinstance(
        error.__cause__, PoolTimeout
    )


@contextlib.contextmanager
def outages() -> Iterator[None]:
    """Raise `DatabaseUnreachable` where the driver says that nothing answers."""
    try:
        yield
    except (PoolTimeout, DBAPIError) as error:
        if not _is_outage(error):
            raise
        raise DatabaseUnreachable(
            "PostgreSQL does not answer, so nothing can be stored or looked up; "
            "nothing that was accepted is lost. Run: jupyter wrangler doctor"
        ) from error


@contextlib.contextmanager
def names_setting(setting: str) -> Iterator[None]:
    """Say which setting holds an address that the driver does not understand."""
    try:
        yield
    except (ProgrammingError, ArgumentError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None):
            raise
        raise InvalidSettings(
            f"JUPYTER_WRANGLER_{setting} cannot be used: {driver_message(error)} "
            "An address such as postgresql+psycopg://user:password@host/wrangler is "
            "wanted; correct it."
        ) from error


def driver_message(error: BaseException | None) -> str:
    """Give the driver's own words, without the statement and links around them."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    return f"{text.rstrip('.')[:300]}."
