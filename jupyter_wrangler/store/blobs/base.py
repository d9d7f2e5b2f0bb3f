"""What every store of bytes promises, and the keys that bytes are stored under.

A key is never used twice, even for the same bytes: what removes bytes that nothing
refers to can therefore never remove what was just written.  Keys are made here, never
by callers.  Bytes on their way in are staged in a local folder.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from jupyter_wrangler.errors import DigestMismatch
from jupyter_wrangler.store.blobs.staging import Staging

#: Bytes that are read at once.
BLOCK = 1024 * 1024
_KEY = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{2}/[0-9a-f]{2}/"
    r"[0-9a-f]{64}\.[0-9a-f]{12}"
)


class BlobStore(Protocol):
    """Where bytes lie: a folder or a bucket."""

    staging: Staging
    #: Whether reading needs no network.
    near: bool

    def prepare(self) -> None:
        """Make ready to be used."""

    def mark(self) -> str | None:
        """Leave a mark by which workers know the place again; None: there is none."""

    def fault(self, mark: str) -> str | None:
        """Say why a worker cannot use the place that bears a mark; None if it can."""

    def adopt(
        self, owner: uuid.UUID, name: uuid.UUID, expected: bytes | None
    ) -> tuple[bytes, int, str]:
        """Keep staged bytes; return (digest, size, key)."""

    def read(self, key: str) -> Iterator[bytes]:
        """Yield stored bytes in blocks."""

    def has(self, key: str, size: int) -> bool:
        """Whether so many bytes are stored under that key."""

    def local(self, key: str, name: uuid.UUID) -> Path:
        """Return a local file with these bytes, made as staged `name` if need be."""

    def delete(self, key: str) -> None:
        """Delete stored bytes; nothing happens if they are gone."""

    def keys(self, *, older_s: float) -> Iterator[str]:
        """Yield the keys of what was written longer ago than that."""

    def find(
        self, owner: uuid.UUID, sha: bytes, *, younger_s: float
    ) -> list[tuple[str, int]]:
        """List (key, size) of an owner's bytes of this digest, if not older."""


def new_key(owner: uuid.UUID, sha: bytes) -> str:
    """Return a key for an owner's bytes that was never used."""
    return f"{folder_of(owner, sha)}/{sha.hex()}.{uuid.uuid4().hex[:12]}"


def is_key(name: str) -> bool:
    """Whether a name is of the form of our keys: what others put there is theirs."""
    return _KEY.fullmatch(name) is not None


def folder_of(owner: uuid.UUID, sha: bytes) -> str:
    """Return what all keys of these bytes begin with."""
    digest = sha.hex()
    return f"{owner}/{digest[:2]}/{digest[2:4]}"


def checked(
    staging: Staging, name: uuid.UUID, expected: bytes | None
) -> tuple[bytes, int]:
    """Return digest and size of staged bytes; drop them if others were announced."""
    sha, size = staging.digest(name)
    if expected is not None and sha != expected:
        staging.discard(name)
        raise DigestMismatch(
            f"The bytes received have digest {sha.hex()[:12]}..., but "
            f"{expected.hex()[:12]}... was announced; upload them again."
        )
    return sha, size
