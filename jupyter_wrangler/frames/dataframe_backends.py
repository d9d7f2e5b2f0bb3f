"""DataFrames of other makes: pandas and polars in, the same out."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from typing import Any

import pandas as pd
import pyarrow as pa

from jupyter_wrangler.errors import DuplicateColumns, UnsupportedFrame


def is_polars(frame: object) -> bool:
    """Whether `frame` is a polars DataFrame; does not import polars."""
    return is_polars_type(type(frame))


def is_polars_type(kind: type) -> bool:
    """Whether a class is the DataFrame of polars, or made of it."""
    polars = sys.modules.get("polars")
    return polars is not None and issubclass(kind, polars.DataFrame)


def as_pandas(frame: Any) -> pd.DataFrame:
    """Give a pandas DataFrame for what the user handed in.

    Parameters
    ----------
    frame : pandas.DataFrame or polars.DataFrame
        polars columns become Arrow-backed ones; NaN counts as missing there too.

    Returns
    -------
    pandas.DataFrame
        `frame` itself if it is one.

    Raises
    ------
    UnsupportedFrame
        For anything else, saying how to convert it.

    Examples
    --------
    >>> as_pandas(pd.Series([1.0, None], name="a"))
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.UnsupportedFrame: A Series was given, ... .to_frame().
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    if is_polars(frame):
        table = frame.fill_nan(None).to_arrow(compat_level=_polars_oldest())
        table = table.cast(pa.schema([_signed(field) for field in table.schema]))
        df: pd.DataFrame = table.to_pandas(types_mapper=_arrow_unless_dictionary)
        return df
    found = type(frame).__name__
    how = {
        "Series": "make one of it with .to_frame()",
        "LazyFrame": "collect it with .collect()",
        "ndarray": "make one of it with pd.DataFrame(...)",
        "str": "read the file with pd.read_csv(...) or pd.read_parquet(...)",
        "PosixPath": "read the file with pd.read_csv(...) or pd.read_parquet(...)",
    }.get(found, "convert it, for example with pd.DataFrame(...) or .to_pandas()")
    article = "An" if found[0] in "aeiouAEIOU" else "A"
    raise UnsupportedFrame(
        f"{article} {found} was given, but a pandas or polars DataFrame is wanted; "
        f"{how}."
    )


def as_given(df: pd.DataFrame, like: Any) -> Any:
    """Turn a completed pandas frame into what `like` is: pandas or polars."""
    if not is_polars(like):
        return df
    done = to_polars(df)
    null = importlib.import_module("polars").Null
    types = {k: v for k, v in dict(like.schema).items() if k in done.columns}
    # A column without values has the type of what filled it.
    return done.cast({k: v for k, v in types.items() if v != null})


def to_polars(df: pd.DataFrame) -> Any:
    """Turn a pandas frame that stands for a polars one into polars."""
    polars = importlib.import_module("polars")
    return polars.from_arrow(pa.Table.from_pandas(df, preserve_index=False))


def _signed(field: pa.Field) -> pa.Field:
    """Give dictionaries codes that every pandas reads; older polars has unsigned."""
    kind = field.type
    if not pa.types.is_dictionary(kind):
        return field
    return field.with_type(pa.dictionary(pa.int32(), kind.value_type, kind.ordered))


def _polars_oldest() -> Any:
    return importlib.import_module("polars").CompatLevel.oldest()


def _arrow_unless_dictionary(kind: pa.DataType) -> Any:
    # pandas has its own, better, type for these
    return None if pa.types.is_dictionary(kind) else pd.ArrowDtype(kind)


def names_of(df: pd.DataFrame) -> tuple[str, ...]:
    """Name the columns by strings, in order.

    Raises
    ------
    DuplicateColumns
        If two columns share a label, or two labels read the same.

    Examples
    --------
    >>> names_of(pd.DataFrame({"a": [1], 2: [2]}))
    ('a', '2')
    """
    names = tuple(map(str, df.columns))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DuplicateColumns(twice)
    odd = next((name for name in names if not _may_be_stored(name)), None)
    if odd is not None:
        raise UnsupportedFrame(
            f"The column name {odd!r} holds a NUL or half of a character, which no "
            "file or database can store; rename it, for example with "
            "df.rename(columns={...})."
        )
    return names


def _may_be_stored(name: str) -> bool:
    try:
        return b"\0" not in name.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
