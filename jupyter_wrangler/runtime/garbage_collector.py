"""Clearing away, at a slow pace: one thread of the service, one round at a time.

Any number of services may run: an advisory lock lets one of them clear.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from jupyter_wrangler.errors import ServerUnreachable
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import garbage
from jupyter_wrangler.store.blobs.base import BlobStore
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.rls import for_system

log = logging.getLogger(__name__)

#: Seconds for which bytes are kept that nothing refers to: they may be wanted soon.
GRACE_S = 3600.0
#: Seconds after which an upload that is not continued, or a lost file, is given up.
STALE_S = 24 * 3600.0
_WORKER_DAYS = 7.0
#: Rows taken in one transaction, and seconds of rest between two.
_BATCH, _REST_S = 200, 0.05
#: The first round begins soon after the start, but not in the midst of it.
_FIRST_S, _PAUSE_S = 60.0, 3600.0


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """How much was cleared away."""

    jobs: int = 0
    versions: int = 0
    datasets: int = 0
    blobs: int = 0
    uploads: int = 0
    workers: int = 0
    lost_files: int = 0


class GarbageCollector(threading.Thread):
    """Clears away once in a while."""

    def __init__(
        self, settings: Settings, database: SyncDatabase, blobs: BlobStore
    ) -> None:
        super().__init__(name="wrangler-clearing", daemon=True)
        self.settings, self.database, self.blobs = settings, database, blobs
        self._ended = threading.Event()

    def stop(self) -> None:
        """End the thread after the batch under way."""
        self._ended.set()

    def run(self) -> None:
        """Clear away a minute after the start, and then every hour."""
        pause = _FIRST_S
        while not self._ended.wait(pause):
            pause = _PAUSE_S
            try:
                found = self.clear()
            except ServerUnreachable as error:
                log.warning("clearing away pauses: %s", error)
            except Exception:
                # the thread must outlive a bug, or the disk fills up silently
                log.exception("clearing away failed; it is tried again")
            else:
                if found is not None and found != Cleared():
                    log.info("cleared away: %s", found)

    def clear(
        self, *, grace_s: float = GRACE_S, stale_s: float = STALE_S
    ) -> Cleared | None:
        """Clear away all there is; None if somebody else does."""
        days = self.settings.retention_days
        with self.database.alone("jupyter_wrangler:clearing") as mine:
            if not mine:
                return None
            return Cleared(
                jobs=self._run_in_batches(garbage.jobs, days=days),
                versions=self._run_in_batches(
                    garbage.versions, days=days, grace_s=grace_s
                ),
                datasets=self._run_in_batches(garbage.datasets, grace_s=grace_s),
                blobs=self._delete_blobs(grace_s),
                uploads=self._delete_uploads(stale_s),
                workers=self.database.run(garbage.workers, days=_WORKER_DAYS),
                lost_files=self._lost_files(stale_s),
            )

    def _run_in_batches(self, verb: Callable[..., int], **arguments: Any) -> int:
        total = 0
        while not self._ended.is_set():
            count = self.database.run(verb, limit=_BATCH, **arguments)
            total += count
            if count < _BATCH:
                break
            self._ended.wait(_REST_S)
        return total

    def _delete_blobs(self, grace_s: float) -> int:
        @for_system
        def verb(*args: Any, **kwargs: Any) -> int:
            keys.extend(found := garbage.blobs(*args, **kwargs))
            return len(found)

        keys: list[str] = []
        total = self._run_in_batches(verb, grace_s=grace_s)
        for key in keys:
            self.blobs.delete(key)
        return total

    def _delete_uploads(self, stale_s: float) -> int:
        @for_system
        def verb(*args: Any, **kwargs: Any) -> int:
            names.extend(found := garbage.uploads(*args, **kwargs))
            return len(found)

        names: list[Any] = []
        total = self._run_in_batches(verb, stale_s=stale_s)
        for name in names:
            self.blobs.staging.discard(name)
        return total

    def _lost_files(self, stale_s: float) -> int:
        """Delete files without a row: somebody died between the two."""
        total = 0
        for keys in _batches(self.blobs.keys(older_s=stale_s)):
            for key in self.database.run(garbage.unknown_keys, keys):
                self.blobs.delete(key)
                total += 1
        for names in _batches(self.blobs.staging.left(older_s=stale_s)):
            for name in self.database.run(garbage.unknown_uploads, names):
                self.blobs.staging.discard(name)
                total += 1
        return total


def clear_once(settings: Settings, *, grace_s: float = GRACE_S) -> Cleared | None:
    """Clear away now, whoever else runs."""
    database = SyncDatabase(sync_engine(settings, application="wrangler-clear", size=2))
    try:
        return GarbageCollector(settings, database, open_blobs(settings)).clear(
            grace_s=grace_s
        )
    finally:
        database.close()


def _batches(items: Iterable[Any]) -> Iterable[list[Any]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch
