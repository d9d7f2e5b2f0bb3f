"""What can be asked of a dataset: one spec for each kind of job.

The same data, spec and version give the same numbers, here and now or as a job.

A kind of job is registered here once: its name in `JobKind`, its spec, which declares
what else differs between kinds, and its place in `Spec`.  `runtime.worker.job_kinds`
has what computes it, `client.objects.result_types` what users get.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, TypeAdapter, field_validator

from jupyter_wrangler.contract.base import Bounded, Label, Sha256
from jupyter_wrangler.contract.imputation_spec import ImputationSpec
from jupyter_wrangler.contract.job_spec import BRIEF, JobSpec, Labels
from jupyter_wrangler.errors import UnknownJobKind

JobKind = Literal["imputation", "analysis", "correlation", "comparison", "transform"]
#: Columns of a correlation that one part takes.
BLOCK = 64


class AnalysisSpec(JobSpec):
    """How to profile a dataset: columns, missing values and their patterns."""

    memory_factor = 6

    kind: Literal["analysis"] = "analysis"
    #: Columns to look at; None means all.
    columns: Labels | None = None
    #: Column that says when rows were, for runs of missing rows; None keeps the order.
    time: Label | None = None
    #: Most patterns of missing cells that are listed.
    max_patterns: int = Field(default=100, ge=1, le=10_000)
    #: Seed of the samples that stand for very long columns.
    random_state: int = Field(default=0, ge=0, le=2**63 - 1)

    def n_parts(self, n_columns: int) -> int:
        """One: all that it says hangs together."""
        del n_columns
        return 1


class CorrelationSpec(JobSpec):
    """How to correlate the columns of a dataset."""

    memory_factor = 7

    kind: Literal["correlation"] = "correlation"
    columns: Labels | None = None
    #: Measure for every pair; "auto" chooses by the levels of both columns.
    method: Label = "auto"
    #: Rows used: those where both are observed, or all by maximum likelihood (EM).
    use: Literal["pairwise", "em"] = "pairwise"
    #: Correction of the p-values for their number.
    adjust: Literal["holm", "bonferroni", "fdr_bh", "none"] = "holm"
    random_state: int = Field(default=0, ge=0, le=2**63 - 1)

    def n_parts(self, n_columns: int) -> int:
        """Blocks of columns; EM needs all of them at once."""
        if self.use == "em":
            return 1
        return max(1, -(-n_columns // BLOCK))


class ComparisonSpec(JobSpec):
    """How to compare methods: hide observed cells, impute, and look."""

    # it says why a method could not run, and its table fills row by row
    skips_failed_parts = True
    shows_parts_early = True
    finishes_early = True

    kind: Literal["comparison"] = "comparison"
    #: Methods to compare, each once; the simple rule (median or mode) always runs too.
    methods: Labels = Field(min_length=1, max_length=100)
    columns: Labels | None = None
    #: Which cells are hidden: any, or in the patterns that the data show.
    mechanism: Literal["mcar", "mar"] = "mcar"
    #: Share of the observed cells that is hidden.
    fraction: float = Field(default=0.1, gt=0, lt=1)
    #: How often, with other cells each time.
    repeats: int = Field(default=3, ge=1, le=100)
    #: Draws behind each score, of methods that draw; with fewer than 10 no method is
    #: preferred to the standard one for several imputations.
    n_imputations: int = Field(default=10, ge=1, le=100)
    max_iter: int = Field(default=10, ge=1, le=1000)
    random_state: int = Field(default=0, ge=0, le=2**63 - 1)

    @field_validator("methods")
    @classmethod
    def _once(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out repeats: a method has one trial in each repeat."""
        return tuple(dict.fromkeys(methods))

    def n_parts(self, n_columns: int) -> int:
        """Each method in each repeat, the simple rule among them."""
        del n_columns
        return len(self.cells())

    def cells(self) -> tuple[tuple[str, int], ...]:
        """Name the parts in order: (method, repeat), `"baseline"` first."""
        methods = ("baseline", *(m for m in self.methods if m != "baseline"))
        return tuple((m, r) for r in range(self.repeats) for m in methods)

    def listed_methods(self) -> dict[str, Any]:
        """Return the methods that are compared."""
        return {"methods": [method[:BRIEF] for method in self.methods]}


class TransformSpec(JobSpec):
    """How to impute later rows by the models that an earlier job has kept."""

    part_word = "completed data set"
    stores = "cells"

    kind: Literal["transform"] = "transform"
    #: Digests of the models, one set for each imputation: `PartResult.recipe`.
    models: Annotated[tuple[Sha256, ...], Bounded] = Field(
        min_length=1, max_length=1000
    )
    #: What to do with classes that the fit has not seen.
    handle_unknown: Literal["error", "impute"] = "error"

    def n_parts(self, n_columns: int) -> int:
        """Parts that can run side by side: the sets of models."""
        del n_columns
        return len(self.models)

    def listed_methods(self) -> dict[str, Any]:
        """Return the first of the models: a spec without any cannot be read."""
        return {"models": list(self.models[:1])}


def _kind(spec: Any) -> str:
    """Tell which spec is meant; one that does not say so is an imputation."""
    found = spec.get("kind") if isinstance(spec, dict) else getattr(spec, "kind", None)
    return "imputation" if found is None else str(found)


AnySpec = (
    ImputationSpec | AnalysisSpec | CorrelationSpec | ComparisonSpec | TransformSpec
)

#: Any of them on its way over a border; `kind` says which.
Spec = Annotated[
    Annotated[ImputationSpec, Tag("imputation")]
    | Annotated[AnalysisSpec, Tag("analysis")]
    | Annotated[CorrelationSpec, Tag("correlation")]
    | Annotated[ComparisonSpec, Tag("comparison")]
    | Annotated[TransformSpec, Tag("transform")],
    Discriminator(_kind),
]

_ADAPTER: TypeAdapter[AnySpec] = TypeAdapter(Spec)
_CLASSES: dict[str, type[AnySpec]] = {
    cls.model_fields["kind"].default: cls for cls in get_args(AnySpec)
}


def parse_spec(spec: dict[str, Any]) -> AnySpec:
    """Read a spec of any kind from its JSON."""
    return _ADAPTER.validate_python(spec)


def spec_class(kind: str) -> type[AnySpec]:
    """Return the spec of a kind of job, with all that the kind declares.

    Raises
    ------
    UnknownJobKind
        If there is no such kind.

    Examples
    --------
    >>> spec_class("comparison").skips_failed_parts
    True
    """
    if kind not in _CLASSES:
        raise UnknownJobKind(kind, list(_CLASSES))
    return _CLASSES[kind]
