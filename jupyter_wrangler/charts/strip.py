"""Every value of one column, imputation beside imputation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import percent
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.observed_vs_imputed import (
    ObservedAndImputed,
    observed_and_imputed,
)
from jupyter_wrangler.charts.reading import sampled
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED
from jupyter_wrangler.wording import count

_POINTS = 3_000
_MOST = 20
_SPREAD = 0.3


def strip(found: Any, column: Any) -> Chart:
    """Draw the observed values, and those of each imputation beside them.

    Impossible values, and too many equal ones, are seen at once.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed.
    column : label
        A column of numbers or dates with imputed cells.

    Returns
    -------
    Chart
        Its table has `what`, `imputation` (from 0; of observed values -1) and `value`.

    Raises
    ------
    UnknownColumn
        If nothing was imputed in this column.
    InvalidSpec
        If it holds classes.
    InvalidData
        If it is text, or has no observed value.

    References
    ----------
    .. [1] S. van Buuren and K. Groothuis-Oudshoorn (2011), mice, Journal of
       Statistical Software 45(3), section 4.5.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, None, None]})
    >>> strip(jw.Imputer("mean").impute(df, 1), "y").sentence
    "All imputed values of 'y' lie within the observed range, 1 to 2 (2 cells in 1
    imputation)."
    """
    drawn = observed_and_imputed(found, column).numbered("charts.strip")
    shown = drawn.imputed[:_MOST]
    notes: list[str] = []
    if len(shown) < drawn.m:
        notes.append(f"Shown are the first {_MOST} of {drawn.m:,} imputations.")
    # half of the points for what was observed
    rooms = [_POINTS // 2, *[_POINTS // 2 // len(shown)] * len(shown)]
    rng = np.random.default_rng(0)
    pieces = []
    fewer = False
    for k, (values, room) in enumerate(
        zip([drawn.observed, *shown], rooms, strict=True)
    ):
        every = values.observed
        some = every[sampled(len(every), room, seed=k)]
        fewer = fewer or len(some) < len(every)
        aside = rng.uniform(-_SPREAD, _SPREAD, len(some))
        pieces.append(
            pd.DataFrame(
                {
                    "what": "imputed" if k else "observed",
                    "imputation": k - 1,
                    "value": some,
                    "place": k + aside,
                }
            )
        )
    if fewer:
        total = len(drawn.observed.observed) + len(shown) * drawn.n
        notes.append(f"Shown are {_POINTS:,} of {total:,} values, drawn at random.")
    points = pd.concat(pieces, ignore_index=True)
    panel = Panel(
        x=places(len(shown)),
        y=drawn.observed.axis,
        layers=(
            Layer(
                mark="point",
                data=points,
                x="place",
                y="value",
                series="what",
                area=22,
                opacity=0.6,
            ),
        ),
        width=max(240, min(50 * (len(shown) + 1), 700)),
    )
    return Chart(
        title=f"{drawn.name} by imputation",
        sentence=_sentence(drawn),
        panels=(panel,),
        table=points.drop(columns="place"),
        looks={"observed": OBSERVED, "imputed": IMPUTED},
        notes=tuple(notes),
    )


def places(m: int) -> Axis:
    """Make an axis with the observed values at 0 and imputation k at k + 1."""
    ticks = {0.0: "observed"} | {float(k + 1): str(k) for k in range(m)}
    return Axis(title="imputation", ticks=ticks, low=-0.6, high=m + 0.6)


def _sentence(drawn: ObservedAndImputed) -> str:
    seen, made, spelled = drawn.observed.observed, drawn.every, drawn.observed.spelled
    low, high = float(seen.min()), float(seen.max())
    beyond = int(((made < low) | (made > high)).sum())
    size = f"{count(drawn.n, 'cell')} in {count(drawn.m, 'imputation')}"
    ends = f"{spelled(low)} to {spelled(high)}"
    if not beyond:
        return (
            f"All imputed values of {drawn.name!r} lie within the observed range, "
            f"{ends} ({size})."
        )
    return (
        f"{count(beyond, 'imputed value')} of {drawn.name!r} "
        f"({percent(beyond / len(made))}) {'lies' if beyond == 1 else 'lie'} outside "
        f"the observed range, {ends}, from {spelled(made.min())} to "
        f"{spelled(made.max())} ({size})."
    )
