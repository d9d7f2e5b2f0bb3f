"""How a job or a wait ended without what was wanted."""

from __future__ import annotations

import concurrent.futures

from jupyter_wrangler.errors.base import WranglerError


class JobFailed(WranglerError, RuntimeError):
    """The job ended without a result."""


class JobTimedOut(JobFailed):
    """The job ran longer than allowed."""


class JobQuarantined(JobFailed):
    """The job was given up after several lost attempts."""


class OutOfMemory(JobFailed):
    """The computation needed more memory than it may use."""


class JobCancelled(WranglerError, concurrent.futures.CancelledError):
    """The job was cancelled before it had its result."""


class WaitTimedOut(WranglerError, TimeoutError):
    """A wait was over before the job had ended; the job goes on."""


class ExpectationFailed(WranglerError, AssertionError):
    """A result is not what was expected of it; every failed expectation is listed."""

    def __init__(self, failures: list[dict[str, str]]) -> None:
        self.failures = failures
        lines = "; ".join(
            f"{one['what']}: found {one['found']}, wanted {one['wanted']}"
            for one in failures[:20]
        )
        more = f"; and {len(failures) - 20} more" if len(failures) > 20 else ""
        n = len(failures)
        super().__init__(
            f"{n} expectation{'s' if n > 1 else ''} failed: {lines}{more}. Change the "
            "data or the imputation, or what is expected."
        )


class Internal(WranglerError, RuntimeError):
    """A bug of ours: nothing the caller did."""
