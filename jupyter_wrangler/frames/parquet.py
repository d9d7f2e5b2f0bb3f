"""A whole frame as Parquet, and back as it went in.

The columns come first, under string names, then the levels of the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jupyter_wrangler.contract import ColumnInfo
from jupyter_wrangler.engine.columns.missing_cells import see_missing
from jupyter_wrangler.errors import UnreadableFile, UnsupportedFrame
from jupyter_wrangler.frames.columns import (
    Note,
    Values,
    decode,
    encode,
    is_text,
    pack_labels,
    unpack_labels,
)
from jupyter_wrangler.frames.dataframe_backends import names_of
from jupyter_wrangler.frames.hashing_writer import HashingWriter
from jupyter_wrangler.frames.reading import reading
from jupyter_wrangler.frames.row_index import pack_index, unpack_index

#: Where the notes stand among the metadata of the file.
KEY = b"jupyter_wrangler"
FORMAT = 1
#: Footers with many categories are larger than the readers' default limits.
_FOOTER_LIMIT = 2**31 - 1
_FEW_CELLS = 200_000
#: Rows of one row group; the least that a reader must hold at a time.
_MOST_ROWS = 2**26
#: Bytes from which a column is large, and rows that tell whether to compress it.
_LARGE, _SAMPLE = 2**20, 2**14
_MOST_LEVELS = 32


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A frame as bytes, with what the service wants to know about it."""

    data: bytes
    sha256: str
    columns: tuple[ColumnInfo, ...]
    n_rows: int


def to_parquet(
    df: pd.DataFrame,
    *,
    backend: str = "pandas",
    cell_options: Mapping[str, Any] | None = None,
) -> Packed:
    """Write a frame as Parquet, the same frame always as the same bytes.

    Parameters
    ----------
    df : pandas.DataFrame
        Any dtypes of pandas' own; any index.
    backend : str, default="pandas"
        What the user handed in; kept in the file, see `backend_of`.
    cell_options : mapping, optional
        What is said of its cells, as `CellOptions.pack` gives it.

    Returns
    -------
    Packed
        The bytes (zstd, level 1, where that helps), their SHA-256 and a description
        of the columns.

    Raises
    ------
    DuplicateColumns, MixedTypes, UnsupportedFrame
        If the frame cannot be stored; names the column and says what to do.

    Examples
    --------
    >>> packed = to_parquet(pd.DataFrame({"a": [1.0, None]}))
    >>> packed.n_rows, packed.columns
    (2, (ColumnInfo(name='a', dtype='float64', missing=1),))
    """
    names = names_of(df)
    fields = {name: df.iloc[:, i].array for i, name in enumerate(names)}
    index, levels = pack_index(df.index, taken=set(names))
    arrays, notes = [], []
    for name, values in [*fields.items(), *levels.items()]:
        array, note = encode(name, values)
        arrays.append(array)
        notes.append(note)
    header = {
        "format": FORMAT,
        "world": backend,
        "labels": pack_labels(df.columns),
        "index": index,
        "notes": notes,
    }
    if cell_options:
        header["cell_options"] = dict(cell_options)
    table = pa.Table.from_arrays(arrays, names=[*names, *levels])
    table = table.replace_schema_metadata(
        {KEY: to_json(header), b"pandas": _pandas_header(df, fields, levels, index)}
    )
    data, sha256 = _write(table, arrays)
    return Packed(
        data=data, sha256=sha256, columns=_describe(df, names), n_rows=len(df)
    )


def _describe(df: pd.DataFrame, names: tuple[str, ...]) -> tuple[ColumnInfo, ...]:
    """Describe the columns of a frame, which have these names in the file."""
    missing = see_missing(df.copy(deep=False)).isna().sum().tolist()
    return tuple(
        ColumnInfo(name=name, dtype=str(dtype), missing=count)
        for name, dtype, count in zip(names, df.dtypes, missing, strict=True)
    )


