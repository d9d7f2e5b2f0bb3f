"""Tables in files, of which what was observed stays as it stands there.

pandas reads a CSV file for the models; what is written is the text of that file, with
imputed cells in place of the missing ones.  So `00001` stays `00001`, and the word
`NA` of a text column stays a word.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
from pyarrow import ArrowException

from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files.commas import with_commas
from jupyter_wrangler.files.dialect import Dialect, head_of, separator_of
from jupyter_wrangler.files.encodings import decode
from jupyter_wrangler.files.kinds import (
    FEATHER,
    PARQUET,
    SEPARATORS,
    TYPED,
    WORKBOOK,
    kind_of,
)
from jupyter_wrangler.files.packing import pack, unpack
from jupyter_wrangler.files.texts import (
    cut_text,
    made_names,
    parse_error_text,
    refuse_one_column,
)
from jupyter_wrangler.files.workbook import read_sheet
from jupyter_wrangler.frames.exports import export

if TYPE_CHECKING:
    from jupyter_wrangler.client.objects.result import Result

#: Identifiers and codes: 00042 is not the number 42.
_LEADING_ZERO = re.compile(r"\s*0\d+\s*")
_WHOLE = re.compile(r"\s*[+-]?\d+\s*")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as models take it, and as its file has it."""

    frame: pd.DataFrame
    #: The cells as a text file has them, under its own names; else None.
    text: pd.DataFrame | None = None
    #: How a text file is written; else None.
    dialect: Dialect | None = None
    #: Its ending, which its completed data have too if they are to be written alike.
    kind: str = PARQUET
    #: Columns whose numbers have a decimal comma.
    commas: frozenset[int] = frozenset()
    #: What is to be known of how it was read.
    notes: tuple[str, ...] = ()

    def write(self, result: Result, k: int, goal: Path) -> None:
        """Write completed data set `k`, in the kind that the name of `goal` ends in."""
        kind = kind_of(goal)
        if kind in TYPED:
            _write_typed(self._completed_values(result, k), kind, goal)
            return
        done = (
            result.complete(k) if self.text is None else self._completed_text(result, k)
        )
        dialect = self.dialect or Dialect(separator=SEPARATORS[kind])
        if kind != self.kind:
            dialect = replace(dialect, separator=SEPARATORS[kind], head="")
        text = done.to_csv(
            sep=dialect.separator, index=False, header=dialect.names,
            lineterminator=dialect.line_end,
        )  # fmt: skip
        goal.write_bytes(pack(goal, dialect.encode(text)))

    def _completed_values(self, result: Result, k: int) -> pd.DataFrame:
        """Return completed data; numbers that are spelled as no number is stay text.

        Columns that were imputed as numbers are numbers all the same.
        """
        done: pd.DataFrame = result.complete(k)
        if self.text is None:
            return done
        text = self._completed_text(result, k)
        imputed = set(map(done.columns.get_loc, result.cells(k).rows))
        for at in set(range(text.shape[1])) - imputed:
            if any(map(_LEADING_ZERO.fullmatch, self.text.iloc[:, at])):
                kept = text.iloc[:, at].where(done.iloc[:, at].notna(), None)
                done.isetitem(at, kept.array)
        return done

    def _completed_text(self, result: Result, k: int) -> pd.DataFrame:
        """Put imputed cells into the text."""
        assert self.text is not None  # noqa: S101  for the type checker
        done, text = result.complete(k), self.text.copy()
        for name, rows in result.cells(k).rows.items():
            at = done.columns.get_loc(name)
            cells = text.iloc[:, at].to_numpy(object, copy=True)
            values = done.iloc[rows, at]
            known = self.frame.iloc[:, at].notna().to_numpy(bool)
            spelt = _spelling_by_value(
                self.frame.iloc[:, at][known].tolist(), cells[known]
            )
            whole = all(map(_WHOLE.fullmatch, cells[known]))
            for row, value in zip(rows[values.notna()], values.dropna(), strict=True):
                spelling = _spelled(value, whole=whole)
                if at in self.commas:
                    spelling = spelling.replace(".", ",")
                cells[row] = spelt.get(value) or spelling
            text.isetitem(at, cells)
        return text


