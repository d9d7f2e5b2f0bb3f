"""How much is missing in each column."""

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


def missing_bar(df: Any, *, sort: bool = True) -> Chart:
    """Draw the share of missing values of each column.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data (pandas or polars).
    sort : bool, default=True
        Whether the column with the most missing values comes first, rather than the
        first column.

    Returns
    -------
    Chart
        Its table has `column`, `missing` and `share`, for every column.

    Raises
    ------
    InvalidData
        If the frame is empty or two columns share a name.

    Examples
    --------
    >>> missing_bar(pd.DataFrame({"a": [1.0, None], "b": [1, 2]})).sentence
    "1 of 2 rows lack 'a' (50 %), the most of 2 columns; 1 column has no missing value."
    """
    frame = frame_of(df)
    n, p = frame.shape
    missing = frame.isna().sum().to_numpy()
    table = pd.DataFrame(
        {"column": list(frame.columns), "missing": missing, "share": missing / n}
    )
    if sort:
        order = np.argsort(-missing, kind="stable")
        table = table.iloc[order].reset_index(drop=True)
    notes: list[str] = []
    shown = table
    if p > MOST_COLUMNS:
        shown = table.iloc[
            np.sort(
                np.argsort(-table["missing"].to_numpy(), kind="stable")[:MOST_COLUMNS]
            )
        ]
        notes.append(
            f"Shown are the {MOST_COLUMNS} columns with the most missing values of "
            f"{p:,}."
        )
    shown = shown.assign(
        what="missing",
        label=[
            f"{m:,} ({percent(s)})"
            for m, s in zip(shown["missing"], shown["share"], strict=True)
        ],
    )
    top = float(table["share"].max())
    panel = Panel(
        # room for the words at the end of the longest bar
        x=Axis(title="share missing", kind="share", low=0.0, high=top * 1.3 or 1.0),
        y=Axis(order=tuple(shown["column"])),
        layers=(
            Layer(mark="bar", data=shown, x="share", y="column", series="what"),
            Layer(mark="text", data=shown, x="share", y="column", text="label"),
        ),
    )
    return Chart(
        title="Missing values by column",
        sentence=_sentence(table, n, p),
        panels=(panel,),
        table=table,
        looks={"missing": MISSING},
        notes=tuple(notes),
    )


def _sentence(table: pd.DataFrame, n: int, p: int) -> str:
    counts = table["missing"].to_numpy()
    if not counts.any():
        return f"No value is missing in {count(n, 'row')} and {count(p, 'column')}."
    most = int(counts.argmax())
    full = int((counts == 0).sum())
    rest = (
        f"{count(full, 'column')} {'has' if full == 1 else 'have'} no missing value"
        if full
        else "no column is complete"
    )
    return (
        f"{counts[most]:,} of {count(n, 'row')} lack {table['column'][most]!r} "
        f"({percent(counts[most] / n)}), the most of {count(p, 'column')}; {rest}."
    )
