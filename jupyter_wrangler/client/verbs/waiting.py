"""Waiting for several jobs, as `concurrent.futures` waits for its futures."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
)
from typing import Literal, NamedTuple

from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.errors import InvalidSpec, WaitTimedOut

#: Seconds after which jobs are asked for even if no event came.
_CHECK_S = 5.0


class DoneAndNotDone(NamedTuple):
    """Jobs that have ended, and those that have not."""

    done: set[Job]
    not_done: set[Job]


@public
def wait(
    jobs: Iterable[Job],
    timeout: float | None = None,
    return_when: Literal[
        "ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"
    ] = ALL_COMPLETED,
) -> DoneAndNotDone:
    """Wait until all jobs have ended, or the first.

    Parameters
    ----------
    jobs : iterable of Job
        The jobs; they go on if the wait is interrupted.
    timeout : float, optional
        Seconds to wait at most; None waits for as long as it takes.
    return_when : str, default="ALL_COMPLETED"
        As the constants of `concurrent.futures`: ``"FIRST_COMPLETED"`` returns with
        the first that ends, ``"FIRST_EXCEPTION"`` with the first that fails.

    Returns
    -------
    DoneAndNotDone
        Two sets, `done` and `not_done`.

    Raises
    ------
    InvalidSpec
        If `return_when` is another word, or something in `jobs` is no job.

    Examples
    --------
    >>> wait([])
    DoneAndNotDone(done=set(), not_done=set())
    """
    wanted = (ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION)
    if return_when not in wanted:
        raise InvalidSpec(
            f"return_when is {return_when!r}; pass one of {', '.join(wanted)}."
        )
    pending = _checked_jobs(jobs)
    done: set[Job] = set()
    for job in _iterate_ended(pending, timeout):
        done.add(job)
        failed = not job.cancelled() and job.state != "succeeded"
        if return_when == FIRST_COMPLETED or (
            failed and return_when == FIRST_EXCEPTION
        ):
            # all that have ended by now belong to them
            done |= {other for other in pending - done if other.done()}
            break
    return DoneAndNotDone(done, pending - done)


@public
def as_completed(jobs: Iterable[Job], timeout: float | None = None) -> Iterator[Job]:
    """Yield jobs as they end, whatever their order.

    Parameters
    ----------
    jobs : iterable of Job
        The jobs; a repeated one is yielded once.
    timeout : float, optional
        Seconds from the call until the last must have ended.

    Raises
    ------
    WaitTimedOut
        A `TimeoutError`, if some have not ended by then; they go on.
    InvalidSpec
        If something in `jobs` is no job.

    Examples
    --------
    >>> list(as_completed([]))
    []
    """
    until = None if timeout is None else time.monotonic() + timeout
    pending = _checked_jobs(jobs)

    def each() -> Iterator[Job]:
        left = len(pending)
        rest = None if until is None else until - time.monotonic()
        for job in _iterate_ended(pending, rest):
            left -= 1
            yield job
        if left:
            raise WaitTimedOut(
                f"{left} of {len(pending)} jobs have not ended after {timeout:g} s of "
                "waiting; they go on. Wait longer, or come back later with jw.jobs()."
            )

    return each()


def _checked_jobs(given: Iterable[Job]) -> set[Job]:
    found = set(given)
    for one in found:
        if not isinstance(one, Job):
            raise InvalidSpec(
                f"A {type(one).__name__} stands among the jobs; pass those that "
                "jw.impute, jw.compare or jw.job gave."
            )
    return found


def _iterate_ended(jobs: set[Job], timeout: float | None) -> Iterator[Job]:
    """Yield each job once it has ended, until all have or the time is over."""
    until = None if timeout is None else time.monotonic() + timeout
    ended: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        job.add_done_callback(ended.put)
    waiting = set(jobs)
    while waiting:
        left = _CHECK_S if until is None else min(_CHECK_S, until - time.monotonic())
        try:
            job = ended.get(timeout=max(0.0, left))
        except queue.Empty:
            if until is not None and time.monotonic() >= until:
                return
            # where no news come through, this asks
            for job in waiting:
                job.done()
            continue
        if job in waiting:
            waiting.discard(job)
            yield job
