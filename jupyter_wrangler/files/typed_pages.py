"""Rows of Parquet and Feather files: some at a time, by row groups and batches."""

from __future__ import annotations

import bisect
import itertools
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

#: Rows that are read at a time of a row group.
_ROWS = 2_000


def _fields(schema: pa.Schema) -> list[str]:
    """Name the fields that become columns of a frame, and not its index."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    return [field.name for field in schema if field.name not in index]


def _frame(batch: pa.RecordBatch) -> pd.DataFrame:
    """Make a frame of all fields, in which whole numbers stay whole."""
    table = pa.Table.from_batches([batch])
    frame: pd.DataFrame = table.to_pandas(
        ignore_metadata=True, integer_object_nulls=True
    )
    return frame


class ParquetRows:
    """Rows of a Parquet file; what was read last is kept."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = pq.ParquetFile(file, pre_buffer=False)
        self._fields = _fields(self._file.schema_arrow)
        groups = self._file.metadata.num_row_groups
        sizes = [self._file.metadata.row_group(k).num_rows for k in range(groups)]
        #: Number of the first row of each row group, and of what is after the last.
        self._starts: list[int] = [0, *itertools.accumulate(sizes)]
        self._kept: tuple[Any, int, pd.DataFrame] | None = None
        self._batches: Any = iter(())
        self._next: tuple[Any, int] | None = None

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return self._starts[-1]

    def rows(self, first: int, n: int, columns: slice) -> pd.DataFrame:
        """Return some rows and columns."""
        names = self._fields[columns]
        end = min(first + n, self.n_rows)
        found = []
        while first < end:
            start, frame = self._batch_with(first, names)
            found.append(frame.iloc[first - start : end - start])
            first = min(end, start + len(frame))
        return pd.concat(found) if found else pd.DataFrame(columns=names)

    def _batch_with(self, row: int, names: list[str]) -> tuple[int, pd.DataFrame]:
        """Return the batch that holds a row, and the number of its first."""
        group = bisect.bisect_right(self._starts, row) - 1
        key = (group, tuple(names))
        if self._kept is not None and self._kept[0] == key:
            _, start, frame = self._kept
            if start <= row < start + len(frame):
                return start, frame
        if self._next is None or self._next[0] != key or self._next[1] > row:
            self._batches = self._file.iter_batches(
                batch_size=_ROWS, row_groups=[group], columns=names, use_threads=False
            )
            self._next = (key, self._starts[group])
        while True:
            batch = next(self._batches)
            start = self._next[1]
            self._next = (key, start + len(batch))
            if row < start + len(batch):
                frame = _frame(batch)
                self._kept = (key, start, frame)
                return start, frame


class FeatherRows:
    """Rows of a Feather file; the batch that was read last is kept."""

    def __init__(self, file: IO[bytes]) -> None:
        self._source = file
        with pa.ipc.open_file(file) as found:
            self._fields = _fields(found.schema)
            self._schema = found.schema
            batches = found.num_record_batches
        first = self._reader(self._schema.names[:1])
        sizes = [first.get_batch(k).num_rows for k in range(batches)]
        self._starts: list[int] = [0, *itertools.accumulate(sizes)]
        self._kept: tuple[Any, pd.DataFrame] | None = None

    def _reader(self, names: list[str]) -> pa.ipc.RecordBatchFileReader:
        at = [self._schema.get_field_index(name) for name in names]
        options = pa.ipc.IpcReadOptions(included_fields=at, use_threads=False)
        self._source.seek(0)
        return pa.ipc.open_file(self._source, options=options)

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return self._starts[-1]

    def rows(self, first: int, n: int, columns: slice) -> pd.DataFrame:
        """Return some rows and columns."""
        names = self._fields[columns]
        end = min(first + n, self.n_rows)
        found = []
        while first < end:
            at = bisect.bisect_right(self._starts, first) - 1
            start, frame = self._starts[at], self._batch(at, names)
            found.append(frame.iloc[first - start : end - start])
            first = min(end, self._starts[at + 1])
        return pd.concat(found) if found else pd.DataFrame(columns=names)

    def _batch(self, at: int, names: list[str]) -> pd.DataFrame:
        key = (at, tuple(names))
        if self._kept is None or self._kept[0] != key:
            batch = self._reader(names).get_batch(at)
            self._kept = (key, _frame(batch))
        return self._kept[1]
