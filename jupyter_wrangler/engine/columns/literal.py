"""A constant that the analyst gives, as a value of a column's own dtype."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype

from jupyter_wrangler.contract import Level, Scalar
from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.errors import InvalidSpec, shown


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
