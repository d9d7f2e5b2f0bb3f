"""Wait for a job in the thread of the caller, with a line of progress."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from jupyter_wrangler.client.objects.job_state import JobTracker
from jupyter_wrangler.client.transport.stream import Stream
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.client.views.line import EVERY_S, Line
from jupyter_wrangler.errors import ServerUnreachable, WaitTimedOut

#: A thread that waits asks for itself when the stream was silent for this long.
ASK_S = 5.0
#: While waiting, the service may be away for this long.
_AWAY_S = 120.0


def wait_until_ended(
    tracker: JobTracker, stream: Stream, timeout: float | None
) -> None:
    """Return when a job has ended, in whatever way.

    Parameters
    ----------
    tracker : JobTracker
        What is known of the job; watched by the stream.
    stream : Stream
        Where changes come from.
    timeout : float or None
        Seconds to wait; None waits for as long as it takes.

    Raises
    ------
    WaitTimedOut
        If the job has not ended by then.
    ServerUnreachable
        If the service is away for two minutes.
    """
    until = None if timeout is None else time.monotonic() + timeout
    away_since: float | None = None
    line, asked = Line(), time.monotonic()
    longest = EVERY_S if line.on else ASK_S
    try:
        while not tracker.ended.wait(_next_wait(until, longest)):
            line.show(tracker.seen)
            due = time.monotonic() - asked >= ASK_S - EVERY_S
            if due and stream.silence_s > ASK_S:
                away_since = _refresh(tracker, stream, away_since)
                asked = time.monotonic()
                if tracker.ended.is_set():
                    return
            if until is not None and time.monotonic() >= until:
                raise WaitTimedOut(
                    f"Job {tracker.uuid} is {tracker.seen.state} after {timeout:g} s "
                    "of waiting; it goes on. Wait longer, or come back later with "
                    f'jw.job("{formatting.short_id(tracker.seen)}").'
                )
    finally:
        line.close()


class StoppedWaiting(KeyboardInterrupt):
    """The wait was interrupted; IPython shows its sentence and no traceback."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        return [self.sentence]


@contextlib.contextmanager
def detaching(tracker: JobTracker) -> Iterator[None]:
    """Say how to come back to the job when the wait is interrupted.

    A script ends as by any KeyboardInterrupt: Python itself makes a difference between
    that and classes derived from it.
    """
    try:
        yield
    except KeyboardInterrupt:
        sentence = formatting.still_running_notice(tracker.seen)
        loaded = sys.modules.get("IPython")
        if loaded is not None and loaded.get_ipython() is not None:
            raise StoppedWaiting(sentence) from None
        # the one line that may be printed: in the thread of the caller itself
        sys.stderr.write(f"{sentence}\n")
        raise


def _next_wait(until: float | None, longest: float) -> float:
    return longest if until is None else min(longest, until - time.monotonic())


def _refresh(
    tracker: JobTracker, stream: Stream, away_since: float | None
) -> float | None:
    """Ask the service; return since when it is away, or None if it answered."""
    try:
        stream.refresh(tracker)
    except ServerUnreachable:
        since = away_since or time.monotonic()
        if time.monotonic() - since > _AWAY_S:
            raise
        return since
    return None
