"""Rows drawn at random from all of a file, in one pass and bounded memory."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files.dialect import Dialect
from jupyter_wrangler.files.heads import Head, read_head
from jupyter_wrangler.files.index import pieces
from jupyter_wrangler.files.kinds import FEATHER, PARQUET, WORKBOOK
from jupyter_wrangler.files.packing import stream_of
from jupyter_wrangler.files.pages import first_row
from jupyter_wrangler.files.records import Script
from jupyter_wrangler.files.tables import read

#: Rows and cells of a sample at most, and rows at least.
ROWS, CELLS, FEW = 10_000, 1_000_000, 200
#: Bytes of a text that are kept at most.
_BYTES = 64 * 2**20
#: Seconds that a text is read, and pieces of a Parquet or Feather file that are.
_SECONDS, _PIECES = 60.0, 16
_BATCH = 16_384

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows of a file, in their order."""

    frame: pd.DataFrame
    #: Rows that they were drawn from, and whether those are all of the file.
    rows_seen: int
    seen_all: bool


def sample_of(
    path: Path, opened: Callable[[], IO[bytes]], how: dict[str, Any], report: Report
) -> Sample:
    """Draw rows of a file; the same file gives the same rows.

    Parameters
    ----------
    path : Path
        Whose ending says what it is.
    opened : callable
        Opens the file.
    how : dict
        How it is to be read, as `read_head` takes it.
    report : callable
        Hears how far it is.

    Returns
    -------
    Sample
        `ROWS` rows and `CELLS` cells at most, of a small file all rows.
    """
    head = read_head(path, opened(), **how)
    frame = head.table.frame
    if head.whole:
        return Sample(frame=frame, rows_seen=len(frame), seen_all=True)
    most = max(FEW, min(ROWS, CELLS // max(1, frame.shape[1])))
    rng = np.random.default_rng(0)
    kind = head.table.kind
    if kind == WORKBOOK:
        whole = read(path, data=opened().read(), **how).frame
        chosen = np.sort(rng.permutation(len(whole))[:most])
        return Sample(frame=whole.iloc[chosen], rows_seen=len(whole), seen_all=True)
    if kind in {PARQUET, FEATHER}:
        found = _ParquetPieces(opened()) if kind == PARQUET else _Batches(opened())
        return _sample_of_pieces(found, most, rng, report)
    return _Draw(path, opened, head, most, rng).sample(how, report)


class _ParquetPieces:
    """Row groups of a Parquet file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = pq.ParquetFile(file, pre_buffer=False)
        self.schema: pa.Schema = self._file.schema_arrow
        about = self._file.metadata
        self.sizes = [about.row_group(k).num_rows for k in range(about.num_row_groups)]

    def batches(self, piece: int) -> Iterator[pa.RecordBatch]:
        """Read a row group."""
        yield from self._file.iter_batches(
            batch_size=_BATCH, row_groups=[piece], use_threads=False
        )


class _Batches:
    """Batches of a Feather file."""

    def __init__(self, file: IO[bytes]) -> None:
        first = pa.ipc.IpcReadOptions(included_fields=[0], use_threads=False)
        with pa.ipc.open_file(file, options=first) as found:
            batches = range(found.num_record_batches)
            self.sizes = [found.get_batch(k).num_rows for k in batches]
        file.seek(0)
        self._file = pa.ipc.open_file(
            file, options=pa.ipc.IpcReadOptions(use_threads=False)
        )
        self.schema: pa.Schema = self._file.schema

    def batches(self, piece: int) -> Iterator[pa.RecordBatch]:
        """Read a batch."""
        yield self._file.get_batch(piece)


def _sample_of_pieces(
    found: _ParquetPieces | _Batches,
    most: int,
    rng: np.random.Generator,
    report: Report,
) -> Sample:
    """Draw rows of all pieces, or of some where they are many."""
    pieces = np.sort(rng.permutation(len(found.sizes))[:_PIECES]).tolist()
    seen = sum(found.sizes[k] for k in pieces)
    chosen = np.sort(rng.permutation(seen)[:most])
    taken, start = [], 0
    for at, piece in enumerate(pieces):
        report("sampling", at, len(pieces))
        for batch in found.batches(piece):
            here = chosen[(chosen >= start) & (chosen < start + len(batch))] - start
            if len(here):
                taken.append(batch.take(pa.array(here)))
            start += len(batch)
    frame: pd.DataFrame = pa.Table.from_batches(taken, found.schema).to_pandas()
    return Sample(frame=frame, rows_seen=seen, seen_all=len(pieces) == len(found.sizes))


class _Draw:
    """Draws records of a text: those with the smallest of random numbers stay."""

    def __init__(
        self,
        path: Path,
        opened: Callable[[], IO[bytes]],
        head: Head,
        most: int,
        rng: np.random.Generator,
    ) -> None:
        dialect = head.table.dialect
        assert dialect is not None  # noqa: S101  for the type checker
        self._path, self._opened, self._dialect = path, opened, dialect
        self._only = head.table.frame.shape[1] == 1
        self._most, self._rng = most, rng
        self._kept: list[tuple[float, int, bytes]] = []
        self._below = 1.0
        self.seen = 0

    def sample(self, how: dict[str, Any], report: Report) -> Sample:
        """Read the text, and draw."""
        dialect: Dialect = self._dialect
        script = Script(
            encoding=dialect.encoding, separator=dialect.separator, gaps=not self._only
        )
        if not script.cuttable:
            raise UnsupportedFrame(
                f"Lines of {str(self._path)!r} cannot be told apart in "
                f"{dialect.encoding} without reading all of it. Save it as UTF-8, or "
                "read it in a notebook."
            )
        raw = self._opened()
        size = raw.seek(0, io.SEEK_END)
        raw.seek(0)
        start, names = first_row(stream_of(self._path, self._opened()), dialect, script)
        end, last = time.monotonic() + _SECONDS, False
        for data, found, is_last in pieces(
            self._path, stream_of(self._path, raw), script, start
        ):
            last = is_last
            self._take(data, found.starts, found.ends)
            report("sampling", min(raw.tell(), size), size)
            if time.monotonic() > end:
                break
        self._prune()
        rows = b"".join(row for _, _, row in sorted(self._kept, key=lambda k: k[1]))
        line = names.encode(dialect.encoding) if dialect.names else b""
        sought = how.get("encoding") is None and dialect.encoding == "utf-8"
        given = how | {
            "separator": dialect.separator,
            "encoding": None if sought else dialect.encoding,
        }
        table = read(self._path, data=line + rows, unpacked=True, **given)
        return Sample(frame=table.frame, rows_seen=self.seen, seen_all=last)

    def _take(self, data: bytes, starts: Any, ends: Any) -> None:
        keys = self._rng.random(len(starts))
        for at in np.flatnonzero(keys < self._below).tolist():
            row = data[starts[at] : ends[at]]
            self._kept.append((float(keys[at]), self.seen + at, row))
        self.seen += len(starts)
        if len(self._kept) > 2 * self._most:
            self._prune()

    def _prune(self) -> None:
        self._kept.sort()
        size = 0
        for at, (_, _, row) in enumerate(self._kept):
            size += len(row)
            if size > _BYTES and at >= FEW:
                self._most = at
                break
        if len(self._kept) > self._most:
            del self._kept[self._most :]
            self._below = self._kept[-1][0]
