"""DataFrames as bytes and back: the only room that knows the wire format.

A frame travels as Parquet.  What Parquet or Arrow would change (object columns,
categories that no row uses, time units, labels that are no strings) is written
beside it as a *note* per column, under the key ``jupyter_wrangler`` of the file,
and put back on reading.  Notes for other readers stay: `pandas.read_parquet`
works.  `DataFrame.attrs` do not travel: the same data are the same bytes.
"""

from jupyter_wrangler.frames.cell_options import CellOptions, read_cell_options
from jupyter_wrangler.frames.cells import (
    ImputedCells,
    cells_from_parquet,
    cells_to_parquet,
    complete,
    imputations_of,
)
from jupyter_wrangler.frames.dataframe_backends import (
    as_backend,
    as_given,
    as_pandas,
    backend_of_frame,
    is_arrow,
    is_polars,
    names_of,
    to_polars,
)
from jupyter_wrangler.frames.parquet import (
    Packed,
    backend_of,
    from_parquet,
    labels_of,
    shape_of,
    to_parquet,
)
from jupyter_wrangler.frames.provenance import provenance, provenance_of

__all__ = [
    "CellOptions",
    "ImputedCells",
    "Packed",
    "as_backend",
    "as_given",
    "as_pandas",
    "backend_of",
    "backend_of_frame",
    "cells_from_parquet",
    "cells_to_parquet",
    "complete",
    "from_parquet",
    "imputations_of",
    "is_arrow",
    "is_polars",
    "labels_of",
    "names_of",
    "provenance",
    "provenance_of",
    "read_cell_options",
    "shape_of",
    "to_parquet",
    "to_polars",
]
