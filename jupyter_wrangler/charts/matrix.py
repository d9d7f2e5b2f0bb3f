"""Where the missing values are: rows from top to bottom, columns from left to right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import percent
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import MOST_COLUMNS, frame_of
from jupyter_wrangler.charts.theme import MISSING
from jupyter_wrangler.wording import count

_CELLS = 2_500
_LINES = 200


def missing_matrix(df: Any, *, sort: bool = False) -> Chart:
    """Draw where values are missing.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data (pandas or polars).
    sort : bool, default=False
        Whether rows with more missing values come first.

    Returns
    -------
    Chart
        Its table has a line for each block of rows with a missing value: `column`,
        `first` and `last` row (from 1), `missing` (cells) and `share`.

    Raises
    ------
    InvalidData
        If the frame is empty or two columns share a name.

    Notes
    -----
    Many rows are put together in blocks of equal size, in their order, and each block
    is drawn as strongly as its share of missing values is large: a single missing value
    stays visible, and no row is left out.

    Examples
    --------
    >>> chart = missing_matrix(pd.DataFrame({"a": [1.0, None], "b": [1, 2]}))
    >>> chart.sentence
    '1 of 4 cells is missing (25 %); 1 of 2 rows is complete.'
    >>> chart.to_frame()
      column  first  last  missing  share
    0      a      2     2        1    1.0
    """
    frame = frame_of(df)
    mask = frame.isna().to_numpy()
    n, p = mask.shape
    notes: list[str] = []
    cells, complete = int(mask.sum()), int((~mask.any(axis=1)).sum())
    names = [str(name) for name in frame.columns]
    if p > MOST_COLUMNS:
        kept = np.sort(np.argsort(-mask.sum(axis=0), kind="stable")[:MOST_COLUMNS])
        mask, names = mask[:, kept], [names[k] for k in kept]
        notes.append(
            f"Shown are the {MOST_COLUMNS} columns with the most missing values of "
            f"{p:,}."
        )
    if sort:
        mask = mask[np.argsort(-mask.sum(axis=1), kind="stable")]
        notes.append("Rows with more missing values come first.")
    size = -(-n // min(_LINES, _CELLS // len(names)))
    table = _missing_by_block(mask, names, size)
    if size > 1:
        notes.append(
            f"Each line stands for {size:,} rows; the stronger it is drawn, the more "
            "of them lack the value."
        )
    drawn = table.assign(
        # half a row up and down, and faint lines not too faint to be seen
        top=table["first"] - 0.5,
        bottom=table["last"] + 0.5,
        shade=0.2 + 0.8 * table["share"],
        what="missing",
    )
    panel = Panel(
        x=Axis(order=tuple(names)),
        y=Axis(title="row", kind="whole", low=0.5, high=n + 0.5, reverse=True),
        layers=(
            Layer(
                mark="rect",
                data=drawn,
                x="column",
                y="top",
                y2="bottom",
                series="what",
                opacity="shade",
            ),
        ),
        height=320,
    )
    return Chart(
        title="Where values are missing",
        sentence=f"{cells:,} of {count(mask.shape[0] * p, 'cell')} "
        f"{'is' if cells == 1 else 'are'} missing ({percent(cells / (n * p))}); "
        f"{complete:,} of {count(n, 'row')} {'is' if complete == 1 else 'are'} "
        "complete.",
        panels=(panel,),
        table=table,
        looks={"missing": MISSING},
        notes=tuple(notes),
    )


def _missing_by_block(
    mask: np.ndarray[Any, Any], names: list[str], size: int
) -> pd.DataFrame:
    """Count the missing values of each block of rows; adjacent full blocks are one."""
    n = len(mask)
    starts = np.arange(0, n, size)
    counts = np.add.reduceat(mask.astype(np.int64), starts, axis=0)
    rows = np.minimum(starts + size, n) - starts
    lines = []
    for k, name in enumerate(names):
        shares = counts[:, k] / rows
        new = np.flatnonzero(np.diff(shares, prepend=np.nan) != 0)
        ends = np.append(new[1:], len(starts))
        for start, end in zip(new, ends, strict=True):
            if shares[start] > 0:
                first, last = starts[start], starts[end - 1] + rows[end - 1]
                missing = int(counts[start:end, k].sum())
                lines.append((name, first + 1, last, missing, missing / (last - first)))
    heads = ["column", "first", "last", "missing", "share"]
    table = pd.DataFrame(lines, columns=heads)
    whole = {"first": "int64", "last": "int64", "missing": "int64", "share": "float64"}
    return table.astype(whole)
