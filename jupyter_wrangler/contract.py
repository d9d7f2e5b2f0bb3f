"""What crosses a process border, as pydantic models.

Requests refuse unknown fields; views (what the service answers) ignore them, so
that an older client can read a newer service.  Words: a *job* is one run of a
*spec* on a *dataset version*; a *part* is one of its pieces that a worker runs;
an *imputation* fills holes, `imputation` k of m is numbered from 0.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: A JSON scalar, as used for constants that fill holes.
Scalar = bool | int | float | str
#: Lower-case hexadecimal SHA-256 of the bytes.
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
#: A name that people give: data, never a path.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    ),
]

#: Words for an order of visits.
VisitOrder = Literal["ascending", "descending", "monotone", "roman", "arabic"]

JobKind = Literal["imputation"]
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
#: Bytes in one upload chunk at most.
CHUNK = 8 * 1024 * 1024


class Request(BaseModel):
    """Base of what a caller sends: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class View(BaseModel):
    """Base of what the service answers: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


# ── specs ───────────────────────────────────────────────────────────────────


class ImputationSpec(Request):
    """How to impute one dataset: same data, spec and version, same numbers."""

    kind: JobKind = "imputation"
    #: Method for every column that `methods` does not name.
    method: str = "pmm"
    #: Column -> method, for the columns that want another one ("" leaves it alone).
    methods: dict[str, str] = Field(default_factory=dict)
    #: Columns to impute; None means every column with missing values.
    columns: tuple[str, ...] | None = None
    #: Number of completed data sets (m in Rubin's notation).
    n_imputations: int = Field(default=1, ge=1, le=1000)
    #: Most rounds of the chained equations.
    max_iter: int = Field(default=10, ge=1, le=1000)
    #: Relative change below which deterministic chains stop early.
    tol: float = Field(default=1e-3, ge=0)
    #: Neighbours of `knn`.
    n_neighbors: int = Field(default=5, ge=1)
    #: How `knn` weighs its neighbours.
    weights: Literal["uniform", "distance"] = "uniform"
    #: Donors of `pmm` and `boosting`.
    donors: int = Field(default=5, ge=1)
    #: Which predictions `pmm` compares: 0 both estimated, 1 donors estimated and
    #: receivers drawn, 2 both drawn.
    matchtype: Literal[0, 1, 2] = 1
    #: Whether `norm`, `cart`, `rf`, `boosting` and the logistic methods draw; False
    #: takes their prediction, for one best guess.
    sample_posterior: bool = True
    #: Trees of `rf`.
    n_estimators: int = Field(default=10, ge=1, le=1000)
    #: Column within whose groups the simple methods work.
    group: str | None = None
    #: Column that says when; None means the index. For `time`, `ffill`, `bfill` and
    #: `interpolate`.
    time: str | None = None
    #: Column -> columns that help to impute it; those not named use all others.
    predictors: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    #: Order in which the chained equations visit the columns: by their number of
    #: holes, as they stand (roman), from the last to the first (arabic), or as given.
    visit_sequence: VisitOrder | tuple[str, ...] = "ascending"
    #: Bounds of imputed numbers, for all numeric columns or by column.
    min_value: float | dict[str, float] | None = None
    max_value: float | dict[str, float] | None = None
    #: Column -> factor of its imputed numbers, and number added after it: what
    #: could be if the holes are not at random.
    factor: dict[str, float] = Field(default_factory=dict)
    delta: dict[str, float] = Field(default_factory=dict)
    #: Value of `constant`, for all columns or by column.
    fill_value: Scalar | dict[str, Scalar] | None = None
    #: Seed; imputation k uses the k-th child of its SeedSequence.
    random_state: int = Field(default=0, ge=0, le=2**63 - 1)


# ── uploads and datasets ────────────────────────────────────────────────────


class UploadRequest(Request):
    """Announces bytes: the service answers whether it has them already."""

    sha256: Sha256
    size: int = Field(gt=0)


class Upload(View):
    """An upload under way, or (`known`) bytes that need no upload."""

    id: uuid.UUID | None
    sha256: Sha256
    size: int
    received: int
    known: bool


class ColumnInfo(Request):
    """One column as the client saw it."""

    name: str
    dtype: str
    missing: int = Field(ge=0)


class DatasetRequest(Request):
    """Makes a dataset version of bytes that were uploaded."""

    sha256: Sha256
    #: None lets the service name it after its digest.
    name: Name | None = None
    n_rows: int = Field(ge=1)
    columns: tuple[ColumnInfo, ...] = Field(min_length=1, max_length=10_000)


class DatasetPatch(Request):
    """Renames a dataset."""

    name: Name


class DatasetVersion(View):
    """One immutable state of a dataset."""

    id: uuid.UUID
    dataset_id: uuid.UUID
    name: str
    n: int
    sha256: Sha256
    size: int
    n_rows: int
    n_columns: int
    columns: tuple[ColumnInfo, ...]
    created_at: dt.datetime


class Dataset(View):
    """A named series of versions."""

    id: uuid.UUID
    name: str
    created_at: dt.datetime
    latest: DatasetVersion


# ── results ─────────────────────────────────────────────────────────────────


class LoggedEvent(View):
    """Something the engine did that a statistician would want to know."""

    imputation: int | None = None
    round: int | None = None
    column: str | None = None
    method: str | None = None
    #: A whole sentence.
    message: str


class Convergence(View):
    """How the chains of one column ran; None where nothing can be said."""

    #: Rounds of the chained equations.
    rounds: int
    #: R-hat and lag-1 autocorrelation of the means of the imputed cells.
    rhat: float | None = None
    autocorrelation: float | None = None
    #: Mean and variance of the imputed cells by imputation and round; empty where
    #: there are too many to keep.
    chain_mean: tuple[tuple[float | None, ...], ...] = ()
    chain_var: tuple[tuple[float | None, ...], ...] = ()


class ColumnSummary(View):
    """What happened to one column."""

    name: str
    #: continuous, integer, boolean, nominal, ordered, datetime, timedelta or text.
    level: str
    #: Empty where the column was left alone.
    method: str
    n_missing: int
    #: Cells filled in each completed data set.
    n_imputed: int
    #: Name of a statistic -> value: mean, sd, median, min, max; or top and share.
    observed: dict[str, float | str | None]
    #: The same over the imputed cells of all imputations.
    imputed: dict[str, float | str | None]
    #: Only of columns that were imputed by chained equations.
    convergence: Convergence | None = None


class Preview(View):
    """First rows that had holes, as text, with the imputed cells marked."""

    index: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    imputed: tuple[tuple[bool, ...], ...]


class ImputationSummary(View):
    """What an imputation job did, small enough for a row in PostgreSQL."""

    n_rows: int
    n_columns: int
    n_missing: int
    n_imputed: int
    columns: tuple[ColumnSummary, ...]
    events: tuple[LoggedEvent, ...] = ()
    preview: Preview | None = None


class PartResult(View):
    """Imputed cells of one completed data set, as stored bytes."""

    imputation: int
    sha256: Sha256
    size: int


class ResultManifest(View):
    """What `GET /jobs/{id}/result` answers; the cells follow per imputation."""

    job_id: uuid.UUID
    state: JobState
    #: True when a cancelled or failed job kept only some imputations.
    partial: bool
    dataset_version: DatasetVersion
    imputations: tuple[PartResult, ...]
    summary: ImputationSummary | None


# ── jobs ────────────────────────────────────────────────────────────────────


class JobRequest(Request):
    """Submits a job."""

    dataset_version_id: uuid.UUID
    spec: ImputationSpec
    name: Name | None = None
    priority: int = Field(default=5, ge=0, le=9)
    #: Repeating a request with the same key answers with the same job.
    idempotency_key: Annotated[str, StringConstraints(max_length=128)] | None = None
    #: Runs anew even if the same data, spec and version were computed before.
    force: bool = False


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
    #: Seconds left as far as can be told.
    eta_s: float | None = None

    @property
    def fraction(self) -> float:
        """Share done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


