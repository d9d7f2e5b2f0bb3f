"""Something that the work needs does not answer."""

from __future__ import annotations

from jupyter_wrangler.errors.base import WranglerError


class ServerUnreachable(WranglerError, ConnectionError):
    """Something that the work needs does not answer."""


class ServiceUnreachable(ServerUnreachable):
    """The wrangler service does not answer."""


class ServiceStarting(ServerUnreachable):
    """The service listens, and cannot serve yet; its message says why."""


class ServiceNotConfigured(ServerUnreachable):
    """No service was found, and none may be started here."""


class InvalidSettings(ServerUnreachable, ValueError):
    """A setting has a value that cannot be used."""


class DatabaseUnreachable(ServerUnreachable):
    """PostgreSQL does not answer."""


class DatabaseBusy(DatabaseUnreachable):
    """PostgreSQL answers, and something else has held for too long what is wanted."""


class RedisUnreachable(ServerUnreachable):
    """Redis (or Valkey) does not answer."""


class StorageUnreachable(ServerUnreachable):
    """The bucket of data and results does not answer."""


class NoWorker(ServerUnreachable):
    """No worker is alive to take jobs."""


class StackFailed(ServerUnreachable):
    """The private servers could not be started."""
