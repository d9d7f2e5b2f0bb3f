"""What can be asked of a dataset: one spec for each kind of job.

The same data, spec and version give the same numbers, here and now or as a job.

A kind of job is registered here once: its name in `JobKind`, its spec, which declares
what else differs between kinds, and its place in `Spec`.  `runtime.worker.job_kinds`
has what computes it, `client.objects.result_types` what users get.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import (
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationInfo,
    field_validator,
)

from jupyter_wrangler.contract.base import (
    Bounded,
    Label,
    Request,
    Scalar,
    Sha256,
)
from jupyter_wrangler.errors import UnknownJobKind

#: Words for an order of visits.
VisitOrder = Literal["ascending", "descending", "monotone", "roman", "arabic"]

#: A number that JSON can carry; NaN would become nothing on its way.
Finite = Annotated[float, Field(allow_inf_nan=False)]
#: Names of columns.
Labels = Annotated[tuple[Label, ...], Bounded]
#: A number for each of some columns.
Numbers = Annotated[dict[Label, Finite], Bounded]

JobKind = Literal["imputation", "analysis", "correlation", "comparison", "transform"]
#: Characters of a word, and methods, that lists show of a spec.
BRIEF, _LISTED_METHODS = 100, 20
#: Columns of a correlation that one part takes.
BLOCK = 64
#: In data of so many columns not all others help to impute one, and how many do.
MANY_COLUMNS, PREDICTORS_OF_MANY = 200, 100
#: From so many rows on `knn` does not look at all of them, and at how many it does.
MANY_ROWS, DONORS_OF_MANY = 200_000, 20_000


def is_formula(method: str) -> bool:
    """Tell a formula from the name of a method.

    Examples
    --------
    >>> is_formula("~ weight / height ** 2"), is_formula("pmm")
    (True, False)
    """
    return method.lstrip().startswith("~")


class JobSpec(Request):
    """What the specs of all kinds have in common, and what each kind declares."""

    #: What one part of the work is called.
    part_word: ClassVar[str] = "part"
    #: What a part stores: imputed cells as Parquet, or JSON, of which the last stage
    #: makes one document.
    stores: ClassVar[Literal["cells", "document"]] = "document"
    #: Whether the job goes on without the parts that failed; its document says why.
    skips_failed_parts: ClassVar[bool] = False
    #: Whether the results of its parts mean something before all have ended.
    shows_parts_early: ClassVar[bool] = False
    #: Whether it may end with those of its parts that are done.
    finishes_early: ClassVar[bool] = False
    #: Times the bytes of its data that a part takes in memory; measured, see
    #: docs/limits.md.
    memory_factor: ClassVar[int] = 10

    @classmethod
    def part_kind(cls, stage: int) -> str:
        """Return what a part makes: a piece of the work, or what sums it up."""
        if stage == 0:
            return cls.part_word
        return "summary" if cls.stores == "cells" else "document"

    @abstractmethod
    def n_parts(self, n_columns: int) -> int:
        """Return the number of parts that can run side by side."""

    def listed_methods(self) -> dict[str, Any]:
        """Return the methods as lists show them: not more than fits there."""
        return {}


class ImputationSpec(JobSpec):
    """How to impute one dataset: same data, spec and version, same numbers."""

    part_word = "imputation"
    stores = "cells"
    finishes_early = True

    kind: Literal["imputation"] = "imputation"
    #: Method for every column that `methods` does not name.
    method: Label = "pmm"
    #: Column -> method, for the columns that want another one ("" leaves it alone), or
    #: a formula by which it follows from others: "~ weight / height ** 2".
    methods: Annotated[dict[Label, Label], Bounded] = Field(default_factory=dict)
    #: Columns to impute; None means every column with missing values.
    columns: Labels | None = None
    #: Number of completed data sets (m in Rubin's notation).
    n_imputations: int = Field(default=1, ge=1, le=1000)
    #: Most rounds of the chained equations.
    max_iter: int = Field(default=10, ge=1, le=1000)
    #: Relative change below which deterministic chains stop early.
    tol: Finite = Field(default=1e-3, ge=0)
    #: What `tol` is relative to: the standard deviation of each column ("column"), or
    #: the largest absolute value of all columns ("largest", as in scikit-learn).
    tol_scale: Literal["column", "largest"] = "column"
    #: Neighbours of `knn`.
    n_neighbors: int = Field(default=5, ge=1)
    #: How `knn` weighs its neighbours.
    weights: Literal["uniform", "distance"] = "uniform"
    #: Most rows among which `knn` looks for neighbours, drawn once. "auto": all, but
    #: 20 000 where there are 200 000 rows or more.
    max_donors: Annotated[int, Field(ge=1)] | Literal["auto", "all"] = "auto"
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
    group: Label | None = None
    #: Column that says when; None means the index. For `time`, `ffill`, `bfill` and
    #: `interpolate`.
    time: Label | None = None
    #: Column -> columns that help to impute it; those not named use all others.
    predictors: Annotated[dict[Label, Labels], Bounded] = Field(default_factory=dict)
    #: Most predictors of a column that `predictors` does not name: the others that
    #: correlate most with it. "auto": all, but 100 where there are 200 columns or more.
    max_predictors: Annotated[int, Field(ge=1)] | Literal["auto", "all"] = "auto"
    #: Name -> columns imputed together by `pmm`: what a row lacks of them comes from
    #: one donor, so that sums, ranges and codes that belong together stay so.
    blocks: Annotated[dict[Label, Labels], Bounded] = Field(default_factory=dict)
    #: Order in which the chained equations visit the columns: by their number of
    #: missing values, as they stand (roman), from the last to the first (arabic), or as
    #: given.
    visit_sequence: VisitOrder | Labels = "ascending"
    #: Bounds of imputed numbers, for all numeric columns or by column.
    min_value: Finite | Numbers | None = None
    max_value: Finite | Numbers | None = None
    #: Column -> factor of its imputed numbers, and number added after it: what
    #: could be if the missing values are not at random.  Of classes delta shifts the
    #: log-odds: class -> shift, or one number for True and for ordered classes.
    factor: Numbers = Field(default_factory=dict)
    delta: Annotated[dict[Label, Finite | Numbers], Bounded] = Field(
        default_factory=dict
    )
    #: Value of `constant`, for all columns or by column.
    fill_value: Scalar | Annotated[dict[Label, Scalar], Bounded] | None = None
    #: Seed; imputation k uses the k-th child of its SeedSequence.
    random_state: int = Field(default=0, ge=0, le=2**63 - 1)
    #: Whether fitted models are kept for later rows; None: where that costs little.
    keep_models: bool | None = None

    @field_validator("min_value", "max_value", mode="before")
    @classmethod
    def _without_boundless(cls, given: Any, info: ValidationInfo) -> Any:
        """Leave out infinite bounds that bound nothing."""
        boundless = -math.inf if info.field_name == "min_value" else math.inf
        if isinstance(given, dict):
            return {k: v for k, v in given.items() if not _is(v, boundless)}
        return None if _is(given, boundless) else given

    def n_predictors(self, others: int) -> int:
        """Return how many of so many other columns help to impute one.

        Examples
        --------
        >>> spec = ImputationSpec()
        >>> spec.n_predictors(198), spec.n_predictors(199)
        (198, 100)
        """
        if self.max_predictors == "all":
            return others
        if self.max_predictors == "auto":
            return others if others < MANY_COLUMNS - 1 else PREDICTORS_OF_MANY
        return min(others, self.max_predictors)

    def n_donors(self, n: int) -> int:
        """Return among how many of n rows `knn` looks for neighbours.

        Examples
        --------
        >>> ImputationSpec().n_donors(1_000_000)
        20000
        """
        if self.max_donors == "all":
            return n
        if self.max_donors == "auto":
            return n if n < MANY_ROWS else DONORS_OF_MANY
        return min(n, max(self.max_donors, self.n_neighbors))

    def n_parts(self, n_columns: int) -> int:
        """Parts that can run side by side: the imputations."""
        del n_columns
        return self.n_imputations

    def listed_methods(self) -> dict[str, Any]:
        """Return one column for each of the first methods."""
        one = {method: column for column, method in reversed(self.methods.items())}
        short = [(column, method) for method, column in one.items()
                 if len(column) <= BRIEF and len(method) <= BRIEF]  # fmt: skip
        return {"methods": dict(short[::-1][:_LISTED_METHODS])}


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


def _is(given: Any, number: float) -> bool:
    return isinstance(given, float) and given == number


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
