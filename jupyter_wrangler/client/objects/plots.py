"""How what the client gives is drawn: by a room that this one does not import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_wrangler.errors import InvalidSpec

_make: Callable[[Any], Any] | None = None


def set_plots(make: Callable[[Any], Any]) -> None:
    """Say how a result, a profile, a correlation or a leaderboard is drawn."""
    global _make  # noqa: PLW0603  set once, when the package is first used
    _make = make


def plots_of(found: Any) -> Any:
    """Draw it.

    Raises
    ------
    InvalidSpec
        If nobody has said how.
    """
    if _make is None:
        raise InvalidSpec(
            "Charts come with the package: import jupyter_wrangler as jw, then take "
            "jw.charts.Plots(result), or another of jw.charts."
        )
    return _make(found)
