"""Two results side by side, as far as their settings and summaries tell.

Which cells differ, and by how much, is in the cells themselves: `Result.compare` of the
client reads those of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from jupyter_wrangler.contract.base import View
from jupyter_wrangler.contract.named_results import ResultVersion
from jupyter_wrangler.contract.results import ColumnSummary, ImputationSummary
from jupyter_wrangler.contract.specs import AnySpec


class SettingChange(View):
    """One setting that differs; None where one of the two has no such setting."""

    name: str
    left: Any = None
    right: Any = None


class ColumnChange(View):
    """One column in both results; None where one of the two does not have it."""

    name: str
    left: ColumnSummary | None
    right: ColumnSummary | None
    #: Difference of the means of the imputed cells, right minus left, in standard
    #: deviations of the observed values on the left; None for what has no mean.
    shift: float | None = None


class ResultComparison(View):
    """Two versions: what was asked for, on which data, and what came of it."""

    left: ResultVersion
    right: ResultVersion
    #: Whether both were computed on the same bytes.
    same_data: bool
    #: Whether all imputed cells are the same bytes.
    same_cells: bool
    settings: tuple[SettingChange, ...]
    #: Columns that were imputed in one of them at least.
    columns: tuple[ColumnChange, ...]


class ColumnDifference(View):
    """What differs in the imputed cells of one column."""

    name: str
    #: Cells imputed in one of the two only.
    only_left: int
    only_right: int
    #: Cells imputed in both: with the same values, and with others.
    same: int
    differing: int
    #: Of numbers and times: mean absolute change of a differing cell's mean over its
    #: draws, in standard deviations of the observed values on the left.  Of classes:
    #: share of the draws of the differing cells that changed.
    change: float | None
    #: The mean change with its sign, right minus left; None for classes.
    shift: float | None


class CellComparison(View):
    """Two results cell by cell."""

    #: What they are called: "patients@2", or the beginning of the id of a job.
    left: str
    right: str
    #: Whether both were computed on the same bytes.
    same_data: bool
    #: How rows of the two were paired.
    paired_by: Literal["position", "label"]
    #: Rows and columns that only one of the two has.
    rows_only_left: int
    rows_only_right: int
    columns_only_left: tuple[str, ...]
    columns_only_right: tuple[str, ...]
    #: Cells of the data that differ in the rows and columns that both have.
    data_changed: int
    #: Settings that differ; None if those of one of the two are not known any more.
    settings: tuple[SettingChange, ...] | None
    #: Numbers of imputations, which are compared one by one as far as both go.
    n_imputations: tuple[int, int]
    #: One for each column that was imputed in one of them at least.
    columns: tuple[ColumnDifference, ...]

    @property
    def equal(self) -> bool:
        """Whether the same cells have the same values, in all imputations."""
        return (
            self.n_imputations[0] == self.n_imputations[1]
            and not self.rows_only_left
            and not self.rows_only_right
            and not any(c.only_left + c.only_right + c.differing for c in self.columns)
        )


def changed_settings(left: AnySpec, right: AnySpec) -> tuple[SettingChange, ...]:
    """List the settings in which two specs differ, by name.

    Examples
    --------
    >>> from jupyter_wrangler.contract.imputation_spec import ImputationSpec
    >>> left, right = ImputationSpec(random_state=1), ImputationSpec(random_state=2)
    >>> changed_settings(left, right)
    (SettingChange(name='random_state', left=1, right=2),)
    """
    one, other = left.model_dump(mode="json"), right.model_dump(mode="json")
    return tuple(
        SettingChange(name=name, left=one.get(name), right=other.get(name))
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    )


def changed_columns(
    left: ImputationSummary | None, right: ImputationSummary | None
) -> tuple[ColumnChange, ...]:
    """Pair the columns of two summaries that were imputed in one of them at least."""
    one, other = _imputed_columns(left), _imputed_columns(right)
    return tuple(
        ColumnChange(
            name=name,
            left=one.get(name),
            right=other.get(name),
            shift=_shift(one.get(name), other.get(name)),
        )
        for name in dict.fromkeys((*one, *other))
    )


def _imputed_columns(found: ImputationSummary | None) -> dict[str, ColumnSummary]:
    columns = () if found is None else found.columns
    return {column.name: column for column in columns if column.n_imputed}


def _shift(left: ColumnSummary | None, right: ColumnSummary | None) -> float | None:
    if left is None or right is None:
        return None
    means = _number(left.imputed, "mean"), _number(right.imputed, "mean")
    spread = _number(left.observed, "sd")
    if means[0] is None or means[1] is None or not spread:
        return None
    return (means[1] - means[0]) / spread


def _number(found: Mapping[str, float | str | None], name: str) -> float | None:
    value = found.get(name)
    return float(value) if isinstance(value, int | float) else None
