"""Two results cell by cell: which cells differ, and by how much.

Cells are paired by column and row.  On the same data rows are paired by position, on
other data by the labels of the index where both have unique ones.  Imputation k is
compared with imputation k; a cell is the same if all of its draws are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.views import result_comparison as views
from jupyter_wrangler.contract.result_comparison import (
    CellComparison,
    ColumnDifference,
    changed_settings,
)

#: How rows were paired.
Pairing = Literal["position", "label"]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two results."""

    manifest: contract.ResultManifest
    #: None if nobody knows it any more.
    spec: contract.AnySpec | None
    #: The data with their missing values.
    frame: pd.DataFrame
    #: Imputation -> its cells.
    cells: Mapping[int, frames.ImputedCells]

    @property
    def label(self) -> str:
        """What it is called: "patients@2", or the beginning of the id of its job."""
        saved = self.manifest.saved
        return f"job {str(self.manifest.job_id)[:8]}" if saved is None else saved.label


@public
class ResultComparison:
    """What differs between two results; made by `Result.compare`.

    Parameters
    ----------
    document : CellComparison
        What was found.
    """

    def __init__(self, document: CellComparison) -> None:
        self.document = document

    @property
    def equal(self) -> bool:
        """Whether the same cells have the same values, in all imputations."""
        return self.document.equal

    @property
    def same_data(self) -> bool:
        """Whether both were computed on the same bytes."""
        return self.document.same_data

    @property
    def settings(self) -> dict[str, tuple[Any, Any]]:
        """Settings that differ: name -> (left, right)."""
        changes = self.document.settings or ()
        return {one.name: (one.left, one.right) for one in changes}

    @property
    def columns(self) -> pd.DataFrame:
        """One line for each column that was imputed in one of them at least.

        `only_left` and `only_right` count cells imputed in one of the two, `same` and
        `differing` those imputed in both.  `change` and `shift` say how much the
        differing ones changed, see `ColumnDifference`.
        """
        fields = list(ColumnDifference.model_fields)
        lines = [
            [getattr(one, name) for name in fields] for one in self.document.columns
        ]
        return pd.DataFrame(lines, columns=fields).set_index("name")

    def __repr__(self) -> str:
        return views.text(self.document)

    def _repr_html_(self) -> str:
        return views.html(self.document)


def compare_sides(left: Side, right: Side) -> ResultComparison:
    """Compare two results cell by cell."""
    versions = left.manifest.dataset_version, right.manifest.dataset_version
    same_data = versions[0].sha256 == versions[1].sha256
    pairs, paired_by = _paired_rows(left, right, same=same_data)
    names = frames.names_of(left.frame), frames.names_of(right.frame)
    settings = None
    if left.spec is not None and right.spec is not None:
        settings = changed_settings(left.spec, right.spec)
    changed = 0 if same_data else _changed_cells(left.frame, right.frame, pairs)
    return ResultComparison(
        CellComparison(
            left=left.label,
            right=right.label,
            same_data=same_data,
            paired_by=paired_by,
            rows_only_left=len(left.frame) - len(pairs),
            rows_only_right=len(right.frame) - len(pairs),
            columns_only_left=tuple(n for n in names[0] if n not in names[1]),
            columns_only_right=tuple(n for n in names[1] if n not in names[0]),
            data_changed=changed,
            settings=settings,
            n_imputations=(len(left.cells), len(right.cells)),
            columns=tuple(
                _compare_column(name, left, right, pairs)
                for name in _imputed_names(left, right)
            ),
        )
    )


def _paired_rows(
    left: Side, right: Side, *, same: bool
) -> tuple[NDArray[np.intp], Pairing]:
    """Return the pairs of positions of rows that both have, shape (n, 2)."""
    one, other = left.frame.index, right.frame.index
    if not same and one.is_unique and other.is_unique:
        found = other.get_indexer(one)
        mine = np.flatnonzero(found >= 0)
        return np.column_stack([mine, found[mine]]), "label"
    rows = np.arange(min(len(one), len(other)))
    return np.column_stack([rows, rows]), "position"


def _changed_cells(
    left: pd.DataFrame, right: pd.DataFrame, pairs: NDArray[np.intp]
) -> int:
    """Count the cells of common rows and columns that differ, missing ones included."""
    total = 0
    places = {name: at for at, name in enumerate(frames.names_of(right))}
    for at, name in enumerate(frames.names_of(left)):
        if name not in places:
            continue
        one = left.iloc[pairs[:, 0], at].reset_index(drop=True)
        other = right.iloc[pairs[:, 1], places[name]].reset_index(drop=True)
        missing = one.isna(), other.isna()
        differ = ~_equal(one, other) & ~missing[0] & ~missing[1]
        total += int((differ | (missing[0] != missing[1])).sum())
    return total


