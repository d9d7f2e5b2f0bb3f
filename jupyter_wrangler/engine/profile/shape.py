"""The shape of a column: quantiles, most frequent values, histogram."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import Count
from jupyter_wrangler.engine.columns.levels import DATES
from jupyter_wrangler.engine.profile.describe import Described

#: Bins of a histogram, and classes that are shown instead.
BINS = 16
#: Most frequent values that are reported.
MOST_LISTED = 5
#: Share of the values below each quantile that is reported.
QUANTILES = {"min": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "max": 1.0}


def quantiles_of(found: Described) -> dict[str, float | str | None]:
    """Quantiles, and of numbers mean and standard deviation.

    Infinite numbers count in none of them.

    Examples
    --------
    >>> from jupyter_wrangler.engine.profile.describe import describe
    >>> quantiles_of(describe("x", pd.Series([1.0, 2.0, 3.0, 6.0])))["median"]
    2.5
    """
    values, counts = found.distinct, found.counts
    if not found.scaled or counts is None:
        return {}
    dates = found.level in DATES
    x = values.astype(np.int64 if dates else np.float64, copy=False)
    if not dates:
        x, counts = _finite(x, counts)
    n = int(counts.sum())
    if not n:
        return {}
    # Linear between neighbours, as pandas has it.
    ends = np.cumsum(counts)
    places = {name: share * (n - 1) for name, share in QUANTILES.items()}
    quantiles: dict[str, float | str | None] = {}
    for name, place in places.items():
        low = x[np.searchsorted(ends, int(place), side="right")]
        high = x[np.searchsorted(ends, min(int(place) + 1, n - 1), side="right")]
        if dates:
            tick = int(low) + round((int(high) - int(low)) * (place % 1.0))
            tick = min(tick, int(high))
            quantiles[name] = moment_text(np.array([tick]).view(values.dtype)[0])
        else:
            part = place % 1.0
            quantiles[name] = float(low * (1.0 - part) + high * part if part else low)
    if not dates:
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float((x * (counts / n)).sum())
            spread = float(((x - mean) ** 2 * counts).sum())
        quantiles["mean"] = mean
        quantiles["sd"] = float(np.sqrt(spread / (n - 1))) if n > 1 else None
        quantiles = {
            name: value if isinstance(value, float) and np.isfinite(value) else None
            for name, value in quantiles.items()
        }
    return quantiles


def _finite(
    x: NDArray[np.float64], counts: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Leave out infinite numbers of ascending ones; without any, nothing is copied."""
    if not len(x) or np.isfinite(x[[0, -1]]).all():
        return x, counts
    kept = np.isfinite(x)
    return x[kept], counts[kept]


def moment_text(value: Any) -> str:
    """Show a moment or a span without needless digits.

    Examples
    --------
    >>> moment_text(np.datetime64("2020-01-01T00:00:00"))
    '2020-01-01'
    """
    moment = isinstance(value, np.datetime64)
    shown = str(pd.Timestamp(value) if moment else pd.Timedelta(value))
    return shown.removesuffix(" 00:00:00")


def top_of(found: Described, most: int = MOST_LISTED) -> tuple[Count, ...]:
    """Give the most frequent values of a column of labels.

    Equally frequent ones come in the order of their text; of many values those that
    occur once are not worth telling.
    """
    if found.counts is None or found.scaled:
        return ()
    counts = found.counts
    kept = np.arange(len(counts))
    if len(counts) > most:
        least = np.partition(counts, -most)[-most]
        kept = np.flatnonzero(counts >= max(least, 2))
    ranked = [(str(found.distinct[k]), int(counts[k])) for k in kept]
    ranked.sort(key=lambda pair: (-pair[1], pair[0]))
    return tuple(Count(value=value, n=n) for value, n in ranked[:most])


def histogram_of(found: Described) -> tuple[int, ...]:
    """Count the values in bins of equal width, or the most frequent classes.

    Parameters
    ----------
    found : Described
        A column.

    Examples
    --------
    >>> from jupyter_wrangler.engine.profile.describe import describe
    >>> found = describe("x", pd.Series([0.0, 1.0, 1.0, 15.0]))
    >>> histogram_of(found)[:3]
    (1, 2, 0)
    """
    if found.counts is None:
        return ()
    if not found.scaled:
        counts = found.counts
        if found.level != "ordered" or len(counts) > BINS:
            counts = -np.sort(-counts)[:BINS]
        return tuple(counts.tolist())
    x = found.distinct
    if found.level in DATES:
        x = x.astype(np.int64)
    x, counts = _finite(x.astype(np.float64, copy=False), found.counts)
    if not len(x):
        return ()
    # Halves, since the difference of very large numbers may be infinite.
    low, width = x[0] / 2, x[-1] / 2 - x[0] / 2
    if not width > 0:
        return (int(counts.sum()),)
    bins = np.minimum(((x / 2 - low) / width * BINS).astype(np.intp), BINS - 1)
    return tuple(np.bincount(bins, counts, minlength=BINS).astype(int).tolist())
