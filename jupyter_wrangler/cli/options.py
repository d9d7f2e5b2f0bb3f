"""What several commands have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jupyter_wrangler.client.transport.api import Api


@contextlib.contextmanager
def service() -> Iterator[Api]:
    """Yield a client of the service that runs; a look must not start one."""
    from jupyter_wrangler.client.transport.api import Api

    api = Api().passive()
    try:
        yield api
    finally:
        api.close()


def shown_at_most(default: int = 20) -> Callable[[Any], Any]:
    """Let a command that lists things take how many to show."""
    return click.option(
        "--limit",
        default=default,
        show_default=True,
        type=click.IntRange(min=1),
        help="How many to show.",
    )
