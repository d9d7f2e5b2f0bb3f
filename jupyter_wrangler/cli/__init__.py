"""The command line, ``jupyter wrangler ...``.

What a command needs is imported when it runs: ``jupyter wrangler up`` loads no pandas,
and ``service`` and ``worker`` load only their own side.
"""

from __future__ import annotations

import sys

import click

from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.errors import WranglerError

__all__ = ["main"]


def main() -> None:
    """Run a command; an error of ours is one message and exit code 1."""
    try:
        wrangler.main(prog_name="jupyter wrangler")
    except WranglerError as exc:
        click.echo(f"Error: {exc.message}", err=True)
        sys.exit(1)
