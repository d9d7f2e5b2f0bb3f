"""Files that commands read: the options that say how, and messages about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jupyter_wrangler.files.tables import Table


def _one_character(_: Any, __: Any, value: str | None) -> str | None:
    """Take what can hardly be typed by its name."""
    if value is None:
        return None
    found = {"tab": "\t", "\\t": "\t", "space": " "}.get(value, value)
    if len(found) != 1 or found in {'"', "\n", "\r"}:
        raise click.BadParameter("one character is wanted, or 'tab' or 'space'")
    return found


_LOOKED_FOR = "As it stands in the file; looked for if not given."

_OPTIONS = (
    click.option("--sep", "separator", callback=_one_character, help=_LOOKED_FOR),
    click.option("--decimal", type=click.Choice([".", ","]), help=_LOOKED_FOR),
    click.option(
        "--na", "missing", multiple=True, help="A word for missing values; repeatable."
    ),
    click.option("--encoding", help=_LOOKED_FOR),
)


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take how a file is to be read."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def refuse_commas(separator: str | None, decimal: str | None) -> None:
    """Refuse a comma that stands for two things."""
    if separator == decimal == ",":
        raise click.UsageError(
            "A comma cannot be both --sep and --decimal; name another of the two."
        )


def read_source(
    source: Path,
    *,
    separator: str | None,
    decimal: str | None,
    missing: tuple[str, ...],
    encoding: str | None,
) -> Table:
    """Read a file, and say as what it was read."""
    from jupyter_wrangler.files.tables import read

    table = read(
        source,
        separator=separator,
        decimal=decimal,
        missing=missing,
        encoding=encoding,
    )
    rows, width = table.frame.shape
    how = f": {table.dialect}" if table.dialect else ""
    click.echo(f"Read {source.name} as {rows} rows of {width} columns{how}.", err=True)
    for note in table.notes:
        click.echo(f"Note: {note}", err=True)
    return table
