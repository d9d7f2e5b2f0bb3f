"""How each column is connected to the others through what is missing."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import short
from jupyter_wrangler.charts.marks import Axis, Layer, Panel, reference_line
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import frame_of
from jupyter_wrangler.charts.theme import OBSERVED
from jupyter_wrangler.engine.missingness import patterns
from jupyter_wrangler.errors import InvalidData

_POINTS = 2_000
_SIDES: tuple[Literal["right", "left"], ...] = ("right", "left")
#: Width of a letter and height of a line, in units of the axes, whose left end is LOW.
_LETTER, _LINE, _LOW = 0.017, 0.035, -0.03


def influx_outflux(df: Any) -> Chart:
    """Draw influx against outflux.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data (pandas or polars).

    Returns
    -------
    Chart
        Its table is that of `jw.flux`, with the names in `column`.

    Raises
    ------
    InvalidData
        If nothing is missing, or no column has a value: there is no flux then.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 4.1.3.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, None, None, 4]})
    >>> influx_outflux(df).sentence
    "'a' has the highest outflux (1.00), so its values help most to predict what is
    missing; 'b' has the highest influx (0.33), so its missing values are the best
    connected."
    """
    frame = frame_of(df)
    table = patterns.flux(frame).rename_axis("column").reset_index()
    table["column"] = table["column"].astype(str)
    drawn = _with_flux(table, frame)
    notes = [
        (
            "Columns near the line are complete when others are missing; further "
            "below it they are missing together with others."
        )
    ]
    absent = len(table) - len(drawn)
    if absent:
        notes.append(f"Not drawn: {absent:,} without any observed value.")
    if len(drawn) > _POINTS:
        notes.append(f"Shown are {_POINTS:,} columns with the highest outflux.")
        drawn = drawn.nlargest(_POINTS, "outflux")
    labels, left_out = _placed_names(drawn)
    if left_out:
        notes.append(f"{left_out:,} names have no room; .to_frame() has them all.")
    return Chart(
        title="Influx and outflux",
        sentence=_sentence(drawn),
        panels=(_panel(drawn, labels),),
        table=table,
        looks={"column": OBSERVED},
        notes=tuple(notes),
    )


def _with_flux(table: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Columns that have an influx and an outflux.

    Raises
    ------
    InvalidData
        If there are none, or nothing is missing.
    """
    drawn = table.dropna(subset=["influx", "outflux"])
    drawn = drawn[drawn["observed"] > 0]
    if drawn.empty or not frame.isna().any(axis=None):
        raise InvalidData(
            "Influx and outflux tell how missing and observed values meet, and this "
            "frame has "
            f"{'no value' if frame.isna().all(axis=None) else 'no missing value'}; "
            "look at "
            "charts.missing_bar(df)."
        )
    return drawn


def _panel(drawn: pd.DataFrame, labels: pd.DataFrame) -> Panel:
    ends = pd.DataFrame(
        {"influx": [0.0], "outflux": [1.0], "influx_to": [1.0], "outflux_to": [0.0]}
    )
    points = drawn.assign(what="column")
    return Panel(
        x=Axis(
            title="influx: how well its missing values are connected",
            low=_LOW,
            high=1.15,
        ),
        y=Axis(title="outflux: how much it helps", low=_LOW, high=1.05),
        layers=(
            reference_line(
                ends, x="influx", x2="influx_to", y="outflux", y2="outflux_to"
            ),
            Layer(mark="point", data=points, x="influx", y="outflux", series="what"),
            *(
                Layer(
                    mark="text",
                    data=labels[labels["side"] == side],
                    x="influx",
                    y="outflux",
                    text="name",
                    align=side,
                )
                for side in _SIDES
            ),
        ),
        width=420,
        height=320,
    )


def _sentence(drawn: pd.DataFrame) -> str:
    out = drawn.iloc[int(drawn["outflux"].to_numpy().argmax())]
    into = drawn.iloc[int(drawn["influx"].to_numpy().argmax())]
    return (
        f"{out['column']!r} has the highest outflux ({out['outflux']:.2f}), so its "
        f"values help most to predict what is missing; {into['column']!r} has the "
        f"highest influx ({into['influx']:.2f}), so its missing values are the best "
        "connected."
    )


def _placed_names(drawn: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Find room for the names, those of extreme columns first.

    Gives influx, outflux, name and side, and how many columns stay without a name.
    """
    spots = drawn.groupby(["influx", "outflux"], sort=False)["column"].agg(list)
    x = spots.index.get_level_values(0).to_numpy(dtype=np.float64)
    y = spots.index.get_level_values(1).to_numpy(dtype=np.float64)
    boxes: list[tuple[float, float, float]] = []
    lines = []
    left_out = 0
    for k in np.argsort(-np.maximum(x, y), kind="stable"):
        names = spots.iloc[k]
        more = len(names) - 2
        name = short(", ".join(names[:2]), 24) + (
            f" and {more} more" if more > 0 else ""
        )
        wide = 0.02 + _LETTER * len(name)
        for side in _SIDES:
            low = x[k] + 0.01 if side == "right" else x[k] - wide
            high = low + wide - 0.01
            met = (np.abs(y - y[k]) < _LINE) & (x > low) & (x < high)
            near = [box for box in boxes if abs(box[2] - y[k]) < _LINE]
            free = all(high < box[0] or low > box[1] for box in near)
            if free and low > _LOW and not np.delete(met, k).any():
                boxes.append((low, high, float(y[k])))
                lines.append((x[k], y[k], name, side))
                break
        else:
            left_out += len(names)
    return pd.DataFrame(lines, columns=["influx", "outflux", "name", "side"]), left_out
