"""Pages of rows and summaries in Redis: read through, bounded, and never missed.

Each entry lies in one of `SLOTS` slots, as in the cache of a processor: an owner has
`OWN_SLOTS` of them, found by the owner's id, and an entry its own by its key.  So no
more than `SLOTS * MOST_BYTES` bytes are ever there, and of one owner no more than
`OWN_SLOTS * MOST_BYTES`, without anything to count, which a flush could lose.  An entry
that meets another one in its slot takes its place.  The whole key is stored with the
bytes, so that a slot that two owners share gives neither the bytes of the other.

Keys are digests of all that an entry follows from, so none is ever out of date.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_wrangler.store.pubsub import AsyncPubSub

#: Slots of all owners, and of each.
SLOTS, OWN_SLOTS = 1024, 128
#: Bytes of one entry at most, compressed, and seconds for which it is kept.
MOST_BYTES, TTL_S = 128 * 1024, 900


class PageCache:
    """What was computed lately, by what it follows from."""

    def __init__(self, pubsub: AsyncPubSub) -> None:
        self._pubsub = pubsub
        self._under_way: dict[bytes, asyncio.Task[bytes]] = {}

    async def get(
        self,
        owner: uuid.UUID,
        follows_from: Any,
        compute: Callable[[], Awaitable[bytes]],
    ) -> bytes:
        """Return what is there, or compute it once for all who ask meanwhile.

        Without Redis it is computed each time, for all who ask at once.

        Parameters
        ----------
        owner : uuid.UUID
            Who may see it.
        follows_from : object
            All that the entry follows from, as JSON takes it: digests, not ids.
        compute : callable
            Computes it.
        """
        key = _key(owner, follows_from)
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._read_through(owner, key, compute))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        # one who leaves must not take it from the others
        return await asyncio.shield(task)

    async def _read_through(
        self, owner: uuid.UUID, key: bytes, compute: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        slot = f"cache:{slot_of(owner, key)}"
        found = await self._pubsub.load(slot)
        if found is not None and found[: len(key)] == key:
            try:
                return zlib.decompress(found[len(key) :])
            except zlib.error:
                # somebody else wrote there
                pass
        made = await compute()
        packed = key + zlib.compress(made, 1)
        if len(packed) <= MOST_BYTES:
            await self._pubsub.keep(slot, packed, TTL_S)
        return made


def _key(owner: uuid.UUID, follows_from: Any) -> bytes:
    text = json.dumps([str(owner), follows_from], sort_keys=True).encode()
    return hashlib.sha256(text).digest()


def slot_of(owner: uuid.UUID, key: bytes) -> int:
    """Return the slot of an entry.

    Examples
    --------
    >>> slot_of(uuid.UUID(int=3), bytes(32)), slot_of(uuid.UUID(int=1030), bytes(32))
    (3, 6)
    """
    return (owner.int % SLOTS + int.from_bytes(key[:4]) % OWN_SLOTS) % SLOTS
