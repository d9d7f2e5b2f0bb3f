"""Migrations at start: one process upgrades, the others wait, none is torn.

A session advisory lock makes any number of starters safe.  A schema that is
newer than this program is refused: an old binary must not write into it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.retrying import RetryPolicy, wait_until
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.engines import schema_engine, sync_engine
from jupyter_wrangler.store.readiness import connect_owner, wait_until_ready

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

#: Seconds for which a change of a table waits for its lock, with everybody behind it.
LOCK_S = 5.0
#: How often it is tried, and seconds of rest in between at most.
_TRIES, _REST_S = 12, 15.0
#: PostgreSQL's word for a lock that was not available in time.
_NO_LOCK = "55P03"
_REVISION = re.compile(r"^(revision|down_revision)\b[^=]*= *\"?(\w+)", re.MULTILINE)
_LOCK = "hashtextextended('jupyter_wrangler:migrate', 0)"


def scripts() -> Path:
    """Return the folder of migrations: inside the wheel, or beside the package."""
    packaged = Path(str(files("jupyter_wrangler"))) / "store" / "migrations"
    if packaged.is_dir():
        return packaged
    return Path(str(files("jupyter_wrangler"))).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    """Return alembic's configuration, built in code."""
    from alembic.config import Config  # noqa: PLC0415  see `revisions`

    cfg = Config()
    cfg.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    cfg.attributes["connection"] = connection
    return cfg


def revisions() -> dict[str, str | None]:
    """Return revision -> the one that it builds on.

    Alembic costs every process of the stack ten megabytes and a tenth of a second,
    only to find at each start that there is nothing to do.
    """
    found: dict[str, str | None] = {}
    for path in sorted((scripts() / "versions").glob("*.py")):
        names = dict(_REVISION.findall(path.read_text("utf-8")))
        before = names["down_revision"]
        found[names["revision"]] = None if before == "None" else before
    return found


def head() -> str:
    """Return the revision that this program is made for."""
    known = revisions()
    (newest,) = set(known) - set(known.values())
    return newest


def current(connection: Connection) -> str | None:
    """Return the revision that the database is at, as far as this role may see it.

    Between the first migration and its grants the role of the workers may not.
    """
    exists = connection.execute(
        text("""
        SELECT CASE WHEN to_regnamespace('wrangler') IS NOT NULL
                    THEN CASE WHEN has_schema_privilege('wrangler', 'USAGE')
                              THEN to_regclass('wrangler.alembic_version') END END""")
    ).scalar_one()
    if exists is None:
        return None
    revision: str | None = connection.execute(
        text("SELECT version_num FROM wrangler.alembic_version")
    ).scalar_one_or_none()
    return revision


def check(connection: Connection) -> str:
    """Return `current`, `behind` or `ahead`."""
    revision = current(connection)
    if revision == head():
        return "current"
    return "behind" if revision is None or revision in revisions() else "ahead"


