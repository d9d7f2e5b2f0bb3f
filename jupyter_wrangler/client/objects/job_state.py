"""The last known state of a job, and the callbacks that follow its changes."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable

from jupyter_wrangler import contract
from jupyter_wrangler.errors import WranglerError

_log = logging.getLogger("jupyter_wrangler.client")
_log.addHandler(logging.NullHandler())


class JobTracker:
    """The last known state of a job; a watcher of the event stream.

    Callbacks may run in any thread; what they raise goes to the log
    ``jupyter_wrangler.client``.

    Parameters
    ----------
    seen : contract.Job
        The job as the service last described it.
    leave : callable
        Called with the tracker when the job has ended.
    """

    def __init__(
        self, seen: contract.Job, *, leave: Callable[[JobTracker], object]
    ) -> None:
        self.seen = seen
        #: Why the service does not have it any more.
        self.lost: WranglerError | None = None
        #: Set once the job has ended, in whatever way.
        self.ended = threading.Event()
        self._leave = leave
        self._lock = threading.RLock()
        self._at_end: list[Callable[[], object]] = []
        self._at_change: list[Callable[[], object]] = []
        #: When the attempt before the present one ended: late states of it are ignored.
        self._ended_at: dt.datetime | None = None
        if seen.final:
            self.ended.set()

    @property
    def uuid(self) -> uuid.UUID:
        """The id of the job."""
        return self.seen.id

    # ── callbacks ──

    def on_end(self, fn: Callable[[], object]) -> Callable[[], None]:
        """Call `fn()` when the job has ended, or at once; gives what stops it."""
        with self._lock:
            if not self.ended.is_set():
                return self._add(self._at_end, fn)
        self._call(fn)
        return _already_called

    def on_change(self, fn: Callable[[], object]) -> Callable[[], None]:
        """Call `fn()` at every change; gives what stops it."""
        with self._lock:
            return self._add(self._at_change, fn)

    @property
    def has_listeners(self) -> bool:
        """Whether a callback waits for a change or for the end."""
        return bool(self._at_change or self._at_end)

    def _add(
        self, to: list[Callable[[], object]], fn: Callable[[], object]
    ) -> Callable[[], None]:
        to.append(fn)

        def stop() -> None:
            with self._lock, contextlib.suppress(ValueError):
                to.remove(fn)

        return stop

    # ── changes ──

    def take(self, seen: contract.Job) -> None:
        """Take a new state; ignores late ones of before the end."""
        with self._lock:
            before = self.seen
            if before.final and not seen.final:
                return
            if seen.final and seen.finished_at == self._ended_at:
                return
            known = before.final and before.finished_at == seen.finished_at
            update: dict[str, object] = {
                "summary": seen.summary or before.summary,
                "progress": seen.progress or (None if seen.final else before.progress),
                "reused": before.reused,
            }
            if seen.brief and not before.brief:
                # events and lists do not carry what was asked for; it never changes
                update |= {"spec": before.spec, "brief": False}
            self.seen = seen.model_copy(update=update)
        if not known:
            self._changed(ended=seen.final)

    def take_answer(self, seen: contract.Job, before: contract.Job) -> None:
        """Take the answer to a request that was sent when `before` was known.

        If nothing changed meanwhile the answer is not a late one, and an ended job
        that goes on was retried elsewhere.
        """
        with self._lock:
            restarted = before.final and not seen.final and self.seen is before
            if restarted:
                self.restart(seen, before.finished_at)
        if not restarted:
            self.take(seen)

    def take_progress(self, progress: contract.Progress) -> None:
        """Take a step of progress."""
        with self._lock:
            if self.seen.final:
                return
            state = "running" if self.seen.state == "queued" else self.seen.state
            update = {"progress": progress, "state": state, "queue": None}
            self.seen = self.seen.model_copy(update=update)
        self._changed(ended=False)

    def take_place(self, news: contract.QueueUpdate) -> None:
        """Take a new place in the queue."""
        with self._lock:
            if self.seen.state != "queued":
                return
            self.seen = self.seen.model_copy(update={"queue": news.queue})
        self._changed(ended=False)

    def take_loss(self, error: WranglerError) -> None:
        """Note that the service does not have the job any more."""
        self.lost = error
        self._changed(ended=True)

    def restart(self, seen: contract.Job, ended_at: dt.datetime | None) -> None:
        """Take a new attempt of a job whose last one had ended at `ended_at`."""
        with self._lock:
            self._ended_at, self.seen = ended_at, seen
            self.lost = None
            self.ended.clear()
        self._changed(ended=False)

    def _changed(self, *, ended: bool) -> None:
        with self._lock:
            callbacks = list(self._at_change)
            if ended:
                callbacks += self._at_end
                # emptied in place: what stops a callback knows this list
                self._at_end.clear()
                self.ended.set()
        for fn in callbacks:
            self._call(fn)
        if ended:
            self._leave(self)

    def _call(self, fn: Callable[[], object]) -> None:
        try:
            fn()
        except Exception:  # noqa: BLE001  as concurrent.futures does
            _log.exception("a callback of job %s failed", self.uuid)


def _already_called() -> None:
    """Do nothing: the callback has been called already."""
