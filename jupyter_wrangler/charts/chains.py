"""Mean and standard deviation of the imputed cells, round after round."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import imputations_of
from jupyter_wrangler.charts.theme import CHAINS, IMPUTED, Look
from jupyter_wrangler.engine.pooling.convergence import FEWEST, rhat
from jupyter_wrangler.errors import UnknownColumn
from jupyter_wrangler.wording import count

_MARKS = 4_000
_MOST = 40
#: R-hat up to which chains count as mixed, and is by chance after few rounds.
MIXED, BY_CHANCE = 1.05, 1.2


def trace(found: Any, column: Any) -> Chart:
    """Draw the chains of one column.

    Chains that have converged vary around one another, without a trend.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed by chained equations.
    column : label
        A column that was imputed by one of their methods.

    Returns
    -------
    Chart
        Its table has `imputation` (from 0), `round` (from 1), `mean` and `sd` of the
        imputed cells; of classes those of their codes.

    Raises
    ------
    UnknownColumn
        If the column has no chain.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 6.5.2.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, 4.0, None]})
    >>> imputer = jw.Imputer(method="norm", max_iter=10)
    >>> trace(imputer.impute(df, 3), "y").to_frame().shape
    (30, 4)
    """
    made = imputations_of(found)
    name = str(column)
    means = made.chain_mean.rename(columns=str)
    if name not in means.columns:
        raise UnknownColumn(name, list(means.columns))
    chain = means[name].unstack("round").to_numpy(dtype=np.float64)  # noqa: PD010
    spread = made.chain_var.rename(columns=str)[name].to_numpy(dtype=np.float64)
    table = pd.DataFrame(
        {
            "imputation": means.index.get_level_values("imputation"),
            "round": means.index.get_level_values("round"),
            "mean": means[name].to_numpy(dtype=np.float64),
            "sd": np.sqrt(spread),
        }
    )
    notes: list[str] = []
    m, rounds = chain.shape
    shown = table
    if m > _MOST:
        shown = shown[shown["imputation"] < _MOST]
        notes.append(f"Shown are the first {_MOST} of {m:,} imputations.")
    step = -(-2 * min(m, _MOST) * rounds // _MARKS)
    if step > 1:
        shown = shown[(shown["round"] - 1) % step == 0]
        notes.append(f"Shown is one round in {step}.")
    shown = shown.assign(chain=[_chain_label(k, m) for k in shown["imputation"]])
    panels = tuple(_panel(shown, which, rounds) for which in ("mean", "sd"))
    return Chart(
        title=f"Chains of {name}",
        sentence=_sentence(name, chain),
        panels=panels,
        table=table,
        looks=_chain_looks(m),
        notes=tuple(notes),
    )


def _chain_label(k: int, m: int) -> str:
    return f"imputation {k}" if m <= len(CHAINS) else "imputations"


def _chain_looks(m: int) -> dict[str, Look]:
    """Tell chains apart where there are few of them."""
    if m > len(CHAINS):
        return {"imputations": Look(colour=IMPUTED.colour)}
    return {_chain_label(k, m): CHAINS[k] for k in range(m)}


def _panel(table: pd.DataFrame, which: str, rounds: int) -> Panel:
    words = {"mean": "mean of imputed", "sd": "sd of imputed"}
    return Panel(
        x=Axis(
            title="round" if which == "sd" else "",
            kind="whole",
            low=1.0,
            high=max(2.0, float(rounds)),
        ),
        y=Axis(title=words[which]),
        layers=(
            Layer(
                mark="line",
                data=table[["round", which, "chain", "imputation"]],
                x="round",
                y=which,
                series="chain",
                detail="imputation",
            ),
        ),
        height=150,
    )


def _sentence(name: str, chain: np.ndarray[Any, Any]) -> str:
    m, rounds = chain.shape
    after = f"After {count(rounds, 'round')} of {count(m, 'chain')}"
    value = rhat(chain)
    if math.isnan(value):
        why = (
            f"at least {FEWEST} rounds are wanted"
            if rounds < FEWEST
            else "the chains do not vary"
        )
        return (
            f"{after} nothing can be said about R-hat of the mean of {name!r}: {why}."
        )
    head = f"{after} R-hat of the mean of {name!r} is {value:.2f}: "
    if value <= MIXED:
        return head + "the chains have mixed."
    if value <= BY_CHANCE and rounds < 100:
        return head + "nothing speaks against mixing, and more rounds would tell."
    return head + "the chains have not mixed, so give them more rounds (max_iter)."
