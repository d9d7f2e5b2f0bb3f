"""Bytes by key: written once, never changed, in a folder or in a bucket.

A key is never used twice, even for the same bytes: so whoever clears away what
nobody refers to can never hit what somebody has just written.  Keys come from us,
never from callers.  Bytes on their way in are staged in a local folder.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from jupyter_wrangler.errors import DigestMismatch, StorageFull, StorageUnreachable
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.digests import Digests

BLOCK = 1024 * 1024


class Staging:
    """Files on their way in or out, each named by a uuid, for this user only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._digests = Digests()

    def prepare(self) -> None:
        """Make the folder, for this user only."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, name: uuid.UUID) -> Path:
        """Return the path of staged bytes."""
        return self.folder / str(name)

    def write_at(self, name: uuid.UUID, offset: int, data: bytes | bytearray) -> None:
        """Write a chunk; a chunk sent again overwrites itself."""
        # first, so that whatever lies in the file in the end was told of
        self._digests.add(name, offset, data)
        with room():
            fd = os.open(self.path(name), os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                view, at = memoryview(data), offset
                while view:
                    n = os.pwrite(fd, view, at)
                    view, at = view[n:], at + n
            finally:
                os.close(fd)

    def digest(self, name: uuid.UUID) -> tuple[bytes, int]:
        """Return digest and size of staged bytes, read anew if it is not known."""
        with self.path(name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            known = self._digests.take(name, size)
            return known or hashlib.file_digest(file, "sha256").digest(), size

    def discard(self, name: uuid.UUID) -> None:
        """Delete staged bytes."""
        self._digests.forget(name)
        self.path(name).unlink(missing_ok=True)

    def left(self, *, older_s: float) -> Iterator[uuid.UUID]:
        """Yield what was last written longer ago than that."""
        for path in _old_files(self.folder, older_s):
            yield uuid.UUID(path.name)


class BlobStore(Protocol):
    """Where bytes lie: a folder or a bucket."""

    staging: Staging
    #: Whether reading needs no network.
    near: bool

    def prepare(self) -> None:
        """Make ready to be used."""

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


class BlobFolder:
    """Bytes in files below one folder.

    A file appears under its name only when it is complete and on the disk (staged
    file, fsync, rename, fsync of the folder).
    """

    near = True

    def __init__(self, root: Path) -> None:
        self.root = root
        self.staging = Staging(root / "staging")

    def prepare(self) -> None:
        """Make the folders, for this user only."""
        self.staging.prepare()

    def path(self, key: str) -> Path:
        """Return the path of stored bytes."""
        return self.root / key

    def adopt(
        self, owner: uuid.UUID, name: uuid.UUID, expected: bytes | None
    ) -> tuple[bytes, int, str]:
        """Move a staged file to its place; return (digest, size, key)."""
        sha, size = checked(self.staging, name, expected)
        key = new_key(owner, sha)
        staged, target = self.staging.path(name), self.path(key)
        with room():
            fd = os.open(staged, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            staged.replace(target)
            _sync_folder(target.parent)
        return sha, size, key

    def read(self, key: str) -> Iterator[bytes]:
        """Yield stored bytes in blocks."""
        with self.path(key).open("rb") as file:
            while block := file.read(BLOCK):
                yield block

    def local(self, key: str, name: uuid.UUID) -> Path:
        """Return the file itself."""
        del name  # nothing has to be staged
        path = self.path(key)
        if not path.is_file():
            self._look()
        return path

    def has(self, key: str, size: int) -> bool:
        """Whether so many bytes are stored under that key."""
        try:
            return self.path(key).stat().st_size == size
        except FileNotFoundError:
            self._look()
            return False

    def _look(self) -> None:
        if not self.staging.folder.is_dir():
            raise StorageUnreachable(
                "The folder where data and results lie is not there; look whether its "
                "disk is mounted on the hosts of the service and of the workers."
            )

    def delete(self, key: str) -> None:
        """Delete stored bytes; nothing happens if they are gone."""
        self.path(key).unlink(missing_ok=True)

    def keys(self, *, older_s: float) -> Iterator[str]:
        """Yield the keys of what was written longer ago than that."""
        for folder in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            if folder != self.staging.folder:
                for path in _old_files(folder, older_s):
                    yield path.relative_to(self.root).as_posix()

    def find(
        self, owner: uuid.UUID, sha: bytes, *, younger_s: float
    ) -> list[tuple[str, int]]:
        """List (key, size) of an owner's bytes of this digest, if not older."""
        limit = time.time() - younger_s
        found = []
        for path in self.path(folder_of(owner, sha)).glob(f"{sha.hex()}.*"):
            with contextlib.suppress(FileNotFoundError):
                seen = path.stat()
                if seen.st_mtime > limit:
                    key = path.relative_to(self.root).as_posix()
                    found.append((key, seen.st_size))
        return found


def open_blobs(settings: Settings) -> BlobStore:
    """Return the configured store."""
    if settings.bucket is not None:
        from jupyter_wrangler.store.bucket import (  # noqa: PLC0415  slow, and rare
            BlobBucket,
        )

        return BlobBucket(settings.bucket, settings.blob_dir / "staging", settings.aws)
    return BlobFolder(settings.blob_dir)


def new_key(owner: uuid.UUID, sha: bytes) -> str:
    """Return a key for an owner's bytes that was never used."""
    return f"{folder_of(owner, sha)}/{sha.hex()}.{uuid.uuid4().hex[:12]}"


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


def _old_files(folder: Path, older_s: float) -> Iterator[Path]:
    limit = time.time() - older_s
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file() and path.stat().st_mtime < limit:
                yield path
        except FileNotFoundError:
            continue


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class room:  # noqa: N801  reads as a word: with room():
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