def upgrade(
    settings: Settings,
    *,
    wait_s: float = 30,
    lock_s: float = LOCK_S,
    first: Callable[[str], object] | None = None,
) -> str:
    """Bring the schema to this program's revision; return `current` or `upgraded`.

    The role of the database URL gets what the service and workers need, if it is
    another one than that of the migration URL.  `lock_s` is how long a change of a
    table may keep everybody else waiting.  `first` is called with the revision of a
    schema that is to be upgraded; if it raises, nothing is.
    """
    role = wait_until_ready(settings, seconds=wait_s)
    engine = schema_engine(settings, application="wrangler-migrate")
    try:
        with connect_owner(engine) as connection:
            was = _refuse_ahead(check(connection))
            if was == "current" and _may(connection, role):
                return "current"
            revision = current(connection)
            connection.rollback()
            if first is not None and was == "behind" and revision is not None:
                first(revision)
            # other starters may hold the lock for as long as their upgrade takes
            connection.execute(text("SET lock_timeout = 0"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
            connection.commit()
            try:
                was = _refuse_ahead(check(connection))
                connection.rollback()
                if was != "current":
                    _upgrade(connection, lock_s=lock_s)
                _grant(connection, role)
            except ProgrammingError as exc:
                if not isinstance(exc.orig, InsufficientPrivilege):
                    raise
                raise StackFailed(
                    "The role of JUPYTER_WRANGLER_DATABASE_URL may not change the "
                    "schema; set JUPYTER_WRANGLER_MIGRATION_URL to the same database "
                    "as the role that owns the tables."
                ) from exc
            finally:
                connection.rollback()
                connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
                connection.commit()
        return "current" if was == "current" else "upgraded"
    finally:
        engine.dispose()


def _upgrade(connection: Connection, *, lock_s: float) -> None:
    """Upgrade; what cannot have its lock steps back, and tries again.

    A change of a table waits for all who use it, and all that come after it wait for
    the change: behind one long query all jobs would stand still.
    """
    from alembic import command  # noqa: PLC0415  see `revisions`

    # the session waits no longer for locks, but for as long as a change itself takes
    connection.execute(text(f"SET lock_timeout = {int(lock_s * 1000)}"))
    connection.commit()
    # in the pauses those who waited behind us have their turn
    policy = RetryPolicy(first_s=lock_s, factor=2, longest_s=_REST_S, tries=_TRIES)

    def retry_if(error: Exception) -> bool:
        connection.rollback()
        if _has_no_lock(error):
            log.warning("a table is in use; upgrading is tried again")
        return _has_no_lock(error)

    try:
        policy.call(
            lambda: command.upgrade(config(connection), "head"), retry_if=retry_if
        )
    except OperationalError as error:
        if not _has_no_lock(error):
            raise
        raise StackFailed(
            f"The schema could not be upgraded: for {_TRIES} times others held a table "
            f"for more than {lock_s:g} s. Revisions that were done are kept. Stop "
            "workers and long queries (pg_stat_activity shows them), then run: "
            "jupyter wrangler migrate"
        ) from error


def _has_no_lock(error: Exception) -> bool:
    """Whether somebody else held a table for too long."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) == _NO_LOCK


def require_current(
    settings: Settings, *, wait_s: float = 30, patience_s: float = 0
) -> None:
    """Raise unless the schema is at this program's revision.

    `patience_s` waits for somebody else's upgrade: a worker may start before the
    service that migrates.
    """
    wait_until_ready(settings, seconds=wait_s)
    engine = sync_engine(settings, application="wrangler-migrate", size=1)

    def is_current() -> bool:
        with engine.connect() as connection:
            return _refuse_ahead(check(connection)) == "current"

    try:
        if not wait_until(is_current, within_s=patience_s):
            raise StackFailed(
                "The database schema is older than this program; upgrade it "
                "with: jupyter wrangler migrate"
            )
    finally:
        engine.dispose()


def _may(connection: Connection, role: str) -> bool:
    """Tell whether a role may use the schema; its owner always may."""
    granted = text("SELECT has_schema_privilege(:role, 'wrangler', 'USAGE')")
    return bool(connection.execute(granted, {"role": role}).scalar_one())


def _grant(connection: Connection, role: str) -> None:
    """Let a role read and write rows, and nothing else; history it can only add to."""
    owner = connection.execute(text("SELECT current_user")).scalar_one()
    if owner != role:
        name = connection.dialect.identifier_preparer.quote(role)
        verbs = "SELECT, INSERT, UPDATE, DELETE"
        for statement in (
            f"GRANT USAGE ON SCHEMA wrangler TO {name}",
            f"GRANT {verbs} ON ALL TABLES IN SCHEMA wrangler TO {name}",
            f"REVOKE INSERT, UPDATE, DELETE ON wrangler.alembic_version FROM {name}",
            f"REVOKE UPDATE, DELETE ON wrangler.job_event FROM {name}",
            f"REVOKE UPDATE, DELETE ON wrangler.audit_entry FROM {name}",
        ):
            connection.execute(text(statement))
    connection.commit()


def _refuse_ahead(state: str) -> str:
    if state == "ahead":
        raise StackFailed(
            "The database schema is newer than this program, which must not write "
            "into it; install the version that made it: pip install -U jupyter-wrangler"
        )
    return state
