"""Jobs: what is submitted, how it stands, and the message that rings for a part."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from jupyter_wrangler.contract.base import Name, Request, View
from jupyter_wrangler.contract.datasets import Dataset
from jupyter_wrangler.contract.queueing import Priority, QueuePlace
from jupyter_wrangler.contract.results import Findings, ImputationSummary
from jupyter_wrangler.contract.specs import JobKind, Spec
from jupyter_wrangler.contract.states import FINAL, JobState, PartState


class JobRequest(Request):
    """Submits a job."""

    dataset_version_id: uuid.UUID
    spec: Spec
    name: Name | None = None
    #: Which of the caller's own jobs come first.
    priority: Priority = "normal"
    #: Repeating a request with the same key answers with the same job.
    idempotency_key: (
        Annotated[str, StringConstraints(max_length=128, pattern=r"^[^\x00]*$")] | None
    ) = None
    #: Runs again even if the same data, spec and version were computed before.
    force: bool = False

    @model_validator(mode="after")
    def _finite_constants(self) -> Self:
        """Refuse constants that PostgreSQL's JSON cannot hold, which Python's reads."""
        given = getattr(self.spec, "fill_value", None)
        values = given.values() if isinstance(given, dict) else (given,)
        if any(isinstance(v, float) and not math.isfinite(v) for v in values):
            raise PydanticCustomError(
                "finite_number", "fill_value should be a finite number or a text"
            )
        return self


class PartProgress(View):
    """Where one running part stands."""

    #: Number of the part, from 0; of an imputation job, the imputation.
    k: int
    #: Share done, from 0 to 1.
    fraction: float
    #: Words for people: "imputation 2 of 5, round 6 of 10, column 'chol'".
    message: str
    round: int | None = None
    max_iter: int | None = None
    column: str | None = None


class Progress(View):
    """Where a running job stands; lives in Redis and may be lost."""

    job_id: uuid.UUID
    #: Steps done and in total, over all parts.
    done: float
    total: float
    #: Words for people: "imputation 2 of 5, round 3 of 10, column 'bmi'".
    message: str = ""
    imputation: int | None = None
    n_imputations: int | None = None
    round: int | None = None
    max_iter: int | None = None
    column: str | None = None
    #: Seconds left; None until the pace is steady, and for jobs of a few seconds.
    eta_s: float | None = None
    #: The parts that run now, by number: the first 16.
    parts: tuple[PartProgress, ...] = ()

    @property
    def fraction(self) -> float:
        """Share done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


class JobError(View):
    """Why a job ended without a result."""

    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class Job(View):
    """A job as its owner sees it."""

    id: uuid.UUID
    kind: JobKind
    name: str | None
    state: JobState
    dataset_version_id: uuid.UUID
    dataset_name: str
    spec: Spec
    #: Whether of the spec only what lists show is here: lists and events are brief,
    #: `GET /jobs/{id}` and the answers to a submission are whole.
    brief: bool = False
    n_parts: int
    parts_done: int
    #: Of these, parts whose result is kept (imputations, trials): those that
    #: "finish" and "cancel" keep.
    n_finished: int = 0
    #: Attempts spent by the part that needed most.
    attempts: int
    priority: Priority = "normal"
    #: Only of queued jobs: its place and why it waits; in lists of the first few.
    queue: QueuePlace | None = None
    #: Whether `POST /jobs/{id}/finish` would keep something now.
    can_finish: bool = False
    #: Whether it was asked for, and the job has not ended yet.
    finishing: bool = False
    #: Whether it succeeded with fewer parts than were asked for.
    partial: bool = False
    #: Seconds that it was thought to take once it runs, from earlier ones like it.
    estimate_s: float | None = None
    progress: Progress | None = None
    error: JobError | None = None
    #: Only in `GET /jobs/{id}`, and only when there is one.
    summary: ImputationSummary | Findings | None = None
    #: Parts of these that were done before it was tried again.
    parts_kept: int = 0
    #: Seconds since it began to run, by the clock of the database.
    running_s: float | None = None
    #: True in the answer to a submission that found an earlier identical job.
    reused: bool = False
    #: How often it was found by such submissions.
    reuses: int = 0
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @property
    def final(self) -> bool:
        """Whether the job has ended, in whatever way."""
        return self.state in FINAL


class JobCard(View):
    """What a notebook stores for a job: the `data` of an output."""

    #: MIME type -> content: a dated snapshot for the labextension, HTML and text.
    data: dict[str, Any]


class JobEvent(View):
    """Something that happened to a job."""

    #: Rises from event to event.
    seq: int
    at: dt.datetime
    #: queued, running, part, changed, finishing, stopping, cancelling, lost, requeued,
    #: released, retried, growing, adopted, or the state in which the job ended.
    type: str
    #: Of what concerns one part: its stage and number, the attempt, the worker and the
    #: reason.
    details: dict[str, Any] = Field(default_factory=dict)


class JobPart(View):
    """One piece of a job: what a worker runs, and what is tried again if it fails."""

    #: 0: the work; 1: what is made of it when all of that has ended.
    stage: int
    #: Number within the stage, from 0.
    k: int
    #: What the part makes: "imputation", "summary", "document", or "part" of another
    #: work.
    kind: str
    state: PartState
    #: Attempts begun, and how many there may be.
    attempts: int
    max_attempts: int
    #: When its first attempt began, and when the part ended.
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    #: Why it ended without a result.
    error: JobError | None = None


class Page(View):
    """A page of jobs or datasets; `next` continues after it."""

    next: str | None = None


class JobPage(Page):
    """A page of jobs, newest first."""

    items: tuple[Job, ...]


class JobEventPage(Page):
    """A page of a job's history, oldest first."""

    items: tuple[JobEvent, ...]


class JobPartPage(Page):
    """A page of a job's parts, in the order of stage and number."""

    items: tuple[JobPart, ...]


class DatasetPage(Page):
    """A page of datasets, newest first."""

    items: tuple[Dataset, ...]


class PartMessage(View):
    """What Celery carries: nothing but the id of a part."""

    v: Literal[1] = 1
    part: uuid.UUID
