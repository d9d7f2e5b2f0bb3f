"""How a text file of a table is written: encoding, separator, decimal mark.

What is not said is looked for in the file, and shown, so that a wrong guess is seen.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from jupyter_wrangler.errors import UnsupportedFrame

#: What may stand between fields, the likelier first.
SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
#: The longer first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What begins otherwise than a text, and what to do with it.
_OTHERS = {
    b"PK\x03\x04": (
        "a zip archive or an Excel workbook",
        "let the name of a workbook end in .xlsx, and of an archive in .csv.zip",
    ),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save the sheet as CSV"),
    b"PAR1": ("a Parquet file", "let its name end in .parquet"),
    b"ARROW1": ("a Feather file", "let its name end in .feather"),
    b"\x1f\x8b": ("compressed by gzip", "let its name end in .csv.gz"),
    b"BZh": ("compressed by bzip2", "let its name end in .csv.bz2"),
    b"\xfd7zXZ": ("compressed by xz", "let its name end in .csv.xz"),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", "let its name end in .csv.zst"),
    b"%PDF": ("a PDF", "a table is wanted"),
}
#: Lines that are looked at for the separator.
_LINES = 200
#: Excel's own line that names the separator.
_SEP_LINE = re.compile(r"\A\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_COMMA = re.compile(r"\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d+([eE][+-]?\d+)?\s*")
_POINT = re.compile(r"\s*[+-]?(\d+|\d{1,3}(,\d{3})+)?\.\d+([eE][+-]?\d+)?\s*")
_WHOLE = re.compile(r"\s*[+-]?\d+([eE][+-]?\d+)?\s*")
_GROUPED = re.compile(r"\s*[+-]?\d{1,3}(\.\d{3})+\s*")
#: 1,234 is a thousand to some and one and a bit to others; 0,234 is not.
_THOUSANDS = re.compile(r"\s*[+-]?[1-9]\d{0,2}(,\d{3})+\s*")


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


def decode(path: Path, data: bytes, encoding: str | None) -> tuple[str, str, bytes]:
    """Return (text, encoding, mark) of a file.

    Without a name for it, an encoding is told by its mark; what is not UTF-8 is taken
    for the one of Windows in the west, of which Latin-1 is a part.

    Raises
    ------
    UnsupportedFrame
        If the named encoding is unknown, or the file is not written in it.
    """
    for begin, (what, wanted) in _OTHERS.items():
        if data.startswith(begin):
            raise UnsupportedFrame(f"{str(path)!r} is {what} and no text; {wanted}.")
    if encoding is not None:
        return _decode_as(path, data, encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode_as(path, data, name)
    # half of all bytes are zero where western text is written without a mark
    for at, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(data) % 2 == 0 and data[at::2].count(0) > len(data) / 4:
            return _decode_as(path, data, name)
    return *_decode_unmarked(path, data), b""


def _decode_unmarked(path: Path, data: bytes) -> tuple[str, str]:
    if b"\0" in data:
        raise UnsupportedFrame(
            f"{str(path)!r} holds zero bytes and is no text that is known; name its "
            "--encoding, or check that it is what its name says."
        )
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        spoilt = text.count("\ufffd")
        if sum(not c.isascii() for c in text) > 2 * spoilt:
            raise UnsupportedFrame(
                f"{str(path)!r} is in UTF-8 but for {spoilt} bytes, the first of them "
                f"0x{data[error.start]:02x} at position {error.start}. Fix them, or "
                "name the --encoding, for example cp1252."
            ) from None
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("cp1252"), "cp1252"
    return data.decode("latin-1"), "latin-1"


def _decode_as(path: Path, data: bytes, name: str) -> tuple[str, str, bytes]:
    try:
        "a".encode(name)  # some codecs, such as hex, do not make texts
        codec = codecs.lookup(name).name
    except (LookupError, UnicodeError):
        raise UnsupportedFrame(
            f"No encoding is called {name!r}; utf-8, utf-16, latin-1 and cp1252 are "
            "common ones."
        ) from None
    mark = next(
        (m for m, n in _MARKS if data.startswith(m) and _decodes(codec, n)), b""
    )
    if mark:
        codec = next(n for m, n in _MARKS if m == mark)
    try:
        return data[len(mark) :].decode(codec), codec, mark
    except UnicodeError as error:
        where = (
            f"it holds the byte 0x{error.object[error.start]:02x} at position "
            f"{error.start}"
            if isinstance(error, UnicodeDecodeError)
            else str(error)
        )
        raise UnsupportedFrame(
            f"{str(path)!r} is not in {name}: {where}. Name "
            "another --encoding, or leave it out to have it looked for."
        ) from None


def _decodes(codec: str, marked: str) -> bool:
    """Whether the mark of one encoding may stand before a text of the other."""
    return codec in {marked, marked.removesuffix("-le").removesuffix("-be")} or (
        codec == "utf-8-sig" and marked == "utf-8"
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
        _COMMA.fullmatch(field) is not None or not any(o in field for o in others)
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


def has_decimal_commas(cells: list[str]) -> bool:
    """Whether all cells are numbers, and one at least has a decimal comma.

    Examples
    --------
    >>> has_decimal_commas(["1,5", "2"]), has_decimal_commas(["1,234"])
    (True, False)
    """
    return might_have_decimal_commas(cells) and not all(
        _THOUSANDS.fullmatch(c) or _WHOLE.fullmatch(c) for c in cells
    )


def might_have_decimal_commas(cells: list[str]) -> bool:
    """Whether all cells are numbers if commas are decimal marks, and one has one.

    Examples
    --------
    >>> might_have_decimal_commas(["1,234"]), might_have_decimal_commas(["a", "1,5"])
    (True, False)
    """
    return any(map(_COMMA.fullmatch, cells)) and are_comma_numbers(cells)


def are_comma_numbers(cells: list[str]) -> bool:
    """Whether all cells are numbers if commas are decimal marks.

    Examples
    --------
    >>> are_comma_numbers(["1.234", "2"]), are_comma_numbers(["1.23"])
    (True, False)
    """
    return all(
        _COMMA.fullmatch(c) or _WHOLE.fullmatch(c) or _GROUPED.fullmatch(c)
        for c in cells
    )


def are_grouped(cells: list[str]) -> bool:
    """Whether all cells are 1.234 or the like, a thousand in a file with commas.

    Examples
    --------
    >>> are_grouped(["1.234", "12.345"]), are_grouped(["1.234", "1.5"])
    (True, False)
    """
    return bool(cells) and all(map(_GROUPED.fullmatch, cells))


def comma_number(cell: str) -> float:
    """Read a number with a decimal comma, and points between thousands if any.

    Examples
    --------
    >>> comma_number("1.234,5"), comma_number(" -0,25 ")
    (1234.5, -0.25)
    """
    return float(cell.replace(".", "").replace(",", "."))


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
