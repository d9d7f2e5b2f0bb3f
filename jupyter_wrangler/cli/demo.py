"""``jupyter wrangler demo``: two real data sets, all the way through and back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_wrangler.cli.terminal import follow, table
from jupyter_wrangler.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_wrangler.client.objects.result import Result

#: Rows shown of each data set.
_ROWS = 6


@click.command()
def demo() -> None:
    """Impute two bundled data sets, and show what fills the missing values."""
    import jupyter_wrangler as jw
    from jupyter_wrangler.stack import launch

    settings = Settings()
    times: list[tuple[str, str]] = []
    begun = time.monotonic()
    # A stack that ran before the demo goes on after it.
    ours = not settings.url and launch.running(settings) is None
    try:
        if ours:
            click.echo("Starting PostgreSQL, Valkey, the service and a worker ...")
            launch.ensure(settings)
            times.append(("start of the stack", _elapsed(begun)))
        for name, m in (("penguins", 1), ("airquality", 5)):
            frame = getattr(jw.data, name)()
            missing = int(frame.isna().to_numpy().sum())
            click.echo(f"\n{name}: {len(frame)} rows, {missing} missing values")
            begun = time.monotonic()
            job = jw.impute(
                frame, "pmm", n_imputations=m, random_state=0, name=name, force=True
            )
            times.append((f"{name}: submitted, with upload", _elapsed(begun)))
            result = follow(job)
            times.append((f"{name}: result of m={m} in hand", _elapsed(begun)))
            _print_imputed_rows(frame, result)
    finally:
        if ours:
            begun = time.monotonic()
            launch.stop(settings)
            times.append(("stop of the stack", _elapsed(begun)))
    click.echo("\nMeasured:")
    click.echo(table(("what", "time"), times))
    click.echo(
        f"\nNothing is left running. Next: {_next_step()}"
        if ours
        else f"\n{_next_step()}"
    )


def _checkout_folder() -> Path:
    return Path(__file__).parent.parent.parent


def _print_imputed_rows(before: pd.DataFrame, result: Result) -> None:
    """Print rows that had missing values, imputed values between stars."""
    mask = result.mask
    columns = [c for c in before.columns if mask[c].any()][:6]
    # Some of every column; rows with few missing values show what the imputed one goes
    # with.
    order = mask[columns].sum(axis=1).sort_values(kind="stable").index
    rows = set(order[mask.loc[order, columns].any(axis=1)][: _ROWS - len(columns)])
    for column in columns:
        if not mask.loc[list(rows), column].any():
            rows.add(next(row for row in order if mask.loc[row, column]))
    after = result.df
    lines = [
        (
            str(row),
            *(_cell_text(after.loc[row, c], bool(mask.loc[row, c])) for c in columns),
        )
        for row in sorted(rows)
    ]
    click.echo(table(("row", *map(str, columns)), lines))
    left = int(after.isna().to_numpy().sum())
    click.echo(f"  {int(mask.to_numpy().sum())} values imputed, {left} still missing")


def _cell_text(value: object, imputed: bool) -> str:
    word = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"NA -> *{word}*" if imputed else word


def _elapsed(begun: float) -> str:
    return f"{time.monotonic() - begun:6.2f} s"


def _next_step() -> str:
    if (_checkout_folder() / "Makefile").exists():
        return "'make lab' opens JupyterLab on notebooks/01_quickstart.ipynb."
    return "'jupyter lab', and in a cell: import jupyter_wrangler as jw; jw.impute(df)"
