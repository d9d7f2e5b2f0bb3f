"""The states of a job."""

from __future__ import annotations

from typing import Literal

JobState = Literal[
    "queued",
    "running",
    "cancelling",
    "succeeded",
    "failed",
    "timed_out",
    "cancelled",
    "quarantined",
]
#: States that a job never leaves.
FINAL: frozenset[str] = frozenset(
    {"succeeded", "failed", "timed_out", "cancelled", "quarantined"}
)
