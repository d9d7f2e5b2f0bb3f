"""The command that clears away what is too old or needed by nobody."""

from __future__ import annotations

import dataclasses

import click
from pydantic import SecretStr

from jupyter_wrangler.errors import DatabaseUnreachable
from jupyter_wrangler.settings import Settings


@click.command()
def gc() -> None:
    """Clear away old jobs and bytes that nothing names; the service does it hourly."""
    from jupyter_wrangler.jobs.clear import clear_once

    cleared = clear_once(_with_database(Settings()))
    if cleared is None:
        click.echo("The service is clearing away at this moment.")
        return
    found = dataclasses.asdict(cleared)
    said = [
        f"{count} {what.replace('_', ' ')}" for what, count in found.items() if count
    ]
    click.echo(
        f"Cleared away: {', '.join(said)}." if said else "Nothing to clear away."
    )


def _with_database(settings: Settings) -> Settings:
    """Name the private database where no other is configured."""
    from jupyter_wrangler.stack import launch, paths

    if settings.database_url is not None:
        return settings
    if launch.running(settings) is None:
        raise DatabaseUnreachable(
            "No database is configured and the private stack does not run; start it "
            "with: jupyter wrangler up"
        )
    url = SecretStr(paths.locate(settings).database_url)
    return settings.model_copy(update={"database_url": url})
