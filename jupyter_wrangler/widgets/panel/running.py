"""Work of step 3: submit the job, follow it, and say what keeps it from going on."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.marking import mark_values
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.impute import impute
from jupyter_wrangler.errors import (
    Conflict,
    InvalidSpec,
    ServerUnreachable,
    ServiceNotConfigured,
    ServiceUnreachable,
    WranglerError,
)
from jupyter_wrangler.widgets.panel import finding
from jupyter_wrangler.widgets.panel.keeping import fetch
from jupyter_wrangler.widgets.panel.problems import (
    Problem,
    problem_of,
    problem_of_health,
)
from jupyter_wrangler.widgets.panel.session import Session
from jupyter_wrangler.widgets.panel.tasks import Task

#: Seconds between two looks at the service while a job goes on.
_LOOK_S = 3.0


class TitledClient:
    """Submits with the name that the caller gave the frame, as `impute` itself does.

    Parameters
    ----------
    client : Client
        What submits.
    title : str
        Name of the job, not of its dataset, which keeps the name by its digest.
    """

    def __init__(self, client: Client, title: str) -> None:
        self._client, self._title = client, title

    def submit(self, frame: Any, spec: contract.AnySpec, **options: Any) -> Job:
        """Submit a job, as `Client.submit` does."""
        options["title"] = self._title
        return self._client.submit(frame, spec, **options)


def submit(session: Session, *, even_if_changed: bool = False) -> None:
    """Submit the plan as a job; asks first if the data have changed."""
    model = session.model
    if model.plan.why_not_run:
        raise InvalidSpec(model.plan.why_not_run)
    chosen, draft, codes = model.plan.chosen, model.draft, model.look.codes
    # the plan is as it is run; a recommendation that comes later is asked for again
    session.tasks.stop("plan")
    session.asked_for = None

    def work(task: Task) -> None:
        task.message = "checking that the data are those that were looked at"
        digest = finding.digest_of(session.frame)
        other = session.frame_now is not session.frame
        if (other or digest != model.digest) and not even_if_changed:
            _ask_about_change(session, other=other)
            return
        task.message = "sending the data"
        data = mark_values(session.frame, codes, verbose=False)
        titled: Any = TitledClient(session.client, model.data)
        job = impute(
            data,
            chosen,
            n_imputations=draft.n_imputations,
            random_state=draft.random_state,
            client=titled,
        )
        session.well()
        with session.lock:
            task.check()
            model.digest = digest
            model.job, model.step = job.seen, "run"
            model.announcement = "The job was submitted"
            session.kept = session.taken = ""
        session.tasks.stop("submit")
        follow(session, job)

    again = partial(submit, session, even_if_changed=even_if_changed)
    session.tasks.start(
        "submit", "Submitting the job", work, lambda e: session.fail(e, again)
    )


def _ask_about_change(session: Session, *, other: bool) -> None:
    on = "the data that were looked at" if other else "the data as they are now"
    with session.lock:
        name = session.model.data
        session.model.problem = Problem(
            code="frame_changed",
            title=(
                f"{name} is another DataFrame than the one that was looked at"
                if other
                else f"{name} has changed since it was looked at"
            ),
            text=(
                "The plan was made for the data as they were. Look again to plan "
                f"anew, or run this plan on {on}."
            ),
            choices=(("look_again", "Look again"), ("run_anyway", f"Run on {on}")),
        )
        session.model.announcement = session.model.problem.title
    session.tasks.stop("submit")
    session.changed()


def follow(session: Session, job: Job) -> None:
    """Show a job of these data, and what becomes of it."""
    with session.lock:
        session.job, session.result, session.completed = job, None, None
        session.model.verdict = None
        session.model.deleted = session.model.fetched = False
    session.watch(job, partial(_job_moved, session))
    _job_moved(session, job)
    if not job.seen.final:
        session.tasks.start(
            "watch", "", partial(_watch_service, session), lambda _: None
        )


def _job_moved(session: Session, job: Job) -> None:
    with session.lock:
        if job is not session.job:
            return
        session.model.job = job.seen
    if job.seen.state == "succeeded":
        fetch(session)
    session.changed()


def _watch_service(session: Session, task: Task) -> None:
    """Say what keeps the job from going on, while it does not."""
    job = session.job
    api = session.client.api.passive()
    with contextlib.closing(api):
        while job is not None and job is session.job and not job.seen.final:
            task.sleep(_LOOK_S)
            try:
                found = problem_of_health(api.health())
                if found is None:
                    # the stream may be late after a bad day
                    job.refresh()
            except ServiceNotConfigured:
                # it took the job, so it is set up: a private stack that does not run
                found = problem_of(ServiceUnreachable("no private stack runs"))
            except ServerUnreachable as error:
                found = problem_of(error)
            except WranglerError as error:
                session.fail(error)
                return
            if found is None:
                session.well()
            with session.lock:
                task.check()
                before = session.model.problem
                if found is not None and found != before:
                    session.model.problem, session.model.announcement = (
                        found,
                        found.title,
                    )
            _finish_in_time(session, job)
            session.changed()
    session.well()
    session.changed()


def _finish_in_time(session: Session, job: Job) -> None:
    """Let a job that is over its time budget finish with what it has."""
    budget, running_s = session.model.draft.budget_min, job.seen.running_s
    if budget and running_s and running_s > budget * 60:
        # nothing may be finished yet; it is asked again
        with contextlib.suppress(Conflict):
            job.finish()
