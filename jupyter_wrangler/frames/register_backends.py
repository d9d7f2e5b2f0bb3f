"""Register with the engine what only a package that may do I/O knows.

What hands out an imputer, or a function of the engine that takes frames, calls this
first: the package does for `jw.Imputer` and `jw.ampute`, a plan for its own imputer.
"""

from __future__ import annotations

import importlib
from abc import ABC
from typing import Any

import pandas as pd
import pyarrow as pa

from jupyter_wrangler.engine import ports
from jupyter_wrangler.engine.state import State
from jupyter_wrangler.frames import dataframe_backends


class PolarsFrame(ABC):  # noqa: B024  stands for a class that may not be loaded
    """Any polars DataFrame, for dispatch by type without an import of polars."""

    @classmethod
    def __subclasshook__(cls, other: type) -> bool:
        """Tell whether a class is the DataFrame of polars."""
        return dataframe_backends.is_polars_type(other)


def register_backends() -> None:
    """Let imputers write files and all take polars, however often this is called."""
    ports.write.register(State, _write)
    ports.as_pandas.register(PolarsFrame, dataframe_backends.as_pandas)
    ports.as_given.register(PolarsFrame, _as_it_came)
    ports.as_pandas.register(pa.Table, dataframe_backends.as_pandas)
    ports.as_given.register(pa.Table, _as_it_came)


def _write(state: State, path: Any) -> None:
    # The file format is loaded when the first imputer is saved.
    importlib.import_module("jupyter_wrangler.frames.imputers").write(state, path)


def _as_it_came(given: Any, done: pd.DataFrame) -> Any:
    return dataframe_backends.as_given(done, given)
