"""Whether one column differs between the rows that have and that lack another."""

from __future__ import annotations

from typing import Any

import numpy as np

from jupyter_wrangler.charts.curves import compared
from jupyter_wrangler.charts.formatting import number, percent
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import Values, column_of, frame_of, values_of
from jupyter_wrangler.charts.theme import MISSING, OBSERVED, Look
from jupyter_wrangler.errors import InvalidData
from jupyter_wrangler.wording import count


def by_missingness(df: Any, missing: Any, x: Any) -> Chart:
    """Draw the distribution of one column where another is observed, and missing.

    Where they differ, values are not missing completely at random.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data (pandas or polars).
    missing : label
        Column with missing values.
    x : label
        Column whose values are compared.

    Returns
    -------
    Chart
        Its table has the curve of each group, or the share of each class.

    Raises
    ------
    UnknownColumn
        If there is no such column.
    InvalidData
        If `missing` has no missing value, or is empty, or `x` has no value in one of
        the groups.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, None, None]})
    >>> by_missingness(df, "y", "x").sentence
    "'x' is 2 higher on average where 'y' is missing (3.5 against 1.5, 2.83 standard
    deviations; 2 rows against 2)."
    """
    frame = frame_of(df)
    mask = column_of(frame, missing).isna().to_numpy()
    name, other = str(missing), str(x)
    if not mask.any() or mask.all():
        raise InvalidData(
            f"Column {name!r} "
            f"{'has no value' if mask.all() else 'has no missing value'}, but "
            "rows of both kinds are wanted; charts.missing_bar(df) shows which columns "
            "have some."
        )
    series = column_of(frame, x)
    observed, lacking = values_of(other, series[~mask], series[mask])
    if not len(observed.observed) or not len(lacking.observed):
        where = "missing" if len(observed.observed) else "observed"
        raise InvalidData(
            f"No row in which {name!r} is {where} has a value of {other!r}, so there "
            "is nothing to compare; choose another column."
        )
    labels = (f"{name} observed", f"{name} missing")
    panel, table = compared([(labels[0], "", observed), (labels[1], "", lacking)])
    return Chart(
        title=f"{other} where {name} is observed and missing",
        sentence=_sentence(name, observed, lacking),
        panels=(panel,),
        table=table,
        looks={
            labels[0]: OBSERVED,
            labels[1]: Look(colour=MISSING.colour, shape="square", dash=(5, 3)),
        },
    )


def _sentence(name: str, observed: Values, lacking: Values) -> str:
    a, b = observed.observed, lacking.observed
    sizes = f"{count(len(b), 'row')} against {len(a):,}"
    if observed.kind == "class":
        shares = [
            np.bincount(found, minlength=len(observed.classes)) / len(found)
            for found in (a, b)
        ]
        k = int(np.abs(shares[1] - shares[0]).argmax())
        return (
            f"{percent(shares[1][k])} of {observed.name!r} are "
            f"{observed.classes[k]!r} where {name!r} is missing, and "
            f"{percent(shares[0][k])} where it is observed ({sizes})."
        )
    apart = float(b.mean() - a.mean())
    spread = _pooled_sd(a, b)
    words = f"{observed.spelled(b.mean())} against {observed.spelled(a.mean())}"
    if spread > 0:
        words += f", {number(abs(apart) / spread)} standard deviations"
    if apart == 0:
        return (
            f"{observed.name!r} is the same on average where {name!r} is missing "
            f"({words}; {sizes})."
        )
    return (
        f"{observed.name!r} is {observed.apart(b.mean(), a.mean())} on average where "
        f"{name!r} is missing ({words}; {sizes})."
    )


def _pooled_sd(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """Pool the standard deviations of the groups."""
    free = len(a) + len(b) - 2
    if free < 1:
        return 0.0
    squares = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
    return float(np.sqrt(squares / free))
