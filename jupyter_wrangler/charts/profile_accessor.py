"""The charts of one profile, as methods: `profile.plot.patterns()`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.bar import missing_bar
from jupyter_wrangler.charts.flux import influx_outflux
from jupyter_wrangler.charts.indicators import missing_heatmap
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.upset import missing_patterns
from jupyter_wrangler.contract import ProfileDocument
from jupyter_wrangler.errors import InvalidSpec


class MissingPlots:
    """The charts of a profile, which needs no data for them any more.

    Parameters
    ----------
    found : Profile or ProfileDocument
        What a look at a frame found.  Its patterns say of every row what it lacks.

    Raises
    ------
    InvalidSpec
        If the profile lists only the most frequent of its patterns.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, None, None]})
    >>> jw.profile(df).plot.patterns().sentence
    "2 patterns; 2 of 4 rows (50 %) are complete, and 2 rows lack only 'y'."
    """

    def __init__(self, found: Any) -> None:
        document: ProfileDocument = getattr(found, "document", found)
        self._frame_of_patterns = _frame_of_patterns(document)

    def missing(self, *, sort: bool = True) -> Chart:
        """Draw the share of missing values; see `charts.missing_bar`."""
        return missing_bar(self._frame_of_patterns, sort=sort)

    def patterns(self, *, most: int = 20) -> Chart:
        """Draw the patterns of missing values; see `charts.missing_patterns`."""
        return missing_patterns(self._frame_of_patterns, most=most)

    def heatmap(self) -> Chart:
        """Draw which columns are missing together; see `charts.missing_heatmap`."""
        return missing_heatmap(self._frame_of_patterns)

    def flux(self) -> Chart:
        """Draw influx and outflux; see `charts.influx_outflux`."""
        return influx_outflux(self._frame_of_patterns)

    def __repr__(self) -> str:
        names = [name for name in vars(MissingPlots) if not name.startswith("_")]
        return f"MissingPlots: {', '.join('.' + name for name in names)}"


def _frame_of_patterns(document: ProfileDocument) -> pd.DataFrame:
    """Make a frame with the same missing values, its rows sorted by pattern."""
    found = document.patterns
    if found.n_patterns > len(found.listed):
        raise InvalidSpec(
            f"This profile lists {len(found.listed):,} of {found.n_patterns:,} "
            "patterns of missing values, and its charts want all of them. Draw the "
            "data, jw.charts.missing_patterns(df), or profile with more max_patterns."
        )
    lacks = np.zeros((len(found.listed), len(found.columns)), dtype=bool)
    for line, pattern in zip(lacks, found.listed, strict=True):
        line[list(pattern.missing)] = True
    rows = np.repeat(lacks, [pattern.n_rows for pattern in found.listed], axis=0)
    position = {name: k for k, name in enumerate(found.columns)}
    return pd.DataFrame(
        {
            column.name: pd.arrays.BooleanArray(
                np.ones(len(rows), dtype=bool), rows[:, position[column.name]].copy()
            )
            for column in document.columns
        }
    )
