"""What an analyst says of each cell, in the file of the data: `where` and `start`.

They belong to the rows as the data do, and no spec could hold them.  In the header of
the file they are part of its digest: other cells asked for are other data.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.errors import UnreadableFile
from jupyter_wrangler.frames.parquet import (
    from_parquet,
    header_of,
    read_table,
    to_parquet,
)
from jupyter_wrangler.frames.reading import reading


@dataclass(frozen=True, kw_only=True)
class CellOptions:
    """Which cells to impute, and where the chained equations start."""

    #: True for the cells to impute, shape (n, p); None means those without a value.
    where: NDArray[np.bool_] | None = None
    #: Rows of the data and some of its columns; missing values allowed.
    start: pd.DataFrame | None = None

    def pack(self) -> dict[str, Any]:
        """Write it down for the header of `to_parquet`.

        Examples
        --------
        >>> cell_options = CellOptions(where=np.array([[True, False]]))
        >>> cell_options.pack()["where"]["shape"]
        [1, 2]
        """
        packed: dict[str, Any] = {}
        if self.where is not None:
            bits = zlib.compress(np.packbits(self.where).tobytes())
            packed["where"] = {"shape": list(self.where.shape), "bits": _text(bits)}
        if self.start is not None:
            packed["start"] = _text(to_parquet(self.start).data)
        return packed


@reading()
def read_cell_options(source: bytes | str | Path) -> CellOptions:
    """Read what was said beside the data.

    Parameters
    ----------
    source : bytes or path
        What `to_parquet` wrote.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1.0, None]})
    >>> where = np.array([[True], [False]])
    >>> packed = to_parquet(df, cell_options=CellOptions(where=where).pack())
    >>> read_cell_options(packed.data).where
    array([[ True],
           [False]])
    """
    packed = header_of(read_table(source, columns=[])).get("cell_options", {})
    where = start = None
    if "where" in packed:
        rows, columns = packed["where"]["shape"]
        where = _where(rows, columns, packed["where"]["bits"])
    if "start" in packed:
        start = from_parquet(base64.b85decode(packed["start"]), labels=False)
    return CellOptions(where=where, start=start)


def _where(rows: int, columns: int, text: str) -> NDArray[np.bool_]:
    """Unpack one bit for each cell, and no byte more than that."""
    cells = int(rows) * int(columns)
    unpacking = zlib.decompressobj()
    bits = unpacking.decompress(base64.b85decode(text), max(0, cells + 7) // 8 + 1)
    if cells < 0 or len(bits) != (cells + 7) // 8:
        raise UnreadableFile("the cells to impute that it names are none of its own")
    flat = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=cells)
    return flat.reshape(rows, columns).astype(bool)


def _text(data: bytes) -> str:
    return base64.b85encode(data).decode("ascii")
