"""Where a file is written into memory, and its SHA-256 is computed meanwhile."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

#: Bytes of a piece for which a thread is worth it; hashlib lets others run meanwhile.
_LARGE = 2**16


class HashingWriter:
    """A file in memory, open for writing, that knows its digest in the end.

    Examples
    --------
    >>> sink = HashingWriter()
    >>> sink.write(b"a"), sink.write(b"bc")
    (1, 2)
    >>> data, sha256 = sink.all()
    >>> data, sha256[:8]
    (b'abc', 'ba7816bf')
    """

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._sha = hashlib.sha256()
        self._pool: ThreadPoolExecutor | None = None

    def write(self, piece: bytes) -> int:
        """Take the next bytes."""
        piece = bytes(piece)
        self._pieces.append(piece)
        if self._pool is None and len(piece) >= _LARGE:
            # one thread: pieces keep their order
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="digest")
        if self._pool is None:
            self._sha.update(piece)
        else:
            self._pool.submit(self._sha.update, piece)
        return len(piece)

    def all(self) -> tuple[bytes, str]:
        """Return everything that was written, and its SHA-256 in hexadecimals."""
        data = b"".join(self._pieces)
        if self._pool is not None:
            self._pool.shutdown()
        return data, self._sha.hexdigest()

    def flush(self) -> None:
        """Do nothing: all is where it belongs."""

    def close(self) -> None:
        """Do nothing: what was written is wanted."""
