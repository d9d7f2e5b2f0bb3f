"""The states of a job and of its parts; the database and the clients take them here."""

from __future__ import annotations

from typing import Literal, get_args

#: States that neither a job nor a part ever leaves, but to be tried again.
FinalState = Literal["succeeded", "failed", "timed_out", "cancelled", "quarantined"]
JobState = Literal["queued", "running", "cancelling", FinalState]
#: `waiting`: a later stage, whose turn has not come.
PartState = Literal[
    "waiting", "queued", "dispatched", "running", "cancelling", FinalState
]
#: States in which a dispatcher or a worker is answerable for a part.
LeasedState = Literal["dispatched", "running", "cancelling"]
FINAL: frozenset[str] = frozenset(get_args(FinalState))
#: Final states of what ended without a result, through no wish of its owner.
FAILED: frozenset[str] = frozenset({"failed", "timed_out", "quarantined"})
