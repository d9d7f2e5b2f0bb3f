"""``jupyter wrangler admin users``: names that change hands, and whose data are."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import click

from jupyter_wrangler.cli.options import service, shown_at_most
from jupyter_wrangler.errors import Conflict
from jupyter_wrangler.retrying import RetryPolicy

if TYPE_CHECKING:
    from jupyter_wrangler.client.transport.api import Api
    from jupyter_wrangler.contract.admin import UserView

#: Seconds in which the jobs of a user end once they are cancelled.
_ENDING_S = 60.0
_KIND = click.option(
    "--kind",
    default="hub_user",
    show_default=True,
    type=click.Choice(["hub_user", "hub_service", "local"]),
)
_SURE = click.confirmation_option("--yes", prompt="This cannot be undone. Go on?")


@click.group(invoke_without_command=True)
@shown_at_most(200)
@click.pass_context
def users(context: click.Context, limit: int) -> None:
    """List users, and move or delete what belongs to them.

    USER is a name, or the id that the list shows; users who left keep their id.
    """
    if context.invoked_subcommand is not None:
        return
    from jupyter_wrangler.cli.terminal import table

    with service() as api:
        found = _list_users(api, limit=limit)
    head = ("id", "kind", "user", "jobs", "data sets", "MB", "seen first", "left")
    rows = [
        (
            str(one.id),
            one.kind,
            one.name,
            str(one.jobs),
            str(one.datasets),
            f"{one.bytes / 1e6:.1f}",
            f"{one.created_at:%Y-%m-%d}",
            f"{one.left_at:%Y-%m-%d}" if one.left_at else "",
        )
        for one in found
    ]
    click.echo(table(head, rows) if rows else "No users yet.")


@users.command()
@click.argument("user")
@_KIND
def forget(user: str, kind: str) -> None:
    """Free the name of a USER who is gone; who has it next begins with nothing."""
    with service() as api:
        found = _change_user(api, _find_user(api, user, kind), "forget")
    click.echo(
        f"The name {found.name!r} is free. {found.jobs} jobs and {found.datasets} data "
        f"sets stay with user {found.id}; transfer or purge them when you know which."
    )


@users.command()
@click.argument("user")
@click.argument("name")
@_KIND
def rename(user: str, name: str, kind: str) -> None:
    """Give a USER whom the Hub calls otherwise now that NAME."""
    with service() as api:
        found = _change_user(api, _find_user(api, user, kind), "rename", name=name)
    click.echo(f"User {found.id} is {found.name!r} now, with {found.jobs} jobs.")


@users.command()
@click.argument("user")
@click.argument("to")
@_KIND
@_SURE
def transfer(user: str, to: str, kind: str) -> None:
    """Give all data and jobs of USER to another one, TO."""
    with service() as api:
        receiver = _find_user(api, to, kind)
        found = _change_user(
            api, _find_user(api, user, kind), "transfer", to=str(receiver.id)
        )
    click.echo(
        f"{found.name!r} has {found.jobs} jobs and {found.datasets} data sets now."
    )


@users.command()
@click.argument("user")
@_KIND
@_SURE
def purge(user: str, kind: str) -> None:
    """Delete all data and jobs of USER now; those that run are cancelled."""
    from jupyter_wrangler.contract.admin import UserView

    with service() as api:
        found = _find_user(api, user, kind)
        # a Conflict: jobs that were cancelled still run
        RetryPolicy(first_s=1, patience_s=_ENDING_S).call(
            lambda: api.call(UserView, "DELETE", f"admin/users/{found.id}"),
            retry_if=lambda error: isinstance(error, Conflict),
        )
    click.echo(
        f"Deleted what {found.name!r} ({found.id}) had: {found.jobs} jobs, "
        f"{found.datasets} data sets, {found.bytes / 1e6:.1f} MB."
    )


def _change_user(api: Api, user: UserView, verb: str, **body: str) -> UserView:
    from jupyter_wrangler.contract.admin import UserView as View

    return api.call(View, "POST", f"admin/users/{user.id}/{verb}", json=body or None)


def _find_user(api: Api, user: str, kind: str) -> UserView:
    """Find the one user whom a name or an id means."""
    try:
        wanted = uuid.UUID(user)
    except ValueError:
        named = [one for one in _list_users(api, name=user) if one.kind == kind]
        found = [one for one in named if one.left_at is None] or named
    else:
        found = [one for one in _list_users(api) if one.id == wanted]
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError(
            f"The service knows no {kind} {user!r}; 'jupyter wrangler admin users' "
            "lists those that it knows."
        )
    raise click.UsageError(
        f"{len(found)} users called {user!r} have left; name one by its id: "
        + ", ".join(str(one.id) for one in found)
    )


def _list_users(
    api: Api, *, limit: int | None = None, name: str | None = None
) -> list[UserView]:
    from jupyter_wrangler.contract.admin import UserPage

    found: list[UserView] = []
    after: str | None = None
    while limit is None or len(found) < limit:
        most = 200 if limit is None else min(200, limit - len(found))
        asked = {"limit": str(most), "after": after, "name": name}
        params = {k: v for k, v in asked.items() if v}
        page = api.call(UserPage, "GET", "admin/users", params=params)
        found += page.items
        after = page.next
        if after is None:
            break
    return found
