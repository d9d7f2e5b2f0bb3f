"""The commands that start, stop and show the servers, and the list of all."""

from __future__ import annotations

import gc as collector
import time
from pathlib import Path

import click

from jupyter_wrangler._version import __version__
from jupyter_wrangler.cli.admin import admin
from jupyter_wrangler.cli.demo import demo
from jupyter_wrangler.cli.files import cancel, impute, jobs, result, retry
from jupyter_wrangler.cli.gc import gc
from jupyter_wrangler.cli.results import results
from jupyter_wrangler.cli.transform import transform
from jupyter_wrangler.errors import DatabaseUnreachable
from jupyter_wrangler.settings import Settings

#: Exit code of `status` when nothing runs, as the Linux Standard Base has it.
NOT_RUNNING = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jupyter-wrangler")
def wrangler() -> None:
    """Missing data, done right, without leaving the notebook."""


@wrangler.command()
@click.option("--restart", is_flag=True, help="Stop what runs first.")
def up(*, restart: bool) -> None:
    """Start the private stack: PostgreSQL, Valkey, service and worker."""
    from jupyter_wrangler.stack import launch

    settings = Settings()
    begun = time.monotonic()
    socket = None if restart else launch.running(settings)
    if socket is not None:
        click.echo(f"Running already, on {socket}.")
        return
    if restart:
        launch.stop(settings)
    socket = launch.ensure(settings)
    click.echo(f"Started in {time.monotonic() - begun:.1f} s, on {socket}.")


@wrangler.command()
def down() -> None:
    """Stop the private stack; unfinished jobs go on at the next start."""
    from jupyter_wrangler.stack import launch

    stopped = launch.stop(Settings())
    click.echo("Stopped." if stopped else "Nothing was running.")


@wrangler.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Show what runs; exit code 3 if nothing does."""
    from jupyter_wrangler.stack import launch, paths, state_file

    settings = Settings()
    places = paths.locate(settings)
    found = state_file.read(places.record)
    socket = launch.running(settings)
    if found is None or not found.supervisor.alive:
        click.echo(f"Nothing runs in {places.home}; it starts at first use.")
        context.exit(NOT_RUNNING)
    click.echo(f"{found.state}, version {found.version}, home {places.home}")
    for name, child in {"supervisor": found.supervisor, **found.children}.items():
        words = f"pid {child.pid}" if child.alive else "down"
        version = found.versions.get(name, "")
        click.echo(
            f"  {name:<11} {words:<12} {version:<8} {found.sockets.get(name, '')}"
        )
    if socket is not None:
        _show_health(socket)


def _show_health(socket: Path) -> None:
    from jupyter_wrangler.contract import Health
    from jupyter_wrangler.stack import http_probe

    status, body = http_probe.get(socket, "/health/ready")
    if status not in {200, 503}:
        text = body.get("message", "it gives no answer that can be read")
        click.echo(f"  the service does not say how it is: {text}")
    elif body:
        health = Health.model_validate(body)
        click.echo(
            f"  {health.status}: {health.workers} workers with {health.slots} slots, "
            f"{health.running} parts of jobs run, {health.queued} wait, idle for "
            f"{health.idle_s:.0f} s"
        )
        if health.resting:
            click.echo("  the worker rests; the next job starts it")
        for name, text in health.checks.items():
            if text != "ok":
                click.echo(f"  {name}: {text}")
        for text in health.warnings:
            click.echo(f"  warning: {text}")


@wrangler.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look for faults, and name the command that fixes each."""
    from jupyter_wrangler.stack.doctor import doctor as examine

    report = examine()
    click.echo(repr(report))
    context.exit(0 if report.ok else 1)


@wrangler.command()
def service() -> None:
    """Run the service in the foreground (a Hub runs this)."""
    # while modules load there is no garbage, and to look for it takes a tenth of the
    # time; the service turns the collector on again
    collector.disable()
    from jupyter_wrangler.service.main import run
    from jupyter_wrangler.stack.processes import reset_signals

    reset_signals(ignored=False)

    run(Settings)


@wrangler.command()
@click.option(
    "--check",
    is_flag=True,
    help="Do not run: exit with 0 if a worker of this host has a fresh heartbeat.",
)
@click.pass_context
def worker(context: click.Context, *, check: bool) -> None:
    """Run a worker in the foreground; as many hosts as wanted may."""
    settings = Settings()
    if not check:
        from jupyter_wrangler.runtime.worker import forkserver
        from jupyter_wrangler.stack.processes import reset_signals

        reset_signals(ignored=False)
        # both load for a second or two: at the same time
        forkserver.start(settings)
        # as the service does
        collector.disable()
        from jupyter_wrangler.runtime.worker.main import run

        collector.freeze()
        collector.enable()
        run(settings)
        return
    from jupyter_wrangler.runtime.worker.registration import any_alive_on_host

    if not any_alive_on_host(settings):
        click.echo("No worker of this host has given a sign of life lately.")
        context.exit(NOT_RUNNING)


@wrangler.command()
def upgrade() -> None:
    """Move the private database to the newest PostgreSQL that is found."""
    from jupyter_wrangler.stack.upgrade import upgrade as move

    moved = move(Settings(), click.echo)
    if moved is None:
        click.echo("There is nothing to move: no data, or no newer PostgreSQL.")
    else:
        click.echo(f"Moved from PostgreSQL {moved[0]} to {moved[1]}.")


@wrangler.command()
@click.option(
    "--make-role",
    is_flag=True,
    help="Make the role of the database URL before, or give it its password.",
)
def migrate(*, make_role: bool) -> None:
    """Bring the schema of the configured database up to date."""
    from jupyter_wrangler.store import roles
    from jupyter_wrangler.store.migrate import upgrade

    settings = Settings()
    if not settings.database_url:
        raise DatabaseUnreachable(
            "No database is configured: the private one is migrated whenever it "
            "starts. Set JUPYTER_WRANGLER_DATABASE_URL to migrate another."
        )
    if make_role:
        click.echo(f"The role of the service is {roles.make_role(settings)}.")
    upgrade(settings)
    click.echo("The schema is up to date.")


wrangler.add_command(gc)
wrangler.add_command(jobs)
wrangler.add_command(admin)
wrangler.add_command(impute)
wrangler.add_command(transform)
wrangler.add_command(cancel)
wrangler.add_command(retry)
wrangler.add_command(result)
wrangler.add_command(results)
wrangler.add_command(demo)
