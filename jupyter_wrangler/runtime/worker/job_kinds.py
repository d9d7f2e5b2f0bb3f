"""How each kind of job is computed: its parts, and what the last stage makes of them.

A kind is registered once in `_HANDLERS`; what else differs between kinds its spec
declares (`contract.specs`).  The functions are those that run in a notebook too, so
that the numbers are the same.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from jupyter_wrangler import frames
from jupyter_wrangler.contract import (
    AnalysisSpec,
    ComparisonSpec,
    CorrelationDocument,
    CorrelationSpec,
    Findings,
    ImputationSpec,
    ImputationSummary,
    LeaderboardDocument,
    ProfileDocument,
)
from jupyter_wrangler.engine.estimator import summary
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import Given, Imputation, Step
from jupyter_wrangler.errors import UnknownJobKind, UnreadableImputer, WranglerError
from jupyter_wrangler.runtime import memory

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputer import Imputer

#: A part's JSON, or why there is none.
Part = dict[str, Any]
#: What the last stage makes of all parts.
AnyDocument = ProfileDocument | CorrelationDocument | LeaderboardDocument
#: Sentences that the row of a job keeps.
MAX_SENTENCES = 10


@dataclass(frozen=True, kw_only=True)
class PartTask:
    """One part to compute: part `k` of `frame`, which was read from `path`."""

    frame: pd.DataFrame
    path: str
    spec: Any
    k: int
    #: File of the models that a transform imputes by.
    recipe: str | None = None
    #: Bytes of numbers that models may hold to be kept.
    max_model_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class SummaryTask:
    """The last stage of a job: what its parts stored, and why some stored nothing."""

    frame: pd.DataFrame
    spec: Any
    #: Files of the parts that succeeded, in order.
    results: Sequence[str]
    #: Number of a part -> why it has no result.
    failures: Mapping[int, str]
    #: File of the models that a transform has imputed by.
    recipe: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobOutcome:
    """What the last stage leaves: a summary for the row of the job, and a document."""

    summary: ImputationSummary | Findings
    #: Bytes to store; None where the results of the parts are the result of the job.
    document: bytes | None = None
    #: Parts that there are to be, if there are too few, and why.
    more_parts: int | None = None
    more_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PartOutput:
    """What a part leaves."""

    data: bytes
    #: Fitted models for later rows, or why there are none.
    recipe: bytes | None = None
    recipe_note: str = ""


class KindHandler(ABC):
    """Computes one kind of job."""

    @abstractmethod
    def part(self, task: PartTask) -> Generator[Step, None, PartOutput]:
        """Compute one part; returns the bytes to store."""

    @abstractmethod
    def document(self, task: SummaryTask) -> JobOutcome:
        """Combine the results of all parts."""


# Imports below are inside of functions so that a runner loads, beside what the
# fork server has, only the statistics of the kind that it computes.


class ImputationHandler(KindHandler):
    """Parts store imputed cells as Parquet; the last stage sums them up."""

    def part(self, task: PartTask) -> Generator[Step, None, PartOutput]:
        """Make one imputation, and keep its models."""
        # a runner loads what its kind of job needs
        from jupyter_wrangler.engine.estimator import kept  # noqa: PLC0415

        options = frames.read_cell_options(task.path)
        given = Given(where=options.where, start=options.start)
        run, why = yield from kept.fit_and_keep(
            task.frame, task.spec, task.k, given, most_bytes=task.max_model_bytes
        )
        data = _cells_of(run.result())
        if why:
            return PartOutput(data=data, recipe_note=why)
        return _with_recipe(task, run, data)

    def document(self, task: SummaryTask) -> JobOutcome:
        """Sum up the imputations, and ask for more if they are too few."""
        imputations = [_read_imputation(path) for path in task.results]
        found = summary.summarise(task.frame, task.spec, imputations)
        pilot = task.spec.n_imputations
        if task.spec.se_cv is None or any(k < pilot for k in task.failures):
            return JobOutcome(summary=found)
        # a runner loads what its kind of job needs
        from jupyter_wrangler.engine.estimator.needed import needed_imputations  # noqa: PLC0415

        needed = needed_imputations(task.frame, imputations[:pilot], task.spec.se_cv)
        found = found.model_copy(update={"events": (*found.events, needed.event)})
        first = len(imputations) == pilot and not task.failures
        if not first or needed.m == pilot:
            return JobOutcome(summary=found)
        return JobOutcome(
            summary=found, more_parts=needed.m, more_reason=needed.event.message
        )


def _cells_of(done: Imputation) -> bytes:
    return frames.cells_to_parquet(
        done.values,
        done.rows,
        events=[event.model_dump(mode="json") for event in done.events],
        n_iter=done.n_iter,
        chains=done.chains,
        donors=done.donors,
    )


def _with_recipe(task: PartTask, run: Run, data: bytes) -> PartOutput:
    """Write the models of a run; the imputation does not fail for them."""
    # a runner loads what its kind of job needs
    from jupyter_wrangler.engine.estimator import kept  # noqa: PLC0415
    from jupyter_wrangler.frames.imputers import state_to_bytes  # noqa: PLC0415

    df = task.frame.set_axis(frames.labels_of(task.path), axis="columns")
    try:
        state = kept.imputer_of(run, task.spec, df).to_state()
        why = kept.too_large(state, task.max_model_bytes)
        recipe = None if why else state_to_bytes(state)
    except WranglerError as error:
        return PartOutput(data=data, recipe_note=error.message)
    return PartOutput(data=data, recipe=recipe, recipe_note=why)


def _read_imputation(path: str) -> Imputation:
    cells = frames.cells_from_parquet(Path(path).read_bytes())
    return Imputation(
        values=cells.values,
        rows=cells.rows,
        events=cells.events,
        n_iter=cells.n_iter,
        chains=cells.chains,
        donors=cells.donors,
    )


class TransformHandler(KindHandler):
    """Parts impute later rows, each by one set of models, and store the cells."""

    def part(self, task: PartTask) -> Generator[Step, None, PartOutput]:
        """Impute by the models of one imputation; fits nothing."""
        imputer = _imputer(task.recipe)
        imputer.set_params(handle_unknown=task.spec.handle_unknown)
        df = task.frame.set_axis(frames.labels_of(task.path), axis="columns")
        done = yield from imputer.transform_steps(_in_order(df, imputer))
        return PartOutput(data=_cells_of(done))

    def document(self, task: SummaryTask) -> JobOutcome:
        """Sum up the imputations, by the plan of the first set of models."""
        imputations = [_read_imputation(path) for path in task.results]
        plans = _imputer(task.recipe).plans_for(task.frame)
        # of the spec only what the summary needs of one: nothing is planned anew
        found = summary.summarise(
            task.frame, ImputationSpec(), imputations, plans=plans
        )
        return JobOutcome(summary=found)


def _in_order(df: pd.DataFrame, imputer: Imputer) -> pd.DataFrame:
    """Give the columns the order of the fit, if they are the same ones."""
    known = list(getattr(imputer, "feature_names_in_", ()))
    same = len(known) == df.shape[1] and set(known) == set(df.columns)
    return df[known] if same else df


def _imputer(path: str | None) -> Imputer:
    # a runner loads what its kind of job needs
    from jupyter_wrangler.frames.imputers import load_imputer  # noqa: PLC0415

    if path is None:
        raise UnreadableImputer("its bytes are gone")
    return load_imputer(path)


class DocumentHandler(KindHandler):
    """Parts store JSON, of which the last stage makes one document."""

    @abstractmethod
    def compute(
        self, frame: pd.DataFrame, spec: Any, k: int
    ) -> Generator[Step, None, Part]:
        """Compute the JSON of one part."""

    @abstractmethod
    def combine(
        self, frame: pd.DataFrame, spec: Any, parts: Sequence[Part]
    ) -> AnyDocument:
        """Make the document of all parts."""

    def part(self, task: PartTask) -> Generator[Step, None, PartOutput]:
        """Compute one part, and measure it: the engine has no clock."""
        begun, before = time.monotonic(), memory.peak_kib()
        part = yield from self.compute(task.frame, task.spec, task.k)
        part |= {
            "seconds": time.monotonic() - begun,
            "peak_mib": (memory.peak_kib() - before) / 1024,
        }
        stored = json.dumps({"k": task.k, "part": part}, allow_nan=False)
        return PartOutput(data=stored.encode())

    def document(self, task: SummaryTask) -> JobOutcome:
        """Combine the parts that were computed, and why others were not."""
        parts: dict[int, Part] = {k: {"error": why} for k, why in task.failures.items()}
        for path in task.results:
            stored = json.loads(Path(path).read_bytes())
            parts[stored["k"]] = stored["part"]
        in_order = [parts[k] for k in sorted(parts)]
        document = self.combine(task.frame, task.spec, in_order)
        sentences = (
            document.sentences
            if isinstance(document, ProfileDocument)
            else document.findings
        )
        return JobOutcome(
            summary=Findings(kind=task.spec.kind, sentences=sentences[:MAX_SENTENCES]),
            document=document.model_dump_json().encode(),
        )


class AnalysisHandler(DocumentHandler):
    """One part, which is the profile."""

    def compute(
        self, frame: pd.DataFrame, spec: AnalysisSpec, k: int
    ) -> Generator[Step, None, Part]:
        """Compute the profile."""
        # a runner loads what its kind of job needs
        from jupyter_wrangler.engine.profile.run import profile  # noqa: PLC0415

        del k  # there is one part only
        document = yield from profile(frame, spec)
        return document.model_dump(mode="json")

    def combine(
        self, frame: pd.DataFrame, spec: AnalysisSpec, parts: Sequence[Part]
    ) -> ProfileDocument:
        """Return the profile."""
        del frame, spec
        return ProfileDocument.model_validate(parts[0])


class CorrelationHandler(DocumentHandler):
    """Parts are blocks of columns."""

    def compute(
        self, frame: pd.DataFrame, spec: CorrelationSpec, k: int
    ) -> Generator[Step, None, Part]:
        """Correlate one block of columns with all that come after."""
        # a runner loads what its kind of job needs
        from jupyter_wrangler.engine.correlate.run import block  # noqa: PLC0415

        return (yield from block(frame, spec, k))

    def combine(
        self, frame: pd.DataFrame, spec: CorrelationSpec, parts: Sequence[Part]
    ) -> CorrelationDocument:
        """Make one table of all blocks."""
        # a runner loads what its kind of job needs
        from jupyter_wrangler.engine.correlate.run import combine  # noqa: PLC0415

        return combine(frame, spec, parts)


class ComparisonHandler(DocumentHandler):
    """Parts are trials of one method in one repeat."""

    def compute(
        self, frame: pd.DataFrame, spec: ComparisonSpec, k: int
    ) -> Generator[Step, None, Part]:
        """Hide cells, impute them, and measure the errors."""
        # a runner loads what its kind of job needs
        from jupyter_wrangler.engine.compare.run import cell  # noqa: PLC0415

        return (yield from cell(frame, spec, k))

    def combine(
        self, frame: pd.DataFrame, spec: ComparisonSpec, parts: Sequence[Part]
    ) -> LeaderboardDocument:
        """Make the leaderboard."""
        # a runner loads what its kind of job needs
        from jupyter_wrangler.engine.compare.ranking import combine  # noqa: PLC0415

        del frame
        return combine(spec, parts)


_HANDLERS: dict[str, KindHandler] = {
    "imputation": ImputationHandler(),
    "analysis": AnalysisHandler(),
    "correlation": CorrelationHandler(),
    "comparison": ComparisonHandler(),
    "transform": TransformHandler(),
}


def handler_for(kind: str) -> KindHandler:
    """Return what computes a kind of job.

    Raises
    ------
    UnknownJobKind
        If nothing is registered for it.
    """
    if kind not in _HANDLERS:
        raise UnknownJobKind(kind, list(_HANDLERS))
    return _HANDLERS[kind]
