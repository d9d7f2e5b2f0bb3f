"""Compressed text files: packed and unpacked by the ending of their names."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from jupyter_wrangler.errors import UnsupportedFrame

#: Bytes that are skipped at a time.
_PIECE = 2**20
#: What a library raises when bytes are not what they should be.
SPOILT = (OSError, EOFError, ValueError, lzma.LZMAError, zipfile.BadZipFile)


def _only_member(file: IO[bytes]) -> IO[bytes]:
    archive = zipfile.ZipFile(file)
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if len(names) != 1:
        raise ValueError(f"it holds {len(names)} files, and one is wanted")
    return archive.open(names[0])


class _Lent:
    """A file that is read by somebody who would close it."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.read = file.read

    def close(self) -> None:
        """Leave it open."""


class _ZstdFile(io.RawIOBase):
    """What a file packed by zstd holds; to go back is to begin again."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._rewind()

    def _rewind(self) -> None:
        self._file.seek(0)
        self._at = 0
        lent = pa.PythonFile(_Lent(self._file), mode="r")
        self._stream = pa.CompressedInputStream(lent, "zstd")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place by reading up to it."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only places from the beginning are known")
        if offset < self._at:
            self._rewind()
        while self._at < offset:
            data = self._stream.read(min(offset - self._at, _PIECE))
            if not data:
                break
            self._at += len(data)
        return self._at


def _zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


#: Ending -> a stream of what a packed stream holds.
_STREAMS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": _ZstdFile,
    ".zip": _only_member,
}
_PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": _zstd,
}
PACKED = tuple(_STREAMS)


def unpack(path: Path, data: bytes) -> bytes:
    """Return what a compressed file holds, by the ending of its name.

    Raises
    ------
    UnsupportedFrame
        If it is not what its name says.
    """
    return unpack_some(path, io.BytesIO(data), None)


def unpack_some(path: Path, file: IO[bytes], limit: int | None) -> bytes:
    r"""Return the first bytes of what a file holds, compressed or not.

    Parameters
    ----------
    path : Path
        Whose ending says how it is packed.
    file : file of bytes
        What is read, and no more of it than is needed.
    limit : int or None
        Bytes of what it holds at most; None: all.

    Raises
    ------
    UnsupportedFrame
        If it is not what its name says.

    Examples
    --------
    >>> unpack_some(Path("x.csv.gz"), io.BytesIO(gzip.compress(b"a\n1\n")), 2)
    b'a\n'
    """
    size = -1 if limit is None else limit
    packed = path.suffix.lower()
    if packed not in _STREAMS:
        return file.read(size)
    try:
        found: bytes = _STREAMS[packed](file).read(size)
    except SPOILT as error:
        raise spoilt(path, error) from None
    return found


def spoilt(path: Path, error: Exception) -> UnsupportedFrame:
    """Say that a file is not what the ending of its name says."""
    return UnsupportedFrame(
        f"{str(path)!r} cannot be read as {path.suffix.lower()}: "
        f"{str(error).rstrip('.')}. Check that the file is whole, and is what its name "
        "says."
    )


def stream_of(path: Path, file: IO[bytes]) -> IO[bytes]:
    """Return what a file holds as a stream that can go back, if at a price.

    Raises
    ------
    UnsupportedFrame
        If it is not what its name says.
    """
    try:
        found: IO[bytes] = _STREAMS.get(path.suffix.lower(), _itself)(file)
    except SPOILT as error:
        raise spoilt(path, error) from None
    return found


def _itself(file: IO[bytes]) -> IO[bytes]:
    return file


def pack(path: Path, data: bytes) -> bytes:
    """Compress what goes into a file, by the ending of its name."""
    return _PACK.get(path.suffix.lower(), bytes)(data)


def can_pack(path: Path) -> bool:
    """Whether a file of this name can be written."""
    return path.suffix.lower() not in set(_STREAMS) - set(_PACK)


def numbered(output: Path, m: int) -> list[Path]:
    """Name one file for each of m completed data sets.

    Examples
    --------
    >>> [path.name for path in numbered(Path("out.csv"), 2)]
    ['out-1.csv', 'out-2.csv']
    >>> [path.name for path in numbered(Path("out.csv.gz"), 2)]
    ['out-1.csv.gz', 'out-2.csv.gz']
    """
    stem, ending = split_name(output)
    return [output.with_name(f"{stem}-{k}{ending}") for k in range(1, m + 1)]


def split_name(path: Path) -> tuple[str, str]:
    """Cut a name before its ending, to which that of the packing belongs.

    Examples
    --------
    >>> split_name(Path("a/x.y.csv.gz")), split_name(Path("x.parquet"))
    (('x.y', '.csv.gz'), ('x', '.parquet'))
    """
    ending = path.suffix
    if ending.lower() in PACKED:
        ending = Path(path.stem).suffix + ending
    return path.name.removesuffix(ending), ending
