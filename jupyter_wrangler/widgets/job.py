"""A job in a notebook: live while it runs, and what it did when it is done.

The view is written to from the thread of the event stream, at most a few times a
second, and no more once the job has ended.  Its state is saved in the notebook, so
it holds words and numbers only: never an address or a token.
"""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython

from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.views import formatting, html
from jupyter_wrangler.errors import WranglerError

#: Seconds between two writes to the view.
PACE_S = 0.25
#: Steps of the bar.
STEPS = 1000
_VIEW = "application/vnd.jupyter.widget-view+json"
#: JupyterLab puts the tables of widgets in the middle, and those of pandas at the left.
_STYLE = "<style>.jp-Wrangler-summary table { margin-left: 0 }</style>"
_COLOURS = {"succeeded": "success", "cancelled": "warning", "cancelling": "warning"}

_views: weakref.WeakKeyDictionary[Job, JobView] = weakref.WeakKeyDictionary()


def bundle(job: Job) -> dict[str, Any]:
    """Give what a notebook shows for a job, one form for each kind of reader.

    Parameters
    ----------
    job : Job
        The job.

    Returns
    -------
    dict
        MIME type -> content: static HTML and, of a job that goes on, a live view in a
        notebook, and text, which is the only form where there is no front end.
    """
    if not _has_front_end():
        return {"text/plain": f"{_steady(job)}, {formatting.status_line(job.seen)}"}
    with contextlib.suppress(WranglerError):
        _ = job.summary  # fetched, if the job is done and it is not there yet
    seen = job.seen
    static = {"text/plain": _steady(job), "text/html": html.job(seen)}
    if seen.final:
        # nothing moves any more, and static HTML is there offline and after a restart
        return static
    shown = _views.get(job)
    if shown is None:
        shown = _views[job] = JobView(job)
    view = {"version_major": 2, "version_minor": 0, "model_id": shown.model_id}
    return {**static, _VIEW: view}


def _steady(job: Job) -> str:
    """Name a job by what stays the same from run to run, for notebooks under test."""
    description = formatting.job_description(job.seen)
    return f"Job {formatting.job_title(job.seen)!r}: {description}"


def _has_front_end() -> bool:
    return getattr(get_ipython(), "kernel", None) is not None


class JobView(ipywidgets.VBox):
    """State, progress, time left, a Cancel or a Retry button; then what was done.

    Parameters
    ----------
    job : Job
        The job to show.
    """

    def __init__(self, job: Job) -> None:
        self._job = weakref.ref(job)
        self._lock = threading.Lock()
        self._last = 0.0
        self._late: threading.Timer | None = None
        self._state = ""
        self.head = ipywidgets.HTML()
        self.bar = ipywidgets.IntProgress(
            max=STEPS, layout=ipywidgets.Layout(width="16em", flex="0 0 auto")
        )
        self.bar.tooltip = "Share of the work that is done"
        self.standing = ipywidgets.HTML()
        self.button = ipywidgets.Button(
            description="Cancel",
            icon="stop",
            tooltip=(
                "Stop this job; finished imputations are kept. While a cell is busy, "
                "the click waits for it, except for a cell that awaits: await job"
            ),
            layout=ipywidgets.Layout(width="auto", flex="0 0 auto"),
        )
        self.button.on_click(self._cancel)
        self.again = ipywidgets.Button(
            description="Retry",
            icon="repeat",
            tooltip="Compute what has no result yet; what was finished is kept",
            layout=ipywidgets.Layout(width="auto", flex="0 0 auto", display="none"),
        )
        self.again.on_click(self._retry)
        self.body = ipywidgets.HTML(layout=ipywidgets.Layout(overflow="auto"))
        # tables as JupyterLab draws those of pandas, in both themes
        self.body.add_class("jp-RenderedHTMLCommon").add_class("jp-Wrangler-summary")
        line = ipywidgets.HBox(
            [self.bar, self.button, self.again, self.standing],
            layout=ipywidgets.Layout(align_items="center"),
        )
        super().__init__([self.head, line, self.body])
        # in this order, or an end in between would never be drawn
        job.on_change(self._changed)
        self._draw(job)

    def _changed(self, job: Job) -> None:
        """Draw now, or soon if it was drawn just before."""
        with self._lock:
            new = job.seen.state != self._state
            wait = self._last + PACE_S - time.monotonic()
            if not new and wait > 0:
                if self._late is None:
                    self._late = threading.Timer(wait, self._draw_late)
                    self._late.daemon = True
                    self._late.start()
                return
        self._draw(job)

    def _draw_late(self) -> None:
        job = self._job()
        with self._lock:
            self._late = None
            if job is None or self._last + PACE_S / 2 > time.monotonic():
                return
        self._draw(job)

    def _draw(self, job: Job) -> None:
        with self._lock:
            self._last, self._state = time.monotonic(), job.seen.state
            self._write(job)
        if job.seen.state != "succeeded":
            return
        # fetched after that: a notebook that runs by itself may be over soon
        try:
            summary = job.summary
        except WranglerError:
            return
        if summary:
            with self._lock:
                self.body.value = _STYLE + html.summary(summary)

    def _write(self, job: Job) -> None:
        seen = job.seen
        done = seen.progress.fraction if seen.progress else 0.0
        with self.head.hold_sync(), self.standing.hold_sync():
            self.head.value = (
                f"<b>{html.text(formatting.job_title(seen))}</b> · "
                f"{html.text(formatting.job_description(seen))}"
                f" · <code>jw.job(&quot;{formatting.short_id(seen)}&quot;)</code>"
            )
            self.standing.value = html.text(formatting.status_line(seen))
        with self.bar.hold_sync():
            self.bar.value = STEPS if seen.state == "succeeded" else round(done * STEPS)
            ended_badly = "danger" if seen.final else "info"
            self.bar.bar_style = _COLOURS.get(seen.state, ended_badly)
        with self.button.hold_sync():
            self.button.disabled = seen.final or seen.state == "cancelling"
        ended = "none" if seen.final else None
        self.bar.layout.display = self.button.layout.display = ended
        retried = seen.final and seen.state != "succeeded"
        self.again.layout.display = None if retried else "none"
        self.again.disabled = False

    def _cancel(self, _: ipywidgets.Button) -> None:
        """Stop the job; may run in any thread, also while a cell is busy."""
        job = self._job()
        if job is None:
            return
        self.button.disabled = True
        try:
            job.cancel()
        except WranglerError as error:
            self.standing.value = html.text(error.message)
            self.button.disabled = False

    def _retry(self, _: ipywidgets.Button) -> None:
        """Try the job again, and follow it again."""
        job = self._job()
        if job is None:
            return
        self.again.disabled = True
        try:
            job.retry()
        except WranglerError as error:
            # else it was begun again elsewhere, which comes to the same
            if job.seen.final:
                self.standing.value = html.text(error.message)
                self.again.disabled = False
                return
        self._draw(job)