class Problem(View):
    """RFC 9457 problem body, with `message` and `code` at the top level."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    #: The same sentence as `detail`; JupyterLab reads this name.
    message: str
    #: Wire name of the error class, see `errors`.
    code: str
    details: dict[str, Any] = Field(default_factory=dict)
    errors: list[dict[str, Any]] = Field(default_factory=list)
    request_id: str | None = None


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
    spec: ImputationSpec
    n_parts: int
    parts_done: int
    #: Attempts spent by the part that needed most.
    attempts: int
    progress: Progress | None = None
    error: JobError | None = None
    #: Only in `GET /jobs/{id}`, and only when there is one.
    summary: ImputationSummary | None = None
    #: True in the answer to a submission that found an earlier identical job.
    reused: bool = False
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @property
    def final(self) -> bool:
        """Whether the job has ended, in whatever way."""
        return self.state in FINAL


class Page(View):
    """A page of jobs or datasets; `next` continues after it."""

    next: str | None = None


class JobPage(Page):
    """A page of jobs, newest first."""

    items: tuple[Job, ...]


class DatasetPage(Page):
    """A page of datasets, newest first."""

    items: tuple[Dataset, ...]


class Health(View):
    """What `/health/ready` answers."""

    status: Literal["ok", "degraded", "down"]
    version: str
    #: Name of a part -> "ok" or the sentence that says what is wrong.
    checks: dict[str, str]
    workers: int
    slots: int
    queued: int
    running: int
    #: Seconds since the last request that was not a health check.
    idle_s: float
    #: Event streams that are open.
    streams: int


# ── the pipe between a worker and its runner ────────────────────────────────


class PartMessage(View):
    """What Celery carries: nothing but the id of a part."""

    v: Literal[1] = 1
    part: uuid.UUID
