"""Work of step 2: recommend a plan, and compare methods."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from jupyter_wrangler import frames
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.client.objects.marking import mark_values
from jupyter_wrangler.client.verbs.compare import compare
from jupyter_wrangler.errors import WranglerError
from jupyter_wrangler.widgets.panel.looking import measure
from jupyter_wrangler.widgets.panel.running import TitledClient
from jupyter_wrangler.widgets.panel.session import Session
from jupyter_wrangler.widgets.panel.tasks import Task


def recommend(session: Session) -> None:
    """Recommend a plan for the decisions, unless it is there or under way."""
    model = session.model
    if model.plan.base is None and model.look.profile is None:
        return
    if model.plan.wanted in {model.plan.recommended_for, session.asked_for}:
        return
    session.asked_for = wanted = model.plan.wanted
    draft, codes = model.draft, model.look.codes

    def work(task: Task) -> None:
        # loaded here: what tries methods takes a second to load
        from jupyter_wrangler.engine.recommend import run  # noqa: PLC0415

        measure(session, task)
        session.changed()
        data = frames.as_pandas(mark_values(session.frame, codes, verbose=False))
        steps = run.recommend(
            data,
            n_imputations=draft.first_imputations,
            random_state=draft.random_state,
        )
        found = task.pull(steps, session.changed)
        with session.lock:
            task.check()
            model.plan.take_recommendation(found, wanted)
        session.tasks.stop("plan")
        session.changed()

    session.tasks.start(
        "plan", "Recommending a method for each column", work, session.fail
    )


def compare_methods(session: Session) -> None:
    """Submit a comparison of methods on the data as they are marked."""
    model = session.model
    methods, draft, codes = model.plan.rivals, model.draft, model.look.codes

    def work(task: Task) -> None:
        data = mark_values(session.frame, codes, verbose=False)
        titled: Any = TitledClient(session.client, f"{model.data}: compare")
        job = compare(data, methods, random_state=draft.random_state, client=titled)
        session.well()
        with session.lock:
            task.check()
            session.board_job, model.plan.board, model.plan.board_job = (
                job,
                None,
                job.seen,
            )
        session.watch(job, partial(_board_changed, session))
        _board_changed(session, job)

    session.tasks.start(
        "compare",
        "Submitting the comparison",
        work,
        lambda e: session.fail(e, partial(compare_methods, session)),
    )


def _board_changed(session: Session, job: Job) -> None:
    with session.lock:
        if job is not session.board_job:
            return
        session.model.plan.board_job = job.seen
    if job.seen.final or job.seen.parts_done:
        session.tasks.start("board", "", partial(_fetch_board, session), lambda _: None)
    session.changed()


def _fetch_board(session: Session, task: Task) -> None:
    job = session.board_job
    if job is None:
        return
    with contextlib.suppress(WranglerError):
        board: Leaderboard = job.partial_result()
        with session.lock:
            task.check()
            session.model.plan.board = board.document
    session.changed()
