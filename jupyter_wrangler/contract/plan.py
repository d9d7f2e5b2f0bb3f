"""A plan: one method for each column, with the reason, as it is kept and sent."""

from __future__ import annotations

from typing import Literal

from jupyter_wrangler.contract.base import Scalar, View


class PlannedColumn(View):
    """What is to happen to one column, and why."""

    name: str
    #: Empty where it is not known.
    level: str = ""
    n_missing: int = 0
    #: Empty where the column is left alone, or has nothing to fill.
    method: str
    #: Whole sentences.
    reason: str = ""
    #: Sentinel values, to be marked as missing first.
    missing_values: tuple[Scalar, ...] = ()
    #: Columns that help to impute it; None means all others.
    predictors: tuple[str, ...] | None = None
    #: Bounds of its imputed numbers.
    min_value: float | None = None
    max_value: float | None = None


class PlanDocument(View):
    """Methods of all columns of a frame."""

    version: Literal[1] = 1
    columns: tuple[PlannedColumn, ...]
    #: Rows that were looked at.
    n_rows: int = 0
    #: Imputations that the methods were chosen for; None where nobody said.
    n_imputations: int | None = None
    #: Column that a model will predict; it is not imputed and helps no other.
    target: str | None = None
    #: Column within whose groups the simple methods work.
    group: str | None = None
    #: What to think about first, in whole sentences.
    warnings: tuple[str, ...] = ()
