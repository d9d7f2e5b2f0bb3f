"""``jupyter wrangler admin``: what administrators do, in a terminal."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from jupyter_wrangler.client.api import Api


@click.group()
def admin() -> None:
    """Look after workers, queues and everybody's jobs (administrators only)."""


@contextlib.contextmanager
def _service() -> Iterator[Api]:
    from jupyter_wrangler.client.api import Api

    # whoever looks must not be the one who starts it
    api = Api().passive()
    try:
        yield api
    finally:
        api.close()


@admin.command()
def workers() -> None:
    """List the workers, the living first."""
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.contract.admin import WorkerList

    with _service() as api:
        found = api.call(WorkerList, "GET", "admin/workers").items
    if not found:
        click.echo("No worker is known; start one with 'jupyter wrangler worker'.")
        return
    head = ("worker", "host", "pid", "version", "slots", "running", "state", "heard")
    rows = [
        (
            str(w.id),
            w.host,
            str(w.pid),
            w.version,
            str(w.slots),
            str(w.running),
            "silent" if not w.alive else "draining" if w.draining else "alive",
            _ago(w.heartbeat_at),
        )
        for w in found
    ]
    click.echo(table(head, rows))


@admin.command()
@click.argument("worker", type=click.UUID)
def drain(worker: uuid.UUID) -> None:
    """Tell a worker to take no more parts until it is started anew."""
    from jupyter_wrangler.contract.admin import WorkerView

    with _service() as api:
        found = api.call(WorkerView, "POST", f"admin/workers/{worker}/drain")
    click.echo(
        f"Worker {found.id} on {found.host} takes no more parts; {found.running} run "
        "there now, and go on to their end."
    )


@admin.command()
def queues() -> None:
    """Show how much waits, and for how long."""
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.contract.admin import QueueList

    with _service() as api:
        found = api.call(QueueList, "GET", "admin/queues").items
    head = ("queue", "running", "sent", "queued", "waiting", "oldest")
    rows = [
        (
            q.name,
            str(q.running),
            str(q.dispatched),
            str(q.queued),
            str(q.waiting),
            f"{q.oldest_wait_s:.0f} s",
        )
        for q in found
    ]
    click.echo(table(head, rows))


@admin.command()
@click.option("--limit", default=20, show_default=True, help="How many to show.")
@click.option("--state", help="Only those in this state.")
def jobs(limit: int, state: str | None) -> None:
    """List everybody's jobs, newest first."""
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.contract.admin import OwnedJob, OwnedJobPage

    found: list[OwnedJob] = []
    after: str | None = None
    with _service() as api:
        while len(found) < limit:
            asked = {"limit": min(200, limit - len(found)), "state": state}
            params = {k: v for k, v in {**asked, "after": after}.items() if v}
            page = api.call(OwnedJobPage, "GET", "admin/jobs", params=params)
            found += page.items
            after = page.next
            if after is None:
                break
    head = ("job", "owner", "kind", "state", "parts", "tries", "name")
    rows = [
        (
            str(job.id),
            job.owner,
            job.kind,
            job.state,
            f"{job.parts_done}/{job.n_parts}",
            str(job.attempts),
            job.name or "",
        )
        for job in found
    ]
    click.echo(table(head, rows) if rows else "No jobs.")


@admin.command()
@click.argument("job", type=click.UUID)
def cancel(job: uuid.UUID) -> None:
    """Cancel anybody's job."""
    from jupyter_wrangler.contract.admin import OwnedJob

    with _service() as api:
        found = api.call(OwnedJob, "POST", f"admin/jobs/{job}/cancel")
    click.echo(f"Job {found.id} of {found.owner} is {found.state}.")


@admin.command()
def metrics() -> None:
    """Print the figures that Prometheus reads."""
    with _service() as api:
        click.echo(api.request("GET", "metrics").text, nl=False)


def _ago(then: dt.datetime) -> str:
    seconds = (dt.datetime.now(dt.UTC) - then).total_seconds()
    return f"{max(0.0, seconds):.0f} s ago"
