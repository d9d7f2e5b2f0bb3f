"""What is done with a file of a user: look, plan, profile, impute, save."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.client.objects.profile import Profile
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.verbs.impute import impute
from jupyter_wrangler.client.verbs.jobs import job as job_of
from jupyter_wrangler.client.verbs.profile import profile as look
from jupyter_wrangler.client.verbs.recommend import recommend
from jupyter_wrangler.contract import (
    FileChart,
    FileJob,
    FilePlan,
    FilePlanQuestion,
    FilePreview,
    FileProfile,
    FileQuestion,
    FileRun,
    FileSave,
    PlanDocument,
    SavedFiles,
    SeenFile,
)
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods import fitting
from jupyter_wrangler.errors import (
    FileTaken,
    InvalidData,
    InvalidSpec,
    ResultNotReady,
    SchemaMismatch,
    WranglerWarning,
)
from jupyter_wrangler.files.heads import read_head
from jupyter_wrangler.files.kinds import kind_of
from jupyter_wrangler.files.opening import fingerprint_of, opened, read_all
from jupyter_wrangler.files.packing import can_pack, numbered
from jupyter_wrangler.files.preview import preview_of
from jupyter_wrangler.files.reader import reading_options
from jupyter_wrangler.files.sample import sample_of
from jupyter_wrangler.files.tables import Table, read
from jupyter_wrangler.frames.whole_files import write_whole

#: Lines of a chart's table at most.
_CHART_ROWS = 1000
#: Reports (what is done, how much of it, of how much).
Report = Callable[[str, int, int], None]


def preview(path: Path, asked: FileQuestion, _: Report) -> FilePreview:
    """Look at the head of a file."""
    with opened(path) as file:
        found = os.fstat(file.fileno())
        head = read_head(path, file, **reading_options(asked.options))
    shown = asked.path.lstrip("/")
    return preview_of(shown, found.st_size, fingerprint_of(found), head, asked.options)


def plan(path: Path, asked: FilePlanQuestion, report: Report) -> FilePlan:
    """Recommend a method for each column, by rows drawn from all of a file."""
    with contextlib.ExitStack() as stack:

        def file() -> IO[bytes]:
            return stack.enter_context(opened(path, asked.fingerprint))

        sample = sample_of(path, file, reading_options(asked.options), report)
    report("planning", 0, 1)
    document = recommend(sample.frame, n_imputations=asked.n_imputations).document
    levels: dict[str, Any] = {c.level: c.level for c in document.columns if c.level}
    choices = {name: tuple(fitting(level)) for name, level in levels.items()}
    return FilePlan(
        plan=document,
        choices=choices,
        rows_used=len(sample.frame),
        rows_seen=sample.rows_seen,
        seen_all=sample.seen_all,
    )


def profile(path: Path, asked: SeenFile, report: Report) -> FileProfile:
    """Look at a whole file."""
    table = _whole(path, asked, report)
    report("profiling", 0, 1)
    found = look(table.frame)
    return FileProfile(
        html=found._repr_html_(), n_rows=len(table.frame), charts=_charts_of(found)
    )


def _charts_of(found: Profile) -> tuple[FileChart, ...]:
    """Draw what is missing where, and together with what."""
    if not any(column.n_missing for column in found.document.columns):
        return ()
    try:
        charts = [found.plot.missing(), found.plot.patterns()]
    except InvalidSpec:
        # more patterns than are listed
        return ()
    return tuple(_chart(one) for one in charts)


def _chart(chart: Chart) -> FileChart:
    table = chart.to_frame().head(_CHART_ROWS)
    return FileChart(
        title=chart.title,
        sentence=chart.sentence,
        spec=chart.to_vegalite(),
        heads=tuple(map(str, table.columns)),
        rows=tuple(tuple(map(_cell, row)) for row in table.itertuples(index=False)),
    )


def _cell(value: Any) -> str | float:
    """Return a number without NumPy's types, and names in one text."""
    if isinstance(value, str):
        return value
    return ", ".join(value) if isinstance(value, tuple) else value + 0.0


