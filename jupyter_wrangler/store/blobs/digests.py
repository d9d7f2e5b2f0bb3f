"""SHA-256 of bytes that arrive in pieces, computed while they do.

To read 100 MB once more when all have arrived costs a third of a second, in which the
sender waits.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

#: Pieces that may wait for the thread, whose bytes are held in memory meanwhile.
WAITING = 8
#: Names at a time; of uploads that nobody goes on with, the oldest are forgotten.
NAMES = 1000


class Digests:
    """Digests by name of what came in order; of all else nothing is known.

    Examples
    --------
    >>> digests, name = Digests(), uuid.UUID(int=1)
    >>> digests.add(name, 0, b"ab")
    >>> digests.add(name, 2, b"c")
    >>> digests.take(name, 3) == hashlib.sha256(b"abc").digest()
    True
    >>> digests.add(name, 5, b"out of order")
    >>> digests.take(name, 17) is None
    True
    """

    def __init__(self) -> None:
        # one thread: pieces keep their order
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="wrangler-digest")
        self._lock = threading.Lock()
        self._held: dict[uuid.UUID, tuple[int, Any]] = {}
        self._waiting = 0

    def add(self, name: uuid.UUID, offset: int, data: bytes | bytearray) -> None:
        """Take the piece that begins at `offset`, before it is written anywhere.

        It must not change any more.
        """
        with self._lock:
            at, sha = self._held.get(name, (0, hashlib.sha256()))
            if sha is None or offset != at or self._waiting >= WAITING:
                # of two that write the same place nobody knows who is the last
                sha = None
            self._held[name] = (at + len(data), sha)
            if len(self._held) > NAMES:
                del self._held[next(iter(self._held))]
            if sha is None:
                return
            self._waiting += 1
        self._pool.submit(self._update, sha, data)

    def _update(self, sha: Any, data: bytes | bytearray) -> None:
        try:
            sha.update(data)
        finally:
            with self._lock:
                self._waiting -= 1

    def take(self, name: uuid.UUID, size: int) -> bytes | None:
        """Return the digest of the first `size` bytes, if it is known; forget it."""
        with self._lock:
            at, sha = self._held.pop(name, (0, None))
        if sha is None or at != size:
            return None
        digest: bytes = self._pool.submit(sha.digest).result()
        return digest

    def discard(self, name: uuid.UUID) -> None:
        """Drop what is known of these bytes."""
        with self._lock:
            self._held.pop(name, None)
