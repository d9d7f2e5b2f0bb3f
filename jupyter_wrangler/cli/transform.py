"""The command that imputes a file by the models of a saved result."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_wrangler.cli.sources import read_source, refuse_commas, source_options


@click.command()
@click.argument("name")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the completed rows go; of several sets of models with a number each.",
)
@source_options
@click.option(
    "--unknown",
    type=click.Choice(["error", "impute"]),
    default="error",
    show_default=True,
    help="What to do with classes that the fit has not seen.",
)
@click.option("--force", is_flag=True, help="Replace the output if it is there.")
def transform(
    *,
    name: str,
    source: Path,
    output: Path,
    separator: str | None,
    decimal: str | None,
    missing: tuple[str, ...],
    encoding: str | None,
    unknown: str,
    force: bool,
) -> None:
    """Impute later rows (SOURCE) by the models of the saved result NAME.

    Nothing is fitted again.  NAME is a name, or a name with the number of a version:
    patients@3.  SOURCE is a file as `impute` takes it, with the columns of the fit.
    """
    import jupyter_wrangler as jw
    from jupyter_wrangler.cli.files import again_by, output_paths, write_completed
    from jupyter_wrangler.cli.terminal import follow

    refuse_commas(separator, decimal)
    recipe = jw.load(name).recipe
    goals = output_paths(output, recipe.n_imputations, force=force)
    table = read_source(
        source,
        separator=separator,
        decimal=decimal,
        missing=missing,
        encoding=encoding,
    )
    job = recipe.submit(table.frame, handle_unknown=unknown, name=source.name)
    write_completed(table, follow(job), goals, again_by(job))
