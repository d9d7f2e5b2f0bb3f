"""What only packages that do I/O know: files, and frames of other makes than pandas.

Each is a function that dispatches on a type; `frames.register_backends` adds polars and
the file of a fitted imputer.  Without it the engine takes pandas and arrays, and writes
nothing.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from jupyter_wrangler.errors import InvalidSpec


@singledispatch
def as_pandas(frame: Any) -> Any:
    """See a frame of another make as one of pandas; anything else stays as it is.

    Examples
    --------
    >>> as_pandas([[1.0, 2.0]])
    [[1.0, 2.0]]
    """
    return frame


@as_pandas.register
def _(frame: np.ndarray) -> Any:
    # said aloud: to find that it is no frame of another make takes as long as a mean
    return frame


@singledispatch
def as_given(given: Any, done: Any) -> Any:
    """Give a pandas frame in the make of the one that was given.

    Examples
    --------
    >>> as_given("an array", "pandas")
    'pandas'
    """
    del given
    return done


@as_given.register
def _(given: np.ndarray, done: Any) -> Any:
    del given
    return done


@singledispatch
def write(state: Any, path: Any) -> None:
    """Write a `State` to a file.

    Raises
    ------
    InvalidSpec
        If no package has registered how.
    """
    del state, path
    raise InvalidSpec(
        "Nothing is set up to write files here: take the imputer from "
        "jupyter_wrangler (jw.Imputer), or call save_imputer(imputer, path) of "
        "jupyter_wrangler.frames.imputers."
    )
