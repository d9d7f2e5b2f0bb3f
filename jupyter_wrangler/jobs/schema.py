"""The schema at start: upgraded, or checked, before anything is served."""

from __future__ import annotations

import logging

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import backup
from jupyter_wrangler.store import migrate

log = logging.getLogger(__name__)


def make_ready(settings: Settings) -> None:
    """Wait for PostgreSQL, then upgrade the schema, or refuse to run on another.

    The private database is dumped before it is upgraded; whoever runs a database of
    their own has backups of their own.
    """
    if not settings.migrate:
        migrate.require_current(settings)
        return
    if backup.is_private(settings):
        revision = migrate.behind(settings)
        if revision is not None:
            written = backup.dump(settings, revision)
            log.info("dumped the database to %s before its upgrade", written)
    migrate.upgrade(settings)
