"""A job as a live widget, for front ends that have widgets and no labextension.

The view is written to from the thread of the event stream, at most a few times a
second, and no more once the job has ended.  Its state may be saved in the notebook, so
it holds words and numbers only: never an address or a token.
"""

from __future__ import annotations

import threading
import weakref

import ipywidgets

from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.views import formatting, html
from jupyter_wrangler.errors import WranglerError
from jupyter_wrangler.widgets.pacing import Pacer

#: Seconds between two writes to the view.
PACE_S = 0.25
#: JupyterLab puts the tables of widgets in the middle, and those of pandas at the left.
_STYLE = "<style>.jp-Wrangler-summary table { margin-left: 0 }</style>"
_BUTTON = {"width": "auto", "flex": "0 0 auto"}


class JobView(ipywidgets.VBox):
    """State, progress, time left, a Cancel or a Retry button; then what was done.

    Parameters
    ----------
    job : Job
        The job to show.
    """

    def __init__(self, job: Job) -> None:
        self._job = weakref.ref(job)
        self._lock = threading.RLock()
        self._state = ""
        self.head = ipywidgets.HTML()
        # the bar of ipywidgets has neither a role, nor a name, nor a value
        self.bar = ipywidgets.HTML(layout=ipywidgets.Layout(flex="0 0 auto"))
        self.standing = ipywidgets.HTML()
        self.button = ipywidgets.Button(
            description="Cancel",
            icon="stop",
            tooltip=(
                "Stop this job; finished imputations are kept. While a cell is busy, "
                "the click waits for it, except for a cell that awaits: await job"
            ),
            layout=ipywidgets.Layout(**_BUTTON),
        )
        self.button.on_click(self._cancel)
        self.again = ipywidgets.Button(
            description="Retry",
            icon="repeat",
            tooltip="Compute what has no result yet; what was finished is kept",
            layout=ipywidgets.Layout(**_BUTTON, display="none"),
        )
        self.again.on_click(self._retry)
        self.body = ipywidgets.HTML(layout=ipywidgets.Layout(overflow="auto"))
        # tables as JupyterLab draws those of pandas, in both themes
        self.body.add_class("jp-RenderedHTMLCommon").add_class("jp-Wrangler-summary")
        line = ipywidgets.HBox(
            [self.bar, self.button, self.again, self.standing],
            layout=ipywidgets.Layout(align_items="center", flex_flow="row wrap"),
        )
        super().__init__([self.head, line, self.body])
        self._pacer = Pacer(self._draw, PACE_S)
        # in this order, or an end in between would never be drawn
        self._stop = job.on_change(self._changed)
        self._draw()

    def close(self) -> None:
        """Take the view away; nothing follows the job for it any more."""
        self._stop()
        self._pacer.stop()
        super().close()

    def _changed(self, job: Job) -> None:
        self._pacer.ask(urgent=job.seen.state != self._state)

    def _draw(self) -> None:
        job = self._job()
        if job is None:
            return
        with self._lock:
            self._state = job.seen.state
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
        with self.head.hold_sync(), self.standing.hold_sync():
            self.head.value = (
                f"<b>{html.text(formatting.job_title(seen))}</b> · "
                f"{html.text(formatting.job_description(seen))}"
                f" · <code>jw.job(&quot;{formatting.short_id(seen)}&quot;)</code>"
            )
            self.standing.value = html.text(formatting.status_line(seen))
        self.bar.value = html.progress_bar(seen)
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
        self._draw()
