"""The errors of jobs that ended without a result."""

from __future__ import annotations

from jupyter_wrangler import contract
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.errors import JobCancelled, WranglerError, from_code


def failure_of(seen: contract.Job) -> WranglerError | None:
    """Return the error of a job that failed; None if it succeeded or was cancelled."""
    if seen.state in {"succeeded", "cancelled"}:
        return None
    error = seen.error
    if error is None:
        return from_code("job_failed", f"Job {seen.id} {seen.state}.", {})
    return from_code(error.code, error.message, error.details)


def cancelled_error(seen: contract.Job) -> JobCancelled:
    """Return the error of a job that was cancelled; it says what was finished."""
    pieces = formatting.parts_noun(seen)
    if not seen.n_finished:
        return JobCancelled(
            f"Job {seen.id} was cancelled before any of its {pieces} was finished; "
            "job.retry() begins again."
        )
    return JobCancelled(
        f"Job {seen.id} was cancelled with {formatting.finished_parts(seen)} {pieces} "
        "finished; job.partial_result() gives those."
    )
