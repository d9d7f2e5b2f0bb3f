"""A job's turn: its priority among its owner's jobs, and its place in the queue."""

from __future__ import annotations

import uuid
from typing import Literal, Self, get_args

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from jupyter_wrangler.contract.base import Name, Request, View
from jupyter_wrangler.contract.states import JobState

#: Which of an owner's own jobs come first; it moves nobody before another owner.
Priority = Literal["low", "normal", "high"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)

#: Why a job waits: no worker is there that takes parts; its owner runs as many parts
#: as a quota allows; own jobs come first; jobs of others come first; none comes first,
#: but no slot or no memory is free; its first part is on its way to a worker.
WaitReason = Literal[
    "no_worker", "quota", "behind_own_jobs", "behind_others", "slots", "starting"
]

#: Own jobs before a job that are named, and jobs that are counted at most.
MOST_NAMED, MOST_COUNTED = 5, 1000


class JobChange(Request):
    """Renames a job, or changes the priority of one that has not ended."""

    priority: Priority | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        """Refuse a body that asks for nothing."""
        if self.priority is None and self.name is None:
            raise PydanticCustomError(
                "nothing_to_change", "Input should hold name or priority"
            )
        return self


class JobAhead(View):
    """An own job that comes before another one."""

    id: uuid.UUID
    name: str | None
    dataset_name: str
    state: JobState


class QueuePlace(View):
    """Where a queued job stands; it changes with each job that comes or ends."""

    #: 1: it is the next to start, of all jobs.
    place: int
    reason: WaitReason
    #: Own jobs that run or come before it: how many, and the first of them.
    n_own: int
    own: tuple[JobAhead, ...] = ()
    #: Jobs of others that run or come before it.
    n_others: int
    #: Seconds until its first part starts; None while that is not known.
    starts_in_s: float | None = None


class QueueUpdate(View):
    """A new place of a queued job; None if it waits no longer."""

    job_id: uuid.UUID
    queue: QueuePlace | None
