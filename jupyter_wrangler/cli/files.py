"""The commands that impute files and list jobs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import click

from jupyter_wrangler.cli.options import shown_at_most
from jupyter_wrangler.errors import WranglerWarning


@click.group(invoke_without_command=True)
@shown_at_most()
@click.pass_context
def jobs(context: click.Context, limit: int) -> None:
    """List your jobs, newest first."""
    if context.invoked_subcommand is not None:
        return
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import table

    rows = [
        (str(job.id)[:8], job.state, job.name or "") for job in jw.jobs(limit=limit)
    ]
    if rows:
        click.echo(table(("job", "state", "name"), rows))
    else:
        click.echo("No jobs yet; 'jupyter wrangler demo' runs two.")


@jobs.command()
@click.argument("job_id")
def retry(job_id: str) -> None:
    """Try a job again that ended without its result; what it has is kept."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import follow

    follow(jw.job(job_id).retry())


@jobs.command()
@click.argument("job_id")
def history(job_id: str) -> None:
    """Tell what happened to a job, from its submission on."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import table

    rows = [
        (f"{event.at:%Y-%m-%d %H:%M:%S}", event.type, told(event.details))
        for event in jw.job(job_id).events()
    ]
    click.echo(table(("when (UTC)", "what", "details"), rows))


def told(details: dict[str, Any]) -> str:
    """Say the details of an event in one line.

    Examples
    --------
    >>> told({"k": 0, "attempt": 1, "reason": "SIGKILL"})
    'k=0 attempt=1 reason=SIGKILL'
    """
    return " ".join(f"{name}={value}" for name, value in details.items())


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the completed data go; with -m > 1 a number is added to the name.",
)
@click.option("--method", default="pmm", show_default=True, help="Method for all.")
@click.option("--column", "columns", multiple=True, help="Only this one; repeatable.")
@click.option("-m", "--imputations", default=1, show_default=True)
@click.option("--max-iter", default=10, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--force", is_flag=True, help="Replace the output if it is there.")
def impute(
    *,
    source: Path,
    output: Path,
    method: str,
    columns: tuple[str, ...],
    imputations: int,
    max_iter: int,
    seed: int,
    force: bool,
) -> None:
    """Fill the holes of a CSV, TSV or Parquet file (SOURCE)."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.tables import kind_of, read
    from jupyter_wrangler.cli.terminal import follow

    kind_of(output)
    goals = [output] if imputations == 1 else numbered(output, imputations)
    if not output.parent.is_dir():
        raise click.UsageError(
            f"There is no folder {str(output.parent)!r} to write to; make it, or name "
            "another output."
        )
    taken = [goal for goal in goals if goal.exists()]
    if taken and not force:
        raise click.UsageError(f"{taken[0]} is there; add --force to replace it.")
    table = read(source)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", WranglerWarning)
        job = jw.impute(
            table.frame,
            method,
            n_imputations=imputations,
            columns=list(columns) or None,
            max_iter=max_iter,
            random_state=seed,
            name=source.name,
        )
    for one in told:
        click.echo(f"Note: {one.message}", err=True)
    result = follow(job)
    filled = int(result.mask.to_numpy().sum())
    for k, goal in enumerate(goals):
        try:
            table.write(result, k, goal)
        except OSError as error:
            raise click.ClickException(
                f"{str(goal)!r} cannot be written: {error.strerror or error}. The "
                f'result is kept: jw.job("{job.id[:8]}").result() gives it, and so '
                "does the same command with another output."
            ) from None
        click.echo(f"{goal}: {filled} values imputed.")


def numbered(output: Path, m: int) -> list[Path]:
    """Name one file for each of m completed data sets.

    Examples
    --------
    >>> [path.name for path in numbered(Path("out.csv"), 2)]
    ['out-1.csv', 'out-2.csv']
    """
    return [
        output.with_name(f"{output.stem}-{k}{output.suffix}") for k in range(1, m + 1)
    ]
