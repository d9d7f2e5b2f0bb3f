"""R-hat of each column: whether its chains have mixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.chains import BY_CHANCE
from jupyter_wrangler.charts.formatting import count, listed
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import MOST_COLUMNS, imputations_of
from jupyter_wrangler.charts.theme import CHAINS, Look
from jupyter_wrangler.errors import InvalidData

_LOOKS = {
    "of the mean": Look(colour=CHAINS[1].colour),
    "of the variance": Look(colour=CHAINS[0].colour, shape="diamond"),
}
_HEADS = {"rhat_mean": "of the mean", "rhat_var": "of the variance"}


def rhat(found: Any) -> Chart:
    """Draw R-hat of the chains of every column.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed by chained equations.

    Returns
    -------
    Chart
        Its table is `diagnostics`, with the names in `column`.

    Raises
    ------
    InvalidData
        If there are no chains, or R-hat of none can be told (fewer than 4 rounds).

    References
    ----------
    .. [1] A. Vehtari, A. Gelman, D. Simpson, B. Carpenter and P.-C. Bürkner (2021),
       Rank-normalization, folding, and localization: an improved R-hat, Bayesian
       Analysis 16(2), 667-718.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, 4.0, None]})
    >>> imputer = jw.Imputer(method="norm", max_iter=2)
    >>> rhat(imputer.impute(df, 3))
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InvalidData: R-hat of no column can be told ...
    """
    made = imputations_of(found)
    table = made.diagnostics.reset_index()
    table["column"] = table["column"].astype(str)
    long = table.melt(
        id_vars="column", value_vars=list(_HEADS), var_name="of", value_name="rhat"
    )
    long["of"] = long["of"].map(_HEADS)
    long = long[long["rhat"].notna()]
    if long.empty:
        raise InvalidData(
            f"R-hat of no column can be told ({count(len(table), 'chained column')} "
            f"and {count(int(table['rounds'].max()) if len(table) else 0, 'round')}); "
            "impute by chained equations with max_iter=4 or more."
        )
    worst = long.groupby("column", sort=False)["rhat"].max()
    worst = worst.sort_values(ascending=False, kind="stable")
    notes = ["1 is best; after few rounds values up to 1.2 are by chance."]
    untold = [name for name in table["column"] if name not in worst.index]
    if untold:
        notes.append(
            f"Not told, as nothing varies or too few rounds: {listed(untold)}."
        )
    names = list(worst.index[:MOST_COLUMNS])
    if len(names) < len(worst):
        notes.append(f"Shown are the {MOST_COLUMNS} highest of {len(worst):,}.")
    shown = long[long["column"].isin(names)]
    guide = pd.DataFrame({"rhat": [BY_CHANCE]})
    finite = shown["rhat"][np.isfinite(shown["rhat"].to_numpy(dtype=np.float64))]
    low, high = finite.min(), finite.max()
    low, high = np.fmin(0.95, low), np.fmax(1.3, high * 1.05)
    if len(finite) < len(shown):
        still = list(worst.index[np.isinf(worst.to_numpy(dtype=np.float64))])
        notes.append(f"Infinite, as their chains stand still apart: {listed(still)}.")
        shown = shown.assign(rhat=shown["rhat"].clip(upper=high))
    panel = Panel(
        x=Axis(title="R-hat", low=float(low), high=float(high)),
        y=Axis(order=tuple(names)),
        layers=(
            Layer(mark="rule", data=guide, x="rhat", dash=(3, 3), width=1.0),
            Layer(mark="point", data=shown, x="rhat", y="column", series="of", area=60),
        ),
        height=max(90, 22 * len(names)),
    )
    rounds, highest = int(table["rounds"].max()), worst.iloc[0]
    bad = list(worst.index[worst > BY_CHANCE])
    sentence = f"After {count(rounds, 'round')} of {count(made.m, 'chain')} "
    if bad:
        sentence += (
            f"R-hat is above {BY_CHANCE} for {listed(bad)}, at most {highest:.2f}: "
            "give more rounds (max_iter)."
        )
    else:
        sentence += (
            f"no R-hat is above {BY_CHANCE}; the highest is {highest:.2f}, of "
            f"{worst.index[0]!r}."
        )
    return Chart(
        title="Have the chains mixed?",
        sentence=sentence,
        panels=(panel,),
        table=table,
        looks=_LOOKS,
        notes=tuple(notes),
    )