def read(
    path: Path,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    missing: Sequence[str] = (),
    encoding: str | None = None,
    sheet: str | None = None,
    header: bool = True,
    data: bytes | None = None,
    unpacked: bool = False,
) -> Table:
    """Read a table, by the ending of its name.

    Parameters
    ----------
    path : Path
        A CSV or TSV file, compressed or not, or a Parquet, Feather or xlsx file.
    separator, decimal, encoding : str, optional
        How a text is written; what is None is looked for in it.
    missing : sequence of str
        Words that stand for missing values, beside those that pandas knows.
    sheet : str, optional
        Worksheet of a workbook; the first by default.
    header : bool, default=True
        Whether the first line of a text, or row of a sheet, holds the names of the
        columns; else they are called column_1, column_2 and so on.
    data : bytes, optional
        What is in the file, where it was read already.
    unpacked : bool, default=False
        Whether these bytes are no longer compressed.

    Raises
    ------
    UnsupportedFrame
        If the ending is unknown, or the file is not what its name says.
    """
    kind = kind_of(path)
    try:
        if data is None:
            data = path.read_bytes()
        if kind in TYPED:
            return Table(
                frame=_read_typed(path, kind, io.BytesIO(data), sheet, header=header),
                kind=kind,
            )
        if not unpacked:
            data = unpack(path, data)
        text, codec, mark = decode(path, data, encoding)
        head, named = head_of(text)
        text = text.removeprefix(head)
        if separator is None:
            separator = named or separator_of(text, SEPARATORS[kind])
        dialect = Dialect(
            separator=separator,
            encoding=codec,
            mark=mark,
            # only what may end a line is put in quotes where it stands in a cell
            line_end="\r\n" if "\r" in text else "\n",
            head=head,
            names=header,
        )
        return _read_text(path, text, dialect, kind, decimal, missing)
    except pd.errors.EmptyDataError:
        raise UnsupportedFrame(
            f"{str(path)!r} is empty; a line of names and a line for each row are "
            "wanted. Check how it was written."
        ) from None
    except pd.errors.ParserError as error:
        raise UnsupportedFrame(parse_error_text(path, str(error))) from None
    except (ArrowException, OSError) as error:
        raise UnsupportedFrame(
            f"{str(path)!r} cannot be read as {kind}: {str(error).rstrip('.')}. Check "
            "that the file is whole, and is what its name says."
        ) from None


def _read_typed(
    path: Path, kind: str, file: IO[bytes], sheet: str | None, *, header: bool
) -> pd.DataFrame:
    if kind == PARQUET:
        return pd.read_parquet(file)
    if kind == FEATHER:
        return pd.read_feather(file)
    return read_sheet(path, file, sheet, header=header).frame


def _write_typed(df: pd.DataFrame, kind: str, goal: Path) -> None:
    if kind == FEATHER:
        df.to_feather(goal)
    else:
        export(df, "xlsx" if kind == WORKBOOK else "parquet", goal)


def _read_text(
    path: Path,
    text: str,
    dialect: Dialect,
    kind: str,
    decimal: str | None,
    missing: Sequence[str],
) -> Table:
    separator = dialect.separator
    if not dialect.names:
        text = text.lstrip("\r\n")
        text = made_names(text, separator) + dialect.line_end + text
    found = cut_text(path, text, separator, decimal=decimal, missing=missing)
    frame, commas, notes = with_commas(found.frame, found.cells, decimal)
    refuse_one_column(path, frame, found.cells, separator)
    return Table(
        frame=frame,
        text=found.cells,
        dialect=replace(dialect, decimal="," if commas else decimal or "."),
        kind=kind,
        commas=commas,
        notes=notes,
    )


def _spelling_by_value(values: list[Any], cells: list[str]) -> dict[Any, str]:
    """Tell how the file first spells each value of a column."""
    return dict(zip(reversed(values), reversed(cells), strict=True))


def _spelled(value: Any, *, whole: bool) -> str:
    """Spell a value that the file does not hold.

    Examples
    --------
    >>> _spelled(3.0, whole=True), _spelled(3.0, whole=False), _spelled(3.2, whole=True)
    ('3', '3.0', '3.2')
    """
    return str(int(value)) if whole and value == int(value) else str(value)
