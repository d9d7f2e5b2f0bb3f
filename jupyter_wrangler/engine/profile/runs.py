"""Runs: rows in a row in which a column is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import MissingRun
from jupyter_wrangler.engine.columns.dates import shown

#: Runs that are reported a column.
MOST_LISTED = 3


def runs_of(
    mask: NDArray[np.bool_], labels: pd.Index, most: int = MOST_LISTED
) -> tuple[tuple[MissingRun, ...], int]:
    """Find the longest runs of missing rows.

    Parameters
    ----------
    mask : ndarray of bool of shape (n,)
        Where a column is missing, in the order of the rows.
    labels : Index of shape (n,)
        What the rows are called.
    most : int, default=3
        Runs to tell at most.

    Returns
    -------
    runs : tuple of MissingRun
        The longest first, earlier ones before later ones of the same length.
    n_runs : int
        How many there are.

    Examples
    --------
    >>> mask = np.array([True, False, True, True])
    >>> (longest, _), n_runs = runs_of(mask, pd.RangeIndex(4))
    >>> longest.first, longest.last, longest.n, n_runs
    ('2', '3', 2, 2)
    """
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    lengths = stops - starts
    longest = np.argsort(-lengths, kind="stable")[:most]
    return (
        tuple(
            MissingRun(
                first=shown(labels, int(starts[k])),
                last=shown(labels, int(stops[k]) - 1),
                n=int(lengths[k]),
            )
            for k in longest
        ),
        len(starts),
    )
