"""Which columns are missing together, and in how many rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import listed, percent
from jupyter_wrangler.charts.marks import Axis, Layer, Panel
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.reading import frame_of
from jupyter_wrangler.charts.theme import MISSING, OBSERVED
from jupyter_wrangler.engine.missingness.patterns import md_pattern
from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.wording import count

_PATTERNS = 20
_MOST = 60
_COLUMNS = 40


def missing_patterns(df: Any, *, most: int = _PATTERNS) -> Chart:
    """Draw the patterns of missing values and their numbers of rows (UpSet).

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data (pandas or polars).
    most : int, default=20
        Patterns to show, the most frequent ones.

    Returns
    -------
    Chart
        Its table has a line for each pattern, from the most frequent one: `rows`,
        `share` of the rows, and the `missing` columns.

    Raises
    ------
    InvalidData
        If the frame is empty or two columns share a name.
    InvalidSpec
        If `most` is not from 1 to 60.

    References
    ----------
    .. [1] A. Lex, N. Gehlenborg, H. Strobelt, R. Vuillemot and H. Pfister (2014),
       UpSet: visualization of intersecting sets, IEEE TVCG 20(12), 1983-1992.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, None, None, 4]})
    >>> chart = missing_patterns(df)
    >>> chart.sentence
    "2 patterns; 2 of 4 rows (50 %) are complete, and 2 rows lack only 'b'."
    """
    if not 1 <= most <= _MOST:
        raise InvalidSpec(f"most={most} was given; 1 to {_MOST} patterns can be read.")
    frame = frame_of(df)
    found = md_pattern(frame)
    n = len(frame)
    order = np.argsort(-found.rows, kind="stable")
    names = [str(name) for name in found.table.columns]
    lacks = ~found.table.to_numpy()[order]
    rows = found.rows[order]
    table = pd.DataFrame(
        {
            "rows": rows,
            "share": rows / n,
            "missing": [
                tuple(np.asarray(names, object)[line].tolist()) for line in lacks
            ],
        }
    )
    notes: list[str] = []
    shown = min(most, len(rows))
    if shown < len(rows):
        notes.append(
            f"Shown are the {shown} most frequent of {len(rows):,} patterns, with "
            f"{percent(rows[:shown].sum() / n)} of the rows."
        )
    used = np.flatnonzero(lacks[:shown].any(axis=0))[::-1]
    if len(used) > _COLUMNS:
        notes.append(
            f"Shown are the {_COLUMNS} columns with the most missing values of "
            f"{len(used):,}."
        )
        used = used[:_COLUMNS]
    if 0 < len(used) < len(names):
        full = int((found.missing == 0).sum())
        if full:
            notes.append(
                f"{count(full, 'column')} without missing values "
                f"{'is' if full == 1 else 'are'} not shown."
            )
    return Chart(
        title="Patterns of missing values",
        sentence=_sentence(table, n),
        panels=_panels(found.missing, names, lacks[:shown], rows[:shown], used),
        table=table,
        looks={"missing": MISSING, "observed": OBSERVED},
        notes=tuple(notes),
    )


def _panels(
    missing: pd.Series,
    names: list[str],
    lacks: np.ndarray[Any, Any],
    rows: np.ndarray[Any, Any],
    used: np.ndarray[Any, Any],
) -> tuple[Panel, ...]:
    """Draw the rows of each pattern, and below them the columns that it lacks."""
    ids = tuple(str(k + 1) for k in range(len(rows)))
    width = max(160, 34 * len(ids))
    what = np.where(lacks.any(axis=1), "missing", "observed")
    bars = pd.DataFrame(
        {"pattern": ids, "rows": rows, "label": [f"{k:,}" for k in rows], "what": what}
    )
    if not len(used):
        return (_rows_panel(bars, width),)
    labels = [f"{names[k]} ({int(missing.iloc[k]):,})" for k in used]
    cells = pd.DataFrame(
        {
            "pattern": np.repeat(ids, len(used)),
            "column": labels * len(ids),
            "what": np.where(lacks[:, used].ravel(), "missing", "observed"),
        }
    )
    return _rows_panel(bars, width), _columns_panel(cells, ids, labels, width)


def _rows_panel(bars: pd.DataFrame, width: int) -> Panel:
    return Panel(
        x=Axis(order=tuple(bars["pattern"]), labels=False),
        y=Axis(
            title="rows", kind="whole", low=0.0, high=float(bars["rows"].max()) * 1.15
        ),
        layers=(
            Layer(mark="bar", data=bars, x="pattern", y="rows", series="what"),
            Layer(
                mark="text",
                data=bars,
                x="pattern",
                y="rows",
                text="label",
                align="above",
            ),
        ),
        width=width,
        height=170,
    )


def _columns_panel(
    cells: pd.DataFrame, ids: tuple[str, ...], labels: list[str], width: int
) -> Panel:
    """Draw a small dot where a pattern has a column, a large one where it lacks it."""
    return Panel(
        x=Axis(title="pattern, the most frequent first", order=ids, labels=False),
        y=Axis(order=tuple(labels)),
        layers=tuple(
            Layer(
                mark="point",
                data=cells[cells["what"] == what],
                x="pattern",
                y="column",
                series="what",
                area=area,
            )
            for what, area in (("observed", 16), ("missing", 130))
        ),
        width=width,
    )


def _sentence(table: pd.DataFrame, n: int) -> str:
    whole = table["missing"].map(len) == 0
    complete = int(table["rows"][whole].sum())
    if complete == n:
        return f"No value is missing: all {count(n, 'row')} are complete."
    first = table[~whole].iloc[0]
    lines = int(first["rows"])
    return (
        f"{count(len(table), 'pattern')}; {complete:,} of {count(n, 'row')} "
        f"({percent(complete / n)}) {'is' if complete == 1 else 'are'} complete, and "
        f"{count(lines, 'row')} {'lacks' if lines == 1 else 'lack'} only "
        f"{listed(first['missing'])}."
    )
