"""Engines for PostgreSQL: async for the service, sync for threads and migrations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from jupyter_wrangler.errors import ServiceNotConfigured
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.connections import (
    STATEMENT_S,
    BoundedAsyncConnection,
    bound,
)

#: Seconds that a request waits for a connection; then it is answered by 503.
POOL_TIMEOUT_S = 5.0
#: Seconds after which a connection is replaced; one that a firewall has ended before is
#: noticed by the message that begins a transaction (`database`).
_RECYCLE_S = 3600
#: Role settings would need a role per purpose; these travel with each connection.
#: The search path matters where the role is called as the schema: the schema would
#: then be the default one, and alembic would take its tables for others.
_OPTIONS = (
    "-c search_path=public "
    f"-c statement_timeout={STATEMENT_S}s -c lock_timeout=5000 "
    "-c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
)
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
            pool_recycle=_RECYCLE_S,
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
        max_overflow=2 * settings.pool_size,
        pool_timeout=POOL_TIMEOUT_S,
        pool_recycle=_RECYCLE_S,
        **arguments,
        **_BY_HAND,
    )
