"""An index of the records of a text: where every so many of them begins.

The text is read once, as far as somebody looks; any row is then a jump to the record
before it that is in the index, and a short way on.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files.packing import SPOILT, spoilt
from jupyter_wrangler.files.records import Records, Script, records_in

#: Bytes that are read at a time to count.
PIECE = 4 * 2**20
#: Bytes of the longest record, and of the rows that are given at a time.
LONGEST = 64 * 2**20
#: Pieces between two marks that are kept.
_BLOCKS = 4
#: Records between two marks at first, and marks at most: with more, every second goes.
_STRIDE, _MARKS = 500, 2**18


class RecordIndex:
    """Counts the records of a text, and finds them by their numbers.

    Parameters
    ----------
    path : Path
        What messages call it.
    counted, file : file of bytes
        The text, unpacked, twice: to count the records, and to read some of them.  To
        go back may mean to unpack all that is before.
    script : Script
        How the text is written.
    start : int
        Bytes before the first record.
    """

    def __init__(
        self,
        path: Path,
        counted: IO[bytes],
        file: IO[bytes],
        script: Script,
        start: int,
    ) -> None:
        self._path, self._script = path, script
        self._stride = _STRIDE
        self._marks = array("q", [start])
        #: Where records end that were found, and how many they are.
        self.seen, self.count = start, 0
        #: Whether these are all.
        self.whole = False
        self._empty_at_end = 0
        self._pieces = pieces(path, counted, script, start)
        self._file = file
        self._blocks: dict[tuple[int, int], tuple[bytes, Records]] = {}

    def advance(self, *, rows: int, seconds: float) -> None:
        """Look on until so many records are known, or so long."""
        end = time.monotonic() + seconds
        while not self.whole and self.count < rows and time.monotonic() < end:
            data, found, self.whole = next(self._pieces)
            self._take(data, found)
            if self.whole:
                # empty lines at the end are no values
                self.count -= self._empty_at_end

    def _take(self, data: bytes, found: Records) -> None:
        for at in range(-self.count % self._stride, len(found), self._stride):
            if self.count + at > 0:
                self._marks.append(self.seen + int(found.starts[at]))
        self.count += len(found)
        if not self._script.gaps:
            self._note_empty(data, found)
        self.seen += found.used
        if len(self._marks) > _MARKS:
            self._marks = self._marks[::2]
            self._stride *= 2

    def _note_empty(self, data: bytes, found: Records) -> None:
        for at in range(len(found) - 1, -1, -1):
            if data[found.starts[at] : found.ends[at]].strip(b"\r\n\0"):
                self._empty_at_end = len(found) - 1 - at
                return
        self._empty_at_end += len(found)

    def read(self, first: int, n: int) -> bytes:
        """Return the records from number `first` on, `n` at most.

        They must be known already.
        """
        end = min(first + n, self.count)
        taken = bytearray()
        while first < end:
            mark = first // self._stride
            skip = first - mark * self._stride
            data, found = self._block(mark)
            last = min(skip + end - first, len(found))
            taken += data[found.starts[skip] : found.ends[last - 1]]
            first += last - skip
        return bytes(taken)

    def _block(self, mark: int) -> tuple[bytes, Records]:
        """Return what is between a mark and the next, from what was read lately."""
        start = self._marks[mark]
        last = mark + 1 == len(self._marks)
        place = (start, self.seen if last else self._marks[mark + 1])
        if place not in self._blocks:
            size = place[1] - start
            if size > LONGEST:
                raise UnsupportedFrame(
                    f"{self._stride:,} rows of {str(self._path)!r}, from number "
                    f"{mark * self._stride:,} on, are longer than "
                    f"{LONGEST // 2**20} MiB, too long to be shown. Check that every "
                    "quote is closed."
                )
            try:
                self._file.seek(start)
                data = _read(self._file, size)
            except SPOILT as error:
                raise spoilt(self._path, error) from None
            while len(self._blocks) >= _BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[place] = data, records_in(data, self._script, last=True)
        return self._blocks[place]


def pieces(
    path: Path, file: IO[bytes], script: Script, start: int
) -> Iterator[tuple[bytes, Records, bool]]:
    """Read a text piece by piece, each with its records, and whether it is the last.

    Parameters
    ----------
    path : Path
        What messages call it.
    file : file of bytes
        The text, unpacked.
    script : Script
        How the text is written.
    start : int
        Where a record begins.

    Raises
    ------
    UnsupportedFrame
        If the text cannot be unpacked, or holds a record that is too long.
    """
    kept = b""
    try:
        file.seek(start)
        while True:
            more = _read(file, PIECE)
            data = kept + more
            last = len(more) < PIECE
            found = records_in(data, script, last=last)
            if found.used == 0 and len(data) > LONGEST:
                raise UnsupportedFrame(
                    f"A row of {str(path)!r} is longer than {LONGEST // 2**20} MiB, "
                    f"the one that begins at byte {start:,}. Check that every quote is "
                    "closed."
                )
            if last or found.used:
                yield data, found, last
            if last:
                return
            start += found.used
            kept = data[found.used :]
    except SPOILT as error:
        raise spoilt(path, error) from None


def _read(file: IO[bytes], size: int) -> bytes:
    """Read so many bytes, or all that are left: unpacking may give fewer at a time."""
    data = bytearray()
    while len(data) < size:
        piece = file.read(size - len(data))
        if not piece:
            break
        data += piece
    return bytes(data)
