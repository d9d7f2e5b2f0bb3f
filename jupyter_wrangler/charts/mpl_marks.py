"""The marks of a layer by matplotlib, one function for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from jupyter_wrangler.charts.formatting import short
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.theme import PLAIN, Look

#: Matplotlib's names of the shapes.
SHAPES = {"circle": "o", "triangle": "^", "square": "s", "diamond": "D"}
#: Pixels of an inch, in which panels are measured.
PX = 96.0
_MS_PER_DAY = 86_400_000.0
#: Share of a category that a bar takes.
_BAR = 0.8


def paint(
    ax: Axes,
    panel: Panel,
    layer: Layer,
    places: tuple[dict[str, float], ...],
    looks: Mapping[str, Look],
    order: int,
) -> None:
    """Draw one layer.

    Parameters
    ----------
    ax : Axes
        Where.
    panel : Panel
        Whose axes say what is a category, and what a moment.
    layer : Layer
        What.
    places : tuple of dict
        Position of each category, to the right and upwards.
    looks : mapping
        Look of each series.
    order : int
        Layers of a higher order lie above.
    """
    at = {
        channel: _positions(layer.data[column], axis, place)
        for channel, axis, place in (
            ("x", panel.x, places[0]),
            ("y", panel.y, places[1]),
            ("x2", panel.x, places[0]),
            ("y2", panel.y, places[1]),
        )
        if (column := getattr(layer, channel)) is not None
    }
    if layer.series is None:
        groups = {"": np.arange(len(layer.data))}
    else:
        labels = layer.data[layer.series].astype(str).to_numpy()
        groups = {str(name): np.flatnonzero(labels == name) for name in looks}
    for name, rows in groups.items():
        if len(rows):
            look = looks.get(name, PLAIN)
            own = {channel: values[rows] for channel, values in at.items()}
            table = layer.data.iloc[rows]
            _DRAW[layer.mark](ax, layer, table, own, look, order)


def _positions(column: pd.Series, axis: Axis, place: dict[str, float]) -> Any:
    if axis.order is not None:
        return column.astype(str).map(place).to_numpy(dtype=np.float64)
    values = column.to_numpy(dtype=np.float64)
    return values / _MS_PER_DAY if axis.kind == "time" else values


def _opacity(layer: Layer, table: pd.DataFrame) -> Any:
    if isinstance(layer.opacity, str):
        return table[layer.opacity].to_numpy(dtype=np.float64)
    return layer.opacity


def _draw_bars(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    style: Any = {
        "color": look.colour,
        "alpha": _opacity(layer, table),
        "zorder": order,
    }
    style |= {"hatch": look.hatch, "edgecolor": "white", "linewidth": 0}
    if table[layer.x].dtype.kind in "iuf":
        ax.barh(at["y"], at["x"], height=_BAR, **style)
    else:
        ax.bar(at["x"], at["y"], width=_BAR, **style)


def _draw_rects(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    left, right = at["x"] - _BAR / 2, at["x"] + _BAR / 2
    low, high = at["y"], at["y2"]
    corners = np.stack(
        [
            np.stack(pair, axis=-1)
            for pair in ((left, low), (right, low), (right, high), (left, high))
        ],
        axis=1,
    )
    drawn = PolyCollection(
        list(corners),
        facecolors=look.colour,
        edgecolors="none",
        alpha=_opacity(layer, table),
        zorder=order,
    )
    ax.add_collection(drawn)
    ax.autoscale_view()


def _draw_points(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    area: Any = layer.area
    if layer.size is not None:
        area = layer.area * table[layer.size].to_numpy(dtype=np.float64)
    ax.scatter(
        at["x"],
        at["y"],
        s=area * (72.0 / PX) ** 2 * 1.2,
        c=look.colour,
        marker=SHAPES[look.shape],
        alpha=_opacity(layer, table),
        linewidths=0,
        zorder=order,
    )


def _draw_lines(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    kind: Any = (0, look.dash or layer.dash) if look.dash or layer.dash else "-"
    for rows in _rows_by_line(layer, table):
        along = rows[np.argsort(at["x"][rows], kind="stable")]
        ax.plot(
            at["x"][along],
            at["y"][along],
            color=look.colour,
            linestyle=kind,
            linewidth=layer.width,
            alpha=_opacity(layer, table),
            zorder=order,
        )


def _draw_rules(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    dash = layer.dash or (look.dash if layer.width < 4 else ())
    style: Any = {
        "colors": look.colour,
        "linestyles": (0, dash) if dash else "-",
        "linewidths": layer.width,
        "alpha": _opacity(layer, table),
        "zorder": order,
    }
    if "x2" in at:
        both = np.stack([at["x"], at["x2"], at["y"], at.get("y2", at["y"])])
        segments = [[(a, c), (b, d)] for a, b, c, d in both.T]
        ax.add_collection(LineCollection(segments, **style))
        ax.autoscale_view()
    elif "y2" in at:
        ax.vlines(at["x"], at["y"], at["y2"], **style)
    else:
        for value in at["x"]:
            ax.axvline(value, color=look.colour, linestyle=style["linestyles"])


def _draw_texts(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, _: Look, order: int
) -> None:
    side, place = _BESIDE[layer.align]
    for x, y, word in zip(at["x"], at["y"], table[layer.text], strict=True):
        ax.annotate(
            short(str(word), 32),
            (x, y),
            xytext=side,
            textcoords="offset points",
            ha=place,
            va="center",
            fontsize="x-small",
            zorder=order,
        )


_BESIDE = {
    "right": ((4, 0), "left"),
    "above": ((0, 6), "center"),
    "below": ((0, -15), "center"),
    "left": ((-4, 0), "right"),
}


def _rows_by_line(layer: Layer, table: pd.DataFrame) -> list[Any]:
    """Positions of the lines of each group."""
    if layer.detail is None:
        return [np.arange(len(table))]
    codes = pd.factorize(table[layer.detail])[0]
    return [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]


_DRAW = {
    "bar": _draw_bars,
    "line": _draw_lines,
    "point": _draw_points,
    "rect": _draw_rects,
    "rule": _draw_rules,
    "text": _draw_texts,
}
