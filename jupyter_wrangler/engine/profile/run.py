"""A look at a frame, column by column and then as a whole."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import (
    AnalysisSpec,
    ColumnProfile,
    Dependences,
    Disguised,
    ImputationSpec,
    MissingPairs,
    MissingPatterns,
    MissingRun,
    ProfileDocument,
)
from jupyter_wrangler.engine.columns.dates import clock_of
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, DATES, NUMERIC
from jupyter_wrangler.engine.columns.row_order import order_of
from jupyter_wrangler.engine.columns.values import lent_floats
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.profile import depend, sentences
from jupyter_wrangler.engine.profile.describe import describe
from jupyter_wrangler.engine.profile.little import mcar_of
from jupyter_wrangler.engine.profile.mark import mark
from jupyter_wrangler.engine.profile.missing_values import (
    MissingCells,
    flux_of,
    missing_cells_of,
    pairs_of,
    patterns_of,
)
from jupyter_wrangler.engine.profile.runs import runs_of
from jupyter_wrangler.engine.profile.sentinel_strings import sentinel_strings
from jupyter_wrangler.engine.profile.sentinel_values import sentinel_values
from jupyter_wrangler.engine.profile.shape import (
    histogram_of,
    quantiles_of,
    top_of,
)
from jupyter_wrangler.engine.types import Step
from jupyter_wrangler.errors import UnknownColumn

#: Pairs of columns at most.
PAIRS = 40_000


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """In which order rows are read for runs, and what they are called."""

    labels: pd.Index
    order: NDArray[np.intp] | None = None

    def runs(self, mask: NDArray[np.bool_]) -> tuple[tuple[MissingRun, ...], int]:
        """Longest runs of missing rows, and their number."""
        return runs_of(mask if self.order is None else mask[self.order], self.labels)


@dataclass(kw_only=True)
class _Seen:
    """What the pass over the columns has found so far."""

    columns: list[ColumnProfile] = field(default_factory=list)
    disguised: list[Disguised] = field(default_factory=list)
    #: Columns that hold codes, with missing values in their place.
    marked: dict[str, pd.Series] = field(default_factory=dict)
    #: Level and number of different values of each column without its codes.
    levels: dict[str, str] = field(default_factory=dict)
    n_distinct: dict[str, int] = field(default_factory=dict)

    @property
    def n_codes(self) -> int:
        """Cells that hold a code: a value that surely stands for a missing one."""
        return sum(hit.n for hit in self.disguised if hit.sure)


def profile(
    df: pd.DataFrame, spec: AnalysisSpec
) -> Generator[Step, None, ProfileDocument]:
    """Look at the columns and missing values of a frame.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data; cells may hold anything.
    spec : AnalysisSpec
        Columns to look at, and how.

    Yields
    ------
    Step
        After each column, and each look at the whole.

    Returns
    -------
    ProfileDocument
        What was found.

    Raises
    ------
    InvalidData
        If the frame is empty, or two columns share a name.
    InvalidSpec
        If a column that the spec names is not there, or is no time.

    Notes
    -----
    Numbers and moments are sorted, labels hashed; missing values are kept as one bit
    for each cell.  Nothing grows with the square of the columns: comparisons by pair
    are left out where there are too many, which the document says.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1.0, None, 3.0], "b": ["x", "y", "x"]})
    >>> looking = profile(df, AnalysisSpec())
    >>> try:
    ...     while True:
    ...         step = next(looking)
    ... except StopIteration as stop:
    ...     print(stop.value.sentences[0])
    3 rows and 2 columns; 1 cell (16.7%) is missing, in 1 column; 2 rows (67%) are
    complete.
    """
    frame = named(df)
    rows = _row_order(frame, spec)
    frame = _chosen_columns(frame, spec)
    names = tuple(frame.columns)
    n, p = frame.shape
    total = 2 * p + 3
    # The columns are read twice and little of them is kept: what is missing must be
    # known of all columns, codes included, before one is compared with the others.
    seen = _Seen()
    for k, name in enumerate(names):
        _profile_column(name, frame[name], rows, seen)
        yield Step(done=k + 1, total=total, message="columns", column=name)
    notes: list[str] = []
    cells = _missing_values_of(frame)
    marked = frame.assign(**seen.marked) if seen.marked else frame
    dependences = yield from _dependences(
        marked,
        _missing_values_of(marked) if seen.marked else cells,
        seen,
        notes,
        total=total,
    )
    patterns = patterns_of(cells, spec.max_patterns)
    pairs = pairs_of(cells) if len(cells.incomplete) ** 2 <= PAIRS else None
    notes += _limits(cells, patterns, pairs)
    yield Step(done=2 * p + 1, total=total, message="patterns of missing values")
    mcar = mcar_of(marked, seen.levels, spec.random_state, n_codes=seen.n_codes)
    if mcar.sample:
        notes.append(f"Little's test is from a sample of {mcar.n_rows:,} rows.")
    document = ProfileDocument(
        n_rows=n,
        n_columns=p,
        n_missing=int(cells.missing.sum()),
        n_complete_rows=n - int(np.count_nonzero(cells.by_row)),
        sentences=(),
        columns=tuple(seen.columns),
        disguised=tuple(seen.disguised),
        patterns=patterns,
        flux=flux_of(cells),
        pairs=pairs,
        dependences=dependences,
        mcar=mcar,
        notes=tuple(notes),
    )
    lines = sentences.of_document(document)
    return document.model_copy(update={"sentences": lines})


def _limits(
    cells: MissingCells, patterns: MissingPatterns, pairs: MissingPairs | None
) -> Iterator[str]:
    """Say what was left out because there is too much of it."""
    if pairs is None:
        yield (
            f"Pairs of columns were not counted: {len(cells.incomplete):,} columns "
            f"with missing values are more than {int(PAIRS**0.5)}; name some with "
            "columns=."
        )
    if patterns.n_patterns > len(patterns.listed):
        yield (
            f"The {len(patterns.listed)} most frequent of {patterns.n_patterns:,} "
            "patterns of missing values are listed; max_patterns= lists more."
        )


def _chosen_columns(frame: pd.DataFrame, spec: AnalysisSpec) -> pd.DataFrame:
    if spec.columns is None:
        return frame
    names = list(frame.columns)
    for name in spec.columns:
        if name not in names:
            raise UnknownColumn(name, names)
    return frame[list(dict.fromkeys(spec.columns))]


def _row_order(frame: pd.DataFrame, spec: AnalysisSpec) -> _Rows:
    if spec.time is None:
        return _Rows(labels=frame.index)
    if spec.time not in frame.columns:
        raise UnknownColumn(spec.time, list(frame.columns))
    order = order_of(frame, ImputationSpec(time=spec.time), timed=True).rows
    return _Rows(labels=pd.Index(frame[spec.time].iloc[order]), order=order)


def _missing_values_of(frame: pd.DataFrame) -> MissingCells:
    names = tuple(frame.columns)
    masks = (frame[name].isna().to_numpy(dtype=bool) for name in names)
    return missing_cells_of(names, len(frame), masks)


def _dependences(
    frame: pd.DataFrame,
    cells: MissingCells,
    seen: _Seen,
    notes: list[str],
    *,
    total: float,
) -> Generator[Step, None, Dependences]:
    """Compare the missing values of each column with the values of all others."""
    comparisons = depend.Comparisons(cells=cells, n_codes=seen.n_codes)
    n, p = len(cells.incomplete) * (len(cells.names) - 1), len(cells.names)
    if n > depend.MOST:
        notes.append(
            f"Missing values were not compared with the values of other columns: {n:,} "
            "pairs "
            f"are more than {depend.MOST:,}; name some columns with columns=."
        )
    elif n:
        for k, name in enumerate(cells.names):
            feature = _feature_of(name, frame[name], seen)
            if feature is not None:
                comparisons.add(feature)
            yield Step(
                done=p + k + 1, total=total, message="which missing values go with what"
            )
    found = comparisons.found()
    yield Step(done=2 * p, total=total, message="which missing values go with what")
    return found


def _profile_column(name: str, series: pd.Series, rows: _Rows, seen: _Seen) -> None:
    """Add one column to what has been seen."""
    found = describe(name, series)
    n_missing = int(np.count_nonzero(found.mask))
    hits = sentinel_values(found) if found.scaled else sentinel_strings(found)
    seen.disguised += hits
    n_distinct = None if found.counts is None else len(found.counts)
    sure = [hit for hit in hits if hit.sure]
    runs, n_runs = rows.runs(found.mask) if n_missing else ((), 0)
    if sure:
        codes = {name: [hit.value for hit in sure]}
        seen.marked[name] = mark(series.to_frame(name), codes).frame[name]
        without = describe(name, seen.marked[name])
    else:
        without = found
    seen.levels[name] = without.level
    if without.counts is not None:
        seen.n_distinct[name] = len(without.counts)
    seen.columns.append(
        ColumnProfile(
            name=name,
            dtype=found.dtype,
            level=found.level,
            n_missing=n_missing,
            n_codes=sum(hit.n for hit in sure),
            n_distinct=n_distinct,
            quantiles=quantiles_of(without),
            top=top_of(without),
            histogram=histogram_of(without),
            runs=runs,
            n_runs=n_runs,
            note=found.note,
            advice=found.advice,
        )
    )


def _feature_of(name: str, series: pd.Series, seen: _Seen) -> depend.Feature | None:
    """Take a column as a possible reason of missing values, if it can be one."""
    level, classes = seen.levels[name], seen.n_distinct.get(name, 0)
    if classes < 2:
        return None
    if level in NUMERIC:
        y = lent_floats(series)
        if classes == 2:
            # Neither may vary in the rows with, nor in those without a value.
            which = np.where(np.isnan(y), -1, y > np.nanmin(y)).astype(np.intp)
            return depend.Feature(name=name, y=which, classes=2)
        return depend.Feature(name=name, y=y, classes=0)
    if level in DATES:
        numbers = clock_of(series).numbers(series)
        return depend.Feature(name=name, y=numbers, classes=0)
    if level in CATEGORICAL and classes <= depend.CLASSES:
        own = describe(name, series).codes
        if own is not None:
            return depend.Feature(name=name, y=own, classes=classes)
    return None
