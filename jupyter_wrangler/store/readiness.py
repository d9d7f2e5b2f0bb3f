"""Whether a database answers and can be used, asked before anything else is."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from jupyter_wrangler.contract import DatabaseFacts
from jupyter_wrangler.contract.health import ENCODING
from jupyter_wrangler.errors import DatabaseUnreachable, InvalidSettings
from jupyter_wrangler.retrying import RetryPolicy
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.outages import driver_message, names_setting, outages


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

    def probe() -> str:
        with outages(), names_setting("DATABASE_URL"), engine.connect() as connection:
            require_usable(connection)
            return str(connection.execute(text("SELECT current_user")).scalar_one())

    try:
        return RetryPolicy(first_s=0.05, patience_s=seconds).call(
            probe, retry_if=lambda error: isinstance(error, DatabaseUnreachable)
        )
    except DatabaseUnreachable as error:
        raise DatabaseUnreachable(
            f"{error.message} It says: {driver_message(error.__cause__)}"
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
        with outages(), names_setting("MIGRATION_URL"):
            return engine.connect()
    except DatabaseUnreachable as error:
        raise DatabaseUnreachable(
            f"The role of JUPYTER_WRANGLER_MIGRATION_URL cannot connect: "
            f"{driver_message(error.__cause__)} Correct it."
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
