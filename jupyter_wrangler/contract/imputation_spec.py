"""What can be asked of an imputation."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from jupyter_wrangler.contract.base import Bounded, Label, Scalar
from jupyter_wrangler.contract.job_spec import (
    BRIEF,
    Finite,
    JobSpec,
    Labels,
    Numbers,
)

#: Words for an order of visits.
VisitOrder = Literal["ascending", "descending", "monotone", "roman", "arabic"]

#: Methods that lists show of a spec.
_LISTED_METHODS = 20
#: In data of so many columns not all others help to impute one, and how many do.
MANY_COLUMNS, PREDICTORS_OF_MANY = 200, 100
#: From so many rows on `knn` does not look at all of them, and at how many it does.
MANY_ROWS, DONORS_OF_MANY = 200_000, 20_000
#: Of "auto": imputations to begin with, the coefficient of variation that standard
#: errors may have, and the most imputations.
PILOT, SE_CV, MOST_IMPUTATIONS = 10, 0.05, 200
#: Fewest imputations by which standard errors are judged.
LEAST_PILOT = 5


def is_formula(method: str) -> bool:
    """Tell a formula from the name of a method.

    Examples
    --------
    >>> is_formula("~ weight / height ** 2"), is_formula("pmm")
    (True, False)
    """
    return method.lstrip().startswith("~")


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
    #: Number of completed data sets (m in Rubin's notation). "auto" stands for 10 and
    #: `se_cv` 0.05.
    n_imputations: int = Field(default=1, ge=1, le=1000)
    #: Coefficient of variation that pooled standard errors may have: after
    #: `n_imputations` more are added, to 200 at most, until it is reached. None: no
    #: more.
    se_cv: Annotated[float, Field(ge=0.001, lt=1)] | None = None
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

    @model_validator(mode="before")
    @classmethod
    def _with_auto(cls, given: Any) -> Any:
        """Say "auto" in numbers."""
        if not isinstance(given, dict):
            return given
        asked = given.get("n_imputations")
        if not isinstance(asked, str) or asked != "auto":
            return given
        return {"se_cv": SE_CV, **given, "n_imputations": PILOT}

    @field_validator("se_cv")
    @classmethod
    def _of_several(cls, given: float | None, info: ValidationInfo) -> float | None:
        """Refuse to judge standard errors by one imputation."""
        if given is not None and info.data.get("n_imputations", PILOT) < LEAST_PILOT:
            raise PydanticCustomError(
                "too_few_imputations",
                "Input should be given with n_imputations of {least} or more",
                {"least": LEAST_PILOT},
            )
        return given

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

    @property
    def grows(self) -> bool:
        """Whether imputations may be added to the first ones."""
        return self.se_cv is not None

    def n_parts(self, n_columns: int) -> int:
        """Parts that can run side by side: the imputations."""
        del n_columns
        return self.n_imputations

    def most_parts(self, n_columns: int) -> int:
        """Parts that there may be in the end."""
        return max(self.n_parts(n_columns), MOST_IMPUTATIONS if self.grows else 0)

    def listed_methods(self) -> dict[str, Any]:
        """Return one column for each of the first methods."""
        one = {method: column for column, method in reversed(self.methods.items())}
        short = [(column, method) for method, column in one.items()
                 if len(column) <= BRIEF and len(method) <= BRIEF]  # fmt: skip
        return {"methods": dict(short[::-1][:_LISTED_METHODS])}


def _is(given: Any, number: float) -> bool:
    return isinstance(given, float) and given == number
