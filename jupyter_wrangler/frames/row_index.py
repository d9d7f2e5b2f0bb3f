"""The index of the rows: a note of it, and its levels as columns of the file."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jupyter_wrangler.errors import UnsupportedFrame, shown
from jupyter_wrangler.frames.columns import (
    Note,
    Values,
    is_object,
    pack_labels,
    tag,
    untag,
)


def pack_index(index: pd.Index[Any], taken: set[str]) -> tuple[Note, dict[str, Values]]:
    """Give the note of a row index, and the levels that travel as columns."""
    what = "the index"
    if isinstance(index, pd.RangeIndex):
        return pack_labels(index, what), {}
    levels: dict[str, Values] = {}
    for i, name in enumerate(index.names):
        free = isinstance(name, str) and name not in taken and name not in levels
        key = str(name) if free else f"__index_level_{i}__"
        level = index.get_level_values(i)
        if pd.api.types.infer_dtype(level).startswith("mixed"):
            raise UnsupportedFrame(
                f"The index mixes types (for example {shown(level[0])} and "
                f"{shown(level[-1])}), and one type is wanted. Move it "
                "away with df.reset_index(drop=True), or make it text with "
                "df.index = df.index.map(str)."
            )
        levels[key] = level.array
    freq = getattr(index, "freqstr", None)
    names = [tag(name, what) for name in index.names]
    multi = isinstance(index, pd.MultiIndex)
    return {"names": names, "multi": multi, "freq": freq}, levels


def unpack_index(packed: Note, arrays: list[Values]) -> pd.Index[Any]:
    """Make a row index of its note, and of its levels as they were read."""
    if "range" in packed:
        start, stop, step = packed["range"]
        return pd.RangeIndex(start, stop, step, name=untag(packed["names"][0]))
    names = [untag(name) for name in packed["names"]]
    if packed["multi"]:
        return pd.MultiIndex.from_arrays(arrays, names=names)
    values = arrays[0]
    dtype = object if is_object(values.dtype) else None
    index: pd.Index[Any] = pd.Index(values, name=names[0], dtype=dtype)
    dated: Any = index
    if packed["freq"] and not isinstance(index, pd.PeriodIndex):
        dated.freq = packed["freq"]
    return index
