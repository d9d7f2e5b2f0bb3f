"""Constant: a value that the analyst gives."""

from __future__ import annotations

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import GivenValue

METHOD = GivenValue(
    name="constant",
    title="a constant that the analyst chose",
    levels=PREDICTORS | {"text"},
)
