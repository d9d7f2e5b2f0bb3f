"""Work of step 1: look at the frame, and find an earlier job of the same data."""

from __future__ import annotations

from functools import partial
from typing import Any

from jupyter_wrangler import contract, frames
from jupyter_wrangler.client.objects.marking import mark_values
from jupyter_wrangler.engine.planning.check import plan_columns
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.profile.run import profile as profile_steps
from jupyter_wrangler.errors import ServerUnreachable
from jupyter_wrangler.widgets.panel import finding
from jupyter_wrangler.widgets.panel.running import follow
from jupyter_wrangler.widgets.panel.session import Session
from jupyter_wrangler.widgets.panel.tasks import Task

#: Seconds before a job of the same data is looked for again.
_AGAIN_S = 5.0


def look(session: Session) -> None:
    """Look at the frame, and for a job of the same data."""

    def refuse(error: BaseException) -> None:
        session.looked.set()
        session.fail(error)

    session.looked.clear()
    session.tasks.start(
        "look", "Looking at the columns", partial(_look, session), refuse
    )
    session.changed()


def _look(session: Session, task: Task) -> None:
    frame = frames.as_pandas(session.frame)
    spec = contract.AnalysisSpec()
    found = task.pull(profile_steps(frame, spec), session.changed)
    task.message = "computing the digest"
    digest = finding.digest_of(session.frame)
    standard = standard_plan(session, frame, {})
    with session.lock:
        task.check()
        session.model.look.take_profile(found)
        session.model.digest, session.model.plan.standard = digest, standard
        session.model.announcement = f"{found.n_columns} columns were looked at"
    if session.model.look.codes:
        session.mark_codes()
        measure(session, task)
    session.looked.set()
    session.tasks.start("find", "", partial(_find, session), lambda _: None)
    session.changed()


def standard_plan(session: Session, frame: Any, codes: Any) -> contract.PlanDocument:
    """Plan the method of each column by its type alone."""
    data = frames.as_pandas(mark_values(frame, codes, verbose=False))
    number = session.model.draft.first_imputations
    spec = contract.ImputationSpec(n_imputations=number)
    plans = plan_columns(named(data), spec)
    return contract.PlanDocument(
        columns=tuple(
            contract.PlannedColumn(
                name=one.name,
                level=one.level,
                n_missing=one.n_missing,
                method=one.method if one.n_missing else "",
                reason=one.reason
                or ("The standard method for its type." * bool(one.n_missing)),
            )
            for one in plans
        ),
        n_rows=len(data),
        n_imputations=number,
    )


def measure(session: Session, task: Task) -> None:
    """Plan by type again, for the values that are marked now."""
    standard = standard_plan(session, session.frame, session.model.look.codes)
    with session.lock:
        task.check()
        session.model.plan.standard = standard


def _find(session: Session, task: Task) -> None:
    """Go on with a job of the same data, if there is one."""
    model, profile = session.model, session.model.look.profile
    assert profile is not None  # noqa: S101  it has just been looked at
    ways = [
        frozenset(),
        model.draft.marks,
        frozenset(range(len(profile.disguised))),
    ]
    marks_of = {}
    for marks in ways:
        codes: dict[str, list[contract.Scalar]] = {}
        for i in sorted(marks):
            hit = profile.disguised[i]
            codes.setdefault(hit.column, []).append(hit.value)
        marks_of[finding.marked_digest(session.frame, codes)] = marks
        task.check()
    try:
        found = finding.find_job(session.client.api, marks_of)
    except ServerUnreachable:
        session.tasks.start(
            "find-again", "", partial(_find_later, session), lambda _: None
        )
        return
    if found is None:
        return
    seen, digest = found
    with session.lock:
        task.check()
        if (
            model.job is not None
            or model.step != "look"
            or model.decisions.history.undoes
        ):
            return
        _take_found(session, seen, marks_of[digest])
    follow(session, session.client.job(seen.id))


def _find_later(session: Session, task: Task) -> None:
    """Look for a job again when the service may be back; looking needs no service."""
    task.sleep(_AGAIN_S)
    if session.model.job is None and session.model.step == "look":
        session.tasks.start("find", "", partial(_find, session), lambda _: None)


def _take_found(session: Session, seen: contract.Job, marks: frozenset[int]) -> None:
    spec = seen.spec
    assert isinstance(spec, contract.ImputationSpec)  # noqa: S101  by its kind
    model = session.model
    draft = type(model.draft)(
        marks=marks,
        n_imputations="auto" if spec.se_cv is not None else spec.n_imputations,
        random_state=spec.random_state,
    )
    model.decisions.history.reset(draft)
    model.plan.standard = standard_plan(session, session.frame, model.look.codes)
    edits = finding.edits_of(spec, model.plan.standard)
    model.decisions.history.reset(type(draft)(**{**vars(draft), "edits": edits}))
    model.job, model.step = seen, "run"
    model.announcement = "A job of the same data was found"
