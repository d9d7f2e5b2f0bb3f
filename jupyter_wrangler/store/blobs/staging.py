"""Bytes on their way in or out: files in a local folder, each named by a uuid."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from jupyter_wrangler.errors import StorageFull
from jupyter_wrangler.store.blobs.digests import Digests

_OWN = "process-"


class Staging:
    """Files on their way in or out, each named by a uuid, for this user only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._digests = Digests()

    def prepare(self) -> None:
        """Make the folder, for this user only."""
        make_private(self.folder)

    def close(self) -> None:
        """Leave what is there for those who come next."""

    def path(self, name: uuid.UUID) -> Path:
        """Return the path of staged bytes."""
        return self.folder / str(name)

    def write_at(self, name: uuid.UUID, offset: int, data: bytes | bytearray) -> None:
        """Write a chunk; a chunk sent again overwrites itself."""
        # first, so that whatever lies in the file in the end was reported
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
        """Return digest and size of staged bytes, read again if it is not known."""
        with self.path(name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            known = self._digests.take(name, size)
            return known or hashlib.file_digest(file, "sha256").digest(), size

    def discard(self, name: uuid.UUID) -> None:
        """Delete staged bytes."""
        self._digests.discard(name)
        self.path(name).unlink(missing_ok=True)

    def left(self, *, older_s: float) -> Iterator[uuid.UUID]:
        """Yield what was last written longer ago than that."""
        for path in old_files(self.folder.glob("*"), older_s):
            # a disk has files of its own, such as .nfs0001 or .DS_Store
            with contextlib.suppress(ValueError):
                yield uuid.UUID(path.name)


class OwnStaging(Staging):
    """A staging folder that is gone when its process is, be it that it was killed.

    It is locked for as long as the process lives, and the next process removes those
    that nobody holds.

    Parameters
    ----------
    parent : Path
        Folder in which it is made.
    """

    def __init__(self, parent: Path) -> None:
        super().__init__(parent / f"{_OWN}{uuid.uuid4()}")

    def prepare(self) -> None:
        """Make the folder, and remove those of the dead."""
        while True:
            super().prepare()
            self._hold = os.open(self.folder, os.O_RDONLY)
            try:
                fcntl.flock(self._hold, fcntl.LOCK_EX)
            except OSError:
                return  # a disk without locks, on which nobody can tell who is dead
            if self.folder.exists():
                break
            # between the two somebody took it for one of the dead
            os.close(self._hold)
        for other in self.folder.parent.glob(f"{_OWN}*"):
            if other != self.folder:
                _remove_unheld(other)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._hold)


def _remove_unheld(folder: Path) -> None:
    try:
        hold = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # it is held, or this disk has no locks
    finally:
        os.close(hold)


def make_private(folder: Path) -> None:
    """Make a folder and those above it that lack, each for this user only.

    The mode is set, and not left to the umask; `mkdir` would give the ones above
    whatever that allows.  Folders that are there are left as they are.
    """
    if folder.is_dir():
        return
    make_private(folder.parent)
    # somebody else may be quicker
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)


def old_files(paths: Iterable[Path], older_s: float) -> Iterator[Path]:
    """Yield those of the paths that are files last written longer ago than that."""
    limit = time.time() - older_s
    for path in sorted(paths):
        try:
            if path.is_file() and path.stat().st_mtime < limit:
                yield path
        except FileNotFoundError:
            continue


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
