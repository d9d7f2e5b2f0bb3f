"""What comes into an estimator and goes out of it: frames, or arrays seen as frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from jupyter_wrangler.engine.columns.missing_cells import masked, unmasked
from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.estimator.arrays import Cells, array_of, frame_of_array
from jupyter_wrangler.engine.estimator.imputations import filled
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import (
    EmptyFrame,
    InvalidData,
    InvalidSpec,
    SchemaMismatch,
    shown,
)


def frame_of(
    estimator: BaseEstimator,
    X: Any,
    marker: Any,
    *,
    reset: bool,
    names: Sequence[str] = (),
) -> pd.DataFrame:
    """Check the input as scikit-learn does, and see it as a frame with missing values.

    The `marker` stands for missing values beside NaN; `reset` says that this is the
    fit, and `names` what the columns of an array were called there.
    """
    if not pd.api.types.is_scalar(marker):
        raise InvalidSpec(
            f"missing_values={shown(marker):.60} cannot be asked for: it is one value. "
            "Turn several into missing values first, by column, with "
            "jupyter_wrangler.mark_missing(df, {...})."
        )
    X = unmasked(X)
    try:
        if isinstance(X, pd.DataFrame):
            frame = named(X)
            seen = frame if _mixed_labels(X) else X
            validate_data(estimator, seen, reset=reset, skip_check_array=True)
        else:
            array = validate_data(
                estimator,
                array_of(X, type(estimator).__name__),
                reset=reset,
                dtype=None,
                ensure_all_finite="allow-nan",
            )
            if len(names) != array.shape[1]:
                names = [f"x{k}" for k in range(array.shape[1])]
            return frame_of_array(array, names, marker)
    except InvalidData:
        raise
    except ValueError as error:
        if isinstance(X, np.ndarray) and X.ndim == 2 and len(X) == 0 < X.shape[1]:
            raise EmptyFrame(0, X.shape[1]) from None
        if reset:
            raise
        raise SchemaMismatch(str(error)) from error
    return frame if pd.isna(marker) else _marked(frame, marker)


def _mixed_labels(X: pd.DataFrame) -> bool:
    """Tell whether scikit-learn refuses the labels: it wants all strings, or none."""
    kinds = {type(label) for label in X.columns}
    return len(kinds) > 1 and any(issubclass(kind, str) for kind in kinds)


def _marked(frame: pd.DataFrame, marker: Any) -> pd.DataFrame:
    """Make the cells that hold the marker missing; all others stay as they are."""
    truth = isinstance(marker, bool | np.bool_)
    for k, dtype in enumerate(frame.dtypes):
        kind = dtype.kind
        if isinstance(dtype, pd.CategoricalDtype):
            kind = dtype.categories.dtype.kind
        if (kind == "b" and not truth) or (kind in "iufc" and truth):
            # 0 is not False, though Python says that they are equal
            continue
        series: Any = frame.iloc[:, k]
        hits = (series == marker).to_numpy(dtype=bool, na_value=False)
        if is_object_dtype(dtype):
            truths = np.array([isinstance(v, bool | np.bool_) for v in series])
            hits = hits & (truths == truth)
        if hits.any():
            if isinstance(dtype, np.dtype) and dtype.kind in "iub":
                # of the same width: floats would not hold all whole numbers
                series = series.astype(_nullable(dtype))
            incomplete: Any = masked(series, hits)
            frame.isetitem(k, incomplete)
    return frame


def _nullable(dtype: np.dtype[Any]) -> str:
    if dtype.kind == "b":
        return "boolean"
    return f"{'UInt' if dtype.kind == 'u' else 'Int'}{8 * dtype.itemsize}"


def fill_frame(
    X: pd.DataFrame,
    frame: pd.DataFrame,
    cells: Cells,
    kept: Sequence[str],
    flagged: Sequence[str],
) -> pd.DataFrame:
    """Fill the columns that are kept, and add flags of missing values behind them."""
    given = dict(zip(map(str, X.columns), X.dtypes, strict=True))
    series = {
        name: _back(
            _fill(frame[name], *cells[name]) if name in cells else frame[name],
            given[name],
        )
        for name in kept
    }
    done = pd.DataFrame(series, index=X.index)
    labels = dict(zip(map(str, X.columns), X.columns, strict=True))
    # tuples stay labels where they are not those of several levels
    done.columns = pd.Index(
        [labels[name] for name in kept], tupleize_cols=X.columns.nlevels > 1
    )
    done.columns.names = X.columns.names
    for name in flagged:
        done[indicator_of(labels[name])] = frame[name].isna().astype(int)
    return done


def indicator_of(label: Any) -> Any:
    """Name the indicator of a column; of several levels the first tells it.

    Examples
    --------
    >>> indicator_of("age"), indicator_of(("age", 2))
    ('missingindicator_age', ('missingindicator_age', 2))
    """
    if isinstance(label, tuple) and label:
        return (f"missingindicator_{label[0]}", *label[1:])
    return f"missingindicator_{label}"


def check_indicators(names: Sequence[str], indicators: Sequence[str]) -> None:
    """Refuse indicators that are called as a column is.

    Raises
    ------
    InvalidSpec
        Naming the column.
    """
    both = [name for name in indicators if name in set(names)]
    if both:
        raise InvalidSpec(
            f"add_indicator would add a column {both[0]!r}, but the data have one "
            "already; rename it, for example with "
            f"df.rename(columns={{{both[0]!r}: ...}}), or leave add_indicator out."
        )


def _back(series: pd.Series, given: Any) -> pd.Series:
    """Give a column that only a marker made nullable the dtype it came in."""
    own = getattr(series.dtype, "numpy_dtype", None)
    if own is None or own != given or own.kind not in "iub" or series.hasnans:
        return series
    return series.astype(own)


def _fill(series: pd.Series, rows: NDArray[np.intp], values: Values) -> pd.Series:
    """Fill the missing values of a column; its dtype stays if it can hold them."""
    if not len(rows):
        return series
    if len(rows) == len(series):
        # Nothing observed here: the dtype of the fit says more than that of the missing
        # values.
        learned: pd.Series = pd.Series(values, index=series.index, dtype=values.dtype)
        return learned
    if series.dtype == values.dtype:
        return filled(series, rows, values)
    return _mixed(series, rows, pd.Series(values, dtype=values.dtype))


def _mixed(series: pd.Series, rows: NDArray[np.intp], values: pd.Series) -> pd.Series:
    """Fill a column whose dtype is another one than in the fit, without any loss.

    The result has the dtype of the fit if it holds all values, otherwise the one that
    pandas finds for both.
    """
    observed = np.setdiff1d(np.arange(len(series)), rows)
    own = series.iloc[observed].reset_index(drop=True)
    whole = pd.concat([own, values], ignore_index=True)
    kinds = [values.dtype]
    if _classes(own) and _classes(values):
        both = values.cat.categories.union(own.cat.categories, sort=False)
        kinds += [] if values.cat.ordered else [pd.CategoricalDtype(both)]
        kinds.append(series.dtype)
    elif whole.dtype != object or object in {own.dtype, values.dtype}:
        kinds.append(whole.dtype)
    for dtype in kinds:
        parts = [_cast(own, dtype), _cast(values, dtype)]
        if not any(part is None for part in parts):
            # A list of parts of one dtype keeps it.
            order = np.argsort(np.concatenate([observed, rows]), kind="stable")
            done: Any = pd.concat(parts, ignore_index=True).array.take(order)
            return pd.Series(done, index=series.index, dtype=dtype, name=series.name)
    raise SchemaMismatch(
        f"Column {series.name!r} was {values.dtype} when the imputer was fitted, and "
        f"these rows hold {series.dtype}, for example {shown(own.iloc[0])}; without "
        f"loss they are no {values.dtype}, and there is no type for both. Convert the "
        "column to that of the fit, or fit again."
    )


def _classes(series: pd.Series) -> bool:
    return isinstance(series.dtype, pd.CategoricalDtype)


def widened(X: Any, names: Sequence[str]) -> Any:
    """Add the columns of the fit that a frame lacks, all missing, in their order."""
    if not isinstance(X, pd.DataFrame):
        return X
    labels = {str(label): label for label in X.columns}
    order = [labels.pop(name, name) for name in names]
    lacking = [label for label in order if label not in X.columns]
    empty = pd.DataFrame(
        {label: pd.Series(np.nan, index=X.index, dtype=object) for label in lacking},
        index=X.index,
    )
    return pd.concat([X, empty], axis=1)[[*order, *labels.values()]] if lacking else X


def with_missing(
    series: pd.Series, rows: NDArray[np.intp], values: Values
) -> tuple[pd.Series, Values]:
    """Give a column with missing values, and the values that fill them, one dtype."""
    if series.dtype == values.dtype:
        return series, values
    done = _fill(series, rows, values)
    kept = done.convert_dtypes() if done.dtype.kind in "iub" else done
    return masked(kept, series.isna().to_numpy()), kept.array.take(rows)


def _cast(series: pd.Series, dtype: Any) -> pd.Series | None:
    """Give the values in another dtype, or None if it cannot hold them."""
    if isinstance(dtype, pd.CategoricalDtype):
        known = series.astype(object).isin(dtype.categories.astype(object))
        if not known.all():
            return None
    try:
        cast = series.astype(dtype)
        back = cast.astype(series.dtype)
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        return None
    same = back.astype(object) == series.astype(object)
    return cast if same.all() else None


def plain(value: Any) -> Any:
    """Turn NumPy scalars into Python's, and labels into names, of which specs are made.

    Examples
    --------
    >>> plain({3: np.int64(5)}), plain(np.float64(0.5))
    ({'3': 5}, 0.5)
    """
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def spelled(labels: Any, *, alone: bool = False) -> Any:
    """Spell several labels as names; a string is a word, or one name `alone`.

    Examples
    --------
    >>> spelled([3, ("a", 1)]), spelled("roman"), spelled("age", alone=True)
    (('3', "('a', 1)"), 'roman', ('age',))
    """
    if isinstance(labels, str):
        return (labels,) if alone else labels
    return tuple(map(str, labels)) if isinstance(labels, Iterable) else labels
