"""The head of a file: as much of it as shows what it holds, and no more.

A file of many gigabytes costs as much as a small one: of a text some megabytes are
read, of Parquet and Feather the first rows and what the file says about itself.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import dataset

from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files.encodings import decode
from jupyter_wrangler.files.kinds import FEATHER, PARQUET, WORKBOOK, kind_of
from jupyter_wrangler.files.packing import PACKED, unpack_some
from jupyter_wrangler.files.tables import Table, read
from jupyter_wrangler.files.workbook import read_sheet

#: Bytes of text, and rows, that are looked at.
BYTES, ROWS = 4 * 2**20, 1_000
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_HIGH_SURROGATES = range(0xD8, 0xDC)


@dataclass(frozen=True, kw_only=True)
class Head:
    """The first rows of a file."""

    table: Table
    #: Whether these are all rows.
    whole: bool
    #: Rows of the whole file, and an estimate of it; None where they are not known.
    n_rows: int | None = None
    about_rows: int | None = None
    #: Names of worksheets, and the one that was read.
    sheets: tuple[str, ...] = ()
    sheet: str | None = None


def read_head(
    path: Path,
    file: IO[bytes],
    *,
    separator: str | None = None,
    decimal: str | None = None,
    missing: Sequence[str] = (),
    encoding: str | None = None,
    sheet: str | None = None,
    header: bool = True,
) -> Head:
    """Read the first rows of a file.

    Parameters
    ----------
    path : Path
        Where it is, and whose ending says what it is.
    file : file of bytes
        The same, open.
    separator, decimal, missing, encoding, sheet, header
        As `read` takes them.

    Returns
    -------
    Head
        `ROWS` rows at most; of a text as many as `BYTES` bytes hold.

    Raises
    ------
    UnsupportedFrame
        As `read` does.
    """
    kind = kind_of(path)
    try:
        if kind == PARQUET:
            return _head_of_parquet(file)
        if kind == FEATHER:
            return _head_of_feather(path)
    except (pa.ArrowException, OSError) as error:
        raise UnsupportedFrame(
            f"{str(path)!r} cannot be read as {kind}: {str(error).rstrip('.')}. Check "
            "that the file is whole, and is what its name says."
        ) from None
    if kind == WORKBOOK:
        found = read_sheet(path, file, sheet, ROWS + 1, header=header)
        whole = len(found.frame) <= ROWS
        table = Table(frame=found.frame.iloc[:ROWS], kind=kind)
        rows = len(table.frame) if whole else None
        return Head(
            table=table, whole=whole, n_rows=rows, sheets=found.names, sheet=found.name
        )
    data, whole, used = _text_head(path, unpack_some(path, file, BYTES + 1), encoding)
    table = read(
        path,
        separator=separator,
        decimal=decimal,
        missing=missing,
        encoding=used,
        header=header,
        data=data,
        unpacked=True,
    )
    n = len(table.frame)
    about = None
    if not whole and path.suffix.lower() not in PACKED:
        about = round(file.seek(0, io.SEEK_END) / len(data) * n)
    return Head(table=table, whole=whole, n_rows=n if whole else None, about_rows=about)


def _head_of_parquet(file: IO[bytes]) -> Head:
    with pq.ParquetFile(file, pre_buffer=False) as found:
        batch = next(found.iter_batches(batch_size=ROWS, use_threads=False), None)
        schema = found.schema_arrow
        rows = found.metadata.num_rows
    return _head_of_arrow([] if batch is None else [batch], schema, rows, PARQUET)


def _head_of_feather(path: Path) -> Head:
    found = dataset.dataset(path, format="feather")
    rows = found.count_rows()
    first = found.head(ROWS, batch_size=ROWS, batch_readahead=1, use_threads=False)
    return _head_of_arrow(first.to_batches(), found.schema, rows, FEATHER)


def _head_of_arrow(
    batches: list[pa.RecordBatch], schema: pa.Schema, rows: int, kind: str
) -> Head:
    frame: pd.DataFrame = pa.Table.from_batches(batches, schema).to_pandas()
    table = Table(frame=frame, kind=kind)
    return Head(table=table, whole=len(frame) == rows, n_rows=rows)


def _text_head(
    path: Path, data: bytes, encoding: str | None
) -> tuple[bytes, bool, str]:
    """Return the first records, whether they are all, and their encoding."""
    cut = len(data) > BYTES
    if cut:
        data = _whole_characters(data[:BYTES])
    text, codec, mark = decode(path, data, encoding)
    end = _end_of_records(text, ROWS + 1, cut=cut)
    if cut and end <= text.find("\n") + 1:
        raise UnsupportedFrame(
            f"A line at the beginning of {str(path)!r} is longer than "
            f"{BYTES // 2**20} MiB, and a line of names and a line for each row are "
            "wanted. Check that it is a table."
        )
    return mark + text[:end].encode(codec), not cut and end == len(text), codec


def _whole_characters(data: bytes) -> bytes:
    """Cut off what is only a part of a character."""
    if data.startswith(_WIDE) or data[:4096].count(0) > len(data[:4096]) / 4:
        data = data[: len(data) // 4 * 4]
        little = data.startswith(b"\xff\xfe") or data[1:4096:2].count(0) > 1
        half = data[-1 if little else -2] in _HIGH_SURROGATES
        return data[:-2] if half and not data.startswith(b"\x00\x00") else data
    end = max(data.rfind(b"\n"), data.rfind(b"\r"))
    return data[: end + 1]


def _end_of_records(text: str, most: int, *, cut: bool) -> int:
    r"""Return where the first records of a text end; line ends in quotes end none.

    Examples
    --------
    >>> text = 'a,b\n1,"x\ny"\n2,z\n3'
    >>> text[: _end_of_records(text, 2, cut=False)]
    'a,b\n1,"x\ny"\n'
    >>> text[: _end_of_records(text, 9, cut=True)]
    'a,b\n1,"x\ny"\n2,z\n'
    """
    position = end = found = 0
    quoted = False
    for line in io.StringIO(text, newline=""):
        position += len(line)
        quoted ^= line.count('"') % 2 == 1
        if quoted or not line.endswith(("\n", "\r")):
            continue
        end, found = position, found + 1
        if found == most:
            return end
    return end if cut else len(text)
