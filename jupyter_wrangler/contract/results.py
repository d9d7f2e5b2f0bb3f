"""What an imputation job tells about itself when it has ended."""

from __future__ import annotations

import uuid

from pydantic import ConfigDict

from jupyter_wrangler.contract.base import Sha256, View
from jupyter_wrangler.contract.datasets import DatasetVersion
from jupyter_wrangler.contract.named_results import ResultVersion
from jupyter_wrangler.contract.specs import JobKind
from jupyter_wrangler.contract.states import JobState


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
    """First rows that had missing values, as text, with the imputed cells marked."""

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


class Findings(View):
    """What an analysis, a correlation or a comparison found, in whole sentences.

    The document with all numbers is fetched by itself: it may be large.
    """

    kind: JobKind
    sentences: tuple[str, ...]


class RecipePart(View):
    """The fitted models of one imputation, in the format of `Imputer.save`."""

    sha256: Sha256
    size: int


class PartResult(View):
    """What one part has stored: imputed cells as Parquet, or scores as JSON."""

    # in JSON as base64
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    #: Number of the part; of an imputation job, the imputation.
    imputation: int
    sha256: Sha256
    size: int
    #: The bytes themselves, where those of all parts together are few.
    data: bytes | None = None
    #: The models it was made by, for later rows, or why they were not kept.
    recipe: RecipePart | None = None
    recipe_note: str | None = None


class RecipeFile(RecipePart):
    """The models of one imputation: `GET /jobs/{id}/recipe/{imputation}`."""

    imputation: int


class RecipeColumn(View):
    """One column that later rows must have."""

    name: str
    dtype: str
    #: As in `ColumnSummary`; None where the job was cut short.
    level: str | None = None
    #: Method that imputes it; empty where it is left alone.
    method: str | None = None


class RecipeManifest(View):
    """What `GET /jobs/{id}/recipe` answers: models for later rows, without bytes."""

    job_id: uuid.UUID
    #: Version of the package that ran the job.
    engine_version: str
    #: Method of the columns for which no other one was asked; None of a transform.
    method: str | None
    columns: tuple[RecipeColumn, ...]
    #: One for each imputation.
    parts: tuple[RecipeFile, ...]


class ResultManifest(View):
    """What a job, or a version of a named result, holds.

    Many bytes are asked for part by part.
    """

    job_id: uuid.UUID
    state: JobState
    #: True when a cancelled or failed job kept only some imputations.
    partial: bool
    dataset_version: DatasetVersion
    imputations: tuple[PartResult, ...]
    summary: ImputationSummary | Findings | None
    #: The version that was asked for; None: it is the result of a job.
    saved: ResultVersion | None = None
