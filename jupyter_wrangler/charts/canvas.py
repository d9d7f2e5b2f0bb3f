"""A chart by matplotlib: on white, on black, and on the Axes of others.

Only this file knows matplotlib.  It takes figures of its own, never those of pyplot,
so that nothing stays open and no setting of the user changes.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from jupyter_wrangler.charts.looks import GREY, PLAIN, Look
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.words import short

_PX = 96.0
_GAP_PX = 36.0
_MS_PER_DAY = 86_400_000.0
_SHAPES = {"circle": "o", "triangle": "^", "square": "s", "diamond": "D"}
#: Characters of an inch of the lines under the title.
_PER_INCH = 13.5
#: Share of a category that a bar takes.
_BAR = 0.8
#: Everything that is neither data nor ground.
_INK = (
    "text.color",
    "axes.labelcolor",
    "axes.edgecolor",
    "xtick.color",
    "ytick.color",
)


def png(
    title: str,
    lines: Sequence[str],
    panels: Sequence[Panel],
    looks: Mapping[str, Look],
    dpi: int = 110,
) -> bytes:
    """Draw on transparent ground, in greys that are read on white and on black.

    Returns
    -------
    bytes
        A PNG file.
    """
    ink: Any = dict.fromkeys(_INK, GREY) | {"svg.fonttype": "none"}
    with rc_context(ink):
        figure = _figure(panels)
        _into(figure.add_subplot(), title, lines, panels, looks)
        figure.patch.set_alpha(0.0)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=dpi, bbox_inches="tight")
    return file.getvalue()


def draw(
    title: str,
    lines: Sequence[str],
    panels: Sequence[Panel],
    looks: Mapping[str, Look],
    ax: Axes | None = None,
) -> Axes:
    """Draw into Axes, by default new ones.

    Returns
    -------
    Axes
        Those that were given, or those of the new figure.
    """
    if ax is None:
        ax = _figure(panels).add_subplot()
    _into(ax, title, lines, panels, looks)
    return ax


def _figure(panels: Sequence[Panel]) -> Figure:
    width = max(panel.size[0] for panel in panels) / _PX + 2.4
    height = sum(panel.size[1] for panel in panels) / _PX + 1.4
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _into(
    ax: Axes,
    title: str,
    lines: Sequence[str],
    panels: Sequence[Panel],
    looks: Mapping[str, Look],
) -> None:
    inner = [ax] if len(panels) == 1 else _split(ax, panels)
    for one, panel in zip(inner, panels, strict=True):
        _panel(one, panel, looks)
    _head(ax, title, lines)
    marks = {layer.mark for panel in panels for layer in panel.layers if layer.series}
    if len(looks) > 1:
        inner[0].legend(
            handles=[_handle(name, look, marks) for name, look in looks.items()],
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            frameon=False,
            fontsize="small",
        )


def _split(ax: Axes, panels: Sequence[Panel]) -> list[Axes]:
    """Make a place for each panel, one below the other."""
    ax.set_axis_off()
    heights = np.array([float(panel.size[1]) for panel in panels])
    gap = _GAP_PX / (heights.sum() + _GAP_PX * (len(panels) - 1))
    heights *= (1.0 - gap * (len(panels) - 1)) / heights.sum()
    found, top = [], 1.0
    for height in heights:
        found.append(ax.inset_axes((0.0, top - height, 1.0, height)))
        top -= height + gap
    return found


def _head(ax: Axes, title: str, lines: Sequence[str]) -> None:
    figure = ax.get_figure(root=True)
    inches = figure.get_figwidth() * ax.get_position().width if figure else 5.0
    width = max(66, int(inches * _PER_INCH))
    text = "\n".join(part for line in lines for part in textwrap.wrap(line, width))
    under = ax.set_title(text, loc="left", fontsize="small", fontweight="normal")
    ax.annotate(
        title,
        xy=(0.0, 1.0),
        xycoords=under,
        xytext=(0, 4),
        textcoords="offset points",
        fontweight="bold",
        annotation_clip=False,
    )


def _panel(ax: Axes, panel: Panel, looks: Mapping[str, Look]) -> None:
    ax.set_facecolor("none")
    places = tuple(
        {name: float(at) for at, name in enumerate(axis.order or ())}
        for axis in (panel.x, panel.y)
    )
    for order, layer in enumerate(panel.layers):
        _layer(ax, panel, layer, places, looks, order + 2)
    _axis(ax, panel.x, upright=False)
    _axis(ax, panel.y, upright=True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize="small")
    numeric = [w for w, axis in (("x", panel.x), ("y", panel.y)) if axis.order is None]
    for which in numeric:
        ticked = panel.x.ticks if which == "x" else panel.y.ticks
        if not ticked:
            ax.grid(visible=True, axis=which, color=GREY, alpha=0.2, linewidth=0.8)  # type: ignore[arg-type]
    ax.set_axisbelow(True)


def _axis(ax: Axes, axis: Axis, *, upright: bool) -> None:
    side = ax.yaxis if upright else ax.xaxis
    limits = ax.set_ylim if upright else ax.set_xlim
    side.set_label_text(axis.title, fontsize="small")
    if axis.order is not None:
        n = len(axis.order)
        limits(*((n - 0.5, -0.5) if upright else (-0.5, n - 0.5)))
        _label(side, range(n), axis.order, 32 if upright else 20)
        side.set_tick_params(length=0)
        if not upright and max(map(len, axis.order), default=0) > 3:
            for label in side.get_ticklabels():
                label.set(rotation=40, ha="right", rotation_mode="anchor")
    elif axis.ticks:
        _label(side, axis.ticks, axis.ticks.values())
    else:
        _count(side, axis.kind)
        if axis.reverse:
            side.set_inverted(True)
    if axis.low is not None and axis.high is not None:
        limits(*((axis.high, axis.low) if axis.reverse else (axis.low, axis.high)))
    if not axis.labels:
        side.set_tick_params(length=0, labelleft=False, labelbottom=False)


def _label(
    side: Any, places: Iterable[float], names: Iterable[str], most: int = 32
) -> None:
    side.set_major_locator(FixedLocator(list(places)))
    side.set_ticklabels([short(name, most) for name in names])


def _count(side: Any, kind: str) -> None:
    """Let the numbers of an axis be spelled as what they are."""
    if kind == "share":
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %"))
    elif kind == "whole":
        side.set_major_locator(MaxNLocator(integer=True))
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    elif kind == "time":
        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        side.set_major_locator(locator)
        side.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _layer(
    ax: Axes,
    panel: Panel,
    layer: Layer,
    places: tuple[dict[str, float], ...],
    looks: Mapping[str, Look],
    order: int,
) -> None:
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


def _bars(
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


def _rects(
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


def _points(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    area: Any = layer.area
    if layer.size is not None:
        area = layer.area * table[layer.size].to_numpy(dtype=np.float64)
    ax.scatter(
        at["x"],
        at["y"],
        s=area * (72.0 / _PX) ** 2 * 1.2,
        c=look.colour,
        marker=_SHAPES[look.shape],
        alpha=_opacity(layer, table),
        linewidths=0,
        zorder=order,
    )


def _lines(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    kind: Any = (0, look.dash or layer.dash) if look.dash or layer.dash else "-"
    for rows in _pieces(layer, table):
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


def _bands(
    ax: Axes, layer: Layer, table: pd.DataFrame, at: Any, look: Look, order: int
) -> None:
    for rows in _pieces(layer, table):
        ax.fill_between(
            at["x"][rows],
            at["y"][rows],
            at["y2"][rows] if "y2" in at else 0.0,
            color=look.colour,
            alpha=_opacity(layer, table),
            linewidth=0,
            zorder=order,
        )


def _rules(
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
        for value in at.get("x", ()):
            ax.axvline(value, color=look.colour, linestyle=style["linestyles"])
        for value in at.get("y", ()):
            ax.axhline(value, color=look.colour, linestyle=style["linestyles"])


def _words(
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


def _pieces(layer: Layer, table: pd.DataFrame) -> list[Any]:
    """Positions of the lines of each group."""
    if layer.detail is None:
        return [np.arange(len(table))]
    codes = pd.factorize(table[layer.detail])[0]
    return [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]


def _handle(name: str, look: Look, marks: Collection[str]) -> Any:
    label = short(name, 32)
    if set(marks) <= {"bar", "rect", "text"}:
        return Patch(
            facecolor=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0,
            label=label,
        )
    has_line = not {"line", "rule"}.isdisjoint(marks)
    return Line2D(
        [],
        [],
        color=look.colour,
        linestyle=((0, look.dash) if look.dash else "-") if has_line else "none",
        marker=_SHAPES[look.shape] if "point" in marks else "none",
        label=label,
    )


_DRAW = {
    "bar": _bars,
    "band": _bands,
    "line": _lines,
    "point": _points,
    "rect": _rects,
    "rule": _rules,
    "text": _words,
}
