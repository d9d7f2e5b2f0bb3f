"""How far columns go together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.charts.formatting import listed
from jupyter_wrangler.charts.heatmap_marks import LOOKS, pairs_of, triangle
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import MOST_COLUMNS
from jupyter_wrangler.contract import CorrelationDocument
from jupyter_wrangler.engine.correlate.clustering import clustered
from jupyter_wrangler.errors import InvalidData, InvalidSpec

Floats = NDArray[np.float64]


def correlation(found: Any) -> Chart:
    """Draw correlations, similar columns next to each other.

    Parameters
    ----------
    found : DataFrame of shape (p, p), or CorrelationDocument, or an object with one
        A symmetric table of numbers from -1 to 1, as ``df.corr()`` gives it, or what
        a correlation found.

    Returns
    -------
    Chart
        Its table has `column`, `other` and `r` for each pair that is drawn; NaN where
        it is not defined.

    Raises
    ------
    InvalidSpec
        If this is neither.
    InvalidData
        If the table is not square, not symmetric, or beyond -1 and 1, or has fewer
        than two columns, or no number at all.

    Notes
    -----
    The mark of a pair that has no number is left out; the note says how many there
    are.  Of more than 60 columns those with the strongest correlations are drawn.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 4, 6, 9], "c": [1, -1, 1, 0]})
    >>> correlation(df.corr()).sentence
    "'a' and 'b' go together most (0.99); of 3 pairs, 1 is at 0.5 or beyond."
    """
    document = getattr(found, "document", found)
    if isinstance(document, CorrelationDocument):
        names, r, order = _matrix_of_document(document)
        what = document.method
    elif isinstance(found, pd.DataFrame):
        names, r = _matrix_of_frame(found)
        order, what = None, ""
    else:
        raise InvalidSpec(
            f"A {type(found).__name__} was given, but correlations are wanted; give "
            "df.corr(), or what jw.correlate returns."
        )
    p = len(names)
    if p < 2 or not np.isfinite(r[np.triu_indices(p, 1)]).any():
        raise InvalidData(
            f"There are {p} columns and no correlation between any two of them, so "
            "there is nothing to draw; give two columns that vary."
        )
    notes = [f"Measure: {what}."] if what else []
    if p > MOST_COLUMNS:
        notes.append(
            f"Shown are the {MOST_COLUMNS} columns with the strongest correlations of "
            f"{p:,}."
        )
        off = np.nan_to_num(np.abs(r - np.diag(np.diagonal(r))))
        kept = np.argsort(-off.max(axis=1), kind="stable")[:MOST_COLUMNS]
        order = [k for k in order if k in set(kept.tolist())] if order else None
        kept = np.array(order) if order else np.sort(kept)
        names, r, order = [names[k] for k in kept], r[np.ix_(kept, kept)], None
        p = len(names)
    if order is None:
        order = list(clustered(np.abs(r[np.triu_indices(p, 1)]), p))
    names, r = [names[k] for k in order], r[np.ix_(order, order)]
    table = pairs_of(names, r)
    empty = int(table["r"].isna().sum())
    if empty:
        notes.append(f"Not drawn: {empty:,} of {len(table):,} pairs without a number.")
    return Chart(
        title="Which columns go together",
        sentence=_sentence(table),
        panels=(triangle(names, table),),
        table=table,
        looks=LOOKS,
        notes=tuple(notes),
    )


def _matrix_of_document(
    document: CorrelationDocument,
) -> tuple[list[str], Floats, list[int]]:
    p = len(document.columns)
    r = np.eye(p)
    r[np.triu_indices(p, 1)] = np.array(document.r, dtype=np.float64)
    r = np.triu(r) + np.triu(r, 1).T
    return [c.name for c in document.columns], r, list(document.order) or list(range(p))


def _matrix_of_frame(table: pd.DataFrame) -> tuple[list[str], Floats]:
    names = [str(name) for name in table.columns]
    if table.shape[0] != table.shape[1] or names != [str(n) for n in table.index]:
        raise InvalidData(
            f"The table has {table.shape[0]} rows and {table.shape[1]} columns of "
            "other names, but correlations have the same both ways; give df.corr()."
        )
    r = table.to_numpy(dtype=np.float64)
    if not np.allclose(r, r.T, equal_nan=True) or (np.abs(r) > 1 + 1e-9).any():
        raise InvalidData(
            "The table is not symmetric or has numbers beyond -1 and 1, so these are "
            "no correlations; give df.corr()."
        )
    return names, r


def _sentence(table: pd.DataFrame) -> str:
    best = table.iloc[int(np.nanargmax(table["r"].abs().to_numpy()))]
    strong = int((table["r"].abs() >= 0.5).sum())
    return (
        f"{listed(sorted([best['other'], best['column']]))} go together most "
        f"({best['r']:.2f}); of {len(table):,} pair{'' if len(table) == 1 else 's'}, "
        f"{strong:,} {'is' if strong == 1 else 'are'} at 0.5 or beyond."
    )
