"""Tell the engine what only a room that may do I/O knows.

Whoever hands out an imputer, or a function of the engine that takes frames, calls this
first: the package does for `jw.Imputer` and `jw.ampute`, a plan for its own imputer.
"""

from __future__ import annotations

import importlib

from jupyter_wrangler.engine.ports import Backends, set_worlds, set_writer
from jupyter_wrangler.frames import dataframe_backends


def register_backends() -> None:
    """Let imputers write files and all take polars, however often this is called."""
    set_writer(
        lambda state, path: importlib.import_module(
            "jupyter_wrangler.frames.imputers"
        ).write(state, path)
    )
    set_worlds(
        Backends(
            knows=dataframe_backends.is_polars,
            read=dataframe_backends.as_pandas,
            back=dataframe_backends.as_given,
        )
    )
