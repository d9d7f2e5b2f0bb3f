"""Engines for PostgreSQL: an async one for the service, a sync one for workers.

All SQL of this room is written once, as functions of a plain `Connection`; the
service runs them with `AsyncConnection.run_sync`, so that no verb exists twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from jupyter_wrangler.contract import DatabaseFacts
from jupyter_wrangler.contract.health import ENCODING
from jupyter_wrangler.errors import (
    DatabaseBusy,
    DatabaseUnreachable,
    InvalidSettings,
    ServiceNotConfigured,
)
from jupyter_wrangler.retrying import RetryPolicy
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.connections import (
    STATEMENT_S,
    BoundedAsyncConnection,
    bound,
)
from jupyter_wrangler.store.rls import opening

#: Seconds that a request waits for a connection; then it is answered by 503.
POOL_TIMEOUT_S = 5.0

P = ParamSpec("P")
T = TypeVar("T")

#: Role settings would need a role per purpose; these travel with each connection.
#: The search path matters where the role is called as the schema: the schema would
#: then be the default one, and alembic would take its tables for others.
_OPTIONS = (
    "-c search_path=public "
    f"-c statement_timeout={STATEMENT_S}s -c lock_timeout=5000 "
    "-c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
)

#: What passes when it is tried again: a conflict, a deadlock, a lock that was not to be
#: had in time, a statement that was cancelled.
_PASSING = frozenset({"40001", "40P01", "55P03", "57014"})
_BUSY = (
    "The database is held up by something else that works at the same rows; nothing "
    "was changed. Try again in a moment. If it stays like this, look for long "
    "transactions in pg_stat_activity."
)
#: How that is tried again; by workers well within a lease, since heartbeats are sent
#: like this too.
_AT_ONCE = RetryPolicy(first_s=0.05, factor=4, longest_s=0.5, tries=4)
_IN_TIME = replace(_AT_ONCE, patience_s=8.0)
#: Transactions begin by hand, in the message that also says for whom they work; the
#: driver would send a BEGIN of its own, one round trip more.
_BY_HAND: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}


def dsn(settings: Settings) -> str:
    """Return the configured database URL, or say what is missing."""
    if settings.database_url is None:
        raise ServiceNotConfigured(
            "No database is configured; set JUPYTER_WRANGLER_DATABASE_URL to a "
            "PostgreSQL 15+ URL such as postgresql+psycopg://user@host/wrangler, or "
            "start the private stack with: jupyter wrangler up"
        )
    return checked_url(settings.database_url.get_secret_value(), "DATABASE_URL")


def checked_url(url: str, setting: str) -> str:
    """Return a URL for the driver that is used, or say what is wrong with it."""
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg://{rest}"
    if scheme != "postgresql+psycopg":
        raise ServiceNotConfigured(
            f"JUPYTER_WRANGLER_{setting} starts with {scheme}://, but only "
            "PostgreSQL works; write postgresql+psycopg://user@host/database."
        )
    return url


def _arguments(application: str) -> dict[str, Any]:
    return {
        "pool_pre_ping": True,
        # what is bound to a statement are names, specs and digests: no matter for logs
        "hide_parameters": True,
        "pool_use_lifo": True,
        "connect_args": {
            "application_name": application,
            "options": _OPTIONS,
            # of a database in ASCII we would get bytes; it is refused in words
            "client_encoding": "utf8",
            "connect_timeout": 5,
            # over TCP, a server that fell silent is given up within half a minute
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
        },
    }


def sync_engine(settings: Settings, *, application: str, size: int) -> Engine:
    """Return an engine for threads, with at most `size` + 2 connections."""
    return bound(
        create_engine(
            dsn(settings),
            pool_size=size,
            max_overflow=2,
            pool_timeout=POOL_TIMEOUT_S,
            pool_recycle=settings.pool_recycle_s,
            **_arguments(application),
            **_BY_HAND,
        )
    )


def schema_engine(settings: Settings, *, application: str) -> Engine:
    """Return an engine for migrations: as the role that owns the tables."""
    url = dsn(settings)
    if settings.migration_url is not None:
        url = checked_url(settings.migration_url.get_secret_value(), "MIGRATION_URL")
    return create_engine(url, pool_size=1, **_arguments(application))


def async_engine(settings: Settings, *, application: str) -> AsyncEngine:
    """Return the service's engine: 10 + 20 connections, recycled hourly."""
    arguments = _arguments(application)
    arguments["connect_args"]["async_creator_fn"] = BoundedAsyncConnection.connect
    return create_async_engine(
        dsn(settings),
        pool_size=settings.pool_size,
        max_overflow=settings.pool_max_overflow,
        pool_timeout=POOL_TIMEOUT_S,
        pool_recycle=settings.pool_recycle_s,
        **arguments,
        **_BY_HAND,
    )


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


