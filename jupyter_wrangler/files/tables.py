"""Tables in files, of which what was observed stays as it stands there.

pandas reads a CSV file for the models; what is written is the text of that file, with
imputed cells in place of the missing ones.  So `00001` stays `00001`, and the word
`NA` of a text column stays a word.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
from pyarrow import ArrowException

from jupyter_wrangler.errors import (
    UnsupportedFrame,
    listed,
)
from jupyter_wrangler.files.commas import with_commas
from jupyter_wrangler.files.dialect import (
    Dialect,
    decode,
    head_of,
    is_cut_wrongly,
    separator_of,
)
from jupyter_wrangler.files.packing import PACKED, pack, unpack
from jupyter_wrangler.files.workbook import read_sheet
from jupyter_wrangler.frames.exports import export

if TYPE_CHECKING:
    from jupyter_wrangler.client.objects.result import Result

SEPARATORS = {".csv": ",", ".tsv": "\t"}
PARQUET, FEATHER, WORKBOOK = ".parquet", ".feather", ".xlsx"
#: Kinds that say themselves of which type a column is.
TYPED = (PARQUET, FEATHER, WORKBOOK)
_WHOLE = re.compile(r"\s*[+-]?\d+\s*")
_FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


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
            _write_typed(result.complete(k), kind, goal)
            return
        done = (
            result.complete(k) if self.text is None else self._completed_text(result, k)
        )
        dialect = self.dialect or Dialect(separator=SEPARATORS[kind])
        if kind != self.kind:
            dialect = replace(dialect, separator=SEPARATORS[kind], head="")
        text = done.to_csv(
            sep=dialect.separator, index=False, lineterminator=dialect.line_end
        )
        goal.write_bytes(pack(goal, dialect.encode(text)))

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
                frame=_read_typed(path, kind, io.BytesIO(data), sheet), kind=kind
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
        )
        return _read_text(path, text, dialect, kind, decimal, missing)
    except pd.errors.EmptyDataError:
        raise UnsupportedFrame(
            f"{str(path)!r} is empty; a line of names and a line for each row are "
            "wanted. Check how it was written."
        ) from None
    except pd.errors.ParserError as error:
        raise UnsupportedFrame(_parse_error_text(path, str(error))) from None
    except (ArrowException, OSError) as error:
        raise UnsupportedFrame(
            f"{str(path)!r} cannot be read as {kind}: {str(error).rstrip('.')}. Check "
            "that the file is whole, and is what its name says."
        ) from None


def kind_of(path: Path) -> str:
    """Tell the kind of a file by the ending of its name.

    Raises
    ------
    UnsupportedFrame
        If the ending is unknown.

    Examples
    --------
    >>> kind_of(Path("A.CSV")), kind_of(Path("a.tsv.gz"))
    ('.csv', '.tsv')
    """
    endings = [ending.lower() for ending in path.suffixes]
    packed = endings[-1:] and endings[-1] in PACKED
    kind = (endings[:-1] if packed else endings)[-1:]
    known = {*SEPARATORS} if packed else {*SEPARATORS, *TYPED}
    if kind and kind[0] in known:
        return kind[0]
    raise UnsupportedFrame(
        f"The name {path.name!r} ends in {path.suffix or 'nothing'!r}; .csv, .tsv, "
        ".parquet, .feather and .xlsx are known, and .csv.gz and the like (.bz2, .xz, "
        ".zst, .zip). Give the file one of these endings."
    )


def _read_typed(
    path: Path, kind: str, file: IO[bytes], sheet: str | None
) -> pd.DataFrame:
    if kind == PARQUET:
        return pd.read_parquet(file)
    if kind == FEATHER:
        return pd.read_feather(file)
    return read_sheet(path, file, sheet).frame


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
    data = text.encode("utf-8")
    # the line of names is read as one of cells: where pandas is told that it is none,
    # it takes the first cells of longer lines for an index, and says nothing
    cells = pd.read_csv(
        io.BytesIO(data), sep=separator, header=None, dtype=str, keep_default_na=False
    )
    blank = cells.shape[1] > 1
    if not blank:
        # an empty line of an only column is a missing value
        data = data.strip(b"\r\n")
        cells = pd.read_csv(
            io.BytesIO(data), sep=separator, header=None, dtype=str,
            keep_default_na=False, skip_blank_lines=False,
        )  # fmt: skip
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
        skip_blank_lines=blank,
    )  # fmt: skip
    if frame.shape != cells.shape:
        raise UnsupportedFrame(
            f"{str(path)!r} reads as {frame.shape} rows and columns by its values, "
            f"but as {cells.shape} by its lines. Check its quotes and line ends."
        )
    cells.columns = pd.Index(head, dtype=object)
    frame, commas, notes = with_commas(frame, cells, decimal)
    _refuse_one_column(path, frame, cells, separator)
    return Table(
        frame=frame,
        text=cells,
        dialect=replace(dialect, decimal="," if commas else decimal or "."),
        kind=kind,
        commas=commas,
        notes=notes,
    )


def _refuse_one_column(
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


def _parse_error_text(path: Path, said: str) -> str:
    """Say what is wrong with a file that is not the table its name promises."""
    found = _FIELDS.search(said)
    if found is None:
        why = said.removeprefix("Error tokenizing data. C error: ").strip().rstrip(".")
        return f"{str(path)!r} cannot be read: {why}. Check that every quote is closed."
    wanted, line, fields = found.groups()
    return (
        f"{str(path)!r} has {fields} fields in line {line}, but {wanted} in the lines "
        "before it; as many as names in the first line are wanted. Name every column "
        "(row names too), take away a separator at the end of lines, and quote cells "
        "that hold one."
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
