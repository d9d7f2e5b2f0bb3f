"""One column: its level, its different values and how often each occurs.

Numbers, moments and spans are sorted once; quantiles, the number of different values,
the histogram and the search for sentinel values all read that order.
Everything else is numbered once by a hash table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.dates import local_values
from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC, measure
from jupyter_wrangler.engine.columns.values import lent_floats
from jupyter_wrangler.errors import MixedTypes, UnsupportedFrame

Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a column holds."""

    name: str
    dtype: str
    level: str
    #: Where a value is missing, shape (n,).
    mask: NDArray[np.bool_]
    #: Different observed values: ascending numbers or ticks, or labels in any order;
    #: None where they cannot be distinguished.
    distinct: Any = None
    #: How often each occurs.
    counts: Rows | None = None
    #: Number of each row among the values, -1 for missing values; only of labels.
    codes: Rows | None = None
    note: str = ""
    #: How to convert texts that read as dates or numbers.
    advice: str = ""

    @property
    def scaled(self) -> bool:
        """Whether the values are numbers, moments or spans."""
        return self.level in NUMERIC or self.level in DATES


def describe(name: str, series: pd.Series) -> Described:
    """Tell level, different values and counts of a column.

    Parameters
    ----------
    name : str
        What the column is called.
    series : Series of shape (n,)
        Any column; cells may hold anything.

    Examples
    --------
    >>> found = describe("x", pd.Series([2.0, None, 1.0, 2.0]))
    >>> found.level, found.distinct, found.counts
    ('continuous', array([1., 2.]), array([1, 2]))
    """
    mask = series.isna().to_numpy(dtype=bool)
    note = advice = ""
    try:
        measured = measure(series)
        level, note = str(measured.level), measured.reason
        advice = measured.advice
    except MixedTypes as error:
        level, note = "mixed", str(error)
    except UnsupportedFrame as error:
        level, note = "nested", str(error)
    base = Described(
        name=name,
        dtype=str(series.dtype),
        level=level,
        mask=mask,
        note=note,
        advice=advice,
    )
    if base.scaled:
        return _with_sorted_values(base, series)
    return _with_labels(base, series)


def _with_sorted_values(base: Described, series: pd.Series) -> Described:
    """Describe numbers, moments and spans."""
    own = _observed_values(series, base)
    own.sort()
    if not len(own):
        return replace(base, distinct=own, counts=np.zeros(0, dtype=np.intp))
    fresh = np.ones(len(own), dtype=bool)
    np.not_equal(own[1:], own[:-1], out=fresh[1:])
    if fresh.all():
        return replace(base, distinct=own, counts=np.ones(len(own), dtype=np.intp))
    starts = np.flatnonzero(fresh)
    counts = np.diff(starts, append=len(own))
    return replace(base, distinct=own[starts], counts=counts)


def _observed_values(series: pd.Series, base: Described) -> NDArray[Any]:
    """Observed values as a NumPy array of their own that may be sorted in place."""
    if base.level in DATES:
        return local_values(series)[~base.mask]
    dtype = series.dtype
    if dtype.kind in "iu" and not (base.mask.any() and isinstance(dtype, np.dtype)):
        # Keys of 64 bits are more than a float can tell apart.
        kept = series[~base.mask] if base.mask.any() else series
        return kept.to_numpy(dtype=f"{dtype.kind}8", copy=True)
    numbers = lent_floats(series)
    return numbers[~base.mask] if base.mask.any() else numbers.copy()


def _with_labels(base: Described, series: pd.Series) -> Described:
    """Describe labels of any kind; nothing where they have no hash."""
    try:
        if isinstance(series.dtype, pd.CategoricalDtype):
            codes: Any = series.cat.codes.to_numpy(dtype=np.intp)
            values: Any = series.cat.categories
        else:
            codes, values = pd.factorize(series)
        counts = np.bincount(codes[~base.mask], minlength=len(values))
    except (TypeError, ValueError, NotImplementedError):
        return base
    seen = counts > 0
    if not seen.all():
        values = values[seen]
        codes = np.where(base.mask, -1, (np.cumsum(seen) - 1)[codes])
        counts = counts[seen]
    return replace(base, distinct=values, counts=counts, codes=codes)
