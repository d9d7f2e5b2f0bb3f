"""Texts cut into the cells of a table, and read as values."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from jupyter_wrangler.errors import UnsupportedFrame, listed
from jupyter_wrangler.files.dialect import is_cut_wrongly

_FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


@dataclass(frozen=True, kw_only=True)
class CutText:
    """A text as a table: its values, and its cells as they stand there."""

    frame: pd.DataFrame
    #: Under the names of the file; each has as many rows and columns as `frame`.
    cells: pd.DataFrame


def cut_text(
    path: Path,
    text: str,
    separator: str,
    *,
    decimal: str | None = None,
    missing: Sequence[str] = (),
    only: bool | None = None,
) -> CutText:
    """Cut a text, whose first line holds the names of the columns.

    Parameters
    ----------
    path : Path
        What messages call it.
    text : str
        All of a file, or its line of names and some of its rows.
    separator : str
        What stands between fields.
    decimal : str, optional
        The decimal mark of all numbers.
    missing : sequence of str
        Words for missing values, beside those that pandas knows.
    only : bool, optional
        Whether there is one column only, where an empty line is a missing value and
        not a gap; by default the text tells.

    Raises
    ------
    UnsupportedFrame
        If two columns have one name, or values and lines differ in number.
    """
    data = text.encode("utf-8")
    # the line of names is read as one of cells: where pandas is told that it is none,
    # it takes the first cells of longer lines for an index, and says nothing
    if only is None:
        cells = _cells(data, separator, blank=True)
        only = cells.shape[1] == 1
        if only:
            data = data.strip(b"\r\n")
            cells = _cells(data, separator, blank=False)
    else:
        cells = _cells(data, separator, blank=not only)
    head, cells = cells.iloc[0], cells.iloc[1:].reset_index(drop=True)
    twice = [name for name, count in Counter(head).items() if name and count > 1]
    if twice:
        raise UnsupportedFrame(
            f"{str(path)!r} has several columns of the name "
            f"{listed(twice)}; each needs a name of its own. Rename "
            "them in the first line of the file."
        )
    # in one piece: pieces could differ in what they take a column for
    frame = pd.read_csv(
        io.BytesIO(data), sep=separator, low_memory=False, na_values=list(missing),
        decimal=decimal or ".", skipinitialspace=separator != " ",
        skip_blank_lines=not only,
    )  # fmt: skip
    if frame.shape != cells.shape:
        raise UnsupportedFrame(
            f"{str(path)!r} reads as {frame.shape} rows and columns by its values, "
            f"but as {cells.shape} by its lines. Check its quotes and line ends."
        )
    cells.columns = pd.Index(head, dtype=object)
    return CutText(frame=frame, cells=cells)


def _cells(data: bytes, separator: str, *, blank: bool) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(data), sep=separator, header=None, dtype=str,
        keep_default_na=False, skip_blank_lines=blank,
    )  # fmt: skip


def made_names(text: str, separator: str) -> str:
    r"""Make the names that a text without a line of names gets, as such a line.

    Examples
    --------
    >>> made_names("\n1;2\n3;4\n", ";")
    'column_1;column_2'
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    width = next((len(row) for row in rows if "".join(row).strip() or row[1:]), 1)
    return separator.join(f"column_{k}" for k in range(1, width + 1))


def refuse_one_column(
    path: Path, frame: pd.DataFrame, cells: pd.DataFrame, separator: str
) -> None:
    """Refuse a table that was most likely cut at the wrong places, or at none."""
    if frame.shape[1] != 1 or frame.isna().to_numpy().any():
        return
    lines = [str(cells.columns[0]), *cells.iloc[:, 0].tolist()]
    between = is_cut_wrongly(lines, separator)
    if between is not None:
        raise UnsupportedFrame(
            f"{str(path)!r} reads as one column of text without a missing value when "
            f"{separator!r} stands between fields, but most lines hold {between!r}. "
            f"Say --sep {between!r} if that is what stands there."
        )


def parse_error_text(path: Path, message: str) -> str:
    """Say what is wrong with a file that is not the table its name promises."""
    found = _FIELDS.search(message)
    if found is None:
        why = (
            message.removeprefix("Error tokenizing data. C error: ").strip().rstrip(".")
        )
        return f"{str(path)!r} cannot be read: {why}. Check that every quote is closed."
    wanted, line, fields = found.groups()
    return (
        f"{str(path)!r} has {fields} fields in line {line}, but {wanted} in the lines "
        "before it; as many as names in the first line are wanted. Name every column "
        "(row names too), take away a separator at the end of lines, and quote cells "
        "that hold one."
    )
