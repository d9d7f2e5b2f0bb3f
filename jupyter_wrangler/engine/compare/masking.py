"""Which observed cells are hidden, so that a method can be held against them.

MCAR: in each column as large a share, anywhere.  MAR: rows lose what other rows lack,
in the patterns of the data and as often as these; and a pattern is given to rows that
look like those which have it, as far as the columns outside of the pattern show.

The cells depend on the data, the seed and the repeat, and on nothing else: every
method is held against the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ComparisonSpec
from jupyter_wrangler.engine.columns.missing_cells import masked
from jupyter_wrangler.engine.compare.columns import Judged
from jupyter_wrangler.engine.compare.row_similarity import FEWEST, RowSimilarity
from jupyter_wrangler.errors import InvalidSpec

Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

#: Observed cells that stay in every column at least.
STAY = 2
#: No column loses a larger share of its observed cells to patterns, unless `fraction`
#: asks for more.
MOST = 0.5
#: Patterns for which rows are chosen by likeness, at most; the others are passed on
#: to any row.
PATTERNS = 50


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A frame with cells hidden, and which."""

    frame: pd.DataFrame
    #: Judged column -> rows hidden, ascending.
    rows: dict[str, Rows]


def hide(
    frame: pd.DataFrame,
    columns: Sequence[Judged],
    spec: ComparisonSpec,
    repeat: int,
) -> Hidden:
    """Hide observed cells of the judged columns.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The data, with column names as strings; not changed.
    columns : sequence of Judged
        Columns of which cells are hidden.
    spec : ComparisonSpec
        `mechanism`, `fraction` and `random_state` count, the methods do not.
    repeat : int
        Which repeat; each hides other cells.

    Returns
    -------
    Hidden
        The frame with more missing values.  Columns of NumPy integers and booleans,
        which can hold none, become nullable ones of the same size.

    Raises
    ------
    InvalidSpec
        If patterns are to be imitated, and the judged columns have no missing value.

    Notes
    -----
    Columns are taken in the order of their names, so that neither their order in the
    frame nor a method changes which cells are hidden.  MCAR costs n for each column;
    MAR a logistic regression for each of 50 patterns at most.

    Examples
    --------
    >>> from jupyter_wrangler.engine.compare.columns import judged
    >>> df = pd.DataFrame({"x": np.arange(100.0)})
    >>> spec = ComparisonSpec(methods=("mean",), fraction=0.2)
    >>> hidden = hide(df, judged(df, spec)[0], spec, 0)
    >>> int(hidden.frame.x.isna().sum()), df.x.isna().any()
    (20, np.False_)
    """
    rng = np.random.default_rng(np.random.SeedSequence([spec.random_state, repeat]))
    check_missing(columns, spec)
    ordered = sorted(columns, key=lambda one: one.name)
    way = _hide_at_random if spec.mechanism == "mcar" else _hide_in_patterns
    found = way(frame, ordered, spec.fraction, rng)
    masked = frame.copy(deep=False)
    for name, rows in found.items():
        masked[name] = _with_missing(frame[name], rows)
    return Hidden(frame=masked, rows=found)


def check_missing(columns: Sequence[Judged], spec: ComparisonSpec) -> None:
    """Refuse to imitate missing values where there are none."""
    if spec.mechanism == "mar" and not any(one.n_missing for one in columns):
        raise InvalidSpec(
            "mechanism='mar' imitates the missing values that the data have, but the "
            "columns "
            "to be judged have none; use mechanism='mcar', or name columns with "
            "missing values."
        )


def _hide_at_random(
    frame: pd.DataFrame,
    columns: Sequence[Judged],
    fraction: float,
    rng: np.random.Generator,
) -> dict[str, Rows]:
    del frame  # chance alone decides
    found = {}
    for one in columns:
        there = np.flatnonzero(one.column.ry)
        wanted = max(1, round(fraction * len(there)))
        taken = rng.choice(there, min(wanted, len(there) - STAY), replace=False)
        found[one.name] = np.sort(taken)
    return found


