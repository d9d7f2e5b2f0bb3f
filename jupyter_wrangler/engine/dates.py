"""Moments and spans as numbers, and back.

Models see standard deviations from a middle, so that dates stand on the scale of the
other columns.  A number comes back as the nearest moment on the grid of the observed
ones: days stay days, and minutes stay minutes.  Of moments with a time zone the clock
on the wall is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Ticks of a second, by unit.
_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MISSING = np.iinfo(np.int64).min
#: Ticks beyond are no moments any more.
_MOST = 9.2e18


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How the moments (or spans) of one column become numbers.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2020-01-01", "2020-01-03", None]))
    >>> clock = clock_of(days)
    >>> clock.numbers(days)
    array([-1.,  1., nan])
    >>> clock.moments(np.array([0.2]), days.dtype)[0]
    Timestamp('2020-01-02 00:00:00')
    """

    #: Whether these are spans rather than moments.
    spans: bool
    unit: str
    zone: Any
    #: Ticks of the middle, of one standard deviation, and of a step of the grid.
    origin: int
    scale: float
    step: int

    def numbers(self, series: pd.Series) -> Floats:
        """Count standard deviations from the middle; NaN for holes."""
        ticks = self._ticks(series)
        away = (ticks - self.origin).astype(np.float64) / self.scale
        return np.where(ticks == _MISSING, np.nan, away)

    def moments(self, numbers: Floats, dtype: Any) -> Any:
        """Nearest moments on the grid, in this dtype."""
        steps = np.rint(numbers * (self.scale / self.step)) * self.step
        room = np.clip(steps, -_MOST - min(self.origin, 0), _MOST - max(self.origin, 0))
        ticks = self.origin + room.astype(np.int64)
        if self.spans:
            return pd.Series(ticks.view(f"m8[{self.unit}]")).astype(dtype).array
        index = pd.DatetimeIndex(ticks.view(f"M8[{self.unit}]"))
        if self.zone is not None:
            winter = np.zeros(len(index), dtype=bool)
            index = index.tz_localize(
                self.zone, ambiguous=winter, nonexistent="shift_forward"
            )
        return pd.Series(index).astype(dtype).array

    def _ticks(self, series: pd.Series) -> NDArray[np.int64]:
        if self.spans:
            spans = pd.TimedeltaIndex(_plain(series))
            return spans.as_unit(self.unit).asi8  # type: ignore[arg-type]
        index = pd.DatetimeIndex(_plain(series))
        if self.zone is not None:
            index = index.tz_convert(self.zone)
        if index.tz is not None:
            index = index.tz_localize(None)
        return index.as_unit(self.unit).asi8  # type: ignore[arg-type]


def _plain(series: pd.Series) -> Any:
    """Take Arrow's moments as pandas' own."""
    if isinstance(series.dtype, pd.ArrowDtype):
        return series.astype(series.dropna().infer_objects().dtype).astype(object)
    return series


def clock_of(series: pd.Series) -> Clock:
    """Learn the grid, the middle and the spread of the observed moments."""
    spans = series.dtype.kind == "m"
    plain = _plain(series)
    index: Any = pd.TimedeltaIndex(plain) if spans else pd.DatetimeIndex(plain)
    clock = Clock(
        spans=spans,
        unit=index.unit,
        zone=None if spans else index.tz,
        origin=0,
        scale=1.0,
        step=1,
    )
    ticks = clock._ticks(series)  # noqa: SLF001  its own kind
    ticks = ticks[ticks != _MISSING]
    second = _SECOND[clock.unit]
    steps = [86400 * second, 3600 * second, 60 * second, second]
    steps += [second // 10**3, second // 10**6]
    step = next((s for s in steps if s and not (ticks % s).any()), 1)
    if not len(ticks):
        return clock
    low = int(ticks.min())
    away = (ticks - low).astype(np.float64)
    middle = low + int(np.rint(float(away.mean()) / step)) * step
    return Clock(
        spans=clock.spans,
        unit=clock.unit,
        zone=clock.zone,
        origin=middle,
        scale=float(away.std()) or float(86400 * second),
        step=step,
    )
