"""The output of a cell that shows a job or a panel, kept true while the kernel lives.

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

from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.widgets.front_end import draws_cards, notebook_shell
from jupyter_wrangler.widgets.pacing import Pacer

#: Seconds between two updates; each is a change of the document.
PACE_S = 1.0
#: The same where the labextension draws the job live: the update is for the file only.
DRAWN_PACE_S = 15.0

_outputs: weakref.WeakSet[StoredOutput] = weakref.WeakSet()


class StoredOutput:
    """One output, published again when what it shows has changed.

    Parameters
    ----------
    bundle : callable
        Returns what is shown now: MIME type -> content.
    version : callable
        Returns what tells one content from the next; compared by equality.
    pace_s : float
        Seconds between two updates.
    lock : RLock, optional
        What `bundle` and `version` need; taken before them.
    """

    def __init__(
        self,
        bundle: Callable[[], dict[str, Any]],
        version: Callable[[], object],
        pace_s: float,
        lock: threading.RLock | None = None,
    ) -> None:
        self._bundle, self._version = bundle, version
        self._id = uuid.uuid4().hex
        #: The cell that it belongs to, where the front end tells.
        self.cell = _running_cell()
        self._lock = lock or threading.RLock()
        #: Whether its cell was cleared.
        self._gone = False
        #: Version of what was published last.
        self._published: object = None
        self._pacer = Pacer(self.update, pace_s)

    def show(self) -> None:
        """Show it in the running cell."""
        with self._lock:
            self._publish(update=False)

    def keep(self) -> None:
        """Bring it up to date whenever a cell ends, until its own cell runs again."""
        _register_hooks()
        _outputs.add(self)

    def changed(self, *, urgent: bool = False) -> None:
        """Update it, now or soon."""
        if not self._gone:
            self._pacer.ask(urgent=urgent)

    def update(self) -> None:
        """Publish it again, if anything has changed."""
        with self._lock:
            if not self._gone and self._published != self._version():
                self._publish(update=True)

    def forget(self) -> None:
        """Stop updating: the output is gone."""
        self._gone = True
        self._pacer.stop()
        _outputs.discard(self)

    def _publish(self, *, update: bool) -> None:
        data = self._bundle()
        # after that: it may have fetched what was not there
        self._published = self._version()
        shown = {"display_id": self._id}
        publish_display_data(data, transient=shown, update=update)  # type: ignore[no-untyped-call]


class JobOutput(StoredOutput):
    """An output that follows a job.

    Parameters
    ----------
    job : Job
        The job.
    bundle : callable
        Returns what is shown for the job now: MIME type -> content.
    """

    def __init__(self, job: Job, bundle: Callable[[Job], dict[str, Any]]) -> None:
        super().__init__(
            lambda: bundle(job),
            lambda: job.seen,
            DRAWN_PACE_S if draws_cards() else PACE_S,
        )
        self._job, self._state = job, ""
        self._stop: Callable[[], None] = lambda: None

    def show(self) -> None:
        """Show the job in the running cell, and follow it."""
        super().show()
        if not self._job.seen.final:
            self.keep()
        self._stop = self._job.on_change(self._moved)
        # for what changed in between
        self.update()

    def forget(self) -> None:
        """Stop following: the output is gone."""
        self._stop()
        super().forget()

    def _moved(self, job: Job) -> None:
        self.changed(urgent=job.seen.state != self._state)

    def _publish(self, *, update: bool) -> None:
        super()._publish(update=update)
        self._state = self._job.seen.state


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
