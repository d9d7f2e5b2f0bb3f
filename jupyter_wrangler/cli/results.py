"""``jupyter wrangler results``: what was saved under a name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_wrangler.cli.options import service, shown_at_most

if TYPE_CHECKING:
    from jupyter_wrangler.contract import ResultVersion


@click.group(invoke_without_command=True)
@shown_at_most()
@click.pass_context
def results(context: click.Context, limit: int) -> None:
    """List your named results, newest first.

    NAME is a name, or a name with the number of a version: patients@2.
    """
    if context.invoked_subcommand is not None:
        return
    import jupyter_wrangler as jw

    click.echo(repr(jw.results(limit)))


@results.command()
@click.argument("name")
def show(name: str) -> None:
    """Tell the versions of a NAME, or what one version holds."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import table
    from jupyter_wrangler.client.transport.results_api import parse_label
    from jupyter_wrangler.client.views.saved_results import version_rows

    plain, n = parse_label(name)
    if n is not None:
        with service() as api:
            rows = version_rows(api.find_version(name))
        click.echo(table(("what", plain), rows))
        return
    versions = jw.results()[plain].versions
    head = ("version", "saved", "imputations", "method", "note")
    click.echo(table(head, [_line(version) for version in versions]))


def _line(version: ResultVersion) -> tuple[str, ...]:
    from jupyter_wrangler.client.views.saved_results import imputations, one_line, saved

    return (
        version.label,
        saved(version),
        imputations(version),
        ", ".join(version.methods),
        one_line(version.note),
    )


@results.command()
@click.argument("name")
@click.argument("other")
def compare(name: str, other: str) -> None:
    """Tell what differs between NAME and OTHER, cell by cell."""
    import jupyter_wrangler as jw

    click.echo(repr(jw.load(name).compare(other)))


@results.command()
@click.argument("name")
@click.argument("text")
def note(name: str, text: str) -> None:
    """Change the note of a version of NAME to TEXT; an empty one removes it."""
    from jupyter_wrangler.contract import ResultVersionPatch
    from jupyter_wrangler.contract.validation import build_request

    asked = build_request(ResultVersionPatch, note=text.strip() or None)
    with service() as api:
        version = api.find_version(name)
        changed = api.annotate_result(version.result_id, version.n, asked)
    click.echo(f"{changed.label}: {changed.note or 'no note'}")


@results.command()
@click.argument("name")
@click.argument("new")
def rename(name: str, new: str) -> None:
    """Give the result NAME another name, NEW."""
    import jupyter_wrangler as jw

    click.echo(f"{name!r} is {jw.results()[name].rename(new).name!r} now.")


@results.command()
@click.argument("name")
def restore(name: str) -> None:
    """Make a version (NAME@N) the newest: a new one of the same bytes."""
    with service() as api:
        version = api.find_version(name)
        restored = api.restore_result(version.result_id, version.n)
    if restored.n == version.n:
        click.echo(f"{version.label} is the newest version already.")
    else:
        click.echo(f"{version.label} is also {restored.label} now, the newest version.")


@results.command()
@click.argument("name")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it goes: .csv, .tsv or .parquet, with a number for several.",
)
@click.option("--force", is_flag=True, help="Replace the output if it is there.")
def export(name: str, output: Path, *, force: bool) -> None:
    """Write the completed data of NAME to a file."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.files import output_paths, write_completed
    from jupyter_wrangler.files.tables import Table

    found = jw.load(name)
    goals = output_paths(output, found.n_imputations, force=force)
    again = f"jw.load({name!r}) gives it"
    write_completed(Table(frame=found.df), found, goals, again)


@results.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also if something was made of it.")
def delete(name: str, *, yes: bool, force: bool) -> None:
    """Delete a version (NAME@N), or all versions of NAME."""
    from jupyter_wrangler.client.transport.results_api import parse_label

    plain, n = parse_label(name)
    with service() as api:
        result_id = api.named_result(plain).id
        click.echo(repr(api.delete_result(result_id, n, dry_run=True)))
        if not yes:
            click.confirm("This cannot be undone. Go on?", abort=True)
        api.delete_result(result_id, n, force=force)
    click.echo("Deleted.")
