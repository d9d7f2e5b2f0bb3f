"""The schema at start: upgraded, or checked, before anything is served."""

from __future__ import annotations

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import migrate


def make_ready(settings: Settings) -> None:
    """Wait for PostgreSQL, then upgrade the schema, or refuse to run on another."""
    if settings.migrate:
        migrate.upgrade(settings)
    else:
        migrate.require_current(settings)
