"""One column of a frame as numbers or codes, and back into its own dtype.

Numeric columns become float64, and so do moments and spans (see `dates`).  All
others become codes 0..K-1 of their observed values in ascending order (for
categories: in the order of the dtype), and `first` says in which row each code first
occurs: values travel back by taking rows, so that every dtype comes out exactly as
it went in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from jupyter_wrangler.contract import Level, Scalar
from jupyter_wrangler.engine.columns.dates import Clock, clock_of, ticks_of
from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC
from jupyter_wrangler.errors import InvalidSpec, UnsupportedFrame, shown

#: Larger whole numbers are not all floats.
EXACT = 2.0**53
#: Largest float of fewer than eight bytes, by their number.
_LARGEST = {n: float(np.finfo(f"f{n}").max) for n in (2, 4)}
#: Values of one column in its own dtype.
Values = Any


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of n rows, ready for the methods."""

    name: str
    level: Level
    #: The values as they came.
    own: Values
    #: Response indicator: True where observed.
    ry: NDArray[np.bool_]

    @cached_property
    def missing(self) -> NDArray[np.intp]:
        """Positions of the rows without a value."""
        return np.flatnonzero(~self.ry)

    @property
    def numeric(self) -> bool:
        """Whether models take the values as numbers."""
        return self.level in NUMERIC or self.level in DATES

    @cached_property
    def clock(self) -> Clock:
        """How moments and spans become numbers."""
        return clock_of(self.series)

    @property
    def series(self) -> pd.Series:
        """The values as a Series of their own dtype."""
        # Said aloud: pandas would make strings of an object column of strings.
        own: pd.Series = pd.Series(self.own, dtype=self.own.dtype, name=self.name)
        return own

    @cached_property
    def _factorized(self) -> tuple[NDArray[np.intp], pd.Index]:
        try:
            codes, values = pd.factorize(self.series, sort=True)
        except TypeError:
            # Objects without an order come as they are first seen.
            codes, values = pd.factorize(self.series)
        return codes, pd.Index(values)

    @cached_property
    def y(self) -> NDArray[Any]:
        """Numbers with NaN for missing values, or codes with -1 for missing values."""
        if not self.numeric:
            return self._factorized[0]
        if isinstance(self.own, np.ndarray) and self.own.dtype == np.float64:
            # As they are: a Series around them costs more than a small fit.
            return self.own
        return self.floats(self.series)

    def floats(self, series: pd.Series) -> NDArray[np.float64]:
        """Numbers of other values, as those of this column; NaN for missing values."""
        if self.level in DATES:
            return self.clock.numbers(series)
        return as_floats(series)

    @cached_property
    def exact(self) -> NDArray[Any]:
        """Numbers or codes that are equal, or smaller, only where the values are.

        They are `y` but for whole numbers and dates of which one float stands for
        several.
        """
        if self.level in DATES:
            return ticks_of(self.series, spans=self.clock.spans)[0]
        if self.level == "integer" and self.beyond_floats:
            return self._factorized[0]
        return self.y

    @cached_property
    def beyond_floats(self) -> bool:
        """Whether one float stands for several of these whole numbers."""
        return float(np.fmax.reduce(np.abs(self.y), initial=0.0)) > EXACT

    @property
    def labels(self) -> pd.Index:
        """Observed values in ascending order, one for each code."""
        return self._factorized[1]

    @property
    def classes(self) -> int:
        """Number of different observed values; 0 for a numeric column."""
        return 0 if self.numeric else len(self.labels)

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """First row in which each code occurs."""
        rows = np.flatnonzero(self.ry)
        return rows[np.unique(self.y[rows], return_index=True)[1]]

    def read(self, series: pd.Series) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Numbers or codes of other values, and where there are any.

        Classes that this column has not seen count as missing values.
        """
        if self.numeric:
            numbers = self.floats(series)
            return numbers, ~np.isnan(numbers)
        labels = pd.Index(self.labels.astype(object))
        codes = labels.get_indexer(pd.Index(series.astype(object)))
        known = (codes >= 0) & series.notna().to_numpy(bool)
        return np.where(known, codes, -1), known

    def take(self, rows: NDArray[np.intp]) -> Values:
        """Hand on the values of these rows."""
        return self.own.take(rows)

    def decode(self, values: NDArray[Any]) -> Values:
        """Turn numbers or codes into values of the column's own dtype.

        Numbers for a column of integers are rounded half to even and kept within
        the range of the dtype.
        """
        if not self.numeric:
            return self.take(self.first[values.astype(np.intp)])
        dtype = self.own.dtype
        if self.level in DATES:
            return self.clock.moments(values, dtype)
        if self.level != "integer":
            values = _finite(values, dtype)
            if isinstance(dtype, np.dtype):
                return values.astype(dtype)
            return pd.array(values, dtype=dtype)
        if is_object_dtype(dtype):
            whole = np.empty(len(values), dtype=object)
            whole[:] = _whole_objects(values, self.series[self.ry])
            return whole
        kept = _whole(values, f"{dtype.kind}{dtype.itemsize}")
        return kept if isinstance(dtype, np.dtype) else pd.array(kept, dtype=dtype)

    def given(self, rows: NDArray[np.intp], values: NDArray[Any]) -> Values:
        """Hand on the values of these rows; for a row -1 decode the number.

        Examples
        --------
        >>> column = column_of("n", pd.Series([2**60 + 1, 5]), "integer")
        >>> column.given(np.array([0, -1]), np.array([2.0**60, 7.2])).tolist()
        [1152921504606846977, 7]
        """
        return self.changed(self.take(rows), rows >= 0, values)

    def changed(
        self, cells: Values, same: NDArray[np.bool_], values: NDArray[Any]
    ) -> Values:
        """Decode numbers; where they are the `same` as before, keep the cells.

        Beyond 2^53 a number that is decoded need not be a value that was observed.
        """
        if same.all():
            return cells
        return placed(self.decode(values), np.flatnonzero(same), cells[same])

    def decode_within(self, values: NDArray[Any]) -> Values:
        """Decode numbers that lie between observed ones.

        A float may stand for several whole numbers or dates, so that what lies between
        the observed ones can leave their range by a few; it is put back.
        """
        if self.level in DATES:
            return self.clock.moments(values, self.own.dtype, within=True)
        cells = self.decode(values)
        if self.level != "integer" or not len(values) or not self.beyond_floats:
            return cells
        own, dtype = self.series[self.ry], cells.dtype
        # Numbers of NumPy: an Arrow column compares with none above 2^63.
        kind = "O" if is_object_dtype(dtype) else f"{dtype.kind}{dtype.itemsize}"
        ends = np.array([int(own.min()), int(own.max())], dtype=kind)
        numbers = pd.Series(cells, dtype=dtype).to_numpy(dtype=kind)
        kept = np.clip(numbers, ends[0], ends[1])
        return kept if isinstance(dtype, np.dtype) else pd.array(kept, dtype=dtype)


def column_of(name: str, series: pd.Series, level: Level) -> Column:
    """Take a column out of a frame; nothing is converted before it is needed."""
    own: Values = series.array
    if isinstance(series.dtype, np.dtype) and series.dtype.kind not in "mM":
        own = series.to_numpy()
    return Column(name=name, level=level, own=own, ry=~np.asarray(pd.isna(own), bool))


def may_hide_nan(dtype: Any) -> bool:
    """Whether pandas tells NaN from NA in such columns, so that NaN is not missing."""
    other = isinstance(dtype, np.dtype | pd.SparseDtype)
    return not other and bool(dtype.kind == "f")


def placed(own: Values, rows: NDArray[np.intp], values: Values) -> Values:
    """Copy an array and put values of its dtype into some rows.

    Examples
    --------
    >>> placed(np.array([1, 2, 3]), np.array([1]), np.array([7]))
    array([1, 7, 3])
    """
    if own.dtype != object and values.dtype == object:
        # A column of nothing but NaN, which a constant makes one of objects.
        own = np.asarray(own, dtype=object)
    if isinstance(own.dtype, pd.ArrowDtype) and own.dtype == values.dtype:
        # An assignment goes by way of Python's objects, which not all dates fit.
        order = np.arange(len(own))
        order[rows] = len(own) + np.arange(len(values))
        both = [pd.Series(part, dtype=own.dtype) for part in (own, values)]
        return pd.concat(both, ignore_index=True).array.take(order)
    found = own.copy()
    found[rows] = values
    return found


def masked(series: pd.Series, hit: NDArray[np.bool_]) -> pd.Series:
    """Make some cells of a column missing.

    Examples
    --------
    >>> masked(pd.Series([1.0, 2.0]), np.array([False, True])).tolist()
    [1.0, nan]
    """
    if isinstance(series.dtype, pd.ArrowDtype):
        # As in `placed`.
        order = np.where(hit, -1, np.arange(len(series)))
        own = series.array.take(order, allow_fill=True)
        return pd.Series(own, index=series.index, name=series.name)
    return series.mask(hit)


def nan_as_missing(series: pd.Series) -> pd.Series:
    """See NaN in a nullable or Arrow column of floats as missing; else hand it on.

    Examples
    --------
    >>> own = pd.arrays.FloatingArray(np.array([np.nan, 1.0]), np.array([False] * 2))
    >>> ratio = pd.Series(own)
    >>> ratio.isna().tolist(), nan_as_missing(ratio).isna().tolist()
    ([False, False], [True, False])
    """
    if not may_hide_nan(series.dtype):
        return series
    lost = np.isnan(as_floats(series))
    if lost.any():
        lost &= series.notna().to_numpy(bool)
    if not lost.any():
        return series
    own: Any = series.array.copy()
    own[lost] = pd.NA
    return pd.Series(own, index=series.index, name=series.name)


def see_missing(frame: pd.DataFrame) -> pd.DataFrame:
    """See NaN as missing in columns where pandas does not; changes this frame."""
    for k, dtype in enumerate(frame.dtypes):
        if may_hide_nan(dtype):
            series = frame.iloc[:, k]
            seen: Any = nan_as_missing(series)
            if seen is not series:
                frame.isetitem(k, seen)
    return frame


def unmasked(given: Any) -> Any:
    """See the masked cells of a NumPy array as NaN; anything else as it is.

    Raises
    ------
    UnsupportedFrame
        If an array that is masked does not hold numbers.

    Examples
    --------
    >>> unmasked(np.ma.array([[1, 2]], mask=[[False, True]]))
    array([[ 1., nan]])
    """
    if not isinstance(given, np.ma.MaskedArray):
        return given
    if not np.ma.is_masked(given):
        return given.data
    if given.dtype.kind not in "iuf":
        raise UnsupportedFrame(
            f"The masked array holds {given.dtype}, and masks are understood of "
            "numbers only; give a DataFrame, or an array of objects with None where "
            "it is masked."
        )
    dtype = given.dtype if given.dtype.kind == "f" else np.dtype(np.float64)
    numbers: Any = given.astype(dtype)
    return numbers.filled(np.nan)


def as_floats(series: pd.Series) -> NDArray[np.float64]:
    """Numbers of any dtype as float64, missing ones as NaN."""
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def _finite(values: NDArray[np.float64], dtype: Any) -> NDArray[np.float64]:
    """Keep numbers within the range of the floats of a dtype.

    Examples
    --------
    >>> _finite(np.array([1.0, 1e300]), np.dtype("float32"))
    array([1.00000000e+00, 3.40282347e+38])
    """
    most = _LARGEST.get(getattr(dtype, "itemsize", 8))
    return values if most is None else np.clip(values, -most, most)


def _whole(values: NDArray[np.float64], kind: str) -> NDArray[Any]:
    limits = np.iinfo(kind)
    # float(2**63 - 1) is 2**63, one too many: step down to a float that fits.
    top = float(limits.max)
    if top > limits.max:
        top = float(np.nextafter(top, 0))
    return np.clip(np.rint(values), float(limits.min), top).astype(kind)


def _whole_objects(values: NDArray[np.float64], observed: pd.Series) -> list[int]:
    """Round for a column of objects, within 64 bits where its own numbers are.

    Only such numbers can be stored as a column.

    Examples
    --------
    >>> _whole_objects(np.array([1e30, -2.5]), pd.Series([5, 7], dtype=object))
    [9223372036854774784, -2]
    """
    if len(observed):
        low, high = int(observed.min()), int(observed.max())
        for kind in ("i8", "u8"):
            limits = np.iinfo(kind)
            if limits.min <= low and high <= limits.max:
                kept: list[int] = _whole(values, kind).tolist()
                return kept
    return [int(value) for value in np.rint(values)]


def literal(name: str, series: pd.Series, level: Level, value: Scalar) -> Values:
    """Turn a constant into one value of the column's own dtype.

    Parameters
    ----------
    name : str
        Name of the column, for the message.
    series : Series
        The column.
    level : Level
        Its measurement level.
    value : bool, int, float or str
        What the analyst gave.

    Returns
    -------
    array of shape (1,)
        The value in the dtype of the column.

    Raises
    ------
    InvalidSpec
        If the column cannot hold the value.

    Examples
    --------
    >>> int(literal("n", pd.Series([1, None], dtype="Int8"), "integer", 3)[0])
    3
    >>> literal("n", pd.Series([1, None], dtype="Int8"), "integer", 3.5)
    Traceback (most recent call last):
    jupyter_wrangler.errors.InvalidSpec: fill_value 3.5 does not fit column 'n', which
    is integer (Int8); a whole number is wanted. Give it by column, for example
    fill_value={'n': ...}.
    """
    wanted = _wanted(series, level, value)
    if not wanted:
        try:
            return _own(series, level, value)
        except (ValueError, TypeError, OverflowError):
            wanted = "a value within the range of the dtype"
    raise InvalidSpec(
        f"fill_value {shown(value)} does not fit column {name!r}, which is {level} "
        f"({series.dtype}); {wanted} is wanted. Give it by column, for example "
        f"fill_value={{{name!r}: ...}}."
    )


def _wanted(series: pd.Series, level: Level, value: Scalar) -> str:
    """Say what a constant ought to be; nothing if it is that."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        finite = number and bool(np.isfinite(float(value)))
    except OverflowError:  # an integer of more than 308 digits
        finite = False
    fits, wanted = True, ""
    if isinstance(series.dtype, pd.CategoricalDtype):
        fits = value in series.cat.categories
        wanted = "one of its categories (add it with .cat.add_categories)"
    elif level == "boolean":
        fits, wanted = isinstance(value, bool), "True or False"
    elif level == "integer":
        fits = finite and float(value) == np.rint(float(value))
        wanted = "a whole number"
    elif level == "continuous":
        fits, wanted = finite, "a finite number"
    elif level in {"datetime", "timedelta"}:
        fits, wanted = isinstance(value, str), f"a {level} as a string"
    elif not is_object_dtype(series.dtype) or series.notna().any():
        fits, wanted = isinstance(value, str), "a string"
    return "" if fits else wanted


def _own(series: pd.Series, level: Level, value: Scalar) -> Values:
    dtype: Any = series.dtype
    if is_object_dtype(dtype):
        single = np.empty(1, dtype=object)
        single[0] = int(value) if level == "integer" else value
        return single
    if level == "integer":
        return pd.array(cast("Any", [int(value)]), dtype=dtype)
    if level == "datetime":
        moment = pd.Timestamp(cast("str", value))
        zone = getattr(dtype, "tz", None)
        if zone is not None and moment.tzinfo is None:
            moment = moment.tz_localize(zone)
        return pd.Series([moment]).astype(dtype).array
    if level == "timedelta":
        return pd.Series([pd.Timedelta(cast("str", value))]).astype(dtype).array
    if isinstance(dtype, np.dtype):
        return np.array([value]).astype(dtype)
    held: Any = pd.array(cast("Any", [value]), dtype=dtype)
    if held.isna().any():
        raise ValueError(value)
    return held
