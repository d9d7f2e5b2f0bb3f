"""Worksheets of Excel workbooks as frames."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd

from jupyter_wrangler.errors import InvalidSpec, UnsupportedFrame, listed


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A worksheet, and its place in the workbook."""

    frame: pd.DataFrame
    name: str
    #: Names of all worksheets, in their order.
    names: tuple[str, ...]


def read_sheet(
    path: Path,
    file: IO[bytes],
    name: str | None,
    rows: int | None = None,
    *,
    header: bool = True,
) -> Sheet:
    """Read a worksheet.

    Parameters
    ----------
    path : Path
        What messages call it.
    file : file of bytes
        The workbook.
    name : str or None
        Of the worksheet; None: the first.
    rows : int, optional
        Rows to read at most, below that of names.
    header : bool, default=True
        Whether the first row holds the names of the columns.

    Raises
    ------
    UnsupportedFrame
        If it is no workbook, or has no such sheet.
    InvalidSpec
        If what reads workbooks is not installed.
    """
    try:
        with pd.ExcelFile(file, engine="openpyxl") as book:
            names = tuple(map(str, book.sheet_names))
            if name is not None and name not in names:
                raise UnsupportedFrame(
                    f"{str(path)!r} has no sheet {name!r}; it has {listed(names)}."
                )
            chosen = names[0] if name is None else name
            frame = pd.read_excel(
                book, sheet_name=chosen, nrows=rows,
                header=0 if header else None,
            )  # fmt: skip
    except ImportError:
        raise InvalidSpec(
            "Excel workbooks are read by openpyxl, which is not installed here; "
            "pip install 'jupyter-wrangler[excel]', or save the sheet as CSV."
        ) from None
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, UnsupportedFrame):
            raise
        raise UnsupportedFrame(
            f"{str(path)!r} cannot be read as .xlsx: {str(error).rstrip('.')}. Check "
            "that the file is whole, is not protected, and is what its name says."
        ) from None
    if header:
        frame.columns = frame.columns.map(str)
    else:
        frame.columns = pd.Index([f"column_{k + 1}" for k in range(frame.shape[1])])
    return Sheet(frame=frame, name=chosen, names=names)
