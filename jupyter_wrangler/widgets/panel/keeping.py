"""Work of step 4: fetch the result, explain its cells, and keep it."""

from __future__ import annotations

import contextlib
from functools import partial

from jupyter_wrangler import frames
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.errors import InvalidSpec, WranglerError
from jupyter_wrangler.widgets.panel import code, judge
from jupyter_wrangler.widgets.panel.grid import RowGrid
from jupyter_wrangler.widgets.panel.problems import problem_of
from jupyter_wrangler.widgets.panel.session import Session
from jupyter_wrangler.widgets.panel.tasks import Task


def fetch(session: Session) -> None:
    """Fetch the result, once."""
    job = session.job
    if job is None or session.result is not None or session.tasks.get("result"):
        return

    def work(task: Task) -> None:
        _ = job.summary
        result: Result = job.result()
        done = frames.as_pandas(result.df)
        names = frames.names_of(done)
        # a job that was finished early may lack the first one
        cells = result.cells(result.numbers[0])
        imputed = {names.index(name): rows for name, rows in cells.rows.items()}
        with session.lock:
            task.check()
            if job is not session.job:
                return
            session.model.job, session.model.fetched = job.seen, True
            session.result, session.completed = result, RowGrid(done, imputed)
            if session.model.step == "run":
                session.model.announcement = "The job is done"
        session.tasks.stop("result")
        session.well()
        session.changed()
        # fetches all imputations, which the rows need not wait for
        with contextlib.suppress(WranglerError):
            verdict = result.verdict.document
            with session.lock:
                if job is session.job:
                    session.model.verdict = verdict
        session.changed()

    session.tasks.start(
        "result",
        "Fetching the result",
        work,
        lambda e: session.fail(e, partial(fetch, session)),
    )


def explain(session: Session, row: int, column: int) -> None:
    """Say why a cell, by position, has its value; the answer comes later."""
    grid, result = session.completed, session.result
    if grid is None or result is None or not grid.is_imputed(row, column):
        return

    def work(task: Task) -> None:
        name = str(grid.column_label(column))
        words = judge.why(result, row, grid.row_label(row), name)
        task.check()
        session.answer({"why": words, "row": row, "column": column})

    def refused(error: BaseException) -> None:
        words = f"Why this value is not known: {problem_of(error).title}."
        session.answer({"why": words, "row": row, "column": column})

    session.tasks.start("why", "", work, refused)


def accept(session: Session, name: str, what: str, *, replace: bool) -> None:
    """Give a variable of the user what was computed."""
    job, space = session.job, session.namespace
    if not code.is_variable(name):
        raise InvalidSpec(
            f"{name!r} cannot be the name of a variable; take letters, digits and "
            "underscores, and begin with a letter: for example clean."
        )
    if job is None or session.result is None:
        raise InvalidSpec("There is no result yet; wait until it is fetched.")
    if space is None:
        raise InvalidSpec(
            "There are no variables here to assign to; insert the code instead."
        )
    if name in space and not replace:
        session.taken = name
        session.model.announcement = f"{name} exists already"
        return
    space[name] = session.result.df if what == "data" else session.result
    lines = code.keeping(job.id[:8], name, what)
    session.taken = ""
    session.kept = "\n".join(lines)
    session.model.announcement = f"{name} has been assigned"


def save(session: Session, name: str, note: str) -> None:
    """Save the result under a name, as its next version."""
    job, result = session.job, session.result
    if not name:
        raise InvalidSpec(
            "A saved result needs a name; give one, for example patients."
        )
    if job is None or result is None:
        raise InvalidSpec("There is no result yet; wait until it is fetched.")

    def work(task: Task) -> None:
        saved = result.save(name, note=note or None)
        with session.lock:
            task.check()
            session.kept = "\n".join(code.saving(job.id[:8], name, note))
            session.model.announcement = f"Saved as {name}@{saved.n}"
        session.tasks.stop("keep")
        session.well()
        session.changed()

    # saved twice without a change it is one version
    again = partial(save, session, name, note)
    session.tasks.start(
        "keep", "Saving the result", work, lambda e: session.fail(e, again)
    )
