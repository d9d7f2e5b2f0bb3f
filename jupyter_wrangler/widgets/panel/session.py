"""One open panel: what its buttons do, and the work that takes time.

Messages of the browser come in any thread and return at once; work runs in tasks.  The
model is changed under a lock only, and `changed` is called after each change.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any

from jupyter_wrangler import contract, frames
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.client.objects.marking import mark_values
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.compare import compare
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.client.verbs.impute import impute
from jupyter_wrangler.engine.planning.check import named, plan_columns
from jupyter_wrangler.engine.profile.run import profile as profile_steps
from jupyter_wrangler.errors import InvalidSpec, ServerUnreachable, WranglerError
from jupyter_wrangler.widgets.panel import code, finding, judge, look, plan, run
from jupyter_wrangler.widgets.panel.grid import RowGrid
from jupyter_wrangler.widgets.panel.model import STEPS, Listing, PanelModel
from jupyter_wrangler.widgets.panel.problems import (
    Problem,
    problem_of,
    problem_of_health,
)
from jupyter_wrangler.widgets.panel.tasks import Task, Tasks

#: Seconds between two looks at the service while a job goes on, and before what failed
#: is tried again; the longest.
_LOOK_S, _AGAIN_S, _LONGEST_S = 3.0, 2.0, 15.0
_TITLES = {
    "look": "Look",
    "plan": "Plan",
    "run": "Run",
    "judge": "Judge and keep",
}
_VIEWS = {"look": look.view, "plan": plan.view, "run": run.view, "judge": judge.view}


class _Titled:
    """Submits with the name that the caller gave the frame, as `impute` itself does."""

    def __init__(self, client: Client, title: str) -> None:
        self._client, self._title = client, title

    def submit(self, frame: Any, spec: contract.AnySpec, **options: Any) -> Job:
        options["title"] = self._title
        return self._client.submit(frame, spec, **options)


class Session:
    """What an open panel does.

    Parameters
    ----------
    frame : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    data : str
        What the caller calls them.
    changed : callable
        Called after each change, in any thread.
    client : Client, optional
        The service; default: that of the verbs.
    namespace : mapping, optional
        Variables of the user, for what is accepted.
    """

    def __init__(
        self,
        frame: Any,
        data: str,
        changed: Callable[[], object],
        *,
        client: Client | None = None,
        namespace: MutableMapping[str, Any] | None = None,
    ) -> None:
        self.frame = frame
        self.model = PanelModel(data)
        self._changed, self._client, self._namespace = changed, client, namespace
        self._lock = threading.RLock()
        self.tasks = Tasks()
        self.rows = RowGrid(frames.as_pandas(frame))
        self.completed: RowGrid | None = None
        self._job: Job | None = None
        self._board_job: Job | None = None
        self._result: Result | None = None
        self._unwatch: list[Callable[[], None]] = []
        self._failures = 0
        #: What was accepted, in words; and the name that is taken.
        self.kept, self.taken = "", ""
        self._only_incomplete = {"rows": False, "completed": False}

    @property
    def client(self) -> Client:
        """The service."""
        return self._client or default_client()

    # ── what is shown ──

    def view(self) -> dict[str, Any]:
        """Return all that is shown now, as JSON."""
        with self._lock:
            model = self.model
            step = model.step
            return {
                "title": model.data,
                "step": step,
                "steps": [
                    {"id": one, "label": _TITLES[one], "why": model.why_not(one)}
                    for one in STEPS
                ],
                "said": model.said,
                "problem": _problem_view(model.problem),
                "working": self._working(),
                "undo": model.history.undoes,
                "redo": model.history.redoes,
                "code": model.code(step),
                "all_code": model.code(),
                "grid": self._grid_view(),
                "kept": self.kept,
                "taken": self.taken,
                step: _VIEWS[step](model),
            }

    def _working(self) -> dict[str, Any] | None:
        for name in ("look", "plan", "submit", "compare", "result", "keep", "act"):
            task = self.tasks.get(name)
            if task is not None:
                return {
                    "name": name,
                    "words": task.words,
                    "message": task.message,
                    "share": task.share,
                    "can_stop": name == "plan",
                }
        return None

    def _grid_view(self) -> dict[str, Any] | None:
        name = {"look": "rows", "judge": "completed"}.get(self.model.step)
        grid = self.rows if name == "rows" else self.completed
        if name is None or grid is None:
            return None
        only = self._only_incomplete[name]
        return {"name": name, **grid.about, "only_incomplete": only}

    # ── messages of the browser ──

    def handle(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Do what a button stands for; returns an answer where one is wanted."""
        action = _ACTIONS.get(str(message.get("do")))
        if action is None:
            return None
        answer = None
        try:
            with self._lock:
                self.model.said = ""
                if message.get("do") not in {"page", "why"}:
                    self._clear_refusal()
                answer = action(self, message)
        except WranglerError as error:
            self._fail(error)
        if answer is None:
            self._changed()
        return answer

    def _clear_refusal(self) -> None:
        problem = self.model.problem
        if problem is not None and not problem.passing:
            self.model.problem = None

    def _fail(
        self, error: BaseException, again: Callable[[], None] | None = None
    ) -> None:
        """Show what is wrong, and try again by itself if it passes."""
        found = problem_of(error)
        with self._lock:
            self.model.problem = found
            self.model.said = found.title
            self._failures += 1
            pause = min(_LONGEST_S, _AGAIN_S * 2 ** min(self._failures - 1, 3))
        if found.passing and again is not None:

            def wait(task: Task) -> None:
                task.sleep(pause)
                again()

            self.tasks.start("again", "", wait, self._fail)
        self._changed()

    def _well(self) -> None:
        """Note that the service answers."""
        with self._lock:
            self._failures = 0
            if self.model.problem is not None and self.model.problem.passing:
                self.model.problem = None
                self.model.said = "The service answers again"

    # ── look ──

    def start(self) -> None:
        """Look at the frame, and for a job of the same data."""
        self.tasks.start("look", "Looking at the columns", self._look, self._fail)
        self._changed()

    def _look(self, task: Task) -> None:
        frame = frames.as_pandas(self.frame)
        spec = contract.AnalysisSpec()
        found = task.pull(profile_steps(frame, spec), self._changed)
        task.message = "computing the digest"
        digest = finding.digest_of(self.frame)
        standard = self._standard(frame, {})
        with self._lock:
            task.check()
            self.model.take_profile(found)
            self.model.digest, self.model.standard = digest, standard
            self.model.said = f"{found.n_columns} columns were looked at"
        if self.model.codes:
            self._measure(task)
        self.tasks.start("find", "", self._find, lambda _: None)
        self._changed()

    def _standard(self, frame: Any, codes: Any) -> contract.PlanDocument:
        """Plan the method of each column by its type alone."""
        data = frames.as_pandas(mark_values(frame, codes, verbose=False))
        spec = contract.ImputationSpec(n_imputations=self.model.draft.n_imputations)
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
            n_imputations=self.model.draft.n_imputations,
        )

    def _measure(self, task: Task) -> None:
        """Plan by type again, for the values that are marked now."""
        standard = self._standard(self.frame, self.model.codes)
        with self._lock:
            task.check()
            self.model.standard = standard

    def _find(self, task: Task) -> None:
        """Go on with a job of the same data, if there is one."""
        model, profile = self.model, self.model.profile
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
            marks_of[finding.marked_digest(self.frame, codes)] = marks
            task.check()
        found = finding.find_job(self.client.api, marks_of)
        if found is None:
            return
        seen, digest = found
        with self._lock:
            task.check()
            if model.job is not None or model.step != "look" or model.history.undoes:
                return
            self._take_found(seen, marks_of[digest])
        self._follow(self.client.job(seen.id))

    def _take_found(self, seen: contract.Job, marks: frozenset[int]) -> None:
        spec = seen.spec
        assert isinstance(spec, contract.ImputationSpec)  # noqa: S101  by its kind
        model = self.model
        draft = type(model.draft)(
            marks=marks,
            n_imputations=spec.n_imputations,
            random_state=spec.random_state,
        )
        model.history.reset(draft)
        model.standard = self._standard(self.frame, model.codes)
        edits = finding.edits_of(spec, model.standard)
        model.history.reset(type(draft)(**{**vars(draft), "edits": edits}))
        model.job, model.step = seen, "run"
        model.said = "A job of the same data was found"

    # ── plan ──

    def go(self, step: str) -> None:
        """Show a step, and begin what it needs."""
        self.model.go(step)
        if step == "plan":
            self._recommend()
        if step == "judge":
            self._fetch()

    def _recommend(self) -> None:
        """Recommend a plan for the decisions, unless it is there or under way."""
        model = self.model
        if model.base is None and model.profile is None:
            return
        if model.wanted in {model.recommended_for, self._wanted}:
            return
        self._wanted = wanted = model.wanted
        draft, codes = model.draft, model.codes

        def work(task: Task) -> None:
            # loaded here: what tries methods takes a second to load
            from jupyter_wrangler.engine.recommend.run import recommend  # noqa: PLC0415

            self._measure(task)
            self._changed()
            data = frames.as_pandas(mark_values(self.frame, codes, verbose=False))
            steps = recommend(
                data,
                n_imputations=draft.n_imputations,
                random_state=draft.random_state,
            )
            found = task.pull(steps, self._changed)
            with self._lock:
                task.check()
                model.take_recommendation(found, wanted)
            self.tasks.stop("plan")
            self._changed()

        self.tasks.start(
            "plan", "Recommending a method for each column", work, self._fail
        )

    #: Decisions for which a recommendation is under way, or was stopped.
    _wanted: tuple[Any, ...] | None = None

    # ── compare ──

    def _compare(self) -> None:
        model = self.model
        methods, draft, codes = model.rivals, model.draft, model.codes

        def work(task: Task) -> None:
            data = mark_values(self.frame, codes, verbose=False)
            titled: Any = _Titled(self.client, f"{model.data}: compare")
            job = compare(data, methods, random_state=draft.random_state, client=titled)
            self._well()
            with self._lock:
                task.check()
                self._board_job, model.board, model.board_job = job, None, job.seen
            self._watch(job, self._board_changed)
            self._board_changed(job)

        self.tasks.start(
            "compare",
            "Submitting the comparison",
            work,
            lambda e: self._fail(e, self._compare),
        )

    def _board_changed(self, job: Job) -> None:
        with self._lock:
            if job is not self._board_job:
                return
            self.model.board_job = job.seen
        if job.seen.final or job.seen.parts_done:
            self.tasks.start("board", "", self._fetch_board, lambda _: None)
        self._changed()

    def _fetch_board(self, task: Task) -> None:
        job = self._board_job
        if job is None:
            return
        with contextlib.suppress(WranglerError):
            board: Leaderboard = job.partial_result()
            with self._lock:
                task.check()
                self.model.board = board.document
        self._changed()

    # ── run ──

    def _submit(self, *, even_if_changed: bool = False) -> None:
        model = self.model
        if model.why_not_run:
            raise InvalidSpec(model.why_not_run)
        chosen, draft, codes = model.plan, model.draft, model.codes

        def work(task: Task) -> None:
            task.message = "checking that the data are those that were looked at"
            digest = finding.digest_of(self.frame)
            if digest != model.digest and not even_if_changed:
                self._ask_about_change()
                return
            task.message = "sending the data"
            data = mark_values(self.frame, codes, verbose=False)
            titled: Any = _Titled(self.client, model.data)
            job = impute(
                data,
                chosen,
                n_imputations=draft.n_imputations,
                random_state=draft.random_state,
                client=titled,
            )
            self._well()
            with self._lock:
                task.check()
                model.digest = digest
                model.job, model.step = job.seen, "run"
                model.said = "The job was submitted"
                self.kept = self.taken = ""
            self.tasks.stop("submit")
            self._follow(job)

        again = partial(self._submit, even_if_changed=even_if_changed)
        self.tasks.start(
            "submit", "Submitting the job", work, lambda e: self._fail(e, again)
        )

    def _ask_about_change(self) -> None:
        with self._lock:
            name = self.model.data
            self.model.problem = Problem(
                code="frame_changed",
                title=f"{name} has changed since it was looked at",
                text=(
                    "The plan was made for the data as they were. Look again to plan "
                    "anew, or run this plan on the data as they are now."
                ),
                choices=(
                    ("look_again", "Look again"),
                    ("run_anyway", "Run on the data as they are now"),
                ),
            )
            self.model.said = self.model.problem.title
        self.tasks.stop("submit")
        self._changed()

    def _follow(self, job: Job) -> None:
        with self._lock:
            self._job, self._result, self.completed = job, None, None
        self._watch(job, self._job_changed)
        self._job_changed(job)
        if not job.seen.final:
            self.tasks.start("watch", "", self._watch_service, lambda _: None)

    def _watch(self, job: Job, fn: Callable[[Job], object]) -> None:
        stop = job.on_change(fn)
        with self._lock:
            self._unwatch.append(stop)

    def _job_changed(self, job: Job) -> None:
        with self._lock:
            if job is not self._job:
                return
            self.model.job = job.seen
        if job.seen.state == "succeeded":
            self._fetch()
        self._changed()

    def _watch_service(self, task: Task) -> None:
        """Say what keeps the job from going on, while it does not."""
        job = self._job
        api = self.client.api.passive()
        with contextlib.closing(api):
            while job is not None and job is self._job and not job.seen.final:
                task.sleep(_LOOK_S)
                try:
                    found = problem_of_health(api.health())
                    if found is None:
                        # the stream may be late after a bad day
                        job.refresh()
                except ServerUnreachable as error:
                    found = problem_of(error)
                except WranglerError as error:
                    self._fail(error)
                    return
                if found is None:
                    self._well()
                with self._lock:
                    task.check()
                    before = self.model.problem
                    if found is not None and found != before:
                        self.model.problem, self.model.said = found, found.title
                self._finish_in_time(job)
                self._changed()
        self._well()
        self._changed()

    def _finish_in_time(self, job: Job) -> None:
        """Let a job that is over its time budget finish with what it has."""
        budget, running_s = self.model.draft.budget_min, job.seen.running_s
        finish = getattr(job, "finish", None)
        if budget and running_s and running_s > budget * 60 and finish is not None:
            finish()

    # ── judge and keep ──

    def _fetch(self) -> None:
        """Fetch the result, once."""
        job = self._job
        if job is None or self._result is not None or self.tasks.get("result"):
            return

        def work(task: Task) -> None:
            _ = job.summary
            result: Result = job.result()
            done = frames.as_pandas(result.df)
            names = frames.names_of(done)
            cells = result.cells(0)
            imputed = {names.index(name): rows for name, rows in cells.rows.items()}
            with self._lock:
                task.check()
                if job is not self._job:
                    return
                self.model.job = job.seen
                self._result, self.completed = result, RowGrid(done, imputed)
                if self.model.step == "run":
                    self.model.said = "The job is done"
            self.tasks.stop("result")
            self._well()
            self._changed()

        self.tasks.start(
            "result", "Fetching the result", work, lambda e: self._fail(e, self._fetch)
        )

    def why(self, row: int, column: int) -> str:
        """Say why a cell, by position, has its value."""
        grid, result = self.completed, self._result
        if grid is None or result is None or not grid.is_imputed(row, column):
            return ""
        return judge.why(result, row, column, str(grid.column_label(column)))

    def _accept(self, name: str, what: str, *, replace: bool) -> None:
        """Give a variable of the user what was computed."""
        job, space = self._job, self._namespace
        if not code.is_variable(name):
            raise InvalidSpec(
                f"{name!r} cannot be the name of a variable; take letters, digits and "
                "underscores, and begin with a letter: for example clean."
            )
        if job is None or self._result is None:
            raise InvalidSpec("There is no result yet; wait until it is fetched.")
        if space is None:
            raise InvalidSpec(
                "There are no variables here to assign to; insert the code instead."
            )
        if name in space and not replace:
            self.taken = name
            self.model.said = f"{name} exists already"
            return
        space[name] = self._result.df if what == "data" else self._result
        lines = code.keeping(str(job.id)[:8], name, what)
        self.taken = ""
        self.kept = "\n".join(lines)
        self.model.said = f"{name} has been assigned"

    # ── the end ──

    def close(self) -> None:
        """Stop all work here; jobs go on."""
        self.tasks.close()
        with self._lock:
            stops, self._unwatch = self._unwatch, []
        for stop in stops:
            stop()


