"""DataFrames of other makes: pandas and polars in, the same out."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jupyter_wrangler.errors import DuplicateColumns, UnsupportedFrame


def is_polars(frame: object) -> bool:
    """Whether `frame` is a polars DataFrame; does not import polars."""
    return is_polars_type(type(frame))


def is_polars_type(kind: type) -> bool:
    """Whether a class is the DataFrame of polars, or made of it."""
    polars = sys.modules.get("polars")
    return polars is not None and issubclass(kind, polars.DataFrame)


def is_arrow(frame: object) -> bool:
    """Whether `frame` is a table of pyarrow."""
    return isinstance(frame, pa.Table)


def backend_of_frame(frame: object) -> str:
    """Name the library that a frame is of: "pandas", "polars" or "pyarrow".

    Examples
    --------
    >>> backend_of_frame(pd.DataFrame()), backend_of_frame(pa.table({}))
    ('pandas', 'pyarrow')
    """
    if is_polars(frame):
        return "polars"
    return "pyarrow" if is_arrow(frame) else "pandas"


def as_backend(df: pd.DataFrame, backend: str) -> Any:
    """Turn a pandas frame into one of the library that is named.

    Examples
    --------
    >>> as_backend(pd.DataFrame({"a": [1]}), "pyarrow").column_names
    ['a']
    """
    if backend == "polars":
        return to_polars(df)
    if backend == "pyarrow":
        table = pa.Table.from_pandas(df, preserve_index=False)
        return table.replace_schema_metadata(None)
    return df


def as_pandas(frame: Any) -> pd.DataFrame:
    """Give a pandas DataFrame for what the user handed in.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
        Columns of polars and pyarrow become Arrow-backed ones; NaN counts as missing
        there too.

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
    if is_arrow(frame):
        return _of_arrow(frame)
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
        f"{article} {found} was given, but a pandas or polars DataFrame or "
        f"a pyarrow Table is wanted; {how}."
    )


def _of_arrow(table: pa.Table) -> pd.DataFrame:
    """See a table of pyarrow as a frame, without the index that pandas left in it."""
    names = table.column_names
    columns = {}
    for at, name in enumerate(names):
        if name in columns:
            raise DuplicateColumns([name])
        column = table.column(at)
        if pa.types.is_floating(column.type):
            # NaN is a missing value
            column = pc.if_else(pc.is_nan(column), None, column)
        if pa.types.is_dictionary(column.type):
            column = column.cast(_signed(table.schema.field(at)).type)
        columns[name] = column
    plain = pa.table(columns) if columns else table.replace_schema_metadata(None)
    df: pd.DataFrame = plain.to_pandas(types_mapper=_arrow_unless_dictionary)
    return df


def as_given(df: pd.DataFrame, like: Any, *, same_types: bool = True) -> Any:
    """Turn a pandas frame into what `like` is: pandas, polars or pyarrow.

    Parameters
    ----------
    df : DataFrame
        What was made of `like`.
    like : DataFrame or Table
        What was handed in.
    same_types : bool, default=True
        Whether its columns have the types of those of `like`, as completed data do.
    """
    if is_arrow(like):
        table = pa.Table.from_pandas(df, preserve_index=False)
        table = table.replace_schema_metadata(None)
        return table.cast(_types_of(table, like)) if same_types else table
    if not is_polars(like):
        return df
    done = to_polars(df)
    if not same_types:
        return done
    null = importlib.import_module("polars").Null
    types = {k: v for k, v in dict(like.schema).items() if k in done.columns}
    # A column without values has the type of what filled it.
    return done.cast({k: v for k, v in types.items() if v != null})


def _types_of(table: pa.Table, like: pa.Table) -> pa.Schema:
    """Give completed columns the types that they had; what had none keeps its own."""
    own = {field.name: field.type for field in like.schema}
    fields = [
        field.with_type(own[field.name])
        if field.name in own and not pa.types.is_null(own[field.name])
        else field
        for field in table.schema
    ]
    return pa.schema(fields)


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
    unusual = next((name for name in names if not _may_be_stored(name)), None)
    if unusual is not None:
        raise UnsupportedFrame(
            f"The column name {unusual!r} holds a NUL or half of a character, which no "
            "file or database can store; rename it, for example with "
            "df.rename(columns={...})."
        )
    return names


def _may_be_stored(name: str) -> bool:
    try:
        return b"\0" not in name.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
