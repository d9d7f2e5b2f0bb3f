"""Lists the frames of a notebook, for the side panel of JupyterLab.

The panel evaluates `frames_here()` between two cells.  Nothing of the user runs: only
frames whose class is exactly that of pandas, polars or pyarrow are looked at, only
libraries that are loaded already, and of pandas only columns of its own types.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

#: Frames that are listed, and seconds after which missing values are no longer counted.
MOST: Final = 50
PATIENCE_S: Final = 0.5
#: Cells whose missing values are counted at once.
MOST_CELLS: Final = 20_000_000


class Frames:
    """What was found; it shows itself as JSON, which the panel reads.

    Parameters
    ----------
    items : list of dict
        `name`, `kind`, `n_rows`, `n_columns` and `missing` of each frame: the share of
        cells without a value, None where it was not counted.
    """

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self.items = items

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"application/json": {"frames": self.items}}


def frames_here() -> Frames:
    """List the frames of the notebook in whose kernel this is called."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return frames_in(shell.user_ns if shell else {})


def frames_in(namespace: Mapping[str, object]) -> Frames:
    """List the frames among the values of a namespace.

    Parameters
    ----------
    namespace : mapping of str to object
        Names that begin with an underscore are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"a": [1.0, None], "b": ["x", "y"]})
    >>> frames_in({"df": df, "n": 3, "_df": df}).items
    [{'name': 'df', 'kind': 'pandas', 'n_rows': 2, 'n_columns': 2, 'missing': 0.25}]
    """
    ends_at = time.monotonic() + PATIENCE_S
    found: list[dict[str, Any]] = []
    # a thread of the user may write to it meanwhile
    for name, value in list(namespace.items()):
        kind = _kind(value)
        if kind is None or name.startswith("_") or not name.isidentifier():
            continue
        if len(found) == MOST:
            break
        n_rows, n_columns = _SHAPE[kind](value)
        cells = n_rows * n_columns
        counted = 0 < cells <= MOST_CELLS and time.monotonic() < ends_at
        n_missing = _count(kind, value) if counted else None
        found.append(
            {
                "name": name,
                "kind": kind,
                "n_rows": n_rows,
                "n_columns": n_columns,
                "missing": None if n_missing is None else n_missing / cells,
            }
        )
    return Frames(found)


def _kind(value: object) -> str | None:
    """Return the library of a frame; a class made from one of its own is none."""
    for kind, name in (("pandas", "DataFrame"), ("polars", "DataFrame")):
        if type(value) is getattr(sys.modules.get(kind), name, None):
            return kind
    table = getattr(sys.modules.get("pyarrow"), "Table", None)
    return "pyarrow" if table is not None and type(value) is table else None


#: Kind -> rows and columns.
_SHAPE: Final[dict[str, Callable[[Any], tuple[int, int]]]] = {
    "pandas": lambda df: df.shape,
    "polars": lambda df: df.shape,
    "pyarrow": lambda table: (table.num_rows, table.num_columns),
}


def _count(kind: str, frame: Any) -> int | None:
    """Count the missing values; None if a column is of a type of the user's own."""
    counts = list(_COUNTS[kind](frame))
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _of_pandas(df: Any) -> Iterator[int | None]:
    for k in range(df.shape[1]):
        column = df.iloc[:, k]
        library = type(column.dtype).__module__.partition(".")[0]
        if library in {"numpy", "pandas"}:
            yield int(column.isna().sum())
        else:
            yield None


def _of_polars(df: Any) -> Iterator[int | None]:
    for column in df.get_columns():
        count = int(column.null_count())
        if column.dtype.is_float():
            count += int(column.is_nan().sum() or 0)
        yield count


def _of_pyarrow(table: Any) -> Iterator[int | None]:
    for column in table.columns:
        yield int(column.null_count)


_COUNTS: Final[dict[str, Callable[[Any], Iterator[int | None]]]] = {
    "pandas": _of_pandas,
    "polars": _of_polars,
    "pyarrow": _of_pyarrow,
}