def run(path: Path, asked: FileRun, report: Report) -> FileJob:
    """Impute a whole file in the background."""
    table = _whole(path, asked, report)
    report("sending", 0, 1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", WranglerWarning)
        job = impute(
            table.frame,
            Plan(_plan_of_all(asked.plan, table)),
            n_imputations=asked.n_imputations,
            random_state=asked.random_state,
            name=path.name,
        )
    words = [
        str(warning.message)
        for warning in caught
        if issubclass(warning.category, WranglerWarning)
    ]
    return FileJob(job_id=job.uuid, notes=(*table.notes, *words))


def save(path: Path, asked: FileSave, report: Report) -> SavedFiles:
    """Write completed data next to their source, as it is written."""
    if Path(asked.name).name != asked.name or asked.name.startswith("."):
        raise InvalidSpec(
            f"{asked.name!r} is no name of a file in the folder of {path.name!r}; "
            "give a name without a folder that begins with no dot."
        )
    goal = path.with_name(asked.name)
    kind_of(goal)
    if not can_pack(goal):
        raise InvalidSpec(
            f"{goal.suffix} files are read but not written; let the name end in .gz, "
            ".bz2, .xz or .zst, or in none of them."
        )
    job = job_of(str(asked.job_id))
    if not job.done():
        raise ResultNotReady("The job goes on; save its result when it has ended.")
    result = job.result()
    if not isinstance(result, Result):
        raise InvalidSpec(
            "This job is no imputation, so there are no data to save; name the job "
            "that imputed this file."
        )
    table = _whole(path, asked, report)
    _check_same(path, table, result)
    m = len(result.datasets)
    goals = [goal] if m == 1 else numbered(goal, m)
    if goal == path or path in goals:
        raise FileTaken(path.name)
    taken = [one.name for one in goals if one.exists()]
    if taken and not asked.overwrite:
        raise FileTaken(taken[0])
    for k, one in enumerate(goals):
        report("saving", k, m)
        _write(one, partial(table.write, result, k), overwrite=asked.overwrite)
    filled = int(result.mask.to_numpy().sum())
    return SavedFiles(paths=tuple(one.name for one in goals), n_imputed=filled)


def _whole(path: Path, asked: SeenFile, report: Report) -> Table:
    """Read all of a file, which must be the one that was looked at."""
    with opened(path, asked.fingerprint) as file:
        data = read_all(file, lambda done, total: report("reading", done, total))
    report("parsing", 0, 1)
    return read(path, data=data, **reading_options(asked.options))


def _plan_of_all(plan: PlanDocument, table: Table) -> PlanDocument:
    """Choose methods for columns that lack values only below the rows of the plan."""
    gone = table.frame.isna().sum()
    counts = {str(name): int(count) for name, count in gone.items()}
    columns = tuple(
        column.model_copy(
            update={
                "n_missing": counts[column.name],
                "method": "auto" if column.level in PREDICTORS else "",
            }
        )
        if not column.n_missing and not column.method and counts.get(column.name)
        else column
        for column in plan.columns
    )
    return plan.model_copy(update={"columns": columns})


def _check_same(path: Path, table: Table, result: Result) -> None:
    done = result.df
    names = [list(map(str, frame.columns)) for frame in (done, table.frame)]
    if names[0] == names[1] and len(done) == len(table.frame):
        return
    raise SchemaMismatch(
        f"{path.name!r} is read as {len(table.frame):,} rows and {len(names[1]):,} "
        f"columns now, and the job imputed {len(done):,} rows and {len(names[0]):,} "
        "columns; both must be the same, with the same names. Choose the file and the "
        "settings for reading it that the job was run with, or run it again."
    )


def _write(goal: Path, make: Callable[[Path], None], *, overwrite: bool) -> None:
    try:
        write_whole(goal, make, overwrite=overwrite)
    except FileExistsError:
        raise FileTaken(goal.name) from None
    except OSError as error:
        raise InvalidData(
            f"{goal.name!r} was not written: {error.strerror or error}. The result "
            "stays where it is: make room on the disk, or get the right to write in "
            "this folder, and save again; or open the result and export it."
        ) from None
