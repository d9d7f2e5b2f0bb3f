"""R-hat of each column: whether its chains have mixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.chains import BY_CHANCE
from jupyter_wrangler.charts.formatting import listed
from jupyter_wrangler.charts.marks import Axis, Layer, Panel, reference_line
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import MOST_COLUMNS, imputations_of
from jupyter_wrangler.charts.theme import CHAINS, Look
from jupyter_wrangler.errors import InvalidData
from jupyter_wrangler.wording import count

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
        If there are no chains, or R-hat of none can be computed (fewer than 4 rounds).

    References
    ----------
    .. [1] A. Vehtari, A. Gelman, D. Simpson, B. Carpenter and P.-C. Bürkner (2021),
       Rank-normalization, folding, and localization: an improved R-hat for assessing
       convergence of MCMC, Bayesian
       Analysis 16(2), 667-718.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, 4.0, None]})
    >>> imputer = jw.Imputer(method="norm", max_iter=2)
    >>> rhat(imputer.impute(df, 3))
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InvalidData: R-hat of no column can be computed ...
    """
    made = imputations_of(found)
    table = made.diagnostics.reset_index()
    table["column"] = table["column"].astype(str)
    long = _long_of(table)
    worst = long.groupby("column", sort=False)["rhat"].max()
    worst = worst.sort_values(ascending=False, kind="stable")
    notes = ["1 is best; after few rounds values up to 1.2 are by chance."]
    undefined = [name for name in table["column"] if name not in worst.index]
    if undefined:
        notes.append(
            f"Not reported, as nothing varies or too few rounds: {listed(undefined)}."
        )
    if len(worst) > MOST_COLUMNS:
        notes.append(f"Shown are the {MOST_COLUMNS} highest of {len(worst):,}.")
    names = list(worst.index[:MOST_COLUMNS])
    shown = long[long["column"].isin(names)]
    if np.isinf(shown["rhat"].to_numpy(dtype=np.float64)).any():
        apart = list(worst.index[np.isinf(worst.to_numpy(dtype=np.float64))])
        notes.append(f"Infinite, as their chains stand still apart: {listed(apart)}.")
    return Chart(
        title="Have the chains mixed?",
        sentence=_sentence(int(table["rounds"].max()), made.m, worst),
        panels=(_panel(names, shown),),
        table=table,
        looks=_LOOKS,
        notes=tuple(notes),
    )


def _long_of(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """R-hat by `column` and what it is `of`, where it is defined.

    Raises
    ------
    InvalidData
        If it is defined nowhere.
    """
    long = diagnostics.melt(
        id_vars="column", value_vars=list(_HEADS), var_name="of", value_name="rhat"
    )
    long["of"] = long["of"].map(_HEADS)
    long = long[long["rhat"].notna()]
    if long.empty:
        chained, rounds = len(diagnostics), diagnostics["rounds"]
        raise InvalidData(
            f"R-hat of no column can be computed ({count(chained, 'chained column')} "
            f"and {count(int(rounds.max()) if chained else 0, 'round')}); "
            "impute by chained equations with max_iter=4 or more."
        )
    return long


def _panel(names: list[str], shown: pd.DataFrame) -> Panel:
    """Draw R-hat by column; what is infinite is put at the upper end."""
    finite = shown["rhat"][np.isfinite(shown["rhat"].to_numpy(dtype=np.float64))]
    low, high = np.fmin(0.95, finite.min()), np.fmax(1.3, finite.max() * 1.05)
    drawn = shown.assign(rhat=shown["rhat"].clip(upper=high))
    return Panel(
        x=Axis(title="R-hat", low=float(low), high=float(high)),
        y=Axis(order=tuple(names)),
        layers=(
            reference_line(pd.DataFrame({"rhat": [BY_CHANCE]}), x="rhat"),
            Layer(mark="point", data=drawn, x="rhat", y="column", series="of", area=60),
        ),
        height=max(90, 22 * len(names)),
    )


def _sentence(rounds: int, m: int, worst: pd.Series) -> str:
    """Say which columns have not mixed; `worst` is by column, the highest first."""
    after = f"After {count(rounds, 'round')} of {count(m, 'chain')}"
    bad = list(worst.index[worst > BY_CHANCE])
    if bad:
        return (
            f"{after} R-hat is above {BY_CHANCE} for {listed(bad)}, at most "
            f"{worst.iloc[0]:.2f}: give more rounds (max_iter)."
        )
    return (
        f"{after} no R-hat is above {BY_CHANCE}; the highest is {worst.iloc[0]:.2f}, "
        f"of {worst.index[0]!r}."
    )