def _hide_in_patterns(
    frame: pd.DataFrame,
    columns: Sequence[Judged],
    fraction: float,
    rng: np.random.Generator,
) -> dict[str, Rows]:
    observed = np.stack([one.column.ry for one in columns], axis=1)
    patterns, of_row = _patterns_by_row(~observed)
    wanted, others = _rows_wanted(patterns, of_row, observed, fraction)
    like = RowSimilarity(frame)
    names = [one.name for one in columns]
    taken = np.zeros(observed.shape, dtype=bool)
    free = np.ones(len(observed), dtype=bool)
    able = {k: observed[:, patterns[k]].all(axis=1) for k in wanted}
    # those that fit the fewest rows choose first
    for k in sorted(wanted, key=lambda k: int(able[k].sum())):
        eligible = np.flatnonzero(able[k] & free)
        size = min(wanted[k], len(eligible))
        if size:
            lost = [name for name, of in zip(names, patterns[k], strict=True) if of]
            chance = like.chance(np.flatnonzero(of_row == k), eligible, lost)
            rows = rng.choice(eligible, size, replace=False, p=chance)
            taken[np.ix_(rows, patterns[k])] = True
            free[rows] = False
    givers = np.flatnonzero((of_row >= 0) & ~np.isin(of_row, list(wanted)))
    _pass_on_patterns(taken, givers, others, observed, free, rng)
    return {
        one.name: _leave_observed(
            np.flatnonzero(taken[:, j]), int(observed[:, j].sum())
        )
        for j, one in enumerate(columns)
    }


def _pass_on_patterns(
    taken: Bools,
    givers: Rows,
    size: int,
    observed: Bools,
    free: Bools,
    rng: np.random.Generator,
) -> None:
    """Delete in other rows what some rows lack, in complete ones if there are any."""
    size = min(size, int(free.sum()))
    if not len(givers) or not size:
        return
    givers = rng.choice(givers, size, replace=size > len(givers))
    takers = rng.permutation(np.flatnonzero(free))
    whole = observed[takers].all(axis=1)
    takers = np.concatenate([takers[whole], takers[~whole]])[:size]
    taken[takers] = ~observed[givers] & observed[takers]


def _patterns_by_row(missing: Bools) -> tuple[Bools, Rows]:
    """Patterns of the incomplete rows, shape (k, q), and that of each row or -1."""
    some = np.flatnonzero(missing.any(axis=1))
    of_row = np.full(len(missing), -1, dtype=np.intp)
    packed = np.packbits(missing[some], axis=1)
    _, first, inverse = np.unique(
        packed, axis=0, return_index=True, return_inverse=True
    )
    of_row[some] = inverse.ravel()
    return missing[some][first], of_row


def _rows_wanted(
    patterns: Bools, of_row: Rows, observed: Bools, fraction: float
) -> tuple[dict[int, int], int]:
    """Rows for each frequent pattern, and for all others together.

    They stand to one another as in the data, and make up `fraction` in all.
    """
    counts = np.bincount(of_row[of_row >= 0], minlength=len(patterns))
    share = counts / counts.sum()
    losses = share @ patterns
    there = observed.sum(axis=0)
    rows = fraction * there.sum() / losses.sum()
    limits = max(fraction, MOST) * there[losses > 0] / losses[losses > 0]
    rows = min(rows, float(limits.min()))
    frequent = np.argsort(-counts, kind="stable")[:PATTERNS]
    frequent = frequent[counts[frequent] >= FEWEST]
    exact = np.append(share[frequent], 1 - share[frequent].sum()) * rows
    found: NDArray[np.intp] = np.floor(exact + 1e-9).astype(np.intp)
    # the largest remainders get what rounding down has left
    rest = round(rows) - int(found.sum())
    found[np.argsort(found - exact, kind="stable")[: max(rest, 0)]] += 1
    wanted = dict(zip(frequent.tolist(), found[:-1].tolist(), strict=True))
    return wanted, int(found[-1])


def _leave_observed(rows: Rows, there: int) -> Rows:
    """Let some observed cells stay."""
    return rows[: max(0, there - STAY)]


def _with_missing(series: pd.Series, rows: Rows) -> pd.Series:
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind == "b":
        series = series.astype("boolean")
    elif isinstance(dtype, np.dtype) and dtype.kind in "iu":
        sign = "U" if dtype.kind == "u" else ""
        series = series.astype(f"{sign}Int{8 * dtype.itemsize}")  # type: ignore[call-overload]
    lost = np.zeros(len(series), dtype=bool)
    lost[rows] = True
    return masked(series, lost)
