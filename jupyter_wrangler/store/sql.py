"""Statements as text, each made once: to make one again takes as long as to run it."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy
from sqlalchemy import TextClause


@lru_cache(maxsize=1024)
def text(statement: str) -> TextClause:
    """Return the statement, with its bound names found and its cache key known.

    Examples
    --------
    >>> text("SELECT :x") is text("SELECT :x")
    True
    """
    return sqlalchemy.text(statement)
