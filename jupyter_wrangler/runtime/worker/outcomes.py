"""How a part has ended, as its supervisor writes it down.

A runner says `Done`, `Failed` or `Cancelled` (`messages`); what else can happen to a
part is here, with the sentences that its owner reads.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from typing import Any

from jupyter_wrangler.errors import WranglerError, raising
from jupyter_wrangler.runtime.worker.messages import Cancelled, Done, Failed
from jupyter_wrangler.store.queue.attempts import NO_RECIPE, Recipe
from jupyter_wrangler.store.queue.growth import More

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A result is in the store, or was small enough for the summary."""

    sha: bytes | None
    summary: dict[str, Any] | None
    recipe: Recipe = NO_RECIPE
    #: Parts that are wanted before the last one ends.
    more: More | None = None


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Something must come back first that is no fault of the part's."""

    message: str


@dataclass(frozen=True, kw_only=True)
class DataLost:
    """The data of the part are not in the store."""

    reason: str = "its data are not in the store"
    advice: str = (
        "Upload the data again and submit the job again. If it happens again, `jupyter "
        "wrangler doctor` on the machine of the service says more."
    )


@dataclass(frozen=True, kw_only=True)
class Died:
    """The process of the runner has ended without an answer."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """The worker stopped the runner: it drains, or has lost the lease of the part."""


#: What the supervision of a runner ends with, and what is written down.
Outcome = Done | Failed | Cancelled | Waits | DataLost | Died | Interrupted
Ending = Stored | Failed | Cancelled | Waits | DataLost | Died | Interrupted


def from_error(error: WranglerError) -> Failed:
    """Return how a part ends with an error that says what to do."""
    return Failed(code=error.code, message=error.message, details=error.details)


def storage_trouble(error: OSError) -> Waits | DataLost:
    """Return what keeps a part from its data, or its result from being kept."""
    if isinstance(error, FileNotFoundError):
        log.error("the data of a part are not in the store: %s", error)
        return DataLost()
    if isinstance(error, WranglerError):
        return Waits(message=error.message)
    return Waits(
        message=(
            f"What holds data and results is in trouble ({error.strerror}); "
            "`jupyter wrangler doctor` on the machine of the service says more."
        )
    )


def recipe_not_stored(error: Exception) -> str:
    """Say why the fitted models of a part were not kept."""
    if isinstance(error, WranglerError):
        return f"They could not be stored. {error.message}"
    return (
        f"They could not be stored ({getattr(error, 'strerror', error)}). Submit the "
        "job again with force=True when there is room."
    )


def no_process(error: OSError | EOFError) -> Waits:
    """Return how a part ends for which no process could be started."""
    log.error("no process can be started: %s", error)
    return Waits(
        message=(
            f"The worker cannot start a process ({error}); see the limits of its "
            "host for processes and memory."
        )
    )


def unreadable(error: Exception) -> Failed:
    """Return how a part ends whose runner sent a message that is not understood."""
    reference = uuid.uuid4().hex[:8]
    log.error("a runner sent %s (reference %s)", error, reference)
    return _internal_error(
        "The process of the computation has sent something unreadable, and was stopped",
        reference,
    )


def not_written(reference: str) -> Failed:
    """Return how a part ends whose end could not be written as it was."""
    return _internal_error(
        "The computation has ended, but how it ended could not be written down",
        reference,
    )


def _internal_error(what: str, reference: str) -> Failed:
    return Failed(
        code="internal",
        message=(
            f"{what}, by a mistake of ours (reference {reference} in the worker's log)."
            " Please report it; another method may work meanwhile."
        ),
        details={"reference": reference},
    )


def timed_out(seconds: float) -> Failed:
    """Return how a part ends that took too long."""
    return Failed(
        state="timed_out",
        code="job_timed_out",
        message=(
            f"The computation ran longer than {seconds:.0f} seconds and was stopped. "
            "Use fewer columns, rounds or imputations, or "
            f"{raising('JUPYTER_WRANGLER_PART_TIMEOUT_S')}."
        ),
        details={"seconds": seconds},
    )
