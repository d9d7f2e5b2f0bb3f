"""Which columns are missing together: correlations of the indicators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import listed
from jupyter_wrangler.charts.heatmap_marks import LOOKS, pairs_of, triangle
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import MOST_COLUMNS, frame_of
from jupyter_wrangler.engine.correlate.clustering import clustered
from jupyter_wrangler.engine.correlate.missing import phi
from jupyter_wrangler.errors import InvalidData


def missing_heatmap(df: Any) -> Chart:
    """Draw how far columns are missing in the same rows.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data (pandas or polars).

    Returns
    -------
    Chart
        Its table has `column`, `other` and `r` (phi) for each pair of columns with
        both missing and observed values, similar ones next to each other.

    Raises
    ------
    InvalidData
        If fewer than two columns have both missing and observed values.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1, None, None, 4], "b": [1, None, None, 4]})
    >>> df["c"] = [None, 2, 3, 4]
    >>> missing_heatmap(df).sentence
    "'a' and 'b' are always missing together (1.00); of 3 pairs it is the strongest."
    """
    frame = frame_of(df)
    mask = frame.isna().to_numpy()
    counts = mask.sum(axis=0)
    partly = np.flatnonzero((counts > 0) & (counts < len(frame)))
    if len(partly) < 2:
        raise InvalidData(
            f"{len(partly)} columns have both missing and observed values, and two are "
            "wanted to "
            "compare when they are missing; look at charts.missing_bar(df)."
        )
    notes: list[str] = []
    absent = frame.shape[1] - len(partly)
    if absent:
        notes.append(
            f"Not drawn: {absent:,} without any missing value or without any value."
        )
    if len(partly) > MOST_COLUMNS:
        notes.append(
            f"Shown are the {MOST_COLUMNS} columns with the most missing values of "
            f"{len(partly):,}."
        )
        most = np.argsort(-counts[partly], kind="stable")[:MOST_COLUMNS]
        partly = partly[np.sort(most)]
    p = len(partly)
    lines = phi([mask[:, k] for k in partly], list(range(p - 1)))
    r = np.ones((p, p))
    r[np.triu_indices(p, 1)] = np.concatenate(lines)
    r = np.triu(r) + np.triu(r, 1).T
    order = list(clustered(np.abs(r[np.triu_indices(p, 1)]), p))
    names = [str(frame.columns[partly[k]]) for k in order]
    table = pairs_of(names, r[np.ix_(order, order)])
    return Chart(
        title="Which columns are missing together",
        sentence=_sentence(table),
        panels=(triangle(names, table),),
        table=table,
        looks=LOOKS,
        notes=tuple(notes),
    )


def _sentence(table: pd.DataFrame) -> str:
    strength = table["r"].abs().to_numpy()
    equal = np.flatnonzero(strength >= strength.max() - 1e-9)
    best = table.iloc[int(equal[0])]
    names = listed(sorted([best["other"], best["column"]]))
    r = float(best["r"])
    if r >= 1.0 - 1e-9:
        words = "are always missing together"
    elif r <= -1.0 + 1e-9:
        words = "are never missing together, and never both observed"
    elif abs(r) < 0.1:
        words = "are hardly related in what they lack"
    else:
        words = "are often missing together" if r > 0 else "are seldom missing together"
    rest = ""
    if len(equal) > 1:
        more = len(equal) - 1
        rest = (
            f"; {more:,} more of {len(table):,} pairs {_is_or_are(more)} related as "
            "strongly"
        )
    elif len(table) > 1:
        rest = f"; of {len(table):,} pairs it is the strongest"
    return f"{names} {words} ({r:.2f}){rest}."


def _is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"
