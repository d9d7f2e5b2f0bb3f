"""Turn values that stand for missing ones into missing values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_wrangler import frames
from jupyter_wrangler.engine.profile.mark import mark


def mark_values(df: Any, codes: Mapping[Any, Any], *, verbose: bool) -> Any:
    """Return a new frame in which the given values are missing.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    codes : mapping of column to value or values
        What stands for a missing value.
    verbose : bool
        Print how many cells held each value.
    """
    marked = mark(frames.as_pandas(df), codes)
    if verbose:
        # what one wants to see in the cell that does it
        print(marked)  # noqa: T201
    return frames.as_given(marked.frame, df)
