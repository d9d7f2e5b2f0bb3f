"""The role of the service and the workers, made by the role that owns the tables.

Its name and password are those of the database URL.  A script that runs once, when a
database is made, cannot give a role to a database that is there already.
"""

from __future__ import annotations

import logging

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from jupyter_wrangler.errors import DatabaseUnreachable, ServiceNotConfigured
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.engines import checked_url, dsn

log = logging.getLogger(__name__)

#: SQLSTATE of a wrong password, and of a role that may not log in or is not there.
_REFUSED = ("28P01", "28000")


def make_role(settings: Settings) -> str:
    """Make the role of JUPYTER_WRANGLER_DATABASE_URL, or give it its password.

    Returns
    -------
    str
        What was done: "made", "given its password", or "there already".

    Raises
    ------
    ServiceNotConfigured
        If the URLs do not name two roles and a password.
    DatabaseUnreachable
        If the database refuses what is asked of it.
    """
    app = make_url(dsn(settings))
    given = settings.migration_url
    if given is None:
        raise ServiceNotConfigured(
            "The role of JUPYTER_WRANGLER_DATABASE_URL is made by another one that may "
            "make roles; set JUPYTER_WRANGLER_MIGRATION_URL to the same database as "
            "that role."
        )
    owner = make_url(checked_url(given.get_secret_value(), "MIGRATION_URL"))
    if not app.username or app.username == owner.username:
        raise ServiceNotConfigured(
            f"JUPYTER_WRANGLER_DATABASE_URL names the role {app.username!r}, and "
            "another one than that of JUPYTER_WRANGLER_MIGRATION_URL is wanted."
        )
    if not app.password:
        raise ServiceNotConfigured(
            "JUPYTER_WRANGLER_DATABASE_URL has no password, so that nobody could log "
            f"in as {app.username!r}; write postgresql+psycopg://user:password@host/..."
        )
    try:
        with _connect(owner) as connection:
            done = _make(connection, app.username, str(app.password))
            if done is None and not _logs_in(app):
                done = _set_password(connection, app.username, str(app.password))
    except psycopg.Error as error:
        text = str(error).strip().splitlines()[0]
        raise DatabaseUnreachable(
            f"The role {app.username!r} was not made; PostgreSQL said: {text}. The "
            "role of JUPYTER_WRANGLER_MIGRATION_URL must have CREATEROLE."
        ) from error
    return done or "there already"


def _connect(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=10)


def _make(
    connection: psycopg.Connection[tuple[object, ...]], name: str, password: str
) -> str | None:
    found = connection.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)
    ).fetchone()
    if found:
        return None
    connection.execute(
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(name), _verifier(connection, name, password)
        )
    )
    return "made"


def _set_password(
    connection: psycopg.Connection[tuple[object, ...]], name: str, password: str
) -> str:
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(name), _verifier(connection, name, password)
        )
    )
    return "given its password"


def _verifier(
    connection: psycopg.Connection[tuple[object, ...]], name: str, password: str
) -> sql.Literal:
    """Return what the server stores of a password, so that no log ever has it."""
    scram = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    )
    return sql.Literal(scram.decode("ascii"))


def _logs_in(url: URL) -> bool:
    try:
        _connect(url).close()
    except psycopg.OperationalError as error:
        # of a connection that fails psycopg tells no SQLSTATE in every version
        if error.sqlstate in _REFUSED or "authentication failed" in str(error):
            return False
        if "not permitted to log in" in str(error):
            return False
        raise
    return True
