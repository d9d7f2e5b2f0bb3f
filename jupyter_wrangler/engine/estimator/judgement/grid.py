"""The first rows with imputed values, and what is known of each imputed cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSummary
from jupyter_wrangler.engine.columns.dates import showable
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.engine.estimator.summary import text
from jupyter_wrangler.errors import InvalidSpec

#: Rows and columns shown.
ROWS, COLUMNS = 10, 12
#: Coverage of the range of a cell.
LEVEL = 0.9
#: Draws at least, for such a range; of fewer the lowest and the highest are given.
FEWEST = 5


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Some rows of the first completed data set, as text."""

    index: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    #: What is known of an imputed cell, for example "pmm, 41 to 47"; None where the
    #: value was observed or is missing.
    notes: tuple[tuple[str | None, ...], ...]


def grid(found: Imputations, summary: ImputationSummary) -> Grid | None:
    """Show the first rows in which something was imputed.

    Returns
    -------
    Grid or None
        None if nothing was imputed.

    Examples
    --------
    >>> from jupyter_wrangler.contract import ImputationSpec
    >>> from jupyter_wrangler.engine.estimator.imputations import impute_m
    >>> from jupyter_wrangler.engine.estimator.summary import summarise
    >>> df = pd.DataFrame({"x": [1.0, None, 3.0], "y": [1, 2, 3]})
    >>> spec = ImputationSpec(method="mean")
    >>> found = impute_m(df, spec)
    >>> shown = grid(found, summarise(df, spec, found.imputations))
    >>> shown.cells, shown.notes
    ((('2', '2'),), (('mean', None),))
    """
    first = found.imputations[0]
    filled = [rows for rows in first.rows.values() if len(rows)]
    if not filled:
        return None
    heads = np.unique(np.concatenate([one[:ROWS] for one in filled]))[:ROWS]
    names = list(map(str, found.data.columns))
    here = [n for n in names if np.isin(heads, first.rows.get(n, ())).any()]
    inside = set(here)
    others = [n for n in names if n not in inside]
    shown = set([*here, *others][:COLUMNS])
    methods = {column.name: column.method for column in summary.columns}
    kept = [at for at, name in enumerate(names) if name in shown]
    cells, notes = [], []
    for at in kept:
        values, known = _column(found, at, names[at], heads, methods.get(names[at], ""))
        cells.append(values)
        notes.append(known)
    return Grid(
        index=tuple(text(label) for label in found.data.index[heads]),
        columns=tuple(names[at] for at in kept),
        cells=tuple(zip(*cells, strict=True)),
        notes=tuple(zip(*notes, strict=True)),
    )


def _column(
    found: Imputations, at: int, name: str, heads: Any, method: str
) -> tuple[list[str], list[str | None]]:
    series = found.data.iloc[heads, at]
    values = showable(series).astype(object).to_numpy(copy=True)
    own = found.imputations[0].rows.get(name)
    hit = np.isin(heads, own) if own is not None else np.zeros(len(heads), dtype=bool)
    notes: list[str | None] = [None] * len(heads)
    if own is not None and hit.any():
        places = np.searchsorted(own, heads[hit])
        few = picked(found, name, places)
        first = few.imputations[0].values[name]  # noqa: PD011  a dict of ours
        values[hit] = showable(pd.Series(first)).astype(object).to_numpy()
        known = ranges(few, name)
        for row, words in zip(np.flatnonzero(hit), known, strict=True):
            notes[row] = f"{method or 'imputed'}{', ' if words else ''}{words}"
    return [text(value) for value in values], notes


def picked(found: Imputations, name: str, places: Any) -> Imputations:
    """Give imputations that hold some of the imputed cells of one column only."""
    made = [
        type(one)(
            values={name: one.values[name][places]},  # noqa: PD011  a dict of ours
            rows={name: one.rows[name][places]},
            events=(),
            n_iter=one.n_iter,
        )
        for one in found.imputations
    ]
    return Imputations(found.data, made)


def ranges(few: Imputations, name: str) -> list[str]:
    """Say in words where each cell lies with 90 % probability; "" for one draw."""
    if few.m < 2:
        return [""] * len(few.imputations[0].rows[name])
    try:
        known = few.intervals(name, LEVEL)
    except (InvalidSpec, ValueError, TypeError):  # of a kind that has no middle
        return [""] * len(few.imputations[0].rows[name])
    shown: list[str]
    if "low" in known and few.m < FEWEST:
        (name,) = few.imputations[0].rows
        draws = few.draws(name)
        known = pd.DataFrame({"low": draws.min(axis=1), "high": draws.max(axis=1)})
    if "share" in known:
        shares = known["share"].to_numpy(dtype=np.float64)
        return [f"{round(share * few.m)} of {few.m} times" for share in shares]
    shown = [
        text(low) if text(low) == text(high) else f"{rough(low)} to {rough(high)}"
        for low, high in zip(known["low"], known["high"], strict=True)
    ]
    return shown


def rough(value: Any) -> str:
    """Show the end of a range: three digits are enough.

    Examples
    --------
    >>> rough(41.2345), rough(12345.6), rough(0.00123456)
    ('41.2', '12346', '0.00123')
    """
    if not isinstance(value, float | np.floating) or not np.isfinite(value):
        return text(value)
    number = float(value)
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"
