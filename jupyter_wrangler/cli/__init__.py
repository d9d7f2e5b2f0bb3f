"""The command line, ``jupyter wrangler ...``.

What a command needs is imported when it runs: ``jupyter wrangler up`` loads no pandas,
and ``service`` and ``worker`` load only their own side.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import click

from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.errors import WranglerError, WranglerWarning

__all__ = ["main"]

#: How Python itself shows warnings.
_plain = warnings.showwarning


def main() -> None:
    """Run a command; an error of ours is one message and exit code 1."""
    warnings.showwarning = _show_warning
    try:
        wrangler.main(prog_name="jupyter wrangler")
    except WranglerError as exc:
        click.echo(f"Error: {exc.message}", err=True)
        sys.exit(1)


def _show_warning(
    message: Any, category: type[Warning], *where: Any, **more: Any
) -> None:
    """Show a warning of ours as a sentence, without a line of our code."""
    if issubclass(category, WranglerWarning):
        click.echo(f"Warning: {message}", err=True)
    else:
        _plain(message, category, *where, **more)
