"""Distributions one above the other: curves of numbers, shares of classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.kde import common_grid, density
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.reading import Values

_POINTS = 72
_MOST = 3_500


def compared(groups: Sequence[tuple[str, str, Values]]) -> tuple[Panel, pd.DataFrame]:
    """Draw several distributions of one column.

    Parameters
    ----------
    groups : sequence of (series, detail, values)
        What each is, which one of its kind it is, and its values, one or more.

    Returns
    -------
    panel : Panel
        Curves, or shares by class.
    table : DataFrame
        `what`, `which`, and `value` and `density`, or `class`, `n` and `share`.
    """
    if groups[0][2].kind == "class":
        return _shares(groups)
    return _curves(groups)


def _curves(groups: Sequence[tuple[str, str, Values]]) -> tuple[Panel, pd.DataFrame]:
    points = max(36, min(_POINTS, _MOST // len(groups)))
    grid, widths = common_grid([found.observed for *_, found in groups], points)
    pieces = [
        pd.DataFrame(
            {
                "what": what,
                "which": which,
                "value": grid,
                "density": density(found.observed, grid, width),
            }
        )
        for (what, which, found), width in zip(groups, widths, strict=True)
    ]
    table = pd.concat(pieces, ignore_index=True)
    line = table.assign(line=table["what"] + table["which"])
    panel = Panel(
        x=groups[0][2].axis,
        y=Axis(
            title="density",
            labels=False,
            low=0.0,
            high=float(table["density"].max()) * 1.05,
        ),
        layers=(
            Layer(
                mark="line",
                data=line,
                x="value",
                y="density",
                series="what",
                detail="line",
                smooth=True,
            ),
        ),
        height=220,
    )
    return panel, table


def _shares(groups: Sequence[tuple[str, str, Values]]) -> tuple[Panel, pd.DataFrame]:
    classes = groups[0][2].classes
    pieces = []
    for what, which, found in groups:
        n = np.bincount(found.observed, minlength=len(classes))
        pieces.append(
            pd.DataFrame(
                {
                    "what": what,
                    "which": which,
                    "class": list(classes),
                    "n": n,
                    "share": n / n.sum(),
                }
            )
        )
    table = pd.concat(pieces, ignore_index=True)
    panel = Panel(
        x=Axis(
            title="share", kind="share", low=0.0, high=float(table["share"].max()) * 1.1
        ),
        y=Axis(title=groups[0][2].name, order=classes),
        layers=(
            Layer(
                mark="point",
                data=table,
                x="share",
                y="class",
                series="what",
                area=70,
                opacity=0.8,
            ),
        ),
        height=max(100, 24 * len(classes)),
    )
    return panel, table
