"""What a part has computed: staged, moved into the store, and written in the queue."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Any

from jupyter_wrangler.contract import spec_class
from jupyter_wrangler.errors import (
    DatabaseUnreachable,
    StorageFull,
    StorageUnreachable,
    WranglerError,
)
from jupyter_wrangler.retrying import RetryPolicy
from jupyter_wrangler.runtime.default_quota import default_quota
from jupyter_wrangler.runtime.worker.messages import Done, Failed
from jupyter_wrangler.runtime.worker.outcomes import (
    DataLost,
    Stored,
    Waits,
    from_error,
    recipe_not_stored,
    storage_trouble,
)
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import uploads
from jupyter_wrangler.store.blobs.base import BlobStore
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.outages import is_passing
from jupyter_wrangler.store.queue import claims
from jupyter_wrangler.store.queue.attempts import Recipe
from jupyter_wrangler.store.queue.growth import More

log = logging.getLogger(__name__)

#: Sentinel: the update failed after all retries.  It is true, so that callers go on as
#: if it had been written, and the part is left to who has its lease now.
_NOT_WRITTEN = object()
#: For what is written when a part has ended: until the lease is lost.
_WRITES = RetryPolicy(first_s=0.5)


class PartOutput:
    """The bytes of one part under way, and what is written of them.

    Parameters
    ----------
    settings, database, blobs
        Where bytes and rows are kept.
    claim : Claim
        The part.
    lost : Event
        Set when the lease is lost: then nothing is written any more.
    stops : callable
        Whether the part is to stop; a store in trouble is then not waited for.
    """

    def __init__(
        self,
        settings: Settings,
        database: SyncDatabase,
        blobs: BlobStore,
        claim: claims.Claim,
        *,
        lost: threading.Event,
        stops: Callable[[], bool],
    ) -> None:
        self.settings, self.database = settings, database
        self.blobs, self.claim = blobs, claim
        self._lost, self._stops = lost, stops
        #: Names of the staged bytes: the result, and the fitted models.
        self.name, self.recipe_name = uuid.uuid4(), uuid.uuid4()
        self._staged = [self.name, self.recipe_name]

    def fetch(self, key: str) -> str:
        """Return the path of stored bytes, as a runner reads them.

        It holds no credentials: what lies in a bucket is fetched for it.
        """
        self._staged.append(uuid.uuid4())
        return str(self.blobs.local(key, self._staged[-1]))

    def discard(self) -> None:
        """Remove what was staged."""
        for name in self._staged:
            self.blobs.staging.discard(name)

    def store(self, done: Done) -> Stored | Failed | Waits | DataLost:
        """Move the result into the store and record its bytes."""
        if not done.stored:
            more = None
            if done.more_parts is not None:
                more = More(parts=done.more_parts, reason=done.more_reason)
            return Stored(sha=None, summary=done.summary, more=more)
        owner = self.claim.owner_id
        try:
            sha, size, key = self._store_output(owner)
        except OSError as error:
            return storage_trouble(error)
        except WranglerError as error:
            return from_error(error)
        stores = spec_class(self.claim.spec["kind"]).stores
        form = "parquet" if stores == "cells" else "json"
        self._record(uploads.add_blob, (sha, size, key), form=form)
        return Stored(sha=sha, summary=done.summary, recipe=self._keep_recipe(done))

    def _record(self, verb: Any, stored: tuple[bytes, int, str], **more: Any) -> None:
        """Record bytes that lie in the store, of which one copy is enough."""
        owner, (sha, size, key) = self.claim.owner_id, stored
        kept = self.update(verb, owner, sha, size, key, **more)
        if kept not in {key, _NOT_WRITTEN} and not (
            self._is_lost(kept, size)
            and self.update(uploads.replace, owner, sha, kept, key)
        ):
            # the same bytes were there already
            self.blobs.delete(key)

    def _keep_recipe(self, done: Done) -> Recipe:
        """Keep the models of a part, or say why not: it does not fail for them."""
        if self.claim.recipe_sha is not None and self.claim.stage == 0:
            return Recipe(sha=self.claim.recipe_sha)
        if not done.recipe:
            return Recipe(note=done.recipe_note)
        stored = None
        try:
            stored = self.blobs.adopt(self.claim.owner_id, self.recipe_name, None)
            quota = default_quota(self.settings)
            self._record(uploads.add_recipe, stored, quota=quota)
        except (OSError, WranglerError) as error:
            log.warning("the models of a part are not kept: %s", error)
            if stored is not None:
                self.blobs.delete(stored[2])
            return Recipe(note=recipe_not_stored(error))
        return Recipe(sha=stored[0])

    def _is_lost(self, key: str, size: int) -> bool:
        """Whether bytes that the database knows are certainly not in the store."""
        try:
            return not self.blobs.has(key, size)
        except StorageUnreachable:
            return False

    def _store_output(self, owner: uuid.UUID) -> tuple[bytes, int, str]:
        """Keep the result, which may have cost hours: wait for a store in trouble."""

        def retry_if(error: Exception) -> bool:
            in_trouble = isinstance(error, StorageUnreachable | StorageFull)
            return in_trouble and not self._stops()

        return RetryPolicy(first_s=1, patience_s=self.settings.lease_s).call(
            lambda: self.blobs.adopt(owner, self.name, None), retry_if=retry_if
        )

    def update(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a verb, waiting out what keeps PostgreSQL from it for as long as we may.

        The heartbeat goes on meanwhile; without it the lease is lost soon.
        """
        try:
            return _WRITES.call(
                lambda: self.database.run(verb, *args, **kwargs),
                retry_if=lambda error: _is_passing(error) and not self._lost.is_set(),
            )
        except Exception as error:
            if not _is_passing(error):
                raise
            log.exception("could not write the end of a part")
            return _NOT_WRITTEN


def _is_passing(error: Exception) -> bool:
    return isinstance(error, DatabaseUnreachable) or is_passing(error)
