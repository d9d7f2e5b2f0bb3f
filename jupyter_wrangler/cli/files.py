"""The commands that impute files, and those of one job."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from jupyter_wrangler.cli.options import service, shown_at_most
from jupyter_wrangler.cli.sources import read_source, refuse_commas, source_options
from jupyter_wrangler.errors import WranglerWarning

if TYPE_CHECKING:
    from jupyter_wrangler.client.objects.job import Job
    from jupyter_wrangler.client.objects.result import Result
    from jupyter_wrangler.files.tables import Table


def imputation_count(
    context: click.Context, option: click.Parameter, value: str
) -> int | Literal["auto"]:
    """Read a number of imputations, or "auto"."""
    if value == "auto":
        return "auto"
    number: int = click.IntRange(1, 1000)(value, option, context)
    return number


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


@click.command()
@click.argument("job_id")
def retry(job_id: str) -> None:
    """Try a job again that ended without its result; what it has is kept."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import follow

    follow(jw.job(job_id).retry())


@click.command()
@click.argument("job_id")
def cancel(job_id: str) -> None:
    """Cancel a job; what it has computed is kept."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.client.views import formatting as say

    job = jw.job(job_id)
    if job.done() or not job.cancel():
        raise click.ClickException(
            f"Job {say.short_id(job.seen)} has already ended ({job.state}), so there "
            "is nothing to cancel."
        )
    click.echo(f"Job {say.short_id(job.seen)} is {job.state}.")


jobs.add_command(retry)
jobs.add_command(cancel)


@jobs.command()
@click.argument("job_id")
def history(job_id: str) -> None:
    """Tell what happened to a job, from its submission on."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import table

    rows = [
        (f"{event.at:%Y-%m-%d %H:%M:%S}", event.type, details_text(event.details))
        for event in jw.job(job_id).events()
    ]
    click.echo(table(("when (UTC)", "what", "details"), rows))


def details_text(details: dict[str, Any]) -> str:
    """Say the details of an event in one line.

    Examples
    --------
    >>> details_text({"k": 0, "attempt": 1, "reason": "SIGKILL"})
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
@source_options
@click.option("--method", default="pmm", show_default=True, help="Method for all.")
@click.option("--column", "columns", multiple=True, help="Only this one; repeatable.")
@click.option(
    "-m",
    "--imputations",
    default="1",
    show_default=True,
    callback=imputation_count,
    metavar="INTEGER|auto",
    help="How many, or auto: as many as standard errors want.",
)
@click.option("--max-iter", default=10, show_default=True, type=click.IntRange(1, 1000))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**63 - 1))
@click.option("--force", is_flag=True, help="Replace the output if it is there.")
def impute(
    *,
    source: Path,
    output: Path,
    separator: str | None,
    decimal: str | None,
    missing: tuple[str, ...],
    encoding: str | None,
    method: str,
    columns: tuple[str, ...],
    imputations: int | Literal["auto"],
    max_iter: int,
    seed: int,
    force: bool,
) -> None:
    """Impute the missing values of a CSV, TSV, Parquet, Feather or xlsx file."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import follow

    refuse_commas(separator, decimal)
    goals = output_paths(output, imputations, force=force)
    table = read_source(
        source,
        separator=separator,
        decimal=decimal,
        missing=missing,
        encoding=encoding,
    )
    with warnings.catch_warnings(record=True) as caught:
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
    for warning in caught:
        click.echo(f"Note: {warning.message}", err=True)
    result = follow(job)
    write_completed(table, result, goals, again_by(job))


@click.command()
@click.argument("job_id")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it goes: .csv, .tsv or .parquet, with a number for -m > 1; or .json.",
)
@click.option("--force", is_flag=True, help="Replace the output if it is there.")
def result(job_id: str, output: Path, *, force: bool) -> None:
    """Write the result of a job to a file, when the job has ended."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.terminal import follow
    from jupyter_wrangler.client.objects.result import Result
    from jupyter_wrangler.contract import ImputationSpec
    from jupyter_wrangler.files.tables import Table

    job = jw.job(job_id)
    if not isinstance(job.spec, ImputationSpec):
        _write_document(job, output, force=force)
        return
    m: int | Literal["auto"] = "auto" if job.spec.grows else job.spec.n_imputations
    goals = output_paths(output, m, force=force)
    found = follow(job)
    assert isinstance(found, Result)  # noqa: S101  for the type checker
    write_completed(Table(frame=found.df), found, goals, again_by(job))


def _write_document(job: Job, output: Path, *, force: bool) -> None:
    """Write the document of a profile, a correlation or a comparison."""
    from jupyter_wrangler.cli.terminal import follow

    if output.suffix.lower() != ".json":
        raise click.UsageError(
            f"This job is one of kind {job.spec.kind!r}, whose result is a document; "
            "name an output that ends in .json."
        )
    _refuse_taken([output], force=force)
    follow(job)
    with service() as api:
        data = api.document(job.uuid)
    _save_or_explain(lambda path: path.write_bytes(data), output, again_by(job))
    click.echo(f"{output}: {len(data)} bytes.")


def output_paths(
    output: Path, imputations: int | Literal["auto"], *, force: bool
) -> list[Path]:
    """Name the files that are to be written, or refuse them before anything is done.

    Of "auto" it is those that may be written.
    """
    from jupyter_wrangler.contract.imputation_spec import MOST_IMPUTATIONS
    from jupyter_wrangler.files.kinds import kind_of
    from jupyter_wrangler.files.packing import can_pack, numbered

    kind_of(output)
    if not can_pack(output):
        raise click.UsageError(
            f"{output.suffix} files are read but not written; name an output that ends "
            "in .gz, .bz2, .xz or .zst, or in none of them."
        )
    m = MOST_IMPUTATIONS if imputations == "auto" else imputations
    goals = [output] if m == 1 else numbered(output, m)
    _refuse_taken(goals, force=force)
    return goals


def _refuse_taken(goals: list[Path], *, force: bool) -> None:
    folder = goals[0].parent
    if not folder.is_dir():
        raise click.UsageError(
            f"There is no folder {str(folder)!r} to write to; make it, or name "
            "another output."
        )
    taken = [goal for goal in goals if goal.exists()]
    if taken and not force:
        raise click.UsageError(f"{taken[0]} is there; add --force to replace it.")


def write_completed(
    table: Table, result: Result, goals: list[Path], again: str
) -> None:
    """Write every completed data set, and say what was done; else how to get it."""
    filled = int(result.mask.to_numpy().sum())
    for k, goal in enumerate(goals[: result.n_imputations]):
        _save_or_explain(functools.partial(table.write, result, k), goal, again)
        click.echo(f"{goal}: {filled} values imputed.")
    if not filled:
        click.echo("Note: no value was missing that could be imputed.", err=True)


def _save_or_explain(make: Callable[[Path], object], goal: Path, again: str) -> None:
    from jupyter_wrangler.frames.whole_files import write_whole

    try:
        write_whole(goal, make)
    except OSError as error:
        raise click.ClickException(
            f"{str(goal)!r} cannot be written: {error.strerror or error}. The "
            f"result is kept: {again}."
        ) from None


def again_by(job: Job) -> str:
    """Say how to get the result of a job later."""
    return (
        f'jw.job("{job.id[:8]}").result() gives it, and so does '
        f"'jupyter wrangler result {job.id[:8]} -o FILE'"
    )
