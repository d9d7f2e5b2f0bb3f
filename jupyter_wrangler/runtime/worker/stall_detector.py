"""Whether Celery has gone silent: free slots, parts that wait, and no message."""

from __future__ import annotations

import time

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.pubsub import PubSub
from jupyter_wrangler.store.queue import parts


class StallDetector:
    """What a worker keeps in mind of it from one look to the next."""

    def __init__(
        self, settings: Settings, database: SyncDatabase, pubsub: PubSub
    ) -> None:
        self._settings, self._database, self._pubsub = settings, database, pubsub
        #: Since when, and when last, parts were seen that it should have claimed.
        self._since: float | None = None
        self._seen_at = 0.0

    def reset(self) -> None:
        """Start again: a message came, or none is wanted."""
        self._since = None

    def is_stalled(self) -> bool:
        """Look, with slots free; tell whether it has lasted too long.

        Raises
        ------
        ServerUnreachable
            If PostgreSQL or Redis is away, and nobody is to blame.
        """
        if not self._database.run(
            parts.overlooked,
            lease_s=self._settings.lease_s,
            after_s=self._settings.heartbeat_s * 2,
        ):
            return False
        # without Redis there is no message to be heard
        self._pubsub.ping()
        now = time.monotonic()
        # between two sightings the part may be sent again; if none follows within a
        # lease, somebody has taken it, and what comes then is another story
        if now - self._seen_at > self._settings.lease_s:
            self._since = None
        self._seen_at = now
        since = self._since = self._since or now
        return now - since >= self._settings.silence_s
