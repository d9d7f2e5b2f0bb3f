"""Bytes in a folder, under their digest: written once, never changed.

A file appears under its name only when it is complete and on the disk (temporary
file, fsync, rename, fsync of the folder).  Keys come from us, never from callers.
"""

from __future__ import annotations

import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from jupyter_wrangler.errors import DigestMismatch, StorageFull

_BLOCK = 1024 * 1024


class BlobFolder:
    """Content-addressed files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.staging = root / "staging"

    def prepare(self) -> None:
        """Make the folders, for this user only."""
        self.staging.mkdir(parents=True, exist_ok=True, mode=0o700)

    @staticmethod
    def key(owner: uuid.UUID, sha: bytes) -> str:
        """Return the key of an owner's bytes."""
        digest = sha.hex()
        return f"{owner}/{digest[:2]}/{digest[2:4]}/{digest}"

    def path(self, key: str) -> Path:
        """Return the path of stored bytes."""
        return self.root / key

    def staged(self, name: uuid.UUID) -> Path:
        """Return the path of bytes on their way in."""
        return self.staging / str(name)

    def write_at(self, name: uuid.UUID, offset: int, data: bytes) -> None:
        """Write a chunk of staged bytes; a chunk sent again overwrites itself."""
        with _room():
            fd = os.open(self.staged(name), os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                view, at = memoryview(data), offset
                while view:
                    n = os.pwrite(fd, view, at)
                    view, at = view[n:], at + n
            finally:
                os.close(fd)

    def adopt(self, owner: uuid.UUID, staged: Path, expected: bytes | None) -> tuple[
        bytes, int, str
    ]:  # fmt: skip
        """Move a staged file to its place; return (digest, size, key)."""
        sha, size = _digest(staged)
        if expected is not None and sha != expected:
            staged.unlink(missing_ok=True)
            raise DigestMismatch(
                f"The bytes received have digest {sha.hex()[:12]}..., but "
                f"{expected.hex()[:12]}... was announced; upload them again."
            )
        key = self.key(owner, sha)
        target = self.path(key)
        with _room():
            fd = os.open(staged, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            staged.replace(target)
            _sync_folder(target.parent)
        return sha, size, key

    def discard(self, name: uuid.UUID) -> None:
        """Delete staged bytes."""
        self.staged(name).unlink(missing_ok=True)

    def read(self, key: str) -> Iterator[bytes]:
        """Yield stored bytes in blocks."""
        with self.path(key).open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def _digest(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return digest, file.tell()


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class _room:  # noqa: N801  reads as a word: with _room():
    """Turn a full disk into an error that says what to do."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, OSError) and error.errno in {
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EFBIG,
        }:
            raise StorageFull(
                "There is no room left where data and results are stored; nothing "
                "that was there is lost. Free some space on that disk, then try again."
            ) from error
