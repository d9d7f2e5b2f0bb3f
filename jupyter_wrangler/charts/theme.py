"""How things look: one colour, shape, dash and hatch for each role.

The colours are those of Okabe and Ito, which people with any kind of colour vision
can tell apart; shape, dash or position says the same again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["circle", "triangle", "square", "diamond"]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a series looks like, on light and on dark ground."""

    colour: str
    shape: Shape = "circle"
    #: Lengths of strokes and gaps in points; empty for a solid line.
    dash: tuple[int, ...] = ()
    #: As matplotlib has it; Vega-Lite knows none.
    hatch: str = ""


OBSERVED = Look(colour="#0072B2")
IMPUTED = Look(colour="#D55E00", shape="triangle", dash=(5, 3), hatch="///")
#: Grey of text, missing values and lines that help: readable on white and on black.
GREY = "#808080"
MISSING = Look(colour=GREY, shape="square", hatch="///")
PLAIN = Look(colour=GREY)
POSITIVE = Look(colour="#D55E00", shape="square")
NEGATIVE = Look(colour="#0072B2", shape="circle", hatch="///")
#: For chains, which are distinguished but have no order.
CHAINS = (
    Look(colour="#D55E00"),
    Look(colour="#0072B2", dash=(6, 2)),
    Look(colour="#009E73", dash=(2, 2)),
    Look(colour="#CC79A7", dash=(8, 2, 2, 2)),
    Look(colour="#E69F00", dash=(4, 4)),
    Look(colour="#56B4E9", dash=(1, 2)),
)
