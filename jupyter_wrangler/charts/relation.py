"""Two columns against each other, with the imputed points marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.charts.marks import Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import (
    Values,
    column_of,
    imputations_of,
    numbers_only,
    sampled,
    values_of,
)
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn, shown
from jupyter_wrangler.wording import count

_MOST_POINTS = 2_000
_NO_ROWS = np.zeros(0, dtype=np.intp)


def xy(found: Any, x: Any, y: Any, *, k: int = 0) -> Chart:
    """Draw one column over another, to see whether imputation keeps their relation.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed.
    x, y : label
        Two columns of numbers or dates, at least one of them with imputed cells.
    k : int, default=0
        Which imputation.

    Returns
    -------
    Chart
        Its table has `what`, `x` and `y`; a point is imputed if either of its values
        is.

    Raises
    ------
    UnknownColumn
        If there is no such column, or nothing was imputed in either.
    InvalidSpec
        If one of them holds classes, or there is no imputation `k`.
    InvalidData
        If one is text, or has no value.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, None, None]})
    >>> chart = xy(jw.Imputer("linear").impute(df, 1), "x", "y")
    >>> chart.sentence
    "'x' and 'y' correlate by 1.00 in 2 observed rows and by 1.00 in 2 imputed ones."
    """
    made = imputations_of(found)
    names = [str(x), str(y)]
    rows = made.imputations[0].rows
    if not any(len(rows.get(name, ())) for name in names):
        for name in names:
            column_of(made.data.rename(columns=str), name)
        raise UnknownColumn(names[0], [name for name in rows if len(rows[name])])
    if k not in range(made.m):
        raise InvalidSpec(
            f"There is no imputation {shown(k)}; there are 0 to {made.m - 1}."
        )
    completed = made.complete(k).rename(columns=str)
    pair = [_numbers(completed, name) for name in names]
    table = _points(pair, [rows.get(name, _NO_ROWS) for name in names])
    notes = [(f"Imputation {k} of {made.m:,}, counted from 0.")]
    pieces = [part for _, part in table.groupby("what", sort=True)]
    samples = [part.iloc[sampled(len(part), _MOST_POINTS)] for part in pieces]
    drawn = pd.concat(samples[::-1])
    if len(drawn) < len(table):
        notes.append(
            f"Shown are {len(drawn):,} of {len(table):,} rows, drawn at random."
        )
    table = table.reset_index(drop=True)
    panel = Panel(
        x=pair[0].axis,
        y=pair[1].axis,
        layers=(
            Layer(
                mark="point",
                data=drawn,
                x="x",
                y="y",
                series="what",
                area=34,
                opacity=0.75,
            ),
        ),
        width=400,
        height=320,
    )
    return Chart(
        title=f"{names[1]} over {names[0]}",
        sentence=_sentence(names, table),
        panels=(panel,),
        table=table,
        looks={"observed": OBSERVED, "imputed": IMPUTED},
        notes=tuple(notes),
    )


def _numbers(completed: pd.DataFrame, name: str) -> Values:
    """One of the two columns; classes are refused."""
    (values,) = values_of(name, column_of(completed, name))
    numbers_only(values, "charts.xy")
    return values


def _points(pair: list[Values], rows: list[NDArray[np.intp]]) -> pd.DataFrame:
    """Rows that have both values; imputed if either is, by the `rows` of each."""
    imputed = np.zeros(len(pair[0].y), dtype=bool)
    imputed[np.concatenate(rows)] = True
    table = pd.DataFrame(
        {
            "what": np.where(imputed, "imputed", "observed"),
            "x": pair[0].y,
            "y": pair[1].y,
        }
    )
    return table[pair[0].has & pair[1].has]


def _sentence(names: list[str], table: pd.DataFrame) -> str:
    made = table["what"] == "imputed"
    seen, filled = (_correlation(table[which]) for which in (~made, made))
    a, b = int((~made).sum()), int(made.sum())
    return (
        f"{names[0]!r} and {names[1]!r} correlate by {seen} in "
        f"{count(a, 'observed row')} and by {filled} in {b:,} imputed "
        f"{'one' if b == 1 else 'ones'}."
    )


def _correlation(table: pd.DataFrame) -> str:
    """Spell Pearson's correlation; unknown with fewer than 2 different values."""
    if len(table) < 2 or table["x"].nunique() < 2 or table["y"].nunique() < 2:
        return "an unknown number"
    return f"{table['x'].corr(table['y']):.2f}"
