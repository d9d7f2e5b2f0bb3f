"""How a text file of a table is written: what separates its fields.

What is not said is looked for in the file, and shown, so that a wrong guess is seen.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from jupyter_wrangler.files.decimals import has_decimal_commas, is_comma_number

#: What may stand between fields, the likelier first.
SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
#: Lines that are looked at for the separator.
_LINES = 200
#: Excel's own line that names the separator.
_SEP_LINE = re.compile(r"\A\"?sep=(.)\"?\r?\n", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a file is written."""

    separator: str
    #: "," where numbers have a decimal comma, else ".".
    decimal: str = "."
    encoding: str = "utf-8"
    #: Bytes before the text that say how it is encoded.
    mark: bytes = b""
    line_end: str = "\n"
    #: A line before the names that is none of the table.
    head: str = ""
    #: Whether the first line of the table holds the names of its columns.
    names: bool = True

    def encode(self, text: str) -> bytes:
        """Write a text as the file was written."""
        return self.mark + (self.head + text).encode(self.encoding)

    def __str__(self) -> str:
        """Say what was found.

        Examples
        --------
        >>> str(Dialect(separator=";", decimal=",", encoding="cp1252"))
        "separator ';' (semicolon), decimal ',', encoding cp1252"
        """
        name = _NAMES.get(self.separator)
        named = f" ({name})" if name else ""
        marked = " with a byte order mark" if self.mark else ""
        return (
            f"separator {self.separator!r}{named}, decimal {self.decimal!r}, "
            f"encoding {self.encoding}{marked}"
        )


def separator_of(text: str, usual: str) -> str:
    r"""Tell what stands between the fields of a text.

    It is what cuts every line into equally many fields, and leaves fields that are
    numbers or words rather than ones with another separator inside.

    Examples
    --------
    >>> separator_of("a;b\n1,5;2\n3,5;4\n", ",")
    ';'
    >>> separator_of('a,b\n"x; y",2\n', ",")
    ','
    """
    lines = "".join(io.StringIO(text, newline="").readlines()[:_LINES])
    best, score = usual, (0.0, False, 0)
    for candidate in sorted(SEPARATORS, key=lambda s: s != usual):
        try:
            file = io.StringIO(lines, newline="")
            rows = [row for row in csv.reader(file, delimiter=candidate) if row]
        except csv.Error:
            continue
        # the last may be cut in two
        rows = rows[:-1] if len(rows) > _LINES / 2 else rows
        widths = {len(row) for row in rows}
        if len(widths) != 1 or widths == {1}:
            continue
        # names are long and have commas in them
        found = (
            _clean_share(rows[1:] or rows, candidate),
            candidate == usual,
            widths.pop(),
        )
        if found > score:
            best, score = candidate, found
    if score == (0.0, False, 0) and has_decimal_commas(_value_lines(lines)):
        # one column of numbers
        return ";"
    return best


def _value_lines(lines: str) -> list[str]:
    """Return the lines below the first that are not empty and no word."""
    below = [line.strip() for line in lines.splitlines()[1:]]
    return [line for line in below if line and not line.isalpha()]


def _clean_share(rows: list[list[str]], separator: str) -> float:
    """Return the share of fields that no other separator would cut.

    Decimal commas cut nothing.
    """
    others = [s for s in SEPARATORS if s != separator]
    fields = [field for row in rows for field in row]
    good = sum(
        is_comma_number(field) or not any(o in field for o in others)
        for field in fields
    )
    return good / len(fields)


def head_of(text: str) -> tuple[str, str | None]:
    r"""Return Excel's line before the names, if there is one, and what it names.

    Examples
    --------
    >>> head_of("sep=;\na;b\n")
    ('sep=;\n', ';')
    """
    found = _SEP_LINE.match(text)
    return (found[0], found[1]) if found else ("", None)


def is_cut_wrongly(cells: list[str], separator: str) -> str | None:
    """Name what cuts most cells of the only column of a table, if something does.

    Examples
    --------
    >>> is_cut_wrongly(["a:b", "1:2", "3:4"], ",")
    ':'
    >>> is_cut_wrongly(["a", "b c", "d"], ",") is None
    True
    """
    for candidate in (*SEPARATORS, ":", " "):
        if candidate != separator and cells:
            cut = [cell.strip().count(candidate) for cell in cells]
            most = 0.5 if candidate in SEPARATORS else 0.8
            # words have spaces between them, but hardly as many in each line; R leaves
            # out the name of the first column
            alike = candidate != " " or len(set(cut[1:])) == 1
            if sum(n > 0 for n in cut) > most * len(cells) and alike:
                return candidate
    return None
