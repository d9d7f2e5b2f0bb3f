"""A file as it was when somebody looked at it: read only if it is the same still."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from jupyter_wrangler.errors import FileChanged, InvalidData

#: Bytes that are read at a time.
_PIECE = 8 * 2**20


def fingerprint_of(found: os.stat_result) -> str:
    """Tell by what a file is known again: its size and the time of its last change."""
    return f"{found.st_size}-{found.st_mtime_ns}"


@contextlib.contextmanager
def opened(path: Path, fingerprint: str | None = None) -> Iterator[IO[bytes]]:
    """Open a file; at the end too it must be what it was.

    Parameters
    ----------
    path : Path
        The file.
    fingerprint : str, optional
        What it was when it was looked at; by default it need only stay as it is.

    Raises
    ------
    FileChanged
        If it is another one, changes meanwhile, or is gone.
    InvalidData
        If it is no file, or may not be read.
    """
    with same(path, fingerprint), path.open("rb") as file:
        yield file


@contextlib.contextmanager
def same(path: Path, fingerprint: str | None = None) -> Iterator[None]:
    """Work with a file that must be what it was, as `opened` does."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InvalidData(f"{path.name!r} is no file of data; choose a file.")
        if fingerprint not in (None, fingerprint_of(found)):
            raise FileChanged(path.name)
        yield
        if fingerprint_of(path.stat()) != fingerprint_of(found):
            raise FileChanged(path.name)
    except FileNotFoundError:
        raise FileChanged(path.name, gone=True) from None
    except PermissionError:
        raise InvalidData(
            f"{path.name!r} may not be read by the user of the Jupyter server; change "
            "its permissions."
        ) from None


def read_all(file: IO[bytes], report: Callable[[int, int], None]) -> bytes:
    """Read a file, and report (bytes read, bytes of the file) as it goes on."""
    total = os.fstat(file.fileno()).st_size
    data = bytearray()
    while piece := file.read(_PIECE):
        data += piece
        report(len(data), max(total, len(data)))
    return bytes(data)
