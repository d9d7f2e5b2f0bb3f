"""Observed and imputed values of rows that were equally likely to lack them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import listed, percent
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.observed_vs_imputed import (
    ObservedAndImputed,
    observed_and_imputed,
)
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED
from jupyter_wrangler.engine.missingness import propensity as engine
from jupyter_wrangler.errors import InvalidSpec, shown
from jupyter_wrangler.wording import count

_STRATA = 5
_ASIDE = 0.14


def propensity(found: Any, column: Any, *, k: int = 0) -> Chart:
    """Compare observed and imputed values among rows alike.

    Rows are grouped by the estimated probability that they lack the column.  Where
    missing values depend on the other columns only, observed and imputed values of one
    group should look alike, though over all rows they need not.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed.
    column : label
        A column of numbers or dates with imputed cells.
    k : int, default=0
        Which imputation.

    Returns
    -------
    Chart
        Its table has for each group and `what`: `n`, `q1`, `median`, `q3`, and `from`
        and `to`, the ends of its probabilities.

    Raises
    ------
    UnknownColumn
        If nothing was imputed in this column.
    InvalidSpec
        If it holds classes, or there is no imputation `k`.
    InvalidData
        If it is text, or no other column is complete.

    References
    ----------
    .. [1] I. Bondarenko and T. Raghunathan (2016), Graphical and numerical diagnostic
       tools to assess suitability of multiple imputations and imputation models,
       Statistics in Medicine 35(17), 3007-3020.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> x = np.arange(20.0)
    >>> df = pd.DataFrame({"x": x, "y": np.where(x % 3 == 2, np.nan, x)})
    >>> chart = propensity(jw.Imputer("linear").impute(df, 1), "y")
    >>> chart.to_frame()["n"].sum()
    np.int64(20)
    """
    drawn = observed_and_imputed(found, column).numbered("charts.propensity")
    made = drawn.found
    if k not in range(made.m):
        raise InvalidSpec(
            f"There is no imputation {shown(k)}; there are 0 to {made.m - 1}."
        )
    missing = np.zeros(len(made.data), dtype=bool)
    missing[made.imputations[0].rows[drawn.name]] = True
    estimated = engine.propensity(made.complete(k), drawn.name, missing)
    strata = estimated.strata(_STRATA)
    values = np.empty(len(missing))
    values[~missing] = drawn.observed.y
    values[missing] = drawn.imputed[k].y
    lines = []
    for group in range(int(strata.max()) + 1):
        share = estimated.share[strata == group]
        for what, which in (("observed", ~missing), ("imputed", missing)):
            own = values[which & (strata == group) & np.isfinite(values)]
            if len(own):
                quarters = np.quantile(own, [0.25, 0.5, 0.75])
                lines.append(
                    (group, what, share.min(), share.max(), len(own), *quarters)
                )
    heads = ["group", "what", "from", "to", "n", "q1", "median", "q3"]
    table = pd.DataFrame(lines, columns=heads)
    return Chart(
        title=f"{drawn.name} among rows equally likely to lack it",
        sentence=_sentence(drawn, table),
        panels=(_panel(drawn, table),),
        table=table,
        looks={"observed": OBSERVED, "imputed": IMPUTED},
        notes=_notes(made.m, k, estimated),
    )


def _notes(m: int, k: int, estimated: engine.Propensity) -> tuple[str, ...]:
    notes = [
        f"Points: medians of imputation {k} of {m:,}, from 0; lines: the middle half.",
        f"Probabilities are estimated from {listed(estimated.columns)}.",
    ]
    if estimated.left_out:
        notes.append(f"Not used for them: {listed(list(estimated.left_out))}.")
    return tuple(notes)


def _panel(drawn: ObservedAndImputed, table: pd.DataFrame) -> Panel:
    ends = table.drop_duplicates("group")
    ticks = {
        float(group): f"{percent(low)} to {percent(high)}"
        for group, low, high in zip(
            ends["group"], ends["from"], ends["to"], strict=True
        )
    }
    aside = np.where(table["what"] == "observed", -_ASIDE, _ASIDE)
    half: dict[str, Any] = {
        "data": table.assign(place=table["group"] + aside),
        "x": "place",
        "series": "what",
    }
    return Panel(
        x=Axis(
            title=f"probability that {drawn.name} is missing",
            ticks=ticks,
            low=-0.5,
            high=float(table["group"].max()) + 0.5,
        ),
        y=drawn.observed.axis,
        layers=(
            Layer(mark="rule", y="q1", y2="q3", width=2.0, **half),
            Layer(mark="point", y="median", area=90, **half),
        ),
        width=520,
    )


def _sentence(drawn: ObservedAndImputed, table: pd.DataFrame) -> str:
    wide = table.pivot_table(index="group", columns="what", values="median")
    if "observed" not in wide or wide.isna().any(axis=1).all():
        return (
            f"No group of rows has both observed and imputed values of {drawn.name!r}: "
            "nothing observed is like what was missing."
        )
    both = wide.dropna()
    apart = both["imputed"] - both["observed"]
    worst = int(apart.index[int(apart.abs().to_numpy().argmax())])
    spelled = drawn.observed.spelled
    lines = table[table["group"] == worst].iloc[0]
    seen, made = float(both["observed"][worst]), float(both["imputed"][worst])
    return (
        f"In {count(len(both), 'group')} of rows the medians of {drawn.name!r} differ "
        f"most where {percent(lines['from'])} to {percent(lines['to'])} are expected "
        f"to be missing: {spelled(made)} imputed and {spelled(seen)} observed."
    )
