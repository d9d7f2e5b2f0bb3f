"""What the head of a file shows: how it is written, columns, first rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from jupyter_wrangler.contract import (
    FileColumn,
    FileDialect,
    FileOptions,
    FilePreview,
)
from jupyter_wrangler.files.dialect import Dialect
from jupyter_wrangler.files.heads import Head
from jupyter_wrangler.files.kinds import FEATHER, PARQUET, TYPED
from jupyter_wrangler.files.packing import can_pack, split_name
from jupyter_wrangler.files.tables import Table

#: Rows and columns whose cells are shown, and characters of a cell.
ROWS, COLUMNS, CHARACTERS = 100, 50, 200

#: pandas counts what is there twice: 1.5 and 1.5.1.
_NUMBER = re.compile(r"\s*[+-]?\d[\d.,]*([eE][+-]?\d+)?\s*")
_PANDAS = "import pandas as pd\n"

Kind = Literal["integer", "float", "boolean", "datetime", "text"]


def preview_of(
    path: str, size: int, fingerprint: str, head: Head, options: FileOptions
) -> FilePreview:
    """Describe a file by its first rows.

    Parameters
    ----------
    path : str
        Where the code that reads it finds it.
    size : int
        Its bytes.
    fingerprint : str
        By what it is known again.
    head : Head
        Its first rows.
    options : FileOptions
        How it was asked to be read.
    """
    table = head.table
    frame = table.frame
    name = Path(path).name
    return FilePreview(
        name=name,
        kind=table.kind,
        size=size,
        fingerprint=fingerprint,
        dialect=None if table.dialect is None else _dialect_view(table.dialect),
        sheets=head.sheets,
        sheet=head.sheet,
        rows_read=len(frame),
        n_rows=head.n_rows,
        about_rows=head.about_rows,
        columns=tuple(
            FileColumn(
                name=str(frame.columns[at]),
                type=kind_of_column(frame.iloc[:, at]),
                n_missing=int(frame.iloc[:, at].isna().sum()),
            )
            for at in range(frame.shape[1])
        ),
        rows=tuple(_rows(table)),
        notes=(*table.notes, *_doubts(table)),
        save_as=_save_as(name),
        code=reading_code(path, head, options),
    )


def _doubts(table: Table) -> Iterator[str]:
    """Say what the line of names makes one doubt that it is one."""
    names = [str(name) for name in table.frame.columns]
    if table.kind in {PARQUET, FEATHER} or not all(map(_NUMBER.fullmatch, names)):
        return
    yield (
        f"All names of the columns are numbers, the first {names[0]!r}. If the first "
        "line is no line of names, say so where the form asks for it."
    )


def kind_of_column(column: pd.Series[Any]) -> Kind:
    """Tell what the values of a column are.

    Examples
    --------
    >>> kind_of_column(pd.Series([1, 2])), kind_of_column(pd.Series(["a", None]))
    ('integer', 'text')
    """
    dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(dtype):
        return "integer"
    if pd.api.types.is_numeric_dtype(dtype):
        return "float"
    return "datetime" if pd.api.types.is_datetime64_any_dtype(dtype) else "text"


def _dialect_view(dialect: Dialect) -> FileDialect:
    return FileDialect(
        separator=dialect.separator,
        decimal=dialect.decimal,
        encoding=dialect.encoding,
        marked=bool(dialect.mark),
        windows=dialect.line_end == "\r\n",
    )


def _rows(table: Table) -> Iterator[tuple[str | None, ...]]:
    frame = table.frame.iloc[:ROWS, :COLUMNS]
    cells = frame if table.text is None else table.text.iloc[:ROWS, :COLUMNS]
    gone = frame.isna().to_numpy(bool)
    for at, row in enumerate(cells.itertuples(index=False, name=None)):
        yield tuple(
            None if gone[at, k] else str(cell)[:CHARACTERS]
            for k, cell in enumerate(row)
        )


def _save_as(name: str) -> str:
    """Name the completed data after their source.

    Examples
    --------
    >>> _save_as("a.csv.gz"), _save_as("b.tsv.zip")
    ('a.imputed.csv.gz', 'b.imputed.tsv')
    """
    stem, ending = split_name(Path(name))
    if not can_pack(Path(name)):
        ending = Path(ending).suffix if ending.count(".") == 1 else ending
        ending = ending.rpartition(".")[0]
    return f"{stem}.imputed{ending}"


def reading_code(path: str, head: Head, options: FileOptions) -> str:
    """Write the Python that reads a file as it was read here."""
    table = head.table
    if table.kind in TYPED:
        verb = {PARQUET: "parquet", FEATHER: "feather"}.get(table.kind, "excel")
        other = head.sheets and head.sheet != head.sheets[0]
        sheet = f", sheet_name={head.sheet!r}" if other else ""
        more = _made_names(table) if head.sheets and not options.header else ""
        return f"{_PANDAS}\ndf = pd.read_{verb}({path!r}{sheet}{more})"
    dialect = table.dialect
    assert dialect is not None  # noqa: S101  for the type checker
    given = {
        "sep": (dialect.separator, ","),
        "decimal": (dialect.decimal, "."),
        "encoding": (_codec(dialect), "utf-8"),
        "na_values": (list(options.missing), []),
        "skiprows": (1 if dialect.head else 0, 0),
    }
    more = "".join(
        f", {name}={value!r}"
        for name, (value, usual) in given.items()
        if value != usual
    )
    if not dialect.names:
        more += _made_names(table)
    if path.lower().endswith(".zst"):
        # pandas needs another package for it
        source = f"pa.input_stream({path!r}, compression='zstd')"
        return f"{_PANDAS}import pyarrow as pa\n\ndf = pd.read_csv({source}{more})"
    return f"{_PANDAS}\ndf = pd.read_csv({path!r}{more})"


def _made_names(table: Table) -> str:
    n = table.frame.shape[1]
    return f", header=None, names=[f'column_{{k}}' for k in range(1, {n + 1})]"


def _codec(dialect: Dialect) -> str:
    """Name the codec of Python that takes the byte order mark away."""
    if not dialect.mark:
        return dialect.encoding
    if dialect.encoding == "utf-8":
        return "utf-8-sig"
    return dialect.encoding.removesuffix("-le").removesuffix("-be")
