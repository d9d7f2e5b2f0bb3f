"""A submitted job: like a `concurrent.futures.Future`, but it outlives the process.

The job runs elsewhere.  Waiting for it, or stopping to wait, changes nothing about
it; after a restart of the kernel `jw.job(id)` returns the job again.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Generator
from typing import Any, NoReturn, Self

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.extensions import display_job, job_bundle
from jupyter_wrangler.client.objects.job_actions import JobActions
from jupyter_wrangler.client.objects.job_errors import cancelled_error, failure_of
from jupyter_wrangler.client.objects.job_waiting import detaching, wait_until_ended
from jupyter_wrangler.client.objects.result_types import (
    read_partial_result,
    read_result,
)
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.transport.connection import ServiceLocation
from jupyter_wrangler.client.transport.shared import shared_transport
from jupyter_wrangler.client.transport.stream import Stream
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.contract import spec_class
from jupyter_wrangler.errors import ResultNotReady, WranglerError


def _unpickled_job(location: ServiceLocation, seen: bytes) -> Job:
    """Rebuild a pickled job; asks the service for nothing."""
    api, stream = shared_transport(location)
    return Job(api, stream, contract.Job.model_validate_json(seen))


@public
class Job(JobActions):
    """A submitted job; made by `impute` and `job`, not by hand.

    A job pickles as its id, the location of its service and its last known state: so it
    may go to another process, which finds the token of the service, if there is one,
    in its own configuration.

    Callbacks may run in any thread; what they raise goes to the log
    ``jupyter_wrangler.client``.

    Parameters
    ----------
    api : Api
        The service.
    stream : Stream
        Where changes come from.
    seen : contract.Job
        The job as the service last described it.
    frame : DataFrame, optional
        The data as handed in; without it they are fetched when needed.
    """

    def __init__(
        self, api: Api, stream: Stream, seen: contract.Job, frame: Any = None
    ) -> None:
        super().__init__(api, stream, seen)
        self._frame = frame
        #: When the attempt ended whose result was fetched, and that result.
        self._result: tuple[dt.datetime | None, Any] | None = None
        self._fetching = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the id and the location of the service; the data stay there."""
        return _unpickled_job, (
            self._api.location(),
            self.seen.model_dump_json().encode(),
        )

    def __copy__(self) -> Job:
        """Return another handle of the same job."""
        return Job(self._api, self._stream, self.seen, self._frame)

    def __deepcopy__(self, _memo: object) -> Job:
        """Return another handle of the same job; the data are shared."""
        return self.__copy__()

    # ── the Future's part ──

    @property
    def _condition(self) -> NoReturn:
        """Refuse `concurrent.futures.wait`, with what to use instead."""
        raise TypeError(
            "concurrent.futures.wait and as_completed take futures of their own only, "
            "and this is a job; use jw.wait(jobs) or jw.as_completed(jobs), which take "
            "the same arguments."
        )

    def done(self) -> bool:
        """Whether the job has ended, in whatever way."""
        self._update()
        return self._tracker.ended.is_set()

    def running(self) -> bool:
        """Whether a worker works on it."""
        return self.state in {"running", "cancelling"}

    def cancelled(self) -> bool:
        """Whether the job has ended because it was cancelled."""
        return self.state == "cancelled"

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the result.

        Interrupting the wait (Ctrl-C, or the stop button) leaves the job running; a
        notebook then shows one sentence on how to come back, and no traceback.
        Terminals and notebooks show a line of progress meanwhile, unless
        JUPYTER_WRANGLER_QUIET is set.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait; None waits for as long as it takes.

        Returns
        -------
        Result, Profile, Correlation or Leaderboard
            By what was submitted.

        Raises
        ------
        WaitTimedOut
            A `TimeoutError`, if the job has not ended by then; it goes on.
        JobCancelled
            A `concurrent.futures.CancelledError`; see `partial_result`.
        WranglerError
            If it failed, in the class that says why.
        """
        self._wait(timeout)
        return self._read_outcome()

    def exception(self, timeout: float | None = None) -> WranglerError | None:
        """Wait, and give the error in which the job ended, or None."""
        self._wait(timeout)
        if self._tracker.lost is not None:
            return self._tracker.lost
        if self.seen.state == "cancelled":
            raise cancelled_error(self.seen)
        return failure_of(self.seen)

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the job has ended, in whatever way, and give it back."""
        self._wait(timeout)
        return self

    def add_done_callback(self, fn: Callable[[Job], object]) -> None:
        """Call `fn(job)` when the job has ended; at once if it has."""
        self._tracker.on_end(lambda: fn(self))
        self._watch()

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait without blocking the event loop; buttons stay alive meanwhile."""
        return self._await_result().__await__()

    async def _await_result(self) -> Any:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def wake() -> None:
            # the loop may be gone when the job ends
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(ended.set)

        stop = self._tracker.on_end(wake)
        self._watch()
        try:
            await ended.wait()
        finally:
            stop()
        return await asyncio.to_thread(self._read_outcome)

    # ── more than a Future ──

    def partial_result(self) -> Any:
        """Give the imputations that were finished before the job was stopped.

        A comparison gives its finished rows at any time.

        Raises
        ------
        ResultNotReady
            If the job has not ended yet.
        WranglerError
            If no imputation was finished.
        """
        early = spec_class(self.seen.kind).shows_parts_early
        # the event of its end may still be under way
        if not (early or self.done() or self.refresh().done()):
            raise ResultNotReady(
                f"Job {self.id} is {self.seen.state}; partial results come when it "
                "has ended. Wait with job.wait(), or stop it with job.cancel()."
            )
        return read_partial_result(self._api, self._full(), self._frame)

    def on_change(self, fn: Callable[[Job], object]) -> Callable[[], None]:
        """Call `fn(job)` at every change; returns a function that stops it.

        Until the job has ended, and again when it is tried again.
        """
        stop = self._tracker.on_change(lambda: fn(self))
        self._watch()

        def stop_watching() -> None:
            stop()
            if not self._tracker.has_listeners:
                # asking for the state watches the job again
                self._stream.unwatch(self._tracker)

        return stop_watching

    # ── results and errors ──

    def _wait(self, timeout: float | None) -> None:
        with detaching(self._tracker):
            self._watch()
            wait_until_ended(self._tracker, self._stream, timeout)

    def _read_outcome(self) -> Any:
        seen = self.seen
        failure = self._tracker.lost or failure_of(seen)
        if failure is not None:
            raise failure
        if seen.state == "cancelled":
            raise cancelled_error(seen)
        with self._fetching:
            if self._result is None or self._result[0] != seen.finished_at:
                found = read_result(self._api, seen, self._frame)
                self._result = seen.finished_at, found
            return self._result[1]

    # ── display ──

    def __repr__(self) -> str:
        seen = self.seen
        words = [
            formatting.job_description(seen),
            formatting.STATES.get(seen.state, seen.state),
        ]
        if seen.state == "queued":
            words.append(formatting.expected_duration(seen.estimate_s))
        if seen.reused:
            words.append(formatting.REUSED)
        name = f"{formatting.short_id(seen)} {formatting.job_title(seen)!r}"
        return f"Job {name}: {', '.join(words)}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return job_bundle(self)

    def _ipython_display_(self) -> None:
        """Show the job in a notebook, where its output is then kept up to date."""
        if not display_job(self):
            # IPython then shows the bundle
            raise NotImplementedError
