"""What the charts read: frames, columns as numbers or classes, and imputations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler import frames
from jupyter_wrangler.charts.formatting import number
from jupyter_wrangler.charts.marks import Axis
from jupyter_wrangler.engine.columns.dates import DAY, SECOND, local_values
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, measure
from jupyter_wrangler.engine.columns.values import as_floats
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import (
    InfiniteValues,
    InvalidData,
    InvalidSpec,
    UnknownColumn,
)

Floats = NDArray[np.float64]

#: Columns and classes that a chart shows.
MOST_COLUMNS = 60
MOST_CLASSES = 30
_MS_PER_DAY = 86_400_000.0
#: The farthest dates of all, in seconds.
_FAR = 9.22337203685477e18


def frame_of(data: Any) -> pd.DataFrame:
    """Give a pandas frame with string names for a pandas or polars one.

    Raises
    ------
    InvalidData
        EmptyFrame, DuplicateColumns or UnsupportedFrame.
    """
    return named(frames.as_pandas(data))


def column_of(df: pd.DataFrame, name: Any) -> pd.Series:
    """Give one column of a frame of `frame_of`.

    Raises
    ------
    UnknownColumn
        If there is none of this name.
    """
    if str(name) not in df.columns:
        raise UnknownColumn(str(name), list(map(str, df.columns)))
    series: pd.Series = df[str(name)]
    return series


def imputations_of(found: Any) -> Imputations:
    """Give the imputations of a result, or what was handed in if it is that.

    Raises
    ------
    InvalidSpec
        For anything else.
    """
    if isinstance(found, Imputations):
        return found
    inner = getattr(found, "imputations", None)
    if isinstance(inner, Imputations):
        return inner
    raise InvalidSpec(
        f"A {type(found).__name__} was given, but Imputations are wanted; give "
        "job.result(), or what Imputer(...).impute(df) returns."
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Values:
    """One column, ready to draw."""

    name: str
    kind: Literal["number", "time", "class"]
    #: Numbers (moments in milliseconds since 1970, spans in days), NaN for missing
    #: values; or positions of classes, -1 for missing values.
    y: NDArray[Any]
    classes: tuple[str, ...] = ()
    unit: str = ""

    @property
    def observed(self) -> NDArray[Any]:
        """The values without missing values."""
        return self.y[self.has]

    @property
    def has(self) -> NDArray[np.bool_]:
        """Where there are values."""
        found: NDArray[np.bool_] = (
            self.y >= 0 if self.kind == "class" else np.isfinite(self.y)
        )
        return found

    @property
    def axis(self) -> Axis:
        """An axis for it."""
        if self.kind == "class":
            return Axis(title=self.name, order=self.classes)
        title = f"{self.name} ({self.unit})" if self.unit else self.name
        return Axis(title=title, kind="time" if self.kind == "time" else "number")

    def apart(self, a: float, b: float) -> str:
        """Say how far `a` is from `b`; moments are later or earlier by days."""
        if self.kind == "time":
            days = number(abs(a - b) / _MS_PER_DAY)
            return f"{days} days {'later' if a > b else 'earlier'}"
        far = f"{number(abs(a - b))} {self.unit}".rstrip()
        return f"{far} {'higher' if a > b else 'lower'}"

    def spelled(self, value: float) -> str:
        """Spell one number of this column."""
        if self.kind == "time":
            seconds = int(np.clip(value / 1_000, -_FAR, _FAR))
            moment = pd.Timestamp(np.datetime64(seconds, "s"))
            return str(moment.isoformat(sep=" ", timespec="minutes"))
        found = f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
        return f"{found} {self.unit}" if self.unit else found


def values_of(name: str, *pieces: pd.Series) -> list[Values]:
    """Read pieces of one column on one scale.

    Parameters
    ----------
    name : str
        Name of the column.
    *pieces : Series
        Parts of it, for example what was observed and what was imputed.

    Returns
    -------
    list of Values
        One for each piece.

    Raises
    ------
    InvalidData
        If it is text, has infinite numbers, or nothing was observed.
    """
    together = pd.concat(list(pieces), ignore_index=True)
    if together.isna().all():
        raise InvalidData(
            f"Column {name!r} has no value that could be drawn; choose another one, or "
            "look at charts.missing_bar(df)."
        )
    measured = measure(together)
    level = measured.level
    if level == "text":
        raise InvalidData(
            f"Column {name!r} cannot be drawn: {measured.reason or 'it is text.'} "
            "Numbers, dates and categories can."
        )
    ends = np.cumsum([len(piece) for piece in pieces])[:-1]
    if level in CATEGORICAL:
        codes, labels = pd.factorize(together, sort=True)
        codes, classes = _merge_rare_classes(codes, [str(label) for label in labels])
        made = Values(name=name, kind="class", y=codes, classes=classes)
    elif level == "datetime":
        # local time, as elsewhere in the package
        made = Values(name=name, kind="time", y=1_000.0 * _epoch_seconds(together))
    elif level == "timedelta":
        days = _epoch_seconds(together) / DAY
        made = Values(name=name, kind="number", y=days, unit="days")
    else:
        numbers = as_floats(together)
        if np.isinf(numbers).any():
            raise InfiniteValues(name, int(np.isinf(numbers).sum()))
        made = Values(name=name, kind="number", y=numbers)
    return [replace(made, y=piece) for piece in np.split(made.y, ends)]


def _epoch_seconds(series: pd.Series) -> NDArray[np.float64]:
    """Seconds since 1970, or of spans; NaN for missing values."""
    own = local_values(series)
    seconds = own.view(np.int64) / SECOND[np.datetime_data(own.dtype)[0]]
    return np.where(np.isnat(own), np.nan, seconds)


def numbers_only(values: Values, what: str) -> None:
    """Refuse classes where a chart has no place for them.

    Raises
    ------
    InvalidSpec
        If the column holds classes.
    """
    if values.kind == "class":
        raise InvalidSpec(
            f"{values.name!r} holds classes, but {what} needs numbers or dates; "
            "charts.overlay draws classes."
        )


def _merge_rare_classes(
    codes: NDArray[np.intp], labels: list[str]
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Put rare classes together where there are too many to draw."""
    if len(labels) <= MOST_CLASSES:
        return codes, tuple(labels)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    kept = np.sort(np.argsort(-counts, kind="stable")[: MOST_CLASSES - 1])
    new = np.full(len(labels) + 1, len(kept))
    new[kept] = np.arange(len(kept))
    new[-1] = -1  # the place of missing values, whose code is -1
    others = f"{len(labels) - len(kept)} other classes"
    return new[codes], (*(labels[k] for k in kept), others)


def sampled(n: int, most: int, seed: int = 0) -> NDArray[np.intp]:
    """Choose rows at random, in order; all of them if there are few enough."""
    if n <= most:
        return np.arange(n)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(n, size=most, replace=False))
