"""The output of a cell that shows a job, kept true while the kernel lives.

What a notebook stores is what a reader sees who has no kernel: on GitHub, by nbconvert,
tomorrow.  Programs that run notebooks (nbconvert, papermill) store an update only when
it arrives while a cell runs and belongs to that cell, so every cell that ends brings
the outputs before it up to date.
"""

from __future__ import annotations

import threading
import uuid
import weakref
from collections.abc import Callable
from typing import Any

from IPython.display import publish_display_data

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.widgets.front_end import draws_cards, notebook_shell
from jupyter_wrangler.widgets.pacing import Pacer

#: Seconds between two updates; each is a change of the document.
PACE_S = 1.0
#: The same where the labextension draws the job live: the update is for the file only.
DRAWN_PACE_S = 15.0

_outputs: weakref.WeakSet[StoredOutput] = weakref.WeakSet()


class StoredOutput:
    """One output that shows a job.

    Parameters
    ----------
    job : Job
        The job.
    bundle : callable
        Returns what is shown for the job now: MIME type -> content.
    """

    def __init__(self, job: Job, bundle: Callable[[Job], dict[str, Any]]) -> None:
        self._job, self._bundle = job, bundle
        self._id = uuid.uuid4().hex
        #: The cell that it belongs to, where the front end tells.
        self.cell = _running_cell()
        self._lock = threading.RLock()
        #: What was published last.
        self._published: contract.Job | None = None
        self._state = ""
        self._stop: Callable[[], None] = lambda: None
        self._pacer = Pacer(self.update, DRAWN_PACE_S if draws_cards() else PACE_S)

    def show(self) -> None:
        """Show the job in the running cell, and follow it."""
        with self._lock:
            self._publish(update=False)
        if not self._job.seen.final:
            _register_hooks()
            _outputs.add(self)
        self._stop = self._job.on_change(self._changed)
        # for what changed in between
        self.update()

    def update(self) -> None:
        """Publish the job again, if anything has changed."""
        with self._lock:
            if self._published is not self._job.seen:
                self._publish(update=True)

    def forget(self) -> None:
        """Stop following: the output is gone."""
        self._stop()
        self._pacer.stop()
        _outputs.discard(self)

    def _changed(self, job: Job) -> None:
        self._pacer.ask(urgent=job.seen.state != self._state)

    def _publish(self, *, update: bool) -> None:
        data = self._bundle(self._job)
        # after that: it may have fetched a summary
        self._published = self._job.seen
        self._state = self._published.state
        shown = {"display_id": self._id}
        publish_display_data(data, transient=shown, update=update)  # type: ignore[no-untyped-call]


def _running_cell() -> str | None:
    """Return the id of the cell that runs; None where the front end tells none."""
    parent = notebook_shell().get_parent()
    found = parent.get("metadata", {}).get("cellId")
    return found if isinstance(found, str) else None


def _register_hooks() -> None:
    events = notebook_shell().events
    # registering again changes nothing
    events.register("pre_run_cell", _forget_cleared)
    events.register("post_run_cell", _update_all)


def _forget_cleared(*_: object) -> None:
    """Forget the outputs of a cell that runs again: they have just been cleared."""
    cell = _running_cell()
    for output in list(_outputs):
        if cell is not None and output.cell == cell:
            output.forget()


def _update_all(*_: object) -> None:
    """Bring what is stored up to date, in the name of the cell that has just run."""
    for output in list(_outputs):
        output.update()