def _write(table: pa.Table, arrays: list[pa.Array]) -> tuple[bytes, str]:
    """Write a table, whose columns are `arrays`; return its bytes and their SHA-256."""
    sink = HashingWriter()
    # dictionaries pay for text only, and cost a third of the time for numbers
    text = [f.name for f in table.schema if is_text(f.type)]
    dense = {f.name: _dense(a) for f, a in zip(table.schema, arrays, strict=True)}
    pq.write_table(
        table,
        pa.PythonFile(sink, mode="w"),
        # by column: noise does not get smaller, and costs most of the time
        compression={name: "none" if full else "zstd" for name, full in dense.items()},
        compression_level={name: 1 for name, full in dense.items() if not full},
        use_dictionary=text or False,
        write_statistics=False,
        # one piece for each column, which need not be put together when read
        row_group_size=_MOST_ROWS,
    )
    return sink.all()


def _dense(array: pa.Array) -> bool:
    """Whether compression would not make these numbers smaller by a tenth."""
    kind = array.type
    if not pa.types.is_primitive(kind) or kind.bit_width < 8 or array.nbytes < _LARGE:
        return False
    # Parquet writes no value where there is none
    values = array.slice(len(array) // 2, _SAMPLE).drop_null()
    width = kind.bit_width // 8
    sample = values.buffers()[1].slice(values.offset * width, len(values) * width)
    small = pa.Codec("zstd", compression_level=1).compress(sample)
    return bool(sample.size and small.size > 0.9 * sample.size)


@reading()
def from_parquet(source: bytes | str | Path, *, labels: bool = True) -> pd.DataFrame:
    """Read a frame as it went in: dtypes, index, categories.

    Parameters
    ----------
    source : bytes or path
        What `to_parquet` wrote.
    labels : bool, default=True
        Give the columns their own labels; False gives them their string names,
        which is what specs and imputed cells use.

    Raises
    ------
    UnreadableFile
        If the file is cut off, damaged or of another make; says which.
    UnsupportedFrame
        If it is Parquet, but was not written by this package.

    Examples
    --------
    >>> from_parquet(to_parquet(pd.DataFrame({7: [1, 2]}, index=["x", "y"])).data)
       7
    x  1
    y  2
    """
    with _opened(source) as file:
        header = _header(file.schema_arrow.metadata)
        notes, names = header["notes"], file.schema_arrow.names
        arrays = [
            decode(column, note)
            for column, note in zip(_columns(file), notes, strict=True)
        ]
    pa.default_memory_pool().release_unused()
    levels = 0 if "range" in header["index"] else len(header["index"]["names"])
    count = len(notes) - levels
    index = unpack_index(header["index"], arrays[count:])
    # a dict of positions: labels may be anything, also equal to one another
    # and object arrays as series, or pandas would guess a better dtype for them
    columns = {
        i: pd.Series(a, index, dtype=a.dtype, copy=False)
        for i, a in enumerate(arrays[:count])
    }
    df = pd.DataFrame(columns, index=index, copy=False)
    if labels:
        df.columns = unpack_labels(header["labels"])
    else:
        df.columns = pd.Index(names[:count])
    return df


@reading()
def labels_of(source: bytes | str | Path) -> pd.Index:
    """Tell the labels of the columns, without reading any.

    Examples
    --------
    >>> list(labels_of(to_parquet(pd.DataFrame({7: [1], "a": [2]})).data))
    [7, 'a']
    """
    return unpack_labels(header_of(read_table(source, columns=[]))["labels"])


@reading()
def backend_of(source: bytes | str | Path) -> str:
    """Tell what the user handed in when this was written: "pandas" or "polars"."""
    return str(header_of(read_table(source, columns=[]))["world"])


@reading()
def shape_of(source: bytes | str | Path) -> tuple[int, int]:
    """Tell how many rows and columns a file has, without reading them.

    Sizes in bytes are not reported: a footer may give any.

    Examples
    --------
    >>> shape_of(to_parquet(pd.DataFrame({"a": [1, 2]}, index=["x", "y"])).data)
    (2, 1)
    """
    place = pa.BufferReader(source) if isinstance(source, bytes) else str(source)
    with pq.ParquetFile(place, thrift_string_size_limit=_FOOTER_LIMIT) as file:
        found, header = file.metadata, _header(file.schema_arrow.metadata)
        groups = (found.row_group(i).num_rows for i in range(found.num_row_groups))
        levels = 0 if "range" in header["index"] else len(header["index"]["names"])
        # nobody has more levels than that; who claims to hides columns among them
        columns = found.num_columns - min(levels, _MOST_LEVELS)
        # the total may differ from the row groups, which are what is read
        return max(found.num_rows, sum(groups)), columns


@reading()
def read_table(source: bytes | str | Path, **options: Any) -> pa.Table:
    """Read Parquet with footers of any size."""
    with _opened(source) as file:
        return file.read(use_threads=not _is_small(file), **options)


def _opened(source: bytes | str | Path) -> pq.ParquetFile:
    """Open Parquet with a footer of any size."""
    # not by `pq.read_table`: it loads pyarrow.dataset, which every runner would do
    # again; and not mapped: the pages would stay beside what is made of them
    return pq.ParquetFile(
        pa.BufferReader(source) if isinstance(source, bytes) else str(source),
        thrift_string_size_limit=_FOOTER_LIMIT,
    )


def _is_small(file: pq.ParquetFile) -> bool:
    """Whether threads would take longer to start than the file to read."""
    cells: int = file.metadata.num_rows * file.metadata.num_columns
    return cells <= _FEW_CELLS


def _columns(file: pq.ParquetFile) -> Iterator[pa.ChunkedArray]:
    """Read the columns, of a large file one by one.

    All of them at once would stand beside the frame that is made of them.
    """
    width = len(file.schema_arrow)
    # a column of several leaves, such as one of intervals, shifts all that follow
    if _is_small(file) or file.metadata.num_columns != width:
        yield from file.read(use_threads=not _is_small(file)).columns
        return
    for k in range(width):
        # by its place: names may have dots, which would name fields of a struct
        yield file.reader.read_all(column_indices=[k], use_threads=False).column(0)


@reading()
def header_of(table: pa.Table) -> dict[str, Any]:
    """Give our own notes of a file, or refuse it."""
    return _header(table.schema.metadata)


def _header(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    found = (metadata or {}).get(KEY)
    if found is None:
        raise UnsupportedFrame(
            "These bytes are Parquet, but were not written by jupyter_wrangler; read "
            "them with pd.read_parquet(...) and hand in the frame."
        )
    header: dict[str, Any] = json.loads(found)
    if not isinstance(header, dict):
        raise UnreadableFile("our notes in it are damaged")
    if header["format"] != FORMAT:
        raise UnsupportedFrame(
            f"These bytes are in format {header['format']}, and this version of "
            f"jupyter_wrangler reads format {FORMAT}; upgrade it."
        )
    return header


def _pandas_header(
    df: pd.DataFrame,
    fields: Mapping[str, Values],
    levels: Mapping[str, Values],
    index: Note,
) -> bytes:
    """Write what `pandas.read_parquet` wants to know, from a frame of no rows."""
    empty = pd.DataFrame(
        {k: pd.Series(v[:0], dtype=v.dtype) for k, v in {**fields, **levels}.items()}
    )
    header = json.loads(
        pa.Schema.from_pandas(empty, preserve_index=False).metadata[b"pandas"]
    )
    columns: list[Any] = list(levels)
    if "range" in index:
        start, stop, step = index["range"]
        name = df.index.name if isinstance(df.index.name, str) else None
        columns = [
            {"kind": "range", "name": name, "start": start, "stop": stop, "step": step}
        ]
    header["index_columns"] = columns
    return to_json(header)


def to_json(value: Any) -> bytes:
    """Write the notes."""
    return json.dumps(value, separators=(",", ":")).encode()
