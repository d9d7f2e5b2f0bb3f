"""What m draws of a cell say about it: its likeliest class, or an interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.dates import clock_of
from jupyter_wrangler.engine.columns.missing_cells import masked

#: Intervals are quantiles where so many draws lie beyond each end on average.
OUTSIDE = 2


def votes(draws: pd.DataFrame) -> pd.DataFrame:
    """Most frequent class of each cell, and the share of the draws that are it."""
    n, m = draws.shape
    every = pd.concat([draws[k] for k in draws], ignore_index=True)
    codes = pd.factorize(every)[0].reshape(m, n).T
    counts = np.zeros((n, int(codes.max(initial=-1)) + 1), dtype=int)
    np.add.at(counts, (np.arange(n)[:, None], codes), 1)
    first = np.unique(codes, return_index=True)[1]
    # position among the draws, imputation after imputation
    where = first % m * n + first // m
    estimate = every.array.take(where[counts.argmax(axis=1)])
    return pd.DataFrame(
        {
            "estimate": pd.Series(estimate, index=draws.index, dtype=every.dtype),
            "share": counts.max(axis=1, initial=0) / m,
        }
    )


def spread(y: NDArray[np.float64], level: float) -> dict[str, NDArray[np.float64]]:
    """Mean of the draws of each cell, and the ends of its interval."""
    from scipy.special import stdtrit  # noqa: PLC0415  loads slowly, used rarely

    m = y.shape[1]
    mean = y.mean(axis=1)
    if m * (1 - level) >= 2 * OUTSIDE:
        low, high = np.quantile(y, [(1 - level) / 2, (1 + level) / 2], axis=1)
    elif m > 1:
        reach = float(stdtrit(m - 1, (1 + level) / 2)) * np.sqrt(1 + 1 / m)
        away = reach * y.std(axis=1, ddof=1)
        low, high = mean - away, mean + away
    else:
        low = high = np.full(len(mean), np.nan)
    return {"estimate": mean, "low": low, "high": high}


def moments(draws: pd.DataFrame, level: float) -> pd.DataFrame:
    """Mean of the moments or spans of each cell, and the ends of its interval.

    The ends lie on the grid of the draws: those of days are days.

    Examples
    --------
    >>> draws = pd.DataFrame([pd.to_datetime(["2020-01-01", "2020-01-03"])])
    >>> moments(draws, 0.5).loc[0].dt.date.astype(str).tolist()
    ['2020-01-02', '2019-12-31', '2020-01-04']
    """
    every = pd.concat([draws[k] for k in draws], ignore_index=True)
    clock = clock_of(every)
    y = np.column_stack([clock.numbers(draws[k]) for k in draws])
    found = {}
    for name, ends in spread(y, level).items():
        lost = np.isnan(ends)
        own = clock.moments(np.where(lost, 0.0, ends), every.dtype)
        whole = pd.Series(own, index=draws.index, dtype=every.dtype)
        found[name] = masked(whole, lost)
    return pd.DataFrame(found, index=draws.index)
