"""Bytes in files below one folder."""

from __future__ import annotations

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from jupyter_wrangler.errors import StorageUnreachable
from jupyter_wrangler.store.blobs.base import (
    BLOCK,
    checked,
    folder_of,
    is_key,
    new_key,
)
from jupyter_wrangler.store.blobs.staging import Staging, make_private, old_files, room

#: Folder in which the name of another one says which installation this is.
_MARK = ".storage"


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

    def mark(self) -> str | None:
        """Leave a folder that who can read the data can read, and nobody else.

        Services that begin at the same time may leave one each.
        """
        folder = self.root / _MARK
        with room():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not any(folder.iterdir()):
                (folder / str(uuid.uuid4())).mkdir(mode=0o700)
        return min(path.name for path in folder.iterdir())

    def fault(self, mark: str) -> str | None:
        """Look for the mark that the service left, and whether one may write."""
        host = socket.gethostname()
        who = f"the worker, which runs as uid {os.geteuid()} on {host}"
        try:
            found = {path.name for path in (self.root / _MARK).iterdir()}
        except PermissionError:
            return (
                f"{self.root} cannot be read by {who}: it belongs to another user. Run "
                "the service and its workers as one OS user, and give it the folder: "
                f"chown -R USER {self.root}"
            )
        except OSError as error:
            return (
                f"{self.root} on {host} is not the folder of the service "
                f"({error.strerror}). Look whether its disk is mounted, and set "
                "JUPYTER_WRANGLER_STORAGE alike for the service and its workers."
            )
        if mark not in found:
            return (
                f"{self.root} on {host} is the folder of another installation; set "
                "JUPYTER_WRANGLER_STORAGE alike for the service and its workers."
            )
        if not os.access(self.staging.folder, os.W_OK | os.X_OK):
            return (
                f"{self.staging.folder} cannot be written by {who}. Run the service "
                "and its workers as one OS user."
            )
        return None

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
                # whatever the umask of who wrote it
                os.fchmod(fd, 0o600)
                os.fsync(fd)
            finally:
                os.close(fd)
            make_private(target.parent)
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
                for path in old_files(folder.rglob("*"), older_s):
                    key = path.relative_to(self.root).as_posix()
                    if is_key(key):
                        yield key

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


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
