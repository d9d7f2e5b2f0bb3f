"""What only rooms that may do I/O know: files, and frames of other makes than pandas.

The package tells it when an imputer is first used; without it the engine takes pandas
and arrays, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jupyter_wrangler.engine.state import State
from jupyter_wrangler.errors import InvalidSpec

#: Writes a state to a file; see `set_writer`.
_writer: Callable[[State, Any], None] | None = None


def set_writer(write: Callable[[State, Any], None]) -> None:
    """Say how a fitted imputer becomes a file; a room that may do I/O knows."""
    global _writer  # noqa: PLW0603  set once, when the package is first used
    _writer = write


@dataclass(frozen=True, kw_only=True)
class Backends:
    """Frames of other makes than pandas."""

    #: Tells one of them.
    knows: Callable[[Any], bool]
    #: Makes a pandas frame of it.
    read: Callable[[Any], pd.DataFrame]
    #: Makes of a pandas frame what the second one is.
    back: Callable[[pd.DataFrame, Any], Any]


#: Frames of other makes; see `set_worlds`.
_worlds: Backends | None = None


def set_worlds(known: Backends) -> None:
    """Say which other frames there are; the engine itself knows pandas only."""
    global _worlds  # noqa: PLW0603  set once, when the package is first used
    _worlds = known


def write(state: State, path: Any) -> None:
    """Write a state to a file.

    Raises
    ------
    InvalidSpec
        If nobody has said how.
    """
    if _writer is None:
        raise InvalidSpec(
            "Nothing is set up to write files here: take the imputer from "
            "jupyter_wrangler (jw.Imputer), or call save_imputer(imputer, path) of "
            "jupyter_wrangler.frames.imputers."
        )
    _writer(state, path)


def read(X: Any) -> Any:
    """See a frame of another make as one of pandas."""
    return _worlds.read(X) if _worlds is not None and _worlds.knows(X) else X


def back(done: Any, given: Any) -> Any:
    """Give a pandas frame in the make of another one."""
    if _worlds is None or not _worlds.knows(given):
        return done
    return _worlds.back(done, given)
