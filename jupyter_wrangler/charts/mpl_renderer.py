"""A chart by matplotlib: on white, on black, and on the Axes of others.

Only this file and `painting` know matplotlib.  Figures are their own, never those of
pyplot, so that nothing stays open and no setting of the user changes.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from jupyter_wrangler.charts.formatting import short
from jupyter_wrangler.charts.marks import Axis, Panel
from jupyter_wrangler.charts.mpl_marks import PX, SHAPES, paint
from jupyter_wrangler.charts.theme import GREY, Look

_GAP_PX = 36.0
#: Characters of an inch of the lines under the title.
_PER_INCH = 13.5
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
        figure = _new_figure(panels)
        _draw_verbatim(figure.add_subplot(), title, lines, panels, looks)
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
        ax = _new_figure(panels).add_subplot()
    _draw_verbatim(ax, title, lines, panels, looks)
    return ax


def _new_figure(panels: Sequence[Panel]) -> Figure:
    width = max(panel.size[0] for panel in panels) / PX + 2.4
    height = sum(panel.size[1] for panel in panels) / PX + 1.4
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _draw_verbatim(
    ax: Axes,
    title: str,
    lines: Sequence[str],
    panels: Sequence[Panel],
    looks: Mapping[str, Look],
) -> None:
    # No other text is mathematics either; the labels of ticks are older than this.
    with rc_context({"text.parse_math": False}):
        _draw_panels(ax, title, lines, panels, looks)


def _draw_panels(
    ax: Axes,
    title: str,
    lines: Sequence[str],
    panels: Sequence[Panel],
    looks: Mapping[str, Look],
) -> None:
    inner = [ax] if len(panels) == 1 else _axes_by_panel(ax, panels)
    for one, panel in zip(inner, panels, strict=True):
        _draw_panel(one, panel, looks)
    _draw_title(ax, title, lines)
    marks = {layer.mark for panel in panels for layer in panel.layers if layer.series}
    if len(looks) > 1:
        inner[0].legend(
            handles=[_legend_handle(name, look, marks) for name, look in looks.items()],
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            frameon=False,
            fontsize="small",
        )


def _axes_by_panel(ax: Axes, panels: Sequence[Panel]) -> list[Axes]:
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


def _draw_title(ax: Axes, title: str, lines: Sequence[str]) -> None:
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


def _draw_panel(ax: Axes, panel: Panel, looks: Mapping[str, Look]) -> None:
    ax.set_facecolor("none")
    places = tuple(
        {name: float(at) for at, name in enumerate(axis.order or ())}
        for axis in (panel.x, panel.y)
    )
    for order, layer in enumerate(panel.layers):
        paint(ax, panel, layer, places, looks, order + 2)
    _set_axis(ax, panel.x, upright=False)
    _set_axis(ax, panel.y, upright=True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize="small")
    numeric = [w for w, axis in (("x", panel.x), ("y", panel.y)) if axis.order is None]
    for which in numeric:
        ticked = panel.x.ticks if which == "x" else panel.y.ticks
        if not ticked:
            ax.grid(visible=True, axis=which, color=GREY, alpha=0.2, linewidth=0.8)  # type: ignore[arg-type]
    ax.set_axisbelow(True)


def _set_axis(ax: Axes, axis: Axis, *, upright: bool) -> None:
    side = ax.yaxis if upright else ax.xaxis
    limits = ax.set_ylim if upright else ax.set_xlim
    side.set_label_text(axis.title, fontsize="small")
    if axis.order is not None:
        n = len(axis.order)
        limits(*((n - 0.5, -0.5) if upright else (-0.5, n - 0.5)))
        _set_labels(side, range(n), axis.order, 32 if upright else 20)
        side.set_tick_params(length=0)
        if not upright and max(map(len, axis.order), default=0) > 3:
            for label in side.get_ticklabels():
                label.set(rotation=40, ha="right", rotation_mode="anchor")
    elif axis.ticks:
        _set_labels(side, axis.ticks, axis.ticks.values())
    else:
        _set_number_format(side, axis.kind)
        if axis.reverse:
            side.set_inverted(True)
    if axis.low is not None and axis.high is not None:
        limits(*((axis.high, axis.low) if axis.reverse else (axis.low, axis.high)))
    if not axis.labels:
        side.set_tick_params(length=0, labelleft=False, labelbottom=False)


def _set_labels(
    side: Any, places: Iterable[float], names: Iterable[str], most: int = 32
) -> None:
    side.set_major_locator(FixedLocator(list(places)))
    side.set_ticklabels([short(name, most) for name in names])
    for label in side.get_ticklabels():
        label.set_parse_math(False)  # a dollar in a name is a dollar


def _set_number_format(side: Any, kind: str) -> None:
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


def _legend_handle(name: str, look: Look, marks: Collection[str]) -> Any:
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
        marker=SHAPES[look.shape] if "point" in marks else "none",
        label=label,
    )
