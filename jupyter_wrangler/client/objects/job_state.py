"""How a job stands as far as is known here, and who wants to hear of changes."""

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


class Standing:
    """What was heard of a job; a watcher of the event stream.

    What it calls may run in any thread, and what that raises goes to the log
    ``jupyter_wrangler.client``.

    Parameters
    ----------
    seen : contract.Job
        The job as the service last described it.
    leave : callable
        Called with this when the job has ended and no more will be heard.
    """

    def __init__(
        self, seen: contract.Job, *, leave: Callable[[Standing], object]
    ) -> None:
        self.seen = seen
        #: Why nothing more can be heard of it.
        self.lost: WranglerError | None = None
        #: Set once the job has ended, in whatever way.
        self.over = threading.Event()
        self._leave = leave
        self._lock = threading.RLock()
        self._at_end: list[Callable[[], object]] = []
        self._at_change: list[Callable[[], object]] = []
        #: When the attempt ended that was tried again: late news of it say nothing.
        self._ended_at: dt.datetime | None = None
        if seen.final:
            self.over.set()

    @property
    def uuid(self) -> uuid.UUID:
        """The id of the job."""
        return self.seen.id

    # ── who wants to hear ──

    def when_over(self, fn: Callable[[], object]) -> Callable[[], None]:
        """Call `fn()` when the job has ended, or at once; gives what stops it."""
        with self._lock:
            if not self.over.is_set():
                return self._add(self._at_end, fn)
        self._call(fn)
        return _nothing

    def on_change(self, fn: Callable[[], object]) -> Callable[[], None]:
        """Call `fn()` at every change; gives what stops it."""
        with self._lock:
            return self._add(self._at_change, fn)

    @property
    def is_heard(self) -> bool:
        """Whether somebody wants to hear of it."""
        return bool(self._at_change or self._at_end)

    def _add(
        self, to: list[Callable[[], object]], fn: Callable[[], object]
    ) -> Callable[[], None]:
        to.append(fn)

        def stop() -> None:
            with self._lock, contextlib.suppress(ValueError):
                to.remove(fn)

        return stop

    # ── what is heard ──

    def take(self, seen: contract.Job) -> None:
        """Take a new state; the last of a kind, for a job ends once."""
        with self._lock:
            before = self.seen
            if before.final and not seen.final:
                return
            if seen.final and seen.finished_at == self._ended_at:
                return
            known = before.final and before.finished_at == seen.finished_at
            kept: dict[str, object] = {
                "summary": seen.summary or before.summary,
                "progress": seen.progress or (None if seen.final else before.progress),
                "reused": before.reused,
            }
            if seen.brief and not before.brief:
                # events and lists do not carry what was asked for; it never changes
                kept |= {"spec": before.spec, "brief": False}
            self.seen = seen.model_copy(update=kept)
        if not known:
            self._changed(ended=seen.final)

    def take_answer(self, seen: contract.Job, before: contract.Job) -> None:
        """Take an answer that was asked for when all that was known was `before`.

        If nothing was heard meanwhile it is no late one, and an ended job that goes on
        was begun again elsewhere.
        """
        with self._lock:
            again = before.final and not seen.final and self.seen is before
            if again:
                self.begin_again(seen, before.finished_at)
        if not again:
            self.take(seen)

    def take_progress(self, progress: contract.Progress) -> None:
        """Take a step."""
        with self._lock:
            if self.seen.final:
                return
            state = "running" if self.seen.state == "queued" else self.seen.state
            update = {"progress": progress, "state": state}
            self.seen = self.seen.model_copy(update=update)
        self._changed(ended=False)

    def take_loss(self, error: WranglerError) -> None:
        """Hear that the job is no more."""
        self.lost = error
        self._changed(ended=True)

    def begin_again(self, seen: contract.Job, ended_at: dt.datetime | None) -> None:
        """Take a new attempt of a job whose last one had ended at `ended_at`."""
        with self._lock:
            self._ended_at, self.seen = ended_at, seen
            self.lost = None
            self.over.clear()
        self._changed(ended=False)

    def _changed(self, *, ended: bool) -> None:
        with self._lock:
            told = list(self._at_change)
            if ended:
                told += self._at_end
                # emptied in place: what stops a callback knows this list
                self._at_end.clear()
                self.over.set()
        for fn in told:
            self._call(fn)
        if ended:
            self._leave(self)

    def _call(self, fn: Callable[[], object]) -> None:
        try:
            fn()
        except Exception:  # noqa: BLE001  as concurrent.futures does
            _log.exception("a callback of job %s failed", self.uuid)


def _nothing() -> None:
    """Stop what has been called already."""
