"""Schema and Redis at start: upgraded, or checked, before anything is served."""

from __future__ import annotations

import logging

from jupyter_wrangler._version import __version__
from jupyter_wrangler.retrying import wait_until
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import backup
from jupyter_wrangler.store import migrate
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.pubsub import PubSub
from jupyter_wrangler.store.queue import version_lease

log = logging.getLogger(__name__)


def make_ready(settings: Settings) -> None:
    """Wait for PostgreSQL, then upgrade the schema, or refuse to run on another.

    The private database is dumped before it is upgraded; an operator of another one
    makes its backups.  From now on this version is in charge.
    """
    if not settings.migrate:
        migrate.require_current(settings)
    else:
        _upgrade_with_dump(settings)
    database = SyncDatabase(sync_engine(settings, application="wrangler-start", size=1))
    try:
        database.run(version_lease.take_charge, __version__)
    finally:
        database.close()


def require_redis(settings: Settings) -> None:
    """Refuse a Redis that would lose messages; one that is away is waited for."""
    pubsub = PubSub(settings)
    try:
        pubsub.check()
    finally:
        pubsub.close()


def require_release(settings: Settings, *, patience_s: float = 60) -> None:
    """Raise unless the service has the version of this worker.

    `patience_s` waits for a service that is being upgraded at the same time.
    """
    database = SyncDatabase(sync_engine(settings, application="wrangler-start", size=1))

    def fits() -> bool:
        return database.run(version_lease.fits, __version__)

    try:
        if not wait_until(fits, within_s=patience_s, every_s=0.2):
            # says what the versions are
            database.run(version_lease.require, __version__)
    finally:
        database.close()


def _upgrade_with_dump(settings: Settings) -> None:
    def dump(revision: str) -> None:
        written = backup.dump(settings, revision)
        log.info("dumped the database to %s before its upgrade", written)

    migrate.upgrade(settings, first=dump if backup.is_private(settings) else None)
