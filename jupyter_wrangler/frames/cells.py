"""Imputed cells: what fills the missing values of one completed data set.

They travel as a Parquet file of one row whose cells are lists: for column c,
``v:c`` holds the values and ``r:c`` the row positions they belong to; ``d:c`` the row
positions of their donors, where the method has donors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionDtype

from jupyter_wrangler.contract import LoggedEvent
from jupyter_wrangler.engine.columns.values import placed
from jupyter_wrangler.errors import (
    SchemaMismatch,
    listed,
)
from jupyter_wrangler.frames.columns import Note, Values, decode, encode
from jupyter_wrangler.frames.dataframe_backends import names_of
from jupyter_wrangler.frames.parquet import FORMAT, KEY, header_of, read_table, to_json
from jupyter_wrangler.frames.reading import reading

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputations import Imputations

#: Before pandas 3 a shallow copy shares later changes.
_DEEP = int(pd.__version__.split(".", maxsplit=1)[0]) < 3


@dataclass(frozen=True, kw_only=True)
class ImputedCells:
    """What fills the missing values of one completed data set."""

    #: Column name -> imputed values, in the column's own dtype.
    values: dict[str, Values]
    #: Column name -> positions of their rows.
    rows: dict[str, NDArray[np.intp]]
    #: What the engine did that a statistician would want to know.
    events: tuple[LoggedEvent, ...] = ()
    #: Rounds of the chained equations.
    n_iter: int = 0
    #: Column name -> mean and variance of the imputed cells after each round,
    #: shape (rounds, 2).
    chains: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    #: Column name -> positions of the donors' rows, shape (cells,) or (cells, k).
    donors: dict[str, NDArray[np.intp]] = field(default_factory=dict)


def cells_to_parquet(
    values: Mapping[str, Values],
    rows: Mapping[str, NDArray[np.intp]],
    *,
    events: Sequence[Mapping[str, Any]] = (),
    n_iter: int = 0,
    chains: Mapping[str, NDArray[np.float64]] | None = None,
    donors: Mapping[str, NDArray[np.intp]] | None = None,
    called: Mapping[str, str] | None = None,
) -> bytes:
    """Write imputed cells as a file of one row.

    Parameters
    ----------
    values : mapping of str to array
        Imputed values by column, in the column's own dtype.
    rows : mapping of str to ndarray
        Positions of their rows; as many as values.
    events : sequence of mapping
        What the engine logged, as JSON.
    n_iter : int, default=0
        Rounds of the chained equations.
    chains : mapping of str to ndarray of shape (rounds, 2), optional
        Mean and variance of the imputed cells after each round.
    donors : mapping of str to ndarray of shape (cells,) or (cells, k), optional
        Positions of the donors' rows.
    called : mapping of str to str, optional
        What messages call a column, where that is not its name here.
    """
    notes: dict[str, Note] = {}
    lists: dict[str, pa.Array] = {}
    for name, cells in values.items():
        array, notes[name] = encode((called or {}).get(name, name), cells, plain=True)
        lists[f"v:{name}"] = _one_list(array)
        lists[f"r:{name}"] = _one_list(pa.array(np.asarray(rows[name], dtype="i8")))
        if len(cells) != len(rows[name]):
            raise SchemaMismatch(
                f"Column {name!r} has {len(cells)} imputed values for "
                f"{len(rows[name])} rows; as many as rows are wanted."
            )
    widths: dict[str, int] = {}
    for name, given in (donors or {}).items():
        # 0 stands for one donor of each cell, without an axis of its own
        widths[name] = given.shape[1] if given.ndim == 2 else 0
        lists[f"d:{name}"] = _one_list(pa.array(given.ravel().astype("i8")))
    header = {
        "format": FORMAT,
        "notes": notes,
        "events": list(events),
        "n_iter": n_iter,
        "chains": {name: _finite(chain) for name, chain in (chains or {}).items()},
        "donors": widths,
    }
    return _write(pa.table(lists).replace_schema_metadata({KEY: to_json(header)}))


def _write(table: pa.Table) -> bytes:
    """Write a table of one row as Parquet."""
    sink = pa.BufferOutputStream()
    # positions rise slowly: their differences take next to nothing
    rising = {
        f"{name}.list.element": "DELTA_BINARY_PACKED"
        for name in table.column_names
        if name[:2] in {"r:", "d:"}
    } or None
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        column_encoding=rising,
        write_statistics=False,
    )
    return bytes(sink.getvalue().to_pybytes())


@reading()
def cells_from_parquet(data: bytes) -> ImputedCells:
    """Read imputed cells, in the dtypes in which they were written."""
    table = read_table(data)
    header = header_of(table)
    values, rows = {}, {}
    for name, note in header["notes"].items():
        values[name] = decode(_flat(table, f"v:{name}"), note)
        rows[name] = _flat(table, f"r:{name}").to_numpy().astype(np.intp)
    donors: dict[str, NDArray[np.intp]] = {}
    for name, width in header.get("donors", {}).items():
        given = _flat(table, f"d:{name}").to_numpy().astype(np.intp)
        donors[name] = given.reshape(-1, width) if width else given
    return ImputedCells(
        values=values,
        rows=rows,
        events=tuple(map(LoggedEvent.model_validate, header["events"])),
        n_iter=header.get("n_iter", 0),
        chains={
            name: np.array(chain, dtype=np.float64).reshape(-1, 2)
            for name, chain in header.get("chains", {}).items()
        },
        donors=donors,
    )


def imputations_of(df: pd.DataFrame, cells: Sequence[ImputedCells]) -> Imputations:
    """Give several imputations of a frame to the engine, which judges them.

    Parameters
    ----------
    df : pandas.DataFrame
        The frame whose missing values were imputed.
    cells : sequence of ImputedCells
        One for each imputation.
    """
    # loads scipy
    from jupyter_wrangler.engine.estimator.imputations import (  # noqa: PLC0415
        Imputations,
    )
    from jupyter_wrangler.engine.types import Imputation  # noqa: PLC0415

    made = [
        Imputation(
            values=one.values,
            rows=one.rows,
            events=one.events,
            n_iter=one.n_iter,
            chains=one.chains,
            donors=one.donors,
        )
        for one in cells
    ]
    return Imputations(df, made)


def complete(df: pd.DataFrame, cells: ImputedCells) -> pd.DataFrame:
    """Fill a frame's missing values; the frame itself stays as it is.

    Parameters
    ----------
    df : pandas.DataFrame
        The frame whose missing values were imputed.
    cells : ImputedCells
        What to fill them with.

    Returns
    -------
    pandas.DataFrame
        A new frame: same dtypes, index, labels and `attrs`; observed cells are
        the same bits.

    Raises
    ------
    SchemaMismatch
        If the cells do not belong to this frame.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1.0, None]})
    >>> cells = ImputedCells(
    ...     values={"a": np.array([2.0])}, rows={"a": np.array([1])}
    ... )
    >>> complete(df, cells)["a"].tolist()
    [1.0, 2.0]
    """
    positions = {name: i for i, name in enumerate(names_of(df))}
    out = df.copy(deep=_DEEP)
    for name, values in cells.values.items():  # noqa: PD011  a dict of ours
        rows = cells.rows[name]
        if name not in positions or (len(rows) and rows.max() >= len(df)):
            raise SchemaMismatch(
                f"The imputed cells of column {name!r} do not fit a frame of "
                f"{len(df)} rows and columns {listed(positions)}; "
                "complete the frame that was imputed."
            )
        column = df.iloc[:, positions[name]]
        own = (
            column.array
            if isinstance(column.dtype, ExtensionDtype)
            else column.to_numpy()
        )
        filled = placed(own, rows, values)
        # a series, or pandas would guess a better dtype for Python objects
        series: Any = pd.Series(filled, index=df.index, dtype=filled.dtype, copy=False)
        out.isetitem(positions[name], series)
    return out


def _finite(chain: NDArray[np.float64]) -> list[list[float | None]]:
    """Numbers as JSON has them; NaN (the variance of one cell) becomes null."""
    return [[v if np.isfinite(v) else None for v in row] for row in chain.tolist()]


def _flat(table: pa.Table, name: str) -> Any:
    return table.column(name).combine_chunks().flatten()


def _one_list(array: pa.Array) -> pa.Array:
    return pa.LargeListArray.from_arrays(pa.array([0, len(array)], pa.int64()), array)
