"""How a text file is encoded: by its mark, by its name, or by what it holds."""

from __future__ import annotations

import codecs
import contextlib
from pathlib import Path

from jupyter_wrangler.errors import UnsupportedFrame

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
