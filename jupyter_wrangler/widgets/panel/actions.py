"""What the browser may ask a panel for, by name; anything else is ignored."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from jupyter_wrangler import frames
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.errors import InvalidSpec, JobAlreadyFinished
from jupyter_wrangler.widgets.panel.grid import RowGrid
from jupyter_wrangler.widgets.panel.keeping import accept, explain, fetch, save
from jupyter_wrangler.widgets.panel.listing import Listing
from jupyter_wrangler.widgets.panel.looking import look
from jupyter_wrangler.widgets.panel.planning import compare_methods, recommend
from jupyter_wrangler.widgets.panel.running import follow, submit
from jupyter_wrangler.widgets.panel.session import Action, Session
from jupyter_wrangler.widgets.panel.tasks import Task

Message = dict[str, Any]
_WORDS = {"cancel": "Cancelling", "retry": "Trying again", "finish": "Finishing"}


def _go(session: Session, message: Message) -> None:
    session.model.go(str(message["step"]))
    if session.model.step == "plan":
        recommend(session)
    elif session.model.step == "judge":
        fetch(session)


def _listing(session: Session, message: Message) -> Listing:
    return (
        session.model.look.listing
        if message.get("of") == "look"
        else session.model.plan.listing
    )


def _sort(session: Session, message: Message) -> None:
    table, by = _listing(session, message), str(message["by"])
    table.descending = not table.descending if table.sort == by else by == "missing"
    table.sort, table.first = by, 0


def _search(session: Session, message: Message) -> None:
    table = _listing(session, message)
    table.search, table.first = str(message["text"])[:200], 0


def _only_missing(session: Session, message: Message) -> None:
    table = _listing(session, message)
    table.only_missing, table.first = bool(message["on"]), 0


def _turn(session: Session, message: Message) -> None:
    _listing(session, message).first = int(message["first"])


def _only_incomplete(session: Session, message: Message) -> None:
    name, on = str(message["grid"]), bool(message["on"])
    grid = session.rows if name == "rows" else session.completed
    if grid is not None:
        grid.only_incomplete(on=on)
        session.only_incomplete[name] = on


def _mark(session: Session, message: Message) -> None:
    session.model.look.mark(int(message["id"]), on=bool(message["on"]))
    session.mark_codes()


def _undo(session: Session, message: Message) -> None:
    session.model.decisions.undo() if message[
        "do"
    ] == "undo" else session.model.decisions.redo()
    session.mark_codes()
    if session.model.step == "plan":
        recommend(session)


def _set(session: Session, message: Message) -> None:
    model, name, value = session.model, str(message.get("name")), str(message["value"])
    match message["what"]:
        case "method":
            model.plan.set_method(name, value)
        case "min" | "max" as bound:
            model.plan.set_bound(name, f"{bound}_value", value)
        case "predictors":
            model.plan.set_predictors(name, value)
        case "imputations":
            model.plan.set_imputations(value)
        case "seed":
            model.plan.set_seed(value)
        case "budget":
            model.plan.set_budget(value)
    if message["what"] in {"imputations", "seed"}:
        recommend(session)


def _take_best(session: Session, _: Message) -> None:
    model = session.model
    if model.plan.board is None:
        raise InvalidSpec("There is no leaderboard yet; compare first.")
    draws = model.draft.first_imputations > 1
    model.plan.take_best(Leaderboard(model.plan.board).best(draws=draws))


def _act(session: Session, message: Message) -> None:
    """Cancel, finish or retry the job, or the comparison."""
    what = str(message["do"])
    job = session.board_job if message.get("of") == "compare" else session.job
    if job is None:
        return
    verb = {"cancel": job.cancel, "retry": job.retry, "finish": job.finish}[what]

    def work(_: Task) -> None:
        # it may have ended meanwhile, which the stream tells
        with contextlib.suppress(JobAlreadyFinished):
            verb()
        session.well()
        if what == "retry":
            follow(session, job)
        session.tasks.stop("act")
        session.changed()

    again = partial(_act, session, message)
    session.tasks.start("act", _WORDS[what], work, lambda e: session.fail(e, again))


def _look_again(session: Session, _: Message) -> None:
    session.rows = RowGrid(frames.as_pandas(session.frame_now))
    session.frame = session.frame_now
    session.model.problem, session.model.step = None, "look"
    session.model.look.profile = None
    session.asked_for = session.model.plan.recommended = None
    look(session)


def _page(session: Session, message: Message) -> dict[str, Any]:
    grid = session.rows if message["grid"] == "rows" else session.completed
    asked = (int(message[k]) for k in ("first", "rows", "first_column", "columns"))
    found = {} if grid is None else grid.page(*asked)
    return {"page": message["page"], "grid": message["grid"], **found}


def _why(session: Session, message: Message) -> dict[str, Any]:
    explain(session, int(message["row"]), int(message["column"]))
    return {}


def _save(session: Session, message: Message) -> None:
    save(session, str(message["name"]).strip(), str(message.get("note", "")).strip())


#: Name of an action -> what it does.
ACTIONS: dict[str, Action] = {
    "go": _go,
    "sort": _sort,
    "search": _search,
    "only_missing": _only_missing,
    "turn": _turn,
    "only_incomplete": _only_incomplete,
    "mark": _mark,
    "undo": _undo,
    "redo": _undo,
    "set": _set,
    "restore": lambda s, m: s.model.plan.restore(str(m["name"])),
    "stop": lambda s, _: s.tasks.stop("plan"),
    "compare": lambda s, _: compare_methods(s),
    "take_best": _take_best,
    "run": lambda s, _: submit(s),
    "run_anyway": lambda s, _: submit(s, even_if_changed=True),
    "look_again": _look_again,
    "cancel": _act,
    "finish": _act,
    "retry": _act,
    "accept": lambda s, m: accept(
        s, str(m["name"]).strip(), str(m["what"]), replace=bool(m.get("replace"))
    ),
    "save": _save,
    "refresh": lambda _s, _m: None,
    "page": _page,
    "why": _why,
}
