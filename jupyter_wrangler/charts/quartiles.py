"""Medians and quartiles of one column, imputation beside imputation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.marks import Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.observed_vs_imputed import (
    ObservedAndImputed,
    observed_and_imputed,
)
from jupyter_wrangler.charts.strip import places
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED
from jupyter_wrangler.wording import count

_MOST = 40
_HEADS = ["low", "q1", "median", "q3", "high"]
_LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]


def box(found: Any, column: Any) -> Chart:
    """Draw median, quartiles and the middle 90 % of each imputation.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed.
    column : label
        A column of numbers or dates with imputed cells.

    Returns
    -------
    Chart
        Its table has, for the observed values (imputation -1) and each imputation,
        `n`, `low` (5 %), `q1`, `median`, `q3` and `high` (95 %).

    Raises
    ------
    UnknownColumn
        If nothing was imputed in this column.
    InvalidSpec
        If it holds classes.
    InvalidData
        If it is text, or has no observed value.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, None, None]})
    >>> box(jw.Imputer("mean").impute(df, 1), "y").sentence
    "The imputed median of 'y' is 1.5, the observed one 1.5."
    """
    drawn = observed_and_imputed(found, column).numbered("charts.box")
    notes = [("Thick: the middle half of the values; thin: the middle 90 %.")]
    lines = [
        (k - 1, len(values.observed), *np.quantile(values.observed, _LEVELS))
        for k, values in enumerate([drawn.observed, *drawn.imputed])
    ]
    table = pd.DataFrame(lines, columns=["imputation", "n", *_HEADS])
    table.insert(0, "what", ["observed", *["imputed"] * drawn.m])
    shown = table.head(_MOST + 1).assign(place=lambda t: t["imputation"] + 1)
    if len(shown) < len(table):
        notes.append(f"Shown are the first {_MOST} of {drawn.m:,} imputations.")
    half: dict[str, Any] = {"data": shown, "x": "place", "series": "what"}
    panel = Panel(
        x=places(len(shown) - 1),
        y=drawn.observed.axis,
        layers=(
            Layer(mark="rule", y="low", y2="high", width=1.5, **half),
            Layer(mark="rule", y="q1", y2="q3", width=12.0, opacity=0.45, **half),
            Layer(mark="point", y="median", area=70, **half),
        ),
        width=max(240, min(50 * len(shown), 700)),
    )
    return Chart(
        title=f"{drawn.name} by imputation: median and quartiles",
        sentence=_sentence(drawn, table),
        panels=(panel,),
        table=table,
        looks={"observed": OBSERVED, "imputed": IMPUTED},
        notes=tuple(notes),
    )


def _sentence(drawn: ObservedAndImputed, table: pd.DataFrame) -> str:
    spelled = drawn.observed.spelled
    seen, made = table["median"].iloc[0], table["median"].iloc[1:]
    if drawn.m == 1:
        return (
            f"The imputed median of {drawn.name!r} is {spelled(made.iloc[0])}, the "
            f"observed one {spelled(seen)}."
        )
    return (
        f"The medians of {drawn.name!r} in {count(drawn.m, 'imputation')} lie between "
        f"{spelled(made.min())} and {spelled(made.max())}; the observed one is "
        f"{spelled(seen)}."
    )