def _problem_view(problem: Problem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    return {
        "code": problem.code,
        "title": problem.title,
        "text": problem.text,
        "command": problem.command,
        "passing": problem.passing,
        "choices": [{"do": do, "label": label} for do, label in problem.choices],
    }


# ── actions: what the browser may ask for ──

Message = dict[str, Any]


def _listing(session: Session, message: Message) -> Listing:
    return (
        session.model.looking if message.get("of") == "look" else session.model.planning
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
        session._only_incomplete[name] = on  # noqa: SLF001  of this file


def _mark(session: Session, message: Message) -> None:
    session.model.mark(int(message["id"]), on=bool(message["on"]))


def _undo(session: Session, message: Message) -> None:
    session.model.undo() if message["do"] == "undo" else session.model.redo()
    if session.model.step == "plan":
        session._recommend()  # noqa: SLF001  of this file


def _set(session: Session, message: Message) -> None:
    model, name, value = session.model, str(message.get("name")), str(message["value"])
    match message["what"]:
        case "method":
            model.set_method(name, value)
        case "min" | "max" as bound:
            model.set_bound(name, f"{bound}_value", value)
        case "predictors":
            model.set_predictors(name, value)
        case "imputations":
            model.set_imputations(value)
        case "seed":
            model.set_seed(value)
        case "budget":
            model.set_budget(value)
    if message["what"] in {"imputations", "seed"}:
        session._recommend()  # noqa: SLF001  of this file


def _take_best(session: Session, _: Message) -> None:
    model = session.model
    if model.board is None:
        raise InvalidSpec("There is no leaderboard yet; compare first.")
    draws = model.draft.n_imputations > 1
    model.take_best(Leaderboard(model.board).best(draws=draws))


def _cancel(session: Session, message: Message) -> None:
    job = session._board_job if message.get("of") == "compare" else session._job  # noqa: SLF001
    if job is not None:
        act = job.retry if message["do"] == "retry" else job.cancel
        words = "Trying again" if message["do"] == "retry" else "Cancelling"

        def done(_: Task) -> None:
            act()
            if message["do"] == "retry":
                session._follow(job)  # noqa: SLF001  of this file

        session.tasks.start("act", words, done, session._fail)  # noqa: SLF001


def _look_again(session: Session, _: Message) -> None:
    session.model.problem, session.model.step = None, "look"
    session.model.profile = None
    session._wanted = session.model.recommended = None  # noqa: SLF001  of this file
    session.rows = RowGrid(frames.as_pandas(session.frame))
    session.start()


def _page(session: Session, message: Message) -> dict[str, Any]:
    grid = session.rows if message["grid"] == "rows" else session.completed
    asked = (int(message[k]) for k in ("first", "rows", "first_column", "columns"))
    found = {} if grid is None else grid.page(*asked)
    return {"page": message["page"], "grid": message["grid"], **found}


def _why(session: Session, message: Message) -> dict[str, Any]:
    row, column = int(message["row"]), int(message["column"])
    return {"why": session.why(row, column), "row": row, "column": column}


_ACTIONS: dict[str, Callable[[Session, Message], dict[str, Any] | None]] = {
    "go": lambda s, m: s.go(str(m["step"])),
    "sort": _sort,
    "search": _search,
    "only_missing": _only_missing,
    "turn": _turn,
    "only_incomplete": _only_incomplete,
    "mark": _mark,
    "undo": _undo,
    "redo": _undo,
    "set": _set,
    "restore": lambda s, m: s.model.restore(str(m["name"])),
    "stop": lambda s, _: s.tasks.stop("plan"),
    "compare": lambda s, _: s._compare(),  # noqa: SLF001  of this file
    "take_best": _take_best,
    "run": lambda s, _: s._submit(),  # noqa: SLF001  of this file
    "run_anyway": lambda s, _: s._submit(even_if_changed=True),  # noqa: SLF001
    "look_again": _look_again,
    "cancel": _cancel,
    "retry": _cancel,
    "accept": lambda s, m: s._accept(  # noqa: SLF001  of this file
        str(m["name"]).strip(), str(m["what"]), replace=bool(m.get("replace"))
    ),
    "refresh": lambda _s, _m: None,
    "page": _page,
    "why": _why,
}
