"""Which rows belong together, and which comes before which.

The simple methods that look at neighbouring rows (`ffill`, `bfill`, `interpolate`,
`time`) and `sample` work within groups of rows, and in the order of time if one is
given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.dates import apart, ticks_of
from jupyter_wrangler.errors import InvalidSpec

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
#: float64, or int64 or uint64 where a float would not tell two times apart.
Times = NDArray[Any]

#: Differences of larger floats may be infinite.
_LARGE = 1e307


@dataclass(frozen=True, kw_only=True)
class Order:
    """Groups and times of n rows."""

    #: Code of the group of each row, shape (n,); equal codes belong together.
    groups: Rows
    #: Group of each code.
    labels: pd.Index
    #: When each row was, shape (n,); None where only their order is known.
    times: Times | None = None
    #: Rows by group, then by time, then as they stand.
    rows: Rows

    def like(self, later: Order) -> Rows:
        """Codes in this order of the groups of other rows; -1 where unknown."""
        places: Rows = self.labels.get_indexer(later.labels)
        lost = np.flatnonzero(self.labels.isna())
        if len(lost):
            # NaN, None and NA are one group, however the later rows spell it.
            places[later.labels.isna()] = lost[0]
        found: Rows = places[later.groups]
        return found


def order_of(df: pd.DataFrame, spec: ImputationSpec, *, timed: bool) -> Order:
    """Order the rows of a frame.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        With string column names.
    spec : ImputationSpec
        Names the columns of group and time.
    timed : bool
        Whether times are needed, so that an index without them is refused.

    Raises
    ------
    InvalidSpec
        If the times have missing values, or are needed and there are none.

    Examples
    --------
    >>> df = pd.DataFrame({"who": ["a", "b", "a"], "when": [3.0, 1.0, 2.0]})
    >>> order = order_of(df, ImputationSpec(group="who", time="when"), timed=True)
    >>> order.rows
    array([2, 0, 1])
    """
    n = len(df)
    groups, labels = np.zeros(n, dtype=np.intp), pd.Index([0])
    if spec.group is not None:
        codes, found = pd.factorize(
            df[spec.group].astype(object), use_na_sentinel=False
        )
        groups, labels = codes.astype(np.intp), pd.Index(found)
    times = None
    if spec.time is not None:
        times = _times(df[spec.time], f"column {spec.time!r}")
    elif timed:
        if isinstance(df.index, pd.MultiIndex):
            raise InvalidSpec(
                f"Times are wanted, but the index has {df.index.nlevels} levels; name "
                "a column of dates or numbers with time=..., made of one of them with "
                "df.reset_index(), or use 'interpolate', which takes all rows as "
                "equally far apart."
            )
        times = _times(pd.Series(df.index), "the index")
    keys = (np.arange(n), groups) if times is None else (np.arange(n), times, groups)
    return Order(groups=groups, labels=labels, times=times, rows=np.lexsort(keys))


def _times(series: pd.Series, what: str) -> Times:
    kind = series.dtype.kind
    periods = isinstance(series.dtype, pd.PeriodDtype)
    if kind not in "Mmiuf" and not periods:
        raise InvalidSpec(
            f"Times are wanted, but {what} is {series.dtype}; name a column of dates "
            "or numbers with time=..., convert it with pd.to_datetime, or use "
            "'interpolate', which takes all rows as equally far apart."
        )
    if series.isna().any():
        raise InvalidSpec(
            f"Times are wanted, but {what} has {int(series.isna().sum())} missing "
            "values; fill "
            "or drop them, or name another column with time=...."
        )
    if periods:
        return _ordinals(series)
    if kind in "Mm":
        return ticks_of(series, spans=kind == "m")[0]
    if kind in "iu":
        return series.to_numpy(f"{kind}8")
    times: Floats = series.to_numpy(np.float64)
    if np.isinf(times).any():
        raise InvalidSpec(
            f"Times are wanted, but {what} has {int(np.isinf(times).sum())} infinite "
            "ones; correct or drop these rows, or name another column with time=...."
        )
    # Only their order and the ratios of their differences count.
    large = float(np.abs(times).max(initial=0.0)) > _LARGE
    return times / 4.0 if large else times


def _ordinals(series: pd.Series) -> Times:
    """Count days up to the start of each period, or periods shorter than a day."""
    periods: Any = pd.PeriodIndex(series)
    short = periods.freqstr.lstrip("-0123456789")[:1].islower()
    found: Times = (periods if short else periods.asfreq("D", how="start")).asi8
    return found


def before(order: Order, ry: NDArray[np.bool_]) -> Rows:
    """Row of the last value at or before each row, in its group; -1 for none."""
    return _last(order.rows, order.groups, ry)


def after(order: Order, ry: NDArray[np.bool_]) -> Rows:
    """Row of the next value at or after each row, in its group; -1 for none."""
    return _last(order.rows[::-1], order.groups, ry)


def _last(rows: Rows, groups: Rows, ry: NDArray[np.bool_]) -> Rows:
    n = len(rows)
    place = np.where(ry[rows], np.arange(n), -1)
    seen = np.maximum.accumulate(place) if n else place
    # What was seen in another group does not count.
    known = np.where(seen >= 0, rows[np.maximum(seen, 0)], -1)
    own = (known >= 0) & (groups[known] == groups[rows])
    found = np.empty(n, dtype=np.intp)
    found[rows] = np.where(own, known, -1)
    return found


def between(
    order: Order, y: Floats, ry: NDArray[np.bool_], times: Times | None
) -> Floats:
    """Straight lines between the values of each group; NaN in groups without any.

    Before the first and after the last value the line is level.
    """
    if times is None:
        times = np.empty(len(y))
        times[order.rows] = np.arange(len(y))
    left, right = before(order, ry), after(order, ry)
    left, right = np.where(left < 0, right, left), np.where(right < 0, left, right)
    gap = _since(times[right], times[left])
    since = _since(times, times[left])
    share = np.where(gap > 0, since / np.where(gap > 0, gap, 1.0), 0.0)
    with np.errstate(over="ignore"):
        rise = y[right] - y[left]
    near = y[left] + share * np.where(np.isinf(rise), 0.0, rise)
    # The rise between the largest floats is infinite, the line between them is not.
    line = np.where(np.isinf(rise), y[left] * (1.0 - share) + y[right] * share, near)
    return np.where(left < 0, np.nan, line)


def _since(later: Times, earlier: Times) -> Floats:
    """Differences of times."""
    if later.dtype.kind in "iu":
        return apart(later, earlier)
    found: Floats = later - earlier
    return found


def alone(n: int, groups: Rows | None = None, times: Times | None = None) -> Order:
    """Order n rows given as arrays."""
    codes = np.zeros(n, dtype=np.intp) if groups is None else groups
    many = int(codes.max(initial=-1)) + 1
    first = Order(
        groups=codes, labels=pd.RangeIndex(many), times=times, rows=np.arange(n)
    )
    keys = (np.arange(n), codes) if times is None else (np.arange(n), times, codes)
    return replace(first, rows=np.lexsort(keys))


def handed_on(
    y: NDArray[Any], donors: NDArray[np.intp]
) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Give the values of donors, and the donors; without one (-1) NaN, of codes -1.

    Examples
    --------
    >>> handed_on(np.array([3.0, 5.0]), np.array([1, -1]))
    (array([ 5., nan]), array([ 1, -1]))
    """
    nothing = np.nan if y.dtype.kind == "f" else -1
    return np.where(donors < 0, nothing, y[donors]), donors
