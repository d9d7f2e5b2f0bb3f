"""A chart as a Vega-Lite dict, written by hand for version 5.

JupyterLab draws it without any extension or network, in the colours of its theme.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.theme import GREY, Look

MIME = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

#: Characters of a line under the title.
_LINE = 78
_LABEL_PX = 220
#: Whole numbers that all get a tick; Vega would put some between them.
_MOST_TICKS = 10
#: Themes colour titles and axes but not the words among the marks, so these look at
#: the ground that the theme has set.
_INK = "luminance(background || '#ffffff') < 0.4 ? '#dddddd' : '#333333'"
_SHAPES = {"triangle": "triangle-up"}
_FORMATS = {"share": ".0%", "whole": ",d"}

Spec = dict[str, Any]


def spec(
    title: str,
    lines: Sequence[str],
    panels: Sequence[Panel],
    looks: Mapping[str, Look],
) -> Spec:
    """Write a specification.

    Parameters
    ----------
    title : str
        The title.
    lines : sequence of str
        The finding and the notes, which become description and subtitle.
    panels : sequence of Panel
        From top to bottom.
    looks : mapping
        Look of each series.

    Returns
    -------
    dict
        JSON through and through: numbers that are not finite became null.
    """
    wrapped = [part for line in lines for part in textwrap.wrap(line, _LINE)]
    top: Spec = {
        "$schema": SCHEMA,
        "description": " ".join(lines),
        "title": {
            "text": title,
            "subtitle": wrapped,
            "anchor": "start",
            "frame": "group",
            "offset": 12,
            "subtitlePadding": 4,
        },
        "config": {
            "axis": {"labelLimit": _LABEL_PX, "gridColor": GREY, "gridOpacity": 0.25},
            "view": {"stroke": None},
        },
    }
    drawn: list[Spec] = []
    for panel in panels:
        # one series needs no legend, and one legend serves all panels
        legend = len(looks) > 1 and panel is panels[0]
        drawn.append(_panel_spec(panel, looks, legend=legend))
    if len(drawn) == 1:
        return top | drawn[0]
    scales = dict.fromkeys(("color", "shape", "strokeDash"), "independent")
    return top | {"vconcat": drawn, "resolve": {"scale": scales}}


def _panel_spec(panel: Panel, looks: Mapping[str, Look], *, legend: bool) -> Spec:
    width, height = panel.size
    shared: Spec = {}
    if any(layer.x for layer in panel.layers):
        shared["x"] = _axis_spec(panel.x, upright=False)
        if any(layer.mark == "rect" for layer in panel.layers):
            shared["x"]["scale"]["paddingInner"] = 0.2
    if any(layer.y for layer in panel.layers):
        shared["y"] = _axis_spec(panel.y, upright=True)
    return {
        "width": width,
        "height": height,
        "layer": [
            _layer_spec(layer, shared, looks, legend=legend) for layer in panel.layers
        ],
    }


def _axis_spec(axis: Axis, *, upright: bool) -> Spec:
    drawn: Spec = {"grid": axis.order is None, "title": axis.title or None}
    scale: Spec = {}
    found: Spec = {"axis": drawn, "scale": scale}
    if axis.order is not None:
        found["type"] = "nominal"
        scale["domain"] = list(axis.order)
        if not upright:
            drawn["labelAngle"] = -40 if max(map(len, axis.order), default=0) > 3 else 0
            drawn["labelLimit"] = _LABEL_PX // 2
    else:
        found["type"] = "temporal" if axis.kind == "time" else "quantitative"
        scale.update({"type": "utc"} if axis.kind == "time" else {"zero": False})
        _set_number_format(axis, drawn)
    if axis.low is not None and axis.high is not None:
        scale["domain"] = [axis.low, axis.high]
        scale["nice"] = False
    if axis.reverse:
        scale["reverse"] = True
    if not axis.labels:
        drawn.update(labels=False, ticks=False)
    return found


def _set_number_format(axis: Axis, drawn: Spec) -> None:
    """Let the numbers of an axis be spelled as what they are."""
    if axis.ticks:
        names = {_number_key(at): name for at, name in axis.ticks.items()}
        drawn["values"] = list(axis.ticks)
        drawn["labelExpr"] = f"({json.dumps(names)})[datum.value]"
        drawn["grid"] = False
    elif axis.kind in _FORMATS:
        drawn["format"] = _FORMATS[axis.kind]
    if axis.kind == "whole":
        drawn["tickMinStep"] = 1
        if axis.low is not None and axis.high is not None:
            first, last = math.ceil(axis.low), math.floor(axis.high)
            if last - first < _MOST_TICKS:
                drawn["values"] = list(range(first, last + 1))


def _number_key(at: float) -> str:
    """Spell a number as JavaScript does when it looks for a key."""
    return str(int(at)) if float(at).is_integer() else repr(float(at))


def _layer_spec(
    layer: Layer,
    axes: Spec,
    looks: Mapping[str, Look],
    *,
    legend: bool,
) -> Spec:
    mark: Spec = {"type": layer.mark}
    encoding: Spec = {}
    for channel in ("x", "y"):
        column = getattr(layer, channel)
        if column is not None:
            encoding[channel] = {"field": column, **axes[channel]}
            if layer.mark == "bar":
                encoding[channel]["stack"] = None
        other = getattr(layer, channel + "2")
        if other is not None:
            encoding[channel + "2"] = {"field": other}
    if layer.mark == "text":
        mark |= {"color": {"expr": _INK}, "fontSize": 10} | _BESIDE[layer.align]
        encoding["text"] = {"field": layer.text, "type": "nominal"}
    else:
        mark["tooltip"] = {"content": "data"}
        mark |= _mark_style(layer)
        encoding |= _series_encoding(layer, looks, legend=legend)
    if isinstance(layer.opacity, str):
        encoding["opacity"] = {
            "field": layer.opacity,
            "type": "quantitative",
            "scale": {"domain": [0, 1], "range": [0, 1]},
            "legend": None,
        }
    elif layer.opacity != 1:
        mark["opacity"] = layer.opacity
    if layer.detail is not None:
        encoding["detail"] = {"field": layer.detail, "type": "nominal"}
    return {
        "data": {"values": _rows_of_values(layer)},
        "mark": mark,
        "encoding": encoding,
    }


_BESIDE: dict[str, Spec] = {
    "right": {"align": "left", "dx": 6},
    "above": {"align": "center", "dy": -8},
    "below": {"align": "center", "dy": 18},
    "left": {"align": "right", "dx": -6},
}


def _mark_style(layer: Layer) -> Spec:
    found: Spec = {}
    if layer.mark == "line":
        found["interpolate"] = "monotone" if layer.smooth else "linear"
    if layer.mark in {"line", "rule"}:
        found["strokeWidth"] = layer.width
        if layer.dash:
            found["strokeDash"] = list(layer.dash)
    if layer.mark == "point":
        found["filled"] = True
        found["opacity"] = 1
        if layer.size is None:
            found["size"] = layer.area
    if layer.series is None:
        found["color"] = GREY
    return found


def _series_encoding(layer: Layer, looks: Mapping[str, Look], *, legend: bool) -> Spec:
    found: Spec = {}
    if layer.mark == "point" and layer.size is not None:
        found["size"] = {
            "field": layer.size,
            "type": "quantitative",
            "scale": {"domain": [0, 1], "range": [0, layer.area]},
            "legend": None,
        }
    if layer.series is None:
        return found
    ranges: dict[str, list[Any]] = {"color": [look.colour for look in looks.values()]}
    if layer.mark == "point":
        shapes = [look.shape for look in looks.values()]
        ranges["shape"] = [_SHAPES.get(shape, shape) for shape in shapes]
    if layer.mark in {"line", "rule"} and not layer.dash and layer.width < 4:
        ranges["strokeDash"] = [list(look.dash) or [1, 0] for look in looks.values()]
    for channel, values in ranges.items():
        found[channel] = {
            "field": layer.series,
            "type": "nominal",
            "scale": {"domain": list(looks), "range": values},
            "legend": {"title": None, "labelLimit": _LABEL_PX} if legend else None,
        }
    return found


def _rows_of_values(layer: Layer) -> list[Spec]:
    """Write the columns that the marks use, line by line."""
    wanted = (layer.x, layer.x2, layer.y, layer.y2, layer.series, layer.detail)
    more = (layer.text, layer.size, layer.opacity)
    used = dict.fromkeys(c for c in (*wanted, *more) if isinstance(c, str))
    cells = [_json_values(layer.data[name]) for name in used]
    return [dict(zip(used, line, strict=True)) for line in zip(*cells, strict=True)]


def _json_values(series: pd.Series) -> list[Any]:
    """Give JSON values: numbers to 6 digits, null for what is not finite."""
    return [_json_value(value) for value in series.tolist()]


def _json_value(value: Any) -> Any:
    if value is None or value is pd.NA or isinstance(value, str | bool | int):
        return None if value is pd.NA else value
    if isinstance(value, float):
        # moments are milliseconds since 1970: 13 digits
        return (
            float(f"{value:.14g}" if abs(value) > 1e9 else f"{value:.6g}")
            if (math.isfinite(value))
            else None
        )
    return str(value)
