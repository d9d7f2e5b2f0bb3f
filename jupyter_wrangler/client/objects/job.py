"""A job in your hands: like a `concurrent.futures.Future`, but it outlives you.

The job runs elsewhere.  Waiting for it, or leaving off waiting, changes nothing
about it; the kernel may be restarted, and `jw.job(id)` gives the job back.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NoReturn, Self

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects import result_types
from jupyter_wrangler.client.objects.job_state import Standing
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.transport.http import Way
from jupyter_wrangler.client.transport.stream import Stream
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.client.views.line import EVERY_S, Line
from jupyter_wrangler.errors import (
    JobAlreadyFinished,
    JobCancelled,
    ResultNotReady,
    ServerUnreachable,
    WaitTimedOut,
    WranglerError,
    from_code,
)

if TYPE_CHECKING:
    import pandas as pd

#: A thread that waits asks for itself when the stream was silent for this long.
_ASK_S = 5.0
#: While waiting, the service may be away for this long.
_AWAY_S = 120.0

#: Makes the MIME bundle that a notebook shows for a job; see `set_view`.
view: Callable[[Job], dict[str, Any]] | None = None


def set_view(make: Callable[[Job], dict[str, Any]]) -> None:
    """Say how notebooks show a job; the room above this one knows."""
    global view  # noqa: PLW0603  set once, when the package is first used
    view = make


#: Way to a service -> what jobs that were unpickled here speak to.
_feeds: dict[Way, tuple[Api, Stream]] = {}
_feeds_lock = threading.Lock()


def feed(way: Way) -> tuple[Api, Stream]:
    """Return what all unpickled jobs of one service share in this process."""
    with _feeds_lock:
        if way not in _feeds:
            api = Api.by(way)
            _feeds[way] = api, Stream(api)
        return _feeds[way]


def _again(way: Way, seen: bytes) -> Job:
    """Rebuild a pickled job; asks for nothing."""
    return Job(*feed(way), contract.Job.model_validate_json(seen))


@public
class Job:
    """A submitted job; made by `impute` and `job`, not by hand.

    A job pickles as its id, the way to its service and what was last known of it: so
    it may go to another process, which finds the token of the service, if there is
    one, in its own configuration.

    Callbacks may run in any thread; what they raise goes to the log
    ``jupyter_wrangler.client``.

    Parameters
    ----------
    api : Api
        The service.
    stream : Stream
        Where news come from.
    seen : contract.Job
        The job as the service last described it.
    frame : DataFrame, optional
        The data as handed in; without it they are fetched when needed.
    """

    def __init__(
        self, api: Api, stream: Stream, seen: contract.Job, frame: Any = None
    ) -> None:
        self._api, self._stream, self._frame = api, stream, frame
        self._known = Standing(seen, leave=stream.unwatch)
        #: When the attempt ended whose result was fetched, and that result.
        self._result: tuple[dt.datetime | None, Any] | None = None
        self._fetching = threading.Lock()

    # ── what is known ──

    @property
    def uuid(self) -> uuid.UUID:
        """The id, as an object."""
        return self.seen.id

    @property
    def id(self) -> str:
        """The id; `jw.job` takes it, or a beginning of it."""
        return str(self.seen.id)

    @property
    def name(self) -> str | None:
        """The name given at submission."""
        return self.seen.name

    @property
    def spec(self) -> contract.AnySpec:
        """What was asked for, including the seed."""
        return self._whole().spec

    def _whole(self) -> contract.Job:
        """Fetch what lists and events leave out."""
        if self.seen.brief:
            found = self._api.job(self.uuid)
            self._known.take(found)
            return found
        return self.seen

    @property
    def reused(self) -> bool:
        """Whether an earlier job with the same data and spec was found."""
        return self.seen.reused

    @property
    def seen(self) -> contract.Job:
        """The job as the service last described it, without asking again."""
        return self._known.seen

    @property
    def state(self) -> str:
        """The state now: queued, running, cancelling, succeeded, failed, ..."""
        self._look()
        return self.seen.state

    @property
    def progress(self) -> contract.Progress | None:
        """How far the job is; None before it runs."""
        self._look()
        return self.seen.progress

    @property
    def error(self) -> contract.JobError | None:
        """Why the job ended without a result."""
        return self.seen.error

    @property
    def summary(self) -> contract.ImputationSummary | contract.Findings | None:
        """What was done to each column; None until the job has succeeded."""
        if self.seen.summary is None and self.seen.state == "succeeded":
            self.refresh()
        return self.seen.summary

    def refresh(self) -> Self:
        """Ask how the job stands, be it that it was begun again elsewhere."""
        before = self.seen
        self._known.take_answer(self._api.job(self.uuid), before)
        self._watch_again(before)
        return self

    def _watch_again(self, before: contract.Job) -> None:
        """Have who listens hear of a job that goes on after its end."""
        if before.final and self._known.is_heard:
            self._watch()

    def _look(self) -> None:
        # the stream keeps a job up to date once it is watched and heard
        if not self._known.over.is_set():
            self._stream.watch(self._known)
            if self._stream.silence_s > _ASK_S:
                self.refresh()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the id and the way to the service; the data stay there."""
        return _again, (self._api.way(), self.seen.model_dump_json().encode())

    def __copy__(self) -> Job:
        """Return another handle of the same job."""
        return Job(self._api, self._stream, self.seen, self._frame)

    def __deepcopy__(self, _memo: object) -> Job:
        """Return another handle of the same job; the data are shared."""
        return self.__copy__()

    # ── the Future's part ──

    @property
    def _condition(self) -> NoReturn:
        """Say what to do to those who wait for futures of their own make."""
        raise TypeError(
            "concurrent.futures.wait and as_completed take futures of their own only, "
            "and this is a job; use jw.wait(jobs) or jw.as_completed(jobs), which take "
            "the same arguments."
        )

    def done(self) -> bool:
        """Whether the job has ended, in whatever way."""
        self._look()
        return self._known.over.is_set()

    def running(self) -> bool:
        """Whether a worker works on it."""
        return self.state in {"running", "cancelling"}

    def cancelled(self) -> bool:
        """Whether the job has ended because it was cancelled."""
        return self.state == "cancelled"

    def cancel(self) -> bool:
        """Ask for the job to stop; finished imputations are kept.

        Returns
        -------
        bool
            False if the job had already ended in another way.  After True it
            never succeeds, though it may take a moment to stop.
        """
        try:
            self._known.take(self._api.cancel(self.uuid))
        except JobAlreadyFinished:
            self.refresh()
            return self.seen.state == "cancelled"
        return True

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the result.

        Interrupting the wait (Ctrl-C, or the stop button) leaves the job running.
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
        return self._outcome()

    def exception(self, timeout: float | None = None) -> WranglerError | None:
        """Wait, and give the error in which the job ended, or None."""
        self._wait(timeout)
        if self.seen.state == "cancelled" and self._known.lost is None:
            raise self._cancelled_error()
        return self._failure()

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the job has ended, in whatever way, and give it back."""
        self._wait(timeout)
        return self

    def add_done_callback(self, fn: Callable[[Job], object]) -> None:
        """Call `fn(job)` when the job has ended; at once if it has."""
        self._known.when_over(lambda: fn(self))
        self._watch()

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait without blocking the event loop; buttons stay alive meanwhile."""
        return self._awaited().__await__()

    async def _awaited(self) -> Any:
        loop = asyncio.get_running_loop()
        over = asyncio.Event()

        def wake() -> None:
            # the loop may be gone when the job ends
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(over.set)

        leave_off = self._known.when_over(wake)
        self._watch()
        try:
            await over.wait()
        finally:
            leave_off()
        return await asyncio.to_thread(self._outcome)

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
        if not self.done() and self.seen.kind != "comparison":
            raise ResultNotReady(
                f"Job {self.id} is {self.seen.state}; partial results come when it "
                "has ended. Wait with job.wait(), or stop it with job.cancel()."
            )
        return result_types.partial(self._api, self._whole(), self._frame)

    def retry(self) -> Self:
        """Try an ended job again; what has been computed is kept.

        After a failure, a time limit, a quarantine or a cancellation.  Only the parts
        without a result run again; of another version of the service, all.

        Raises
        ------
        JobAlreadyFinished
            If the job has succeeded.
        Conflict
            If it has not ended.
        """
        # asked first: the stream may tell of the new attempt before the answer is here
        before = self.refresh().seen
        self._known.begin_again(self._api.retry(self.uuid), before.finished_at)
        self._watch_again(before)
        return self

    def history(self) -> pd.DataFrame:
        """Tell what happened to the job, also when nobody watched.

        Returns
        -------
        pandas.DataFrame
            One row for each event, oldest first: when (`at`), what (`event`), and where
            it concerns one part its `stage`, number `k`, `attempt`, `worker` and the
            `reason`.
        """
        import pandas as pd  # noqa: PLC0415  slow, and only wanted here

        told = [
            {"at": event.at, "event": event.type, **event.details}
            for event in self.events()
        ]
        return pd.DataFrame(told).reindex(columns=_first(told))

    def events(self) -> list[contract.JobEvent]:
        """Tell what happened to the job as objects; `history` makes a table of them."""
        return list(self._api.history(self.uuid))

    def on_change(self, fn: Callable[[Job], object]) -> Callable[[], None]:
        """Call `fn(job)` at every change; gives what stops it.

        Changes are heard of until the job has ended, and again when it is tried again.
        """
        stop = self._known.on_change(lambda: fn(self))
        self._watch()
        return stop

    def _watch(self) -> None:
        if not self._known.over.is_set():
            self._stream.watch(self._known)

    # ── waiting ──

    def _wait(self, timeout: float | None) -> None:
        until = None if timeout is None else time.monotonic() + timeout
        away_since: float | None = None
        line, asked = Line(), time.monotonic()
        most = EVERY_S if line.on else _ASK_S
        try:
            self._watch()
            while not self._known.over.wait(self._slice(until, most)):
                line.show(self.seen)
                due = time.monotonic() - asked >= _ASK_S - EVERY_S
                if due and self._stream.silence_s > _ASK_S:
                    away_since = self._ask(away_since)
                    asked = time.monotonic()
                    if self._known.over.is_set():
                        return
                if until is not None and time.monotonic() >= until:
                    raise WaitTimedOut(
                        f"Job {self.id} is {self.seen.state} after {timeout:g} s of "
                        "waiting; it goes on. Wait longer, or come back later with "
                        f'jw.job("{formatting.short_id(self.seen)}").'
                    )
        except KeyboardInterrupt:
            # the one line that may be printed: in the thread of the cell itself
            line.close()
            sys.stderr.write(f"{formatting.stopped(self.seen)}\n")
            raise
        finally:
            line.close()

    def _slice(self, until: float | None, most: float) -> float:
        return most if until is None else min(most, until - time.monotonic())

    def _ask(self, away_since: float | None) -> float | None:
        try:
            self._stream.ask(self._known)
        except ServerUnreachable:
            since = away_since or time.monotonic()
            if time.monotonic() - since > _AWAY_S:
                raise
            return since
        return None

    def _outcome(self) -> Any:
        failure = self._failure()
        if failure is not None:
            raise failure
        if self.seen.state == "cancelled":
            raise self._cancelled_error()
        seen = self.seen
        with self._fetching:
            if self._result is None or self._result[0] != seen.finished_at:
                found = result_types.outcome(self._api, seen, self._frame)
                self._result = seen.finished_at, found
            return self._result[1]

    def _failure(self) -> WranglerError | None:
        if self._known.lost is not None:
            return self._known.lost
        error = self.seen.error
        if self.seen.state in {"succeeded", "cancelled"}:
            return None
        if error is None:
            return from_code("job_failed", f"Job {self.id} {self.seen.state}.", {})
        return from_code(error.code, error.message, error.details)

    def _cancelled_error(self) -> JobCancelled:
        pieces = formatting.pieces(self.seen)
        if not self.seen.parts_done:
            return JobCancelled(
                f"Job {self.id} was cancelled before any of its {pieces} was finished; "
                "job.retry() begins again."
            )
        return JobCancelled(
            f"Job {self.id} was cancelled with {formatting.kept(self.seen)} {pieces} "
            "finished; job.partial_result() gives those."
        )

    # ── looks ──

    def __repr__(self) -> str:
        seen = self.seen
        told = [formatting.what(seen), formatting.STATES.get(seen.state, seen.state)]
        if seen.state == "queued":
            told.append(formatting.lasting(seen.estimate_s))
        if seen.reused:
            told.append(formatting.REUSED)
        name = f"{formatting.short_id(seen)} {formatting.title(seen)!r}"
        return f"Job {name}: {', '.join(told)}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return view(self) if view is not None else {"text/plain": repr(self)}


def _first(told: list[dict[str, Any]]) -> list[str]:
    """Order columns: the same ones first, and those that hold nothing left out."""
    usual = ["at", "event", "stage", "k", "attempt", "worker", "reason"]
    found = dict.fromkeys(name for row in told for name in row)
    return [name for name in usual if name in found] + [
        name for name in found if name not in usual
    ]
