"""True values against imputed ones, with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import number, percent
from jupyter_wrangler.charts.marks import Axis, Layer, Panel, reference_line
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import sampled
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED, Look
from jupyter_wrangler.errors import InvalidData
from jupyter_wrangler.wording import count

_POINTS = 1_500
_WANTED = ("true", "estimate", "low", "high")
_HOLDS, _MISSES = "interval holds the true value", "interval misses the true value"


def overimpute(cells: pd.DataFrame, *, level: float = 0.9) -> Chart:
    """Draw known values, and what was imputed when they were hidden.

    Parameters
    ----------
    cells : DataFrame
        As `jw.overimpute` gives it: `true`, `estimate`, `low` and `high`.
    level : float, default=0.9
        Coverage that the intervals claim.

    Returns
    -------
    Chart
        Its table has the four numbers and `covered`: whether the interval holds the
        true value.

    Raises
    ------
    InvalidData
        If a column is not there, or no line has all four numbers.

    References
    ----------
    .. [1] J. Honaker, G. King and M. Blackwell (2011), Amelia II: A Program for Missing
       Data, Journal of Statistical Software 45(7), section 4.3.

    Examples
    --------
    >>> lines = {"true": [1.0, 5.0], "estimate": [2.0, 2.0], "low": 0.0, "high": 4.0}
    >>> overimpute(pd.DataFrame(lines)).sentence
    'Intervals of 90 % hold 1 of 2 hidden values (50 %); estimates are off by 2 on
    average.'
    """
    table = _complete_lines(cells)
    name = str(cells.columns.name or "value")
    notes = [("On the line, estimate and true value are equal.")]
    shown = table.iloc[sampled(len(table), _POINTS)]
    if len(shown) < len(table):
        notes.append(
            f"Shown are {_POINTS:,} of {len(table):,} values, drawn at random."
        )
    panel = _panel(name, shown)
    return Chart(
        title=f"{name}: hidden values and their imputations",
        sentence=_sentence(table, level),
        panels=(panel,),
        table=table,
        looks={
            _HOLDS: OBSERVED,
            _MISSES: Look(colour=IMPUTED.colour, shape="triangle", dash=(4, 2)),
        },
        notes=tuple(notes),
    )


def _complete_lines(cells: pd.DataFrame) -> pd.DataFrame:
    """Lines that have all four numbers, and whether the interval is `covered`."""
    absent = [name for name in _WANTED if name not in cells.columns]
    if absent:
        raise InvalidData(
            f"The table lacks {', '.join(absent)}; give what jw.overimpute(df, column) "
            "returns."
        )
    table = cells[list(_WANTED)].astype("float64").rename_axis(columns=None)
    table = table[np.isfinite(table.to_numpy()).all(axis=1)]
    if table.empty:
        raise InvalidData(
            "No line of the table has true value, estimate and interval; give what "
            "jw.overimpute(df, column) returns."
        )
    lines: pd.DataFrame = table.reset_index(drop=True)
    return lines.assign(covered=lines["true"].between(lines["low"], lines["high"]))


def _panel(name: str, table: pd.DataFrame) -> Panel:
    """Draw estimates and intervals over true values, on equal axes."""
    shown = table.assign(what=np.where(table["covered"], _HOLDS, _MISSES))
    shown = shown.drop(columns="covered")
    low = float(min(shown["true"].min(), shown["low"].min()))
    high = float(max(shown["true"].max(), shown["high"].max()))
    margin = 0.03 * (high - low) or 1.0
    low, high = low - margin, high + margin
    equal = pd.DataFrame({"true": [low], "to": [high], "estimate": [low], "up": [high]})
    return Panel(
        x=Axis(title=f"{name}, true", low=low, high=high),
        y=Axis(title=f"{name}, imputed", low=low, high=high),
        layers=(
            reference_line(equal, x="true", x2="to", y="estimate", y2="up"),
            Layer(
                mark="rule",
                data=shown,
                x="true",
                y="low",
                y2="high",
                series="what",
                width=1.0,
                opacity=0.45,
            ),
            Layer(
                mark="point", data=shown, x="true", y="estimate", series="what", area=34
            ),
        ),
        width=360,
        height=340,
    )


def _sentence(table: pd.DataFrame, level: float) -> str:
    hits = int(table["covered"].sum())
    off = float((table["estimate"] - table["true"]).abs().mean())
    return (
        f"Intervals of {percent(level)} hold {hits:,} of "
        f"{count(len(table), 'hidden value')} ({percent(hits / len(table))}); "
        f"estimates are off by {number(off)} on average."
    )
