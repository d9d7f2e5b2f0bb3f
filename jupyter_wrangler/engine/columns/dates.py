"""Dates and spans of time as numbers, and back.

Models see standard deviations from a middle, so that dates stand on the scale of the
other columns.  A number comes back as the nearest date on the grid of the observed
ones: days stay days, and minutes stay minutes.  Of dates with a time zone the local
time is taken.

Dates are counted in *ticks*: int64 numbers of the unit of the column since 1970.  Two
of them may be farther apart than int64 can say, so a difference is taken in uint64,
where it always fits, and rounded to float64 only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ticks = NDArray[np.int64]

#: Ticks of a second, by unit.
SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DAY = 86_400
#: The tick that stands for a missing value.
MISSING = np.iinfo(np.int64).min
#: The largest float below 2^64, up to which two ticks can be apart.
_FARTHEST = float(np.nextafter(2.0**64, 0))
#: First and last tick that is a date.
FIRST, LAST = MISSING + 1, np.iinfo(np.int64).max
#: Seconds between which local time is known: time zones are defined for the years 1 to
#: 9999, and two days are more than any of them is away from UTC.
_ZONED = (
    int(np.datetime64("0001-01-03", "D").astype(np.int64)) * DAY,
    int(np.datetime64("9999-12-29", "D").astype(np.int64)) * DAY,
)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How the dates (or spans) of one column become numbers.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2020-01-01", "2020-01-03", None]))
    >>> clock = clock_of(days)
    >>> clock.numbers(days)
    array([-1.,  1., nan])
    >>> clock.moments(np.array([0.2]), days.dtype)[0]
    Timestamp('2020-01-02 00:00:00')
    """

    #: Whether these are spans rather than dates.
    spans: bool
    unit: str
    zone: Any
    #: Ticks of the middle, of one standard deviation, and of a step of the grid.
    origin: int
    scale: float
    step: int
    #: First and last tick that was observed.
    low: int = 0
    high: int = 0
    #: First and last tick that an imputed value can be.
    first: int = FIRST
    last: int = LAST

    def numbers(self, series: pd.Series) -> Floats:
        """Count standard deviations from the middle; NaN for missing values."""
        ticks, unit = ticks_of(series, spans=self.spans)
        ticks = to_local(ticks, unit, self.zone)
        own, other = SECOND[self.unit], SECOND[unit]
        if other > own:
            # Later rows may be counted in a finer unit than those of the fit,
            whole, rest = np.divmod(ticks, other // own)
            away = apart(whole, self.origin) + rest / (other // own)
        elif other < own:
            # or in a coarser one, in which more dates can be said.
            ratio = own // other
            fits = np.abs(ticks) <= LAST // ratio
            near = apart(np.where(fits, ticks, 0) * ratio, self.origin)
            far = ticks.astype(np.float64) * ratio - self.origin
            away = np.where(fits, near, far)
        else:
            away = apart(ticks, self.origin)
        return np.where(ticks == MISSING, np.nan, away / self.scale)

    def moments(self, numbers: Floats, dtype: Any, *, within: bool = False) -> Any:
        """Nearest dates on the grid that the dtype can hold, in this dtype.

        With `within` they also stay between the observed ones.
        """
        ends = (self.low, self.high) if within else (self.first, self.last)
        ticks = self._ticks(numbers, *ends)
        if self.spans:
            return pd.Series(ticks.view(f"m8[{self.unit}]")).astype(dtype).array
        index = pd.DatetimeIndex(to_utc(ticks, self.unit, self.zone).view(self._kind))
        if self.zone is not None:
            index = index.tz_localize("UTC").tz_convert(self.zone)
        return pd.Series(index).astype(dtype).array

    @property
    def _kind(self) -> str:
        return f"M8[{self.unit}]"

    def _ticks(self, numbers: Floats, first: int, last: int) -> Ticks:
        """Nearest ticks on the grid, between the first and the last one."""
        with np.errstate(over="ignore"):
            steps = np.rint(numbers * (self.scale / self.step)) * self.step
        low = first + -first % self.step
        high = last - last % self.step
        size = np.minimum(np.abs(steps), _FARTHEST).astype(np.uint64)
        origin = np.array(self.origin, dtype=np.int64).view(np.uint64)
        up = origin + np.minimum(size, np.uint64(high - self.origin))
        down = origin - np.minimum(size, np.uint64(self.origin - low))
        ticks: Ticks = np.where(steps < 0, down, up).view(np.int64)
        return ticks


def clock_of(series: pd.Series) -> Clock:
    """Learn the grid, the middle and the spread of the observed dates."""
    spans = series.dtype.kind == "m"
    zone = None if spans else zone_of(series)
    ticks, unit = ticks_of(series, spans=spans)
    ticks = to_local(ticks[ticks != MISSING], unit, zone)
    second = SECOND[unit]
    steps = [DAY * second, 3600 * second, 60 * second, second]
    steps += [second // 10**3, second // 10**6]
    step = next((s for s in steps if s and not (ticks % s).any()), 1)
    if not len(ticks):
        return Clock(spans=spans, unit=unit, zone=zone, origin=0, scale=1.0, step=step)
    low, high = int(ticks.min()), int(ticks.max())
    first, last = _range(series.dtype, unit, low, high)
    away = apart(ticks, low)
    middle = low + round(float(away.mean()) / step) * step
    return Clock(
        spans=spans,
        unit=unit,
        zone=zone,
        origin=min(middle, high),
        scale=float(away.std()) or float(DAY * second),
        step=step,
        low=low,
        high=high,
        first=first,
        last=last,
    )


def apart(ticks: Ticks, origin: Any) -> Floats:
    """Differences of whole numbers of 64 bits, whatever their size.

    Parameters
    ----------
    ticks : ndarray of int64 or uint64
        The numbers.
    origin : int or ndarray of the same dtype
        What is subtracted.

    Returns
    -------
    ndarray of float64
        The differences, each rounded once.

    Examples
    --------
    >>> apart(np.array([2**63 - 1, 5]), -(2**63 - 1))
    array([1.84467441e+19, 9.22337204e+18])
    """
    start = np.asarray(origin, dtype=ticks.dtype)
    plain, base = ticks.view(np.uint64), start.view(np.uint64)
    return np.where(
        ticks >= start,
        (plain - base).astype(np.float64),
        -(base - plain).astype(np.float64),
    )


def ticks_of(series: pd.Series, *, spans: bool) -> tuple[Ticks, str]:
    """Give dates (in UTC) or spans as ticks, and their unit.

    Parameters
    ----------
    series : Series of shape (n,)
        Of any dtype that holds dates or spans, of objects too.
    spans : bool
        Whether it holds spans.

    Raises
    ------
    ValueError, TypeError
        If it holds anything else.

    Examples
    --------
    >>> ticks_of(pd.Series(np.array(["2020-01-01"], dtype="M8[s]")), spans=False)
    (array([1577836800]), 's')
    """
    dtype = series.dtype
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind in "Mm":
        unit, letter = _arrow_unit(dtype), "m" if spans else "M"
        if letter != dtype.kind:
            raise TypeError
        # By way of pandas: Arrow would make Python's dates, which end in 9999.
        plain: Any = f"{letter}8[{unit}]"
        values: Any = series.astype(plain) if _days(dtype) else series
        return values.to_numpy(plain).view(np.int64), unit
    index: Any = pd.TimedeltaIndex(series) if spans else pd.DatetimeIndex(series)
    return index.asi8, str(index.unit)


def zone_of(series: pd.Series) -> Any:
    """Tell the time zone of dates, or None."""
    dtype: Any = series.dtype
    if isinstance(dtype, pd.ArrowDtype):
        kind = dtype.pyarrow_dtype
        name = getattr(kind, "tz", None)
        # As pandas understands the name.
        return None if name is None else pd.DatetimeIndex([], tz=name).tz
    return getattr(dtype, "tz", None)


def to_local(ticks: Ticks, unit: str, zone: Any) -> Ticks:
    """Turn ticks in UTC into those of the local time."""
    if zone is None or not len(ticks):
        return ticks
    near = _zoned(ticks, unit)
    index = pd.DatetimeIndex(near.view(f"M8[{unit}]")).tz_localize("UTC")
    local: Any = index.tz_convert(zone).tz_localize(None)
    return _moved(ticks, local.asi8 - near)


def to_utc(ticks: Ticks, unit: str, zone: Any) -> Ticks:
    """Turn ticks of the local time into those in UTC."""
    if zone is None or not len(ticks):
        return ticks
    near = _zoned(ticks, unit)
    index: Any = pd.DatetimeIndex(near.view(f"M8[{unit}]")).tz_localize(
        zone, ambiguous=np.zeros(len(ticks), dtype=bool), nonexistent="shift_forward"
    )
    return _moved(ticks, index.asi8 - near)


def local_values(series: pd.Series) -> NDArray[Any]:
    """Dates in local time, or spans, as datetime64 or timedelta64 of their unit.

    Examples
    --------
    >>> days = pd.to_datetime(["2020-01-01"]).tz_localize("Asia/Tokyo")
    >>> local_values(pd.Series(days))
    array(['2020-01-01T00:00:00...'], dtype='datetime64[...]')
    """
    spans = series.dtype.kind == "m"
    ticks, unit = ticks_of(series, spans=spans)
    if spans:
        return ticks.view(f"m8[{unit}]")
    return to_local(ticks, unit, zone_of(series)).view(f"M8[{unit}]")


def shown(values: Any, k: int) -> str:
    """Spell value k of an array or index, also a date that ends a range.

    Examples
    --------
    >>> shown(pd.Index([1.5, 2.5]), 1)
    '2.5'
    """
    return str(showable(pd.Series(values[k : k + 1]))[0])


def showable(series: pd.Series) -> pd.Series:
    """Give dates and spans as a column whose values pandas can show one by one.

    Arrow's come in the dtypes of pandas, and those with a time zone that local time
    does not reach without it; any other column as it is.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2020-01-01"])).astype("date32[pyarrow]")
    >>> showable(days).dtype
    dtype('<M8[s]')
    """
    if series.dtype.kind not in "Mm":
        return series
    spans, zone = series.dtype.kind == "m", zone_of(series)
    if zone is None and not isinstance(series.dtype, pd.ArrowDtype):
        return series
    local: pd.Series = pd.Series(
        local_values(series), index=series.index, name=series.name
    )
    ticks, unit = ticks_of(series, spans=spans)
    known = ticks[ticks != MISSING]
    if zone is None or (known != _zoned(known, unit)).any():
        return local
    utc = pd.DatetimeIndex(ticks.view(f"M8[{unit}]")).tz_localize("UTC")
    return pd.Series(utc.tz_convert(zone), index=series.index, name=series.name)


def _zoned(ticks: Ticks, unit: str) -> Ticks:
    """Take the nearest ticks of which local time is known."""
    second = SECOND[unit]
    low = max(_ZONED[0] * second, FIRST + 2 * DAY * second)
    high = min(_ZONED[1] * second, LAST - 2 * DAY * second)
    return np.clip(ticks, low, high)


def _moved(ticks: Ticks, offset: Ticks) -> Ticks:
    """Add offsets; what would leave the range of dates stays at its end."""
    low, high = FIRST - np.minimum(offset, 0), LAST - np.maximum(offset, 0)
    moved = np.clip(ticks, low, high) + offset
    return np.where(ticks == MISSING, MISSING, moved)


def _range(dtype: Any, unit: str, low: int, high: int) -> tuple[int, int]:
    """First and last tick that imputed values of a column may have."""
    first, last = FIRST, LAST
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind == "M":
        if _days(dtype) and dtype.pyarrow_dtype.bit_width == 32:
            last = np.iinfo(np.int32).max * DAY
            first = -last
        # pandas shows Arrow's dates by way of Python's, which end in 9999: where all
        # that was observed can be shown, so can be what is imputed.
        known = tuple(end * SECOND[unit] for end in _ZONED)
        if (
            known[0] - 2 * DAY * SECOND[unit] <= low
            and high <= known[1] + 2 * DAY * SECOND[unit]
        ):
            first, last = max(first, known[0]), min(last, known[1])
    return min(first, low), max(last, high)


def _days(dtype: Any) -> bool:
    """Whether this is one of Arrow's types of days."""
    return isinstance(dtype, pd.ArrowDtype) and not hasattr(dtype.pyarrow_dtype, "unit")


def _arrow_unit(dtype: Any) -> str:
    kind = dtype.pyarrow_dtype
    if hasattr(kind, "unit"):
        return str(kind.unit)
    return "s" if kind.bit_width == 32 else "ms"
