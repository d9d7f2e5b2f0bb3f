"""What a chart is made of: panels of layers of marks over a table.

A layer draws each line of its table once, or joins them by lines, group by group.
Channels name columns of the table; these columns have fixed English names, so that
names of the user's columns occur in cells only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Mark = Literal["bar", "line", "point", "rule", "rect", "text"]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One direction of a panel."""

    title: str = ""
    #: Category by category, in the order drawn; None for numbers.
    order: tuple[str, ...] | None = None
    #: Ends of the numbers; None is chosen by the data.
    low: float | None = None
    high: float | None = None
    #: Numbers are plain, shares (told in percent), whole, or moments (milliseconds
    #: since 1970, UTC).
    kind: Literal["number", "share", "whole", "time"] = "number"
    #: Labels at some numbers in place of the numbers.
    ticks: Mapping[float, str] = field(default_factory=dict)
    #: Whether numbers grow to the left, or downwards.
    reverse: bool = False
    #: Whether the labels are drawn.
    labels: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """Marks of one kind."""

    mark: Mark
    data: pd.DataFrame
    x: str | None = None
    y: str | None = None
    #: Other ends of rules and rects.
    x2: str | None = None
    y2: str | None = None
    #: Column of labels that choose among the looks of the chart.
    series: str | None = None
    #: Column that tells lines of one series apart.
    detail: str | None = None
    #: Column of words, for text.
    text: str | None = None
    #: Column of opacities from 0 to 1, or one for all.
    opacity: str | float = 1.0
    #: Column of areas of points from 0 to 1 of `area`.
    size: str | None = None
    #: Area of points, in square points.
    area: float = 36.0
    #: Width of lines and rules, in points.
    width: float = 1.6
    #: Whether lines bend between their points.
    smooth: bool = False
    #: Strokes and gaps of layers without a series.
    dash: tuple[int, ...] = ()
    #: Where text stands, seen from its point.
    align: Literal["right", "left", "above", "below"] = "right"


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One pair of axes."""

    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    #: Size in pixels of 1/96 inch; 0 is chosen by the axes.
    width: int = 0
    height: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width = self.width or _axis_pixels(self.x, 440, 26)
        height = self.height or _axis_pixels(self.y, 260, 20)
        return width, height


def reference_line(
    data: pd.DataFrame,
    *,
    x: str,
    y: str | None = None,
    x2: str | None = None,
    y2: str | None = None,
) -> Layer:
    """Make the layer of a thin dashed line that marks are compared with."""
    return Layer(mark="rule", data=data, x=x, y=y, x2=x2, y2=y2, width=1.0, dash=(3, 3))


def _axis_pixels(axis: Axis, numbers: int, step: int) -> int:
    """Pixels for an axis: by category, or a fixed number."""
    if axis.order is None:
        return numbers
    return max(60, min(step * len(axis.order), 60 * step))
