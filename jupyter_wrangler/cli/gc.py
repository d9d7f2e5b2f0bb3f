"""The command that clears away what is too old or needed by nobody."""

from __future__ import annotations

import dataclasses
import math
import shutil
from typing import Any

import click
from pydantic import SecretStr

from jupyter_wrangler.errors import DatabaseUnreachable
from jupyter_wrangler.settings import GIB, LONGEST_DAYS, Settings


def _not_nan(_: Any, __: Any, days: float | None) -> float | None:
    """Refuse NaN, which no range leaves out."""
    if days is not None and math.isnan(days):
        raise click.BadParameter("a number of days is wanted")
    return days


@click.command()
@click.option(
    "--days",
    type=click.FloatRange(0, LONGEST_DAYS),
    callback=_not_nan,
    help="Forget jobs that ended more days ago than that; default: as configured.",
)
@click.option(
    "--now",
    is_flag=True,
    help="Also bytes that were given up within the last hour. Not while data are sent.",
)
def gc(*, days: float | None, now: bool) -> None:
    """Clear away old jobs and bytes that nothing names; the service does it hourly."""
    from jupyter_wrangler.runtime.garbage_collector import GRACE_S, clear_once
    from jupyter_wrangler.stack import disk_space

    settings = Settings()
    # first what goes without the database: it may want room itself
    files = disk_space.clear_files(settings.home)
    if days is not None:
        settings = settings.model_copy(update={"retention_days": days})
    cleared = clear_once(_with_database(settings), grace_s=0 if now else GRACE_S)
    if cleared is None:
        click.echo("The service is clearing away at this moment.")
        return
    found = {**dataclasses.asdict(cleared), "old_dumps_and_logs": files}
    sentences = [
        f"{count} {what.replace('_', ' ')}" for what, count in found.items() if count
    ]
    free = shutil.disk_usage(settings.home).free / GIB if settings.home.exists() else 0
    click.echo(
        f"Cleared away: {', '.join(sentences)}."
        if sentences
        else "Nothing to clear away."
    )
    if free:
        click.echo(f"{free:.1f} GiB are free.")


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
