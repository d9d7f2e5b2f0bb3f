"""One open panel: what it shows, and what its steps share.

Messages of the browser come in any thread and return at once; work runs in tasks.  The
model is changed under a lock only, and `changed` is called after each change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from jupyter_wrangler import frames
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.errors import JobNotFound, WranglerError
from jupyter_wrangler.widgets.panel import judge, look, plan, run
from jupyter_wrangler.widgets.panel.grid import RowGrid
from jupyter_wrangler.widgets.panel.model import STEPS, PanelModel
from jupyter_wrangler.widgets.panel.problems import Problem, problem_of
from jupyter_wrangler.widgets.panel.tasks import Task, Tasks

#: Seconds before what failed is tried again: the first time, and the longest.
_AGAIN_S, _LONGEST_S = 2.0, 15.0
_TITLES = {
    "look": "Look",
    "plan": "Plan",
    "run": "Run",
    "judge": "Judge and keep",
}
_VIEWS = {"look": look.view, "plan": plan.view, "run": run.view, "judge": judge.view}


#: Takes the session and the message; returns an answer where one is wanted.
Action = Callable[["Session", dict[str, Any]], dict[str, Any] | None]


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
    actions : mapping of str to callable
        What the browser may ask for; see `actions`.
    answer : callable, optional
        Takes what was asked for and takes time, in any thread.
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
        actions: Mapping[str, Action],
        answer: Callable[[dict[str, Any]], object] = dict,
        client: Client | None = None,
        namespace: MutableMapping[str, Any] | None = None,
    ) -> None:
        self.frame, self._actions, self.answer = frame, actions, answer
        self.model = PanelModel(data)
        self.changed, self._client, self.namespace = changed, client, namespace
        #: Whether the caller's name for the frame is a variable of the user.
        self._is_variable = namespace is not None and namespace.get(data) is frame
        self.lock = threading.RLock()
        self.tasks = Tasks()
        self.rows = RowGrid(frames.as_pandas(frame))
        self.completed: RowGrid | None = None
        self.job: Job | None = None
        self.board_job: Job | None = None
        self.result: Result | None = None
        self._unwatch: list[Callable[[], None]] = []
        self._failures = 0
        #: Set when the frame was looked at, or cannot be.
        self.looked = threading.Event()
        #: What was accepted, in words; and the name that is taken.
        self.kept, self.taken = "", ""
        #: Decisions for which a recommendation is under way, or was stopped.
        self.asked_for: tuple[Any, ...] | None = None
        self.only_incomplete = {"rows": False, "completed": False}

    @property
    def client(self) -> Client:
        """The service."""
        return self._client or default_client()

    @property
    def frame_now(self) -> Any:
        """What the variable of the frame holds now, which may be another one."""
        if self.namespace is None or not self._is_variable:
            return self.frame
        return self.namespace.get(self.model.data, self.frame)

    # ── what is shown ──

    def view(self) -> dict[str, Any]:
        """Return all that is shown now, as JSON."""
        with self.lock:
            model = self.model
            step = model.step
            return {
                "title": model.data,
                "step": step,
                "steps": [
                    {"id": one, "label": _TITLES[one], "why": model.why_not(one)}
                    for one in STEPS
                ],
                "announcement": model.announcement,
                "problem": _problem_view(model.problem),
                "working": self._working(),
                "undo": model.decisions.history.undoes,
                "redo": model.decisions.history.redoes,
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
        only = self.only_incomplete[name]
        return {"name": name, **grid.about, "only_incomplete": only}

    # ── messages of the browser ──

    def handle(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Do what a button stands for; returns an answer where one is wanted."""
        action = self._actions.get(str(message.get("do")))
        if action is None:
            return None
        answer = None
        try:
            with self.lock:
                self.model.announcement = ""
                if message.get("do") not in {"page", "why"}:
                    self._clear_refusal()
                answer = action(self, message)
        except WranglerError as error:
            self.fail(error)
        if answer is None:
            self.changed()
        return answer

    def _clear_refusal(self) -> None:
        problem = self.model.problem
        if problem is not None and not problem.passing:
            self.model.problem = None

    def fail(
        self, error: BaseException, again: Callable[[], None] | None = None
    ) -> None:
        """Show what is wrong, and try again by itself if it passes."""
        found = problem_of(error)
        with self.lock:
            self.model.problem = found
            self.model.announcement = found.title
            if isinstance(error, JobNotFound):
                # nothing can be done with it any more
                self.model.deleted = True
            self._failures += 1
            pause = min(_LONGEST_S, _AGAIN_S * 2 ** min(self._failures - 1, 3))
        if found.passing and again is not None:

            def wait(task: Task) -> None:
                task.sleep(pause)
                again()

            # one for each kind of work, so that none takes the place of another
            kind = getattr(getattr(again, "func", again), "__name__", "")
            self.tasks.start(f"again-{kind}", "", wait, self.fail)
        self.changed()

    def well(self) -> None:
        """Note that the service answers."""
        with self.lock:
            self._failures = 0
            if self.model.problem is not None and self.model.problem.passing:
                self.model.problem = None
                self.model.announcement = "The service answers again"

    # ── what the steps share ──

    def watch(self, job: Job, fn: Callable[[Job], object]) -> None:
        """Call `fn(job)` at each change of a job, until the panel is closed."""
        stop = job.on_change(fn)
        with self.lock:
            self._unwatch.append(stop)

    def mark_codes(self) -> None:
        """Mark in the rows what stands for missing values now."""
        places = {str(name): i for i, name in enumerate(self.rows.labels)}
        codes = self.model.look.codes
        self.rows.mark_codes({places[name]: codes[name] for name in codes})

    # ── the end ──

    def close(self) -> None:
        """Stop all work here; jobs go on."""
        self.tasks.close()
        with self.lock:
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