def _imputed_names(left: Side, right: Side) -> list[str]:
    names = dict.fromkeys(
        name
        for side in (left, right)
        for cells in side.cells.values()
        for name, rows in cells.rows.items()
        if len(rows)
    )
    return list(names)


def _compare_column(
    name: str, left: Side, right: Side, pairs: NDArray[np.intp]
) -> ColumnDifference:
    one, other = _draws(left, name), _draws(right, name)
    # rows of the right under the positions of the left
    moved = pd.Series(pairs[:, 0], index=pairs[:, 1])
    there = moved.reindex(other.index)
    other = other[there.notna().to_numpy()]
    extra = int(there.isna().sum())
    other.index = pd.Index(there.dropna().astype("int64"))
    both = one.index.intersection(other.index, sort=True)
    columns = [k for k in one.columns if k in other.columns]
    a, b = one.loc[both, columns], other.loc[both, columns]
    equal = pd.DataFrame({k: _equal(a[k], b[k]) for k in columns}, index=both)
    same = equal.all(axis=1) if columns else pd.Series(data=True, index=both)
    change, shift = _measure(a[~same], b[~same], equal[~same], _spread(left, name))
    return ColumnDifference(
        name=name,
        only_left=len(one) - len(both),
        only_right=len(other) - len(both) + extra,
        same=int(same.sum()),
        differing=int((~same).sum()),
        change=change,
        shift=shift,
    )


def _draws(side: Side, name: str) -> pd.DataFrame:
    """Return the imputed values of a column: a line by row, a column by imputation."""
    found = {
        k: pd.Series(cells.values[name], index=cells.rows[name])  # noqa: PD011  ours
        for k, cells in sorted(side.cells.items())
        if name in cells.rows
    }
    return pd.DataFrame(found)


def _equal(one: pd.Series[Any], other: pd.Series[Any]) -> pd.Series[bool]:
    """Compare value by value, whatever the types."""
    numbers = _numbers(one), _numbers(other)
    if numbers[0] is not None and numbers[1] is not None:
        return pd.Series(
            np.equal(numbers[0], numbers[1])
            | (np.isnan(numbers[0]) & np.isnan(numbers[1])),
            index=one.index,
        )
    pairs = zip(one.astype(object), other.astype(object), strict=True)
    found = [
        (a is b) or (not _missing(a) and not _missing(b) and a == b) for a, b in pairs
    ]
    return pd.Series(found, index=one.index, dtype=bool)


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124  NaN


def _numbers(values: pd.Series[Any]) -> NDArray[np.float64] | None:
    """Return numbers and times as floats, times in seconds; None for classes."""
    dtype = values.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return None
    if pd.api.types.is_numeric_dtype(dtype):
        return np.asarray(values.to_numpy(dtype="float64", na_value=np.nan))
    if isinstance(dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert(None)
    kind = values.dtype.kind
    if kind not in "mM":
        return None
    times = values.to_numpy()
    spans = times - np.datetime64(0, "s") if kind == "M" else times
    return np.asarray(spans / np.timedelta64(1, "s"), dtype="float64")


def _spread(side: Side, name: str) -> float | None:
    """Return the standard deviation of the observed values of a column."""
    names = frames.names_of(side.frame)
    if name not in names:
        return None
    numbers = _numbers(side.frame.iloc[:, names.index(name)].dropna())
    if numbers is None or len(numbers) < 2:
        return None
    return float(np.std(numbers, ddof=1)) or None


def _measure(
    left: pd.DataFrame,
    right: pd.DataFrame,
    equal: pd.DataFrame,
    spread: float | None,
) -> tuple[float | None, float | None]:
    """Return how much the cells changed that differ, and in which direction."""
    if left.empty:
        return None, None
    means = _cell_means(left), _cell_means(right)
    if means[0] is None or means[1] is None:
        return float(1 - equal.to_numpy().mean()), None
    if spread is None:
        return None, None
    change = (means[1] - means[0]) / spread
    return float(np.abs(change).mean()), float(change.mean())


def _cell_means(draws: pd.DataFrame) -> NDArray[np.float64] | None:
    columns = [_numbers(draws[k]) for k in draws.columns]
    found = [column for column in columns if column is not None]
    if len(found) < len(columns):
        return None
    means: NDArray[np.float64] = np.mean(found, axis=0)
    return means
