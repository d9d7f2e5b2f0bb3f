"""Kinds of files with tables, told by the endings of their names."""

from __future__ import annotations

from pathlib import Path

from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files.packing import PACKED

SEPARATORS = {".csv": ",", ".tsv": "\t"}
PARQUET, FEATHER, WORKBOOK = ".parquet", ".feather", ".xlsx"
#: Kinds that say themselves of which type a column is.
TYPED = (PARQUET, FEATHER, WORKBOOK)


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
