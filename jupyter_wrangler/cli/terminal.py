"""What a terminal shows: a line that moves, and small tables.

Where standard output is no terminal (a log, a pipe), nothing moves: a line is printed
now and then.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from jupyter_wrangler.client.objects.job import Job
    from jupyter_wrangler.client.objects.result import Result

#: Exit code after Ctrl-C, as shells have it: 128 and the number of the signal.
INTERRUPTED = 130
_BAR = 24
_EVERY_S = 0.1
#: Least share of progress between two lines of a log.
_STEP = 0.25


def follow(job: Job) -> Result:
    """Show a job's progress until it ends, and return its result.

    Ctrl-C ends the watching and leaves the job running.
    """
    from jupyter_wrangler.client.views import formatting as say

    try:
        return _watch_until_done(job)
    except KeyboardInterrupt:
        shell = f"jupyter wrangler jobs history {say.short_id(job.seen)}"
        click.echo(
            f"\n{say.still_running_notice(job.seen)} On the command line: {shell}",
            err=True,
        )
        sys.exit(INTERRUPTED)


def _watch_until_done(job: Job) -> Result:
    from jupyter_wrangler.client.views import formatting as say

    if job.reused:
        click.echo(f"  found again as job {say.short_id(job.seen)}, not computed again")
    live = sys.stdout.isatty()
    shown, begun = -1.0, time.monotonic()
    while not job.done():
        progress = job.progress
        fraction = progress.fraction if progress else 0.0
        words = say.status_line(job.seen)
        if live:
            _redraw(f"  {bar(fraction)} {fraction:4.0%}  {words}")
        elif fraction >= shown + _STEP:
            shown = fraction
            click.echo(f"  {fraction:4.0%}  {words}")
        time.sleep(_EVERY_S)
    try:
        result: Result = job.result()
    except CancelledError:
        short = say.short_id(job.seen)
        raise click.ClickException(
            f"Job {short} was cancelled. What it has computed is kept: 'jupyter "
            f"wrangler retry {short}' goes on from there."
        ) from None
    done = f"  {bar(1.0)} 100%  {job.state} in {time.monotonic() - begun:.1f} s"
    if live:
        _redraw(done)
        click.echo()
    else:
        click.echo(f"  100%  {job.state}")
    return result


def bar(fraction: float) -> str:
    """Draw a share as a bar.

    Examples
    --------
    >>> bar(0.5)
    '[############............]'
    """
    full = round(_BAR * min(1.0, max(0.0, fraction)))
    return f"[{'#' * full}{'.' * (_BAR - full)}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Set words in columns.

    Examples
    --------
    >>> print(table(("name", "n"), [("a", "1"), ("bcdef", "22")]))
      name   n
      a      1
      bcdef  22
    """
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  " + "  ".join(w.ljust(n) for w, n in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _redraw(line: str) -> None:
    # Back to the start and clear, in one write: no flicker.
    width = shutil.get_terminal_size().columns - 1
    sys.stdout.write(f"\r\x1b[2K{line[:width]}")
    sys.stdout.flush()
