"""A frame as a file to take away: CSV, Parquet or an Excel workbook.

CSV has no types: a spreadsheet that opens one runs text such as ``=1+1`` as a formula.
So text that begins like a formula gets an apostrophe before it (OWASP, "CSV
Injection"); Parquet files and workbooks say what is text, and keep it as it is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from jupyter_wrangler.contract import ExportFormat
from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.frames.plain_values import plain

#: Rows (with that of names), columns, and characters of a cell of a worksheet at most.
_SHEET_ROWS, _SHEET_COLUMNS, _SHEET_CHARACTERS = 1_048_576, 16_384, 32_767
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
#: What XML 1.0, of which workbooks are made, cannot hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def export(df: pd.DataFrame, form: ExportFormat, path: Path) -> None:
    r"""Write a frame to a file.

    Parameters
    ----------
    df : pandas.DataFrame
        The data. The index is written unless it only counts the rows.
    form : {"csv", "parquet", "xlsx"}
        The kind of the file.
    path : Path
        Where it goes; an earlier file is replaced.

    Raises
    ------
    InvalidSpec
        If the data do not fit into a worksheet, or what writes workbooks is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "x.csv")
    ...     export(pd.DataFrame({"a": ["=1+1", "-5", "b"]}), "csv", path)
    ...     path.read_text()
    "a\n'=1+1\n-5\nb\n"
    """
    labelled = not isinstance(df.index, pd.RangeIndex)
    if form == "parquet":
        df.to_parquet(path)
    elif form == "csv":
        _defused(df).to_csv(path, index=labelled, lineterminator="\n")
    else:
        _write_workbook(df, path, labelled=labelled)


def defuse(text: str) -> str:
    """Return text that no spreadsheet runs as a formula.

    Examples
    --------
    >>> defuse("=HYPERLINK(1)"), defuse("-1.5"), defuse("- none")
    ("'=HYPERLINK(1)", '-1.5', "'- none")
    """
    harmless = not _FORMULA.match(text) or _NUMBER.fullmatch(text)
    return text if harmless else f"'{text}"


def _defused(df: pd.DataFrame) -> pd.DataFrame:
    out = df.copy(deep=False)
    for at in range(df.shape[1]):
        column = df.iloc[:, at]
        if not _may_hold_text(column):
            continue
        cells = column.astype(object)
        words = cells.map(lambda v: defuse(v) if isinstance(v, str) else v)
        out.isetitem(at, words.array)
    out.columns = pd.Index([defuse(str(name)) for name in df.columns], dtype=object)
    if _may_hold_text(df.index):
        out.index = out.index.map(lambda v: defuse(v) if isinstance(v, str) else v)
    return out


def _may_hold_text(column: pd.Series[Any] | pd.Index[Any]) -> bool:
    dtype = column.dtype
    return not (
        pd.api.types.is_numeric_dtype(dtype)
        or pd.api.types.is_datetime64_any_dtype(dtype)
        or pd.api.types.is_timedelta64_dtype(dtype)
    )


def _write_workbook(df: pd.DataFrame, path: Path, *, labelled: bool) -> None:
    try:
        # for an optional dependency
        from openpyxl import Workbook  # noqa: PLC0415
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    except ImportError:
        raise InvalidSpec(
            "Excel workbooks are written by openpyxl, which is not installed where the "
            "service runs; pip install 'jupyter-wrangler[excel]' there, or take CSV or "
            "Parquet."
        ) from None
    rows, columns = len(df) + 1, df.shape[1] + labelled
    if rows > _SHEET_ROWS or columns > _SHEET_COLUMNS:
        raise InvalidSpec(
            f"A worksheet holds {_SHEET_ROWS - 1:,} rows and {_SHEET_COLUMNS:,} "
            f"columns at most, and there are {rows - 1:,} and {columns:,}; take CSV "
            "or Parquet."
        )
    # before there is a workbook: it may refuse
    lines = _sheet_rows(df, labelled=labelled)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("data")

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, value=value)
        # what begins with "=" would be taken for a formula
        made.data_type = "s"
        return made

    for row in lines:
        sheet.append([cell(value) for value in row])
    book.save(path)


def _sheet_rows(df: pd.DataFrame, *, labelled: bool) -> Iterator[list[Any]]:
    names = [_sheet_value(str(name), "its name") for name in df.columns]
    columns = [
        [_sheet_value(value, name) for value in df.iloc[:, at]]
        for at, name in enumerate(map(str, df.columns))
    ]
    index = [[_sheet_value(label, "index") for label in df.index]] if labelled else []
    head = ["", *names] if labelled else names
    return chain([head], map(list, zip(*index, *columns, strict=True)))


def _sheet_value(value: Any, name: str) -> Any:
    """Return a value as a worksheet has it."""
    found = plain(value)
    if found is None or isinstance(found, bool | int | float):
        return found
    if isinstance(found, dt.datetime):
        # a worksheet knows neither time zones nor years before 1900
        known = found.tzinfo is None and found.year >= 1900
        return pd.Timestamp(found).to_pydatetime() if known else found.isoformat()
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(found))
    if len(text) > _SHEET_CHARACTERS:
        raise InvalidSpec(
            f"A cell of a worksheet holds {_SHEET_CHARACTERS:,} characters at most, "
            f"and one of {name!r} has {len(text):,}; take CSV or Parquet."
        )
    return text
