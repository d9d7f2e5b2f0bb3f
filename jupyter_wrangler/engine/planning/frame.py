"""Frames that can be used: their names, types and numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Scalar
from jupyter_wrangler.engine import ports
from jupyter_wrangler.engine.columns.missing_cells import see_missing
from jupyter_wrangler.engine.methods import METHODS, method_of
from jupyter_wrangler.errors import (
    DuplicateColumns,
    EmptyFrame,
    InfiniteValues,
    InvalidData,
    UnsupportedFrame,
)

#: Larger numbers overflow in the sums of squares that models are fitted from.
LARGEST = 1e140


def named(df: Any) -> pd.DataFrame:
    """Give a frame string column names, refusing what is no usable frame.

    NaN is a missing value in every column of it; the frame that was given stays as it
    is.
    """
    df = ports.as_pandas(df)
    if not isinstance(df, pd.DataFrame):
        kind = type(df)
        raise UnsupportedFrame(
            "A pandas or polars DataFrame is wanted, but this is "
            f"{kind.__module__}.{kind.__qualname__}; convert it, for example with "
            "pd.DataFrame(...) or .to_pandas()."
        )
    if 0 in df.shape:
        raise EmptyFrame(*df.shape)
    names = [str(label) for label in df.columns]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DuplicateColumns(twice)
    frame = df.copy(deep=False)
    frame.columns = pd.Index(names, dtype=object)
    return see_missing(frame)


def untyped(frame: pd.DataFrame, spec: ImputationSpec) -> pd.DataFrame:
    """See columns of nothing but NaN as objects where a constant is no number.

    Such a column has no type that the constant could disagree with; it becomes one of
    objects when it is filled.
    """
    asked = {spec.method, *spec.methods.values()}
    if not any(method in METHODS and METHODS[method].given for method in asked):
        # the types of all columns take a tenth of the time of a small frame
        return frame
    found = frame
    for name, dtype in frame.dtypes.items():
        null = str(dtype) == "null[pyarrow]"
        if not null and not (isinstance(dtype, np.dtype) and dtype.kind == "f"):
            continue
        if not given(spec.methods.get(str(name), spec.method)):
            continue
        value = constants(spec, str(name))
        other = null or isinstance(value, str | bool)
        if other and frame[name].isna().all():
            found = frame.copy(deep=False) if found is frame else found
            found[name] = frame[name].astype(object)
    return found


def constants(spec: ImputationSpec, name: str) -> Scalar | None:
    """Tell the constant of one column, if one was given."""
    if isinstance(spec.fill_value, dict):
        return spec.fill_value.get(name)
    return spec.fill_value


def check_numbers(name: str, y: NDArray[np.float64], spec: ImputationSpec) -> None:
    """Refuse infinite numbers, and those of which models cannot take squares."""
    size = float(np.fmax.reduce(np.abs(y), initial=0.0))
    if np.isinf(size):
        raise InfiniteValues(name, int(np.isinf(y).sum()))
    models = (
        method_of(m).kind not in {"simple", "passive"}
        for m in (spec.method, *spec.methods.values())
        if m
    )
    if size > LARGEST and any(models):
        raise InvalidData(
            f"Column {name!r} holds {size:.3g}, beyond {LARGEST:.0e}, whose square is "
            "no number any more; models need smaller ones. Divide the column by a "
            "constant, or see whether the value stands for a missing value."
        )


def given(method: str) -> bool:
    """Tell whether the analyst gives the value."""
    return bool(method) and method_of(method).given
