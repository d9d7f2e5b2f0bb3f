"""``jupyter wrangler admin``: what administrators do, in a terminal."""

from __future__ import annotations

import datetime as dt
import uuid

import click

from jupyter_wrangler.cli.admin_users import users
from jupyter_wrangler.cli.options import service, shown_at_most


@click.group()
def admin() -> None:
    """Look after workers, queues and everybody's jobs (administrators only)."""


admin.add_command(users)


@admin.command()
def workers() -> None:
    """List the workers, the living first."""
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.contract.admin import WorkerList

    with service() as api:
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
            _age_text(w.heartbeat_at),
        )
        for w in found
    ]
    click.echo(table(head, rows))


@admin.command()
@click.argument("worker", type=click.UUID)
def drain(worker: uuid.UUID) -> None:
    """Tell a worker to take no more parts until it is started again."""
    from jupyter_wrangler.contract.admin import WorkerView

    with service() as api:
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

    with service() as api:
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
@shown_at_most()
@click.option("--state", help="Only those in this state.")
def jobs(limit: int, state: str | None) -> None:
    """List everybody's jobs, newest first."""
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.contract.admin import OwnedJob, OwnedJobPage

    found: list[OwnedJob] = []
    after: str | None = None
    with service() as api:
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
@shown_at_most()
def audit(limit: int) -> None:
    """List who cancelled or deleted what, newest first."""
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.contract.admin import AuditPage

    with service() as api:
        page = api.call(AuditPage, "GET", "admin/audit", params={"limit": limit})
    head = ("when (UTC)", "by", "owner", "did", "what", "id", "details")
    rows = [
        (
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            entry.by,
            entry.owner,
            entry.action,
            entry.subject,
            str(entry.subject_id),
            entry.details or "",
        )
        for entry in page.items
    ]
    click.echo(table(head, rows))


@admin.command()
@click.argument("job", type=click.UUID)
def cancel(job: uuid.UUID) -> None:
    """Cancel anybody's job."""
    from jupyter_wrangler.contract.admin import OwnedJob

    with service() as api:
        found = api.call(OwnedJob, "POST", f"admin/jobs/{job}/cancel")
    click.echo(f"Job {found.id} of {found.owner} is {found.state}.")


@admin.command()
@click.argument("job", type=click.UUID)
def retry(job: uuid.UUID) -> None:
    """Try anybody's job again that ended without its result."""
    from jupyter_wrangler.contract.admin import OwnedJob

    with service() as api:
        found = api.call(OwnedJob, "POST", f"admin/jobs/{job}/retry")
    click.echo(f"Job {found.id} of {found.owner} is {found.state}.")


@admin.command()
@shown_at_most(200)
def quotas(limit: int) -> None:
    """List users with what they may use, and what they use of it."""
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.contract.admin import OwnerQuota, QuotaPage

    found: list[OwnerQuota] = []
    after: str | None = None
    with service() as api:
        while len(found) < limit:
            asked = {"limit": str(min(200, limit - len(found))), "after": after}
            params = {k: v for k, v in asked.items() if v}
            page = api.call(QuotaPage, "GET", "admin/quotas", params=params)
            found += page.items
            after = page.next
            if after is None:
                break
    head = ("user", "kind", "running", "unfinished jobs", "MB kept", "cells", "streams")
    rows = [
        (
            one.name,
            one.kind,
            f"{one.usage.running} of {one.quota.max_running or 'all slots'}",
            f"{one.usage.queued} of {one.quota.max_queued}",
            f"{one.usage.bytes / 1e6:.0f} of {one.quota.max_bytes / 1e6:.0f}",
            str(one.quota.max_cells),
            str(one.quota.max_streams),
        )
        for one in found
    ]
    click.echo(table(head, rows) if rows else "No users yet.")


@admin.command()
@click.argument("user", required=False)
@click.option("--everybody", is_flag=True, help="All who have no quota of their own.")
@click.option(
    "--kind",
    default="hub_user",
    show_default=True,
    type=click.Choice(["hub_user", "hub_service", "local"]),
)
@click.option("--max-running", type=int, help="Parts that run at the same time.")
@click.option("--max-queued", type=int, help="Jobs that have not ended.")
@click.option("--max-bytes", type=int, help="Bytes kept.")
@click.option("--max-cells", type=int, help="Cells of one data set.")
@click.option("--max-streams", type=int, help="Event streams of one service.")
def quota(
    *, user: str | None, everybody: bool, kind: str, **limits: int | None
) -> None:
    """Set a user's quota; -1 takes a limit back."""
    if everybody == (user is not None):
        raise click.UsageError("name a USER, or say --everybody")
    given = {k: None if v < 0 else v for k, v in limits.items() if v is not None}
    if not given:
        raise click.UsageError("say what to set, for example --max-running 4")
    owner = {"kind": kind, "name": user} if user else None
    with service() as api:
        api.request("PATCH", "admin/quotas", json={"owner": owner, "quota": given})
    click.echo(f"Set for {user or 'everybody'}.")


@admin.command()
def metrics() -> None:
    """Print the figures that Prometheus reads."""
    with service() as api:
        click.echo(api.request("GET", "metrics").text, nl=False)


def _age_text(then: dt.datetime) -> str:
    seconds = (dt.datetime.now(dt.UTC) - then).total_seconds()
    return f"{max(0.0, seconds):.0f} s ago"
