"""A triangle of correlations: squares for positive, circles for negative ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.theme import NEGATIVE, POSITIVE, Look

Floats = NDArray[np.float64]

LOOKS: dict[str, Look] = {"positive": POSITIVE, "negative": NEGATIVE}
_STEP = 26
_WITH_NUMBERS = 12


def pairs_of(names: Sequence[str], r: Floats) -> pd.DataFrame:
    """List the pairs below the diagonal of a matrix, `column`, `other` and `r`."""
    below, left = np.tril_indices(len(names), -1)
    label = np.asarray(names, dtype=object)
    return pd.DataFrame(
        {"column": label[below], "other": label[left], "r": r[below, left]}
    )


def triangle(names: Sequence[str], pairs: pd.DataFrame) -> Panel:
    """Draw the pairs: the area of a mark is the strength, its shape the sign.

    Parameters
    ----------
    names : sequence of str
        Columns in the order drawn, two or more.
    pairs : DataFrame
        As `pairs_of` gives it.

    Returns
    -------
    Panel
        With the numbers beside the marks where there is room.
    """
    drawn = pairs[np.isfinite(pairs["r"])]
    drawn = drawn.assign(
        strength=drawn["r"].abs(), sign=np.where(drawn["r"] < 0, "negative", "positive")
    )
    few = len(names) <= _WITH_NUMBERS
    step = 50 if few else max(12, min(_STEP, 1_000 // len(names)))
    layers: tuple[Layer, ...] = (
        Layer(
            mark="point",
            data=drawn,
            x="other",
            y="column",
            series="sign",
            size="strength",
            area=float((step * (0.5 if few else 0.85)) ** 2),
        ),
    )
    if few:
        words = drawn.assign(label=[f"{r:.2f}" for r in drawn["r"]])
        layers += (
            Layer(
                mark="text",
                data=words,
                x="other",
                y="column",
                text="label",
                align="below",
            ),
        )
    return Panel(
        x=Axis(order=tuple(names[:-1])),
        y=Axis(order=tuple(names[1:])),
        layers=layers,
        width=step * (len(names) - 1),
        height=step * (len(names) - 1),
    )