def _has_met_another(error: Exception) -> bool:
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
def _outages() -> Iterator[None]:
    try:
        yield
    except (PoolTimeout, DBAPIError) as error:
        if not _is_outage(error):
            raise
        raise DatabaseUnreachable(
            "PostgreSQL does not answer, so nothing can be stored or looked up; "
            "nothing that was accepted is lost. Run: jupyter wrangler doctor"
        ) from error


class Database:
    """The service's door to PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def run(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb in one transaction, which works for whom the verb is marked.

        One that met another at the same rows is run again.

        Raises
        ------
        DatabaseUnreachable
            If PostgreSQL does not answer.
        DatabaseBusy
            If somebody else held for too long what the verb needs.
        """
        try:
            # who has waited for a lock for seconds does not wait once more
            return await _AT_ONCE.call_async(
                lambda: self._run_once(verb, *args, **kwargs), again=_has_met_another
            )
        except DBAPIError as error:
            if is_passing(error):
                raise DatabaseBusy(_BUSY) from error
            raise

    async def _run_once(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        begin = opening(verb, args)

        def work(connection: Connection) -> T:
            connection.exec_driver_sql(begin)
            return verb(connection, *args, **kwargs)

        with _outages():
            async with self.engine.begin() as connection:
                return await connection.run_sync(work)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Hold one connection, for checks."""
        with _outages():
            async with self.engine.connect() as connection:
                yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


class SyncDatabase:
    """The door to PostgreSQL of threads: those of workers, dispatching, clearing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def run(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb in one transaction, again where it failed in passing.

        It works for whom the verb is marked.
        """
        return _IN_TIME.call(
            lambda: self.run_once(verb, *args, **kwargs), again=is_passing
        )

    def run_once(
        self,
        verb: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb in one transaction, whatever comes of it."""
        with _outages(), self.engine.begin() as connection:
            connection.exec_driver_sql(opening(verb, args))
            return verb(connection, *args, **kwargs)

    @contextlib.contextmanager
    def alone(self, what: str) -> Iterator[bool]:
        """Hold a lock meanwhile that one session has at a time; yield whether we do."""
        key = {"what": what}
        with _outages(), self.engine.connect() as connection:
            mine = connection.execute(
                text("SELECT pg_try_advisory_lock(hashtextextended(:what, 0))"), key
            ).scalar_one()
            try:
                yield bool(mine)
            finally:
                if mine:
                    connection.execute(
                        text("SELECT pg_advisory_unlock(hashtextextended(:what, 0))"),
                        key,
                    )

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def wait_until_ready(settings: Settings, *, seconds: float = 30) -> str:
    """Wait for PostgreSQL to answer; return the role that it knows us as.

    Raises
    ------
    DatabaseUnreachable
        If it does not answer in time, with its reason.
    InvalidSettings
        If it is too old, has another encoding than UTF-8, or its URL makes no sense.
    """
    engine = sync_engine(settings, application="wrangler-wait", size=1)

    def ask() -> str:
        with _outages(), _named("DATABASE_URL"), engine.connect() as connection:
            require_usable(connection)
            return str(connection.execute(text("SELECT current_user")).scalar_one())

    try:
        return RetryPolicy(first_s=0.05, patience_s=seconds).call(
            ask, again=lambda error: isinstance(error, DatabaseUnreachable)
        )
    except DatabaseUnreachable as error:
        raise DatabaseUnreachable(
            f"{error.message} It says: {_reason(error.__cause__)}"
        ) from error
    finally:
        engine.dispose()


def connect_owner(engine: Engine) -> Connection:
    """Connect as the role that owns the tables.

    Raises
    ------
    DatabaseUnreachable
        If PostgreSQL does not let it in, with its reason.
    InvalidSettings
        If the URL makes no sense.
    """
    try:
        with _outages(), _named("MIGRATION_URL"):
            return engine.connect()
    except DatabaseUnreachable as error:
        raise DatabaseUnreachable(
            f"The role of JUPYTER_WRANGLER_MIGRATION_URL cannot connect: "
            f"{_reason(error.__cause__)} Correct it."
        ) from error


def require_usable(connection: Connection) -> None:
    """Refuse a database that is too old or cannot store every text.

    Raises
    ------
    InvalidSettings
        With the command that makes a right one.
    """
    info = connection.connection.driver_connection.info  # type: ignore[union-attr]
    facts = DatabaseFacts(
        version=info.parameter_status("server_version") or "",
        encoding=info.parameter_status("server_encoding") or ENCODING,
        name=info.dbname,
    )
    if facts.fault:
        raise InvalidSettings(facts.fault)


@contextlib.contextmanager
def _named(setting: str) -> Iterator[None]:
    """Say which setting holds an address that the driver does not understand."""
    try:
        yield
    except (ProgrammingError, ArgumentError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None):
            raise
        raise InvalidSettings(
            f"JUPYTER_WRANGLER_{setting} cannot be used: {_reason(error)} An address "
            "such as postgresql+psycopg://user:password@host/wrangler is wanted; "
            "correct it."
        ) from error


def _reason(error: BaseException | None) -> str:
    """Give the driver's own words, without the statement and links around them."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    return f"{said.rstrip('.')[:300]}."
