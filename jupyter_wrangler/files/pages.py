"""Rows of a file, a page at a time: the file is never held as a whole.

Of a text an index of its records is kept, of Parquet and Feather the piece that was
read last.  A worksheet can only be read as a whole, which the memory of the process
bounds.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pandas as pd

from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files.dialect import Dialect
from jupyter_wrangler.files.encodings import decode
from jupyter_wrangler.files.heads import BYTES, read_head
from jupyter_wrangler.files.index import RecordIndex
from jupyter_wrangler.files.kinds import FEATHER, PARQUET, WORKBOOK, kind_of
from jupyter_wrangler.files.packing import stream_of
from jupyter_wrangler.files.records import Script, records_in
from jupyter_wrangler.files.tables import Table, read
from jupyter_wrangler.files.texts import cut_text, made_names, parse_error_text
from jupyter_wrangler.files.typed_pages import FeatherRows, ParquetRows

#: Characters of a cell that are shown.
CHARACTERS = 200
#: Seconds that a question for rows may count on to reach them.
_PATIENCE = 20.0

Cells = tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many rows are known."""

    n_rows: int
    #: Whether these are all, and which share of the file was looked at.
    whole: bool
    share: float


class Pages(ABC):
    """A file that is looked at page by page."""

    @abstractmethod
    def cells(self, first: int, n: int, columns: slice) -> Cells:
        """Return cells of some rows and columns as text; None is missing."""

    @abstractmethod
    def count(self, seconds: float) -> Counted:
        """Count on for so long, where the file does not say how many rows it has."""


def pages_of(path: Path, opened: Callable[[], IO[bytes]], how: dict[str, Any]) -> Pages:
    """Look at a file page by page.

    Parameters
    ----------
    path : Path
        Whose ending says what it is.
    opened : callable
        Opens the file.
    how : dict
        How it is to be read, as `read_head` takes it.

    Raises
    ------
    UnsupportedFrame
        If it is no table, or its rows cannot be told apart without reading it all.
    """
    kind = kind_of(path)
    with opened() as file:
        head = read_head(path, file, **how)
    if kind == PARQUET:
        return FramePages(ParquetRows(opened()))
    if kind == FEATHER:
        return FramePages(FeatherRows(opened()))
    if kind == WORKBOOK:
        with opened() as file:
            return FramePages(WholeSheet(read(path, data=file.read(), **how).frame))
    return TextPages(path, opened, head.table, tuple(how.get("missing", ())))


@dataclass
class WholeSheet:
    """A worksheet, read as a whole."""

    frame: pd.DataFrame

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return len(self.frame)

    def rows(self, first: int, n: int, columns: slice) -> pd.DataFrame:
        """Return some rows and columns."""
        return self.frame.iloc[first : first + n, columns]


class FramePages(Pages):
    """Pages of a file that says of which types its columns are."""

    def __init__(self, found: ParquetRows | FeatherRows | WholeSheet) -> None:
        self._found = found

    def cells(self, first: int, n: int, columns: slice) -> Cells:
        """Return cells of some rows and columns as text; None is missing."""
        frame = self._found.rows(first, n, columns)
        return _shown(frame, frame)

    def count(self, seconds: float) -> Counted:  # noqa: ARG002
        """Return what the file says."""
        return Counted(n_rows=self._found.n_rows, whole=True, share=1.0)


class TextPages(Pages):
    """Pages of a text, compressed or not."""

    def __init__(
        self,
        path: Path,
        opened: Callable[[], IO[bytes]],
        head: Table,
        missing: tuple[str, ...],
    ) -> None:
        dialect = head.dialect
        assert dialect is not None  # noqa: S101  for the type checker
        self._path, self._dialect, self._missing = path, dialect, missing
        self._only = head.frame.shape[1] == 1
        script = Script(
            encoding=dialect.encoding, separator=dialect.separator, gaps=not self._only
        )
        if not script.cuttable:
            raise UnsupportedFrame(
                f"Only the first rows of {str(path)!r} are shown: lines cannot be told "
                f"apart in {dialect.encoding} without reading all of it. Save it as "
                "UTF-8 to see the others."
            )
        self._raw = opened()
        self._size = max(1, self._raw.seek(0, io.SEEK_END))
        self._raw.seek(0)
        start, self._names = first_row(stream_of(path, opened()), dialect, script)
        counted, file = stream_of(path, self._raw), stream_of(path, opened())
        self._index = RecordIndex(path, counted, file, script, start)

    def cells(self, first: int, n: int, columns: slice) -> Cells:
        """Return cells of some rows and columns as text; None is missing."""
        self._index.advance(rows=first + n, seconds=_PATIENCE)
        data = self._index.read(first, n)
        if not data:
            return ()
        try:
            found = cut_text(
                self._path,
                self._names + self._decoded(data),
                self._dialect.separator,
                missing=self._missing,
                only=self._only,
            )
        except pd.errors.ParserError as error:
            raise UnsupportedFrame(
                f"Rows {first + 1:,} to {first + n:,}, counted among themselves: "
                f"{parse_error_text(self._path, str(error))}"
            ) from None
        return _shown(found.frame.iloc[:, columns], found.cells.iloc[:, columns])

    def _decoded(self, data: bytes) -> str:
        """Decode rows as the file as a whole would be."""
        encoding = self._dialect.encoding
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            if encoding != "utf-8" or self._dialect.mark:
                # says what is wrong
                return decode(self._path, data, encoding)[0]
            return decode(self._path, data, None)[0]

    def count(self, seconds: float) -> Counted:
        """Count on for so long."""
        index = self._index
        index.advance(rows=2**62, seconds=seconds)
        share = 1.0 if index.whole else min(1.0, self._raw.tell() / self._size)
        return Counted(n_rows=index.count, whole=index.whole, share=share)


def first_row(file: IO[bytes], dialect: Dialect, script: Script) -> tuple[int, str]:
    """Return at which byte of a text its first row begins, and a line of names."""
    before = len(dialect.mark) + len(dialect.head.encode(dialect.encoding))
    file.seek(before)
    data = file.read(BYTES)
    whole = Script(encoding=script.encoding, separator=script.separator)
    found = records_in(data, whole, last=len(data) < BYTES)
    first, end = int(found.starts[0]), int(found.ends[0])
    text = data[first:end].decode(script.encoding)
    if not dialect.names:
        return before + first, made_names(text, dialect.separator) + dialect.line_end
    return before + end, text if text.endswith(("\n", "\r")) else text + "\n"


def _shown(frame: pd.DataFrame, cells: pd.DataFrame) -> Cells:
    gone = frame.isna().to_numpy(bool)
    return tuple(
        tuple(
            None if gone[at, k] else str(cell)[:CHARACTERS]
            for k, cell in enumerate(row)
        )
        for at, row in enumerate(cells.itertuples(index=False, name=None))
    )
