"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def shown_at_most(default: int = 20) -> Callable[[Any], Any]:
    """Let a command that lists things take how many to show."""
    return click.option(
        "--limit",
        default=default,
        show_default=True,
        type=click.IntRange(min=1),
        help="How many to show.",
    )
