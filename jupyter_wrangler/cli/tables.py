"""Tables in files, of which what was observed stays as it stands there.

pandas reads a CSV file for the models; what is written is the text of that file, with
imputed cells in place of the missing ones.  So `00001` stays `00001`, and the word
`NA` of a text column stays a word.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_wrangler.errors import UnsupportedFrame

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_wrangler.client.result import Result

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_PARQUET = ".parquet"
_WHOLE = re.compile(r"\s*[+-]?\d+\s*")
_BOM = b"\xef\xbb\xbf"
_FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as models take it, and as its file has it."""

    frame: pd.DataFrame
    #: The cells as the file has them, under its own names; None of Parquet.
    text: pd.DataFrame | None = None
    encoding: str = "utf-8"
    line_end: str = "\n"

    def write(self, result: Result, k: int, goal: Path) -> None:
        """Write completed data set `k`, in the kind that the name of `goal` ends in."""
        kind = kind_of(goal)
        if kind == _PARQUET:
            result.complete(k).to_parquet(goal)
            return
        done = result.complete(k) if self.text is None else self._filled(result, k)
        done.to_csv(
            goal,
            sep=_SEPARATORS[kind],
            index=False,
            encoding=self.encoding,
            lineterminator=self.line_end,
        )

    def _filled(self, result: Result, k: int) -> pd.DataFrame:
        """Put imputed cells into the text."""
        assert self.text is not None  # noqa: S101  for the type checker
        done, text = result.complete(k), self.text.copy()
        for name, rows in result.cells(k).rows.items():
            at = done.columns.get_loc(name)
            cells = text.iloc[:, at].to_numpy(object, copy=True)
            values = done.iloc[rows, at]
            known = self.frame.iloc[:, at].notna().to_numpy(bool)
            spelt = _spelling(self.frame.iloc[:, at][known].tolist(), cells[known])
            whole = all(map(_WHOLE.fullmatch, cells[known]))
            for row, value in zip(rows[values.notna()], values.dropna(), strict=True):
                cells[row] = spelt.get(value) or _spell(value, whole=whole)
            text.isetitem(at, cells)
        return text


def read(path: Path) -> Table:
    """Read a table, by the ending of its name.

    Raises
    ------
    UnsupportedFrame
        If the ending is unknown, or the file is not what its name says.
    """
    import pandas as pd
    from pyarrow import ArrowException

    kind = kind_of(path)
    try:
        data = path.read_bytes()
        if kind == _PARQUET:
            return Table(frame=pd.read_parquet(io.BytesIO(data)))
        return _read_text(path, data, _SEPARATORS[kind])
    except UnicodeDecodeError as error:
        raise UnsupportedFrame(
            f"{str(path)!r} is not in UTF-8: it holds the byte "
            f"0x{error.object[error.start]:02x} where a character begins. Convert it, "
            "for example with iconv -f latin1 -t utf-8."
        ) from None
    except pd.errors.EmptyDataError:
        raise UnsupportedFrame(
            f"{str(path)!r} is empty; a line of names and a line for each row are "
            "wanted. Check how it was written."
        ) from None
    except pd.errors.ParserError as error:
        raise UnsupportedFrame(_not_parsed(path, str(error))) from None
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
    >>> kind_of(Path("A.CSV"))
    '.csv'
    """
    kind = path.suffix.lower()
    if kind in {*_SEPARATORS, _PARQUET}:
        return kind
    raise UnsupportedFrame(
        f"The name {path.name!r} ends in {path.suffix or 'nothing'!r}; .csv, .tsv and "
        ".parquet are known. Give the file one of these endings."
    )


def _read_text(path: Path, data: bytes, separator: str) -> Table:
    import pandas as pd

    # the line of names is read as one of cells: where pandas is told that it is none,
    # it takes the first cells of longer lines for an index, and says nothing
    text = pd.read_csv(
        io.BytesIO(data), sep=separator, header=None, dtype=str, keep_default_na=False
    )
    head, text = text.iloc[0], text.iloc[1:].reset_index(drop=True)
    twice = [name for name, count in Counter(head).items() if name and count > 1]
    if twice:
        raise UnsupportedFrame(
            f"{str(path)!r} has several columns of the name "
            f"{' and '.join(map(repr, twice))}; each needs a name of its own. Rename "
            "them in the first line of the file."
        )
    # in one piece: pieces could differ in what they take a column for
    frame = pd.read_csv(io.BytesIO(data), sep=separator, low_memory=False)
    if frame.shape != text.shape:
        raise UnsupportedFrame(
            f"{str(path)!r} reads as {frame.shape} rows and columns by its values, "
            f"but as {text.shape} by its lines. Check its quotes and line ends."
        )
    text.columns = pd.Index(head, dtype=object)
    return Table(
        frame=frame,
        text=text,
        encoding="utf-8-sig" if data.startswith(_BOM) else "utf-8",
        # only what may end a line is put in quotes where it stands in a cell
        line_end="\r\n" if b"\r" in data else "\n",
    )


def _not_parsed(path: Path, said: str) -> str:
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


def _spelling(values: list[Any], cells: list[str]) -> dict[Any, str]:
    """Tell how the file first spells each value of a column."""
    return dict(zip(reversed(values), reversed(cells), strict=True))


def _spell(value: Any, *, whole: bool) -> str:
    """Spell a value that the file does not hold.

    Examples
    --------
    >>> _spell(3.0, whole=True), _spell(3.0, whole=False), _spell(3.2, whole=True)
    ('3', '3.0', '3.2')
    """
    return str(int(value)) if whole and value == int(value) else str(value)
