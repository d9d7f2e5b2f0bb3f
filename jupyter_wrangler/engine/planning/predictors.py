"""Which columns help to impute which: chosen by correlations."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine.columns.coding import Coding, coding_of
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import PREDICTORS, measure
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import UnknownColumn

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Numbers of the coordinates that a choice of predictors looks at, and rows at least.
_NUMBERS, _LEAST_ROWS = 10_000_000, 2_000
#: Targets whose correlations are taken together.
_AT_ONCE = 64


@public
def quickpred(
    df: Any,
    mincor: float = 0.1,
    minpuc: float = 0.0,
    include: Iterable[Hashable] | str = (),
    exclude: Iterable[Hashable] | str = (),
) -> dict[str, list[str]]:
    """Choose the predictors of each column with missing values by correlations.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame of shape (n, p)
        The data.
    mincor : float, default=0.1
        Least absolute correlation; 0.1 to 0.4 is sensible.
    minpuc : float, default=0.0
        Least proportion of usable cases: of the rows without the target, those with
        the predictor.
    include : iterable of labels or str, optional
        Columns that always help; a string is one of them.
    exclude : iterable of labels, optional
        Columns that never do.

    Returns
    -------
    dict of str to list of str
        Column with missing values -> its predictors, in the order of the frame; for
        ``predictors=...``.

    Raises
    ------
    InvalidData
        If the frame cannot be used, as `impute` does.
    UnknownColumn
        If `include` or `exclude` names none of the columns.

    Notes
    -----
    A predictor correlates with the target, or with whether the target is observed,
    by more than `mincor` in absolute value, over the rows that have both.  Classes
    count by their codes, so that the choice is rough for nominal columns; texts are
    no predictors.  Costs n p^2.

    References
    ----------
    .. [1] S. van Buuren, H. C. Boshuizen, D. L. Knook (1999), Multiple imputation of
       missing blood pressure covariates, Statistics in Medicine 18, 681-694.

    Examples
    --------
    >>> import pandas as pd
    >>> x = np.arange(8.0)
    >>> df = pd.DataFrame({"x": x, "y": x**2, "z": [1.0, 0, 0, 1, 1, 0, 0, 1]})
    >>> df.loc[4:5, "y"] = np.nan
    >>> quickpred(df, mincor=0.4)
    {'y': ['x']}
    """
    frame = named(df)
    names = [str(name) for name in frame.columns]
    always, never = _labels(include), _labels(exclude)
    for name in (*always, *never):
        if name not in names:
            raise UnknownColumn(name, names)
    columns = columns_of(frame)
    if not columns:
        return {}
    strength, usable = _strength_and_usable(columns)
    chosen: dict[str, list[str]] = {}
    for j, target in enumerate(columns):
        if not len(target.missing):
            continue
        helps = (strength[j] > mincor) & (usable[j] >= minpuc)
        chosen[target.name] = [
            column.name
            for k, column in enumerate(columns)
            if k != j
            and column.name not in never
            and (helps[k] or column.name in always)
        ]
    return chosen


def columns_of(frame: pd.DataFrame) -> list[Column]:
    """Take the columns of a frame that can be predictors: all but texts."""
    levels = {str(name): measure(frame[name]).level for name in frame.columns}
    return [
        column_of(name, frame[name], level)
        for name, level in levels.items()
        if level in PREDICTORS
    ]


def _strength_and_usable(columns: list[Column]) -> tuple[Floats, Floats]:
    """For each target (row) and predictor: correlation, and share of usable cases."""
    y = np.column_stack([numbers_of(column) for column in columns])
    observed = np.stack([column.ry for column in columns], axis=1)
    both = pairwise(np.concatenate([y, observed.astype(np.float64)], axis=1))
    p = len(columns)
    strength = np.fmax(np.abs(both[:p, :p]), np.abs(both[p:, :p]))
    unseen = (~observed).astype(np.float64)
    usable = unseen.T @ observed.astype(np.float64)
    usable /= np.maximum(unseen.sum(axis=0), 1.0)[:, None]
    return strength, usable


def _labels(given: Iterable[Hashable] | str) -> set[str]:
    # one name, as people write it; its letters are not meant
    return {given} if isinstance(given, str) else set(map(str, given))


def numbers_of(column: Column, rows: Any = slice(None)) -> Floats:
    """Numbers of a column, or its codes, with NaN for missing values."""
    y = column.y[rows].astype(np.float64)
    return np.where(column.ry[rows], y, np.nan)


def pairwise(y: Floats, least: int = 2) -> Floats:
    """Correlations of columns over the rows that have both; NaN where there are none.

    Parameters
    ----------
    y : ndarray of shape (n, p)
        Numbers, NaN where missing.
    least : int, default=2
        Fewest rows that two columns share.

    Returns
    -------
    ndarray of shape (p, p)

    Examples
    --------
    >>> y = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, np.nan], [4.0, 9.0]])
    >>> pairwise(y).round(3)
    array([[1.   , 0.999],
           [0.999, 1.   ]])
    """
    return _Centred(y).correlations(_Centred(y), least)[0]


class _Centred:
    """Columns of numbers, centred and scaled, with zeros for missing values.

    So sums of squares neither lose digits nor overflow.
    """

    def __init__(self, y: Floats) -> None:
        has = ~np.isnan(y)
        size = np.fmax.reduce(np.abs(y), axis=0, initial=0.0)
        z = np.where(has, y / np.where(size > 0, size, 1.0), 0.0)
        z -= np.where(has, z.sum(axis=0) / np.maximum(has.sum(axis=0), 1), 0.0)
        self.z, self.has, self.squares = z, has.astype(np.float64), z**2

    def some(self, columns: Rows) -> _Centred:
        """Give some of the columns."""
        part = object.__new__(_Centred)
        part.z, part.has = self.z[:, columns], self.has[:, columns]
        part.squares = self.squares[:, columns]
        return part

    def correlations(self, other: _Centred, least: int) -> tuple[Floats, Floats]:
        """Correlate with other columns; give how many rows each pair shares too."""
        n = self.has.T @ other.has
        many = np.maximum(n, 1.0)
        ours, theirs = self.z.T @ other.has, self.has.T @ other.z
        scale = np.sqrt(
            _spread(self.squares.T @ other.has, ours, many)
            * _spread(self.has.T @ other.squares, theirs, many)
        )
        shared = self.z.T @ other.z - ours * theirs / many
        fine = (scale > 0) & (n >= least)
        return np.where(fine, shared / np.where(fine, scale, 1.0), np.nan), n


def _spread(square: Floats, total: Floats, many: Floats) -> Floats:
    """Sum of squares around the mean; 0 where nothing but rounding is left of it."""
    spread = square - total**2 / many
    return np.where(spread > 1e-12 * square, spread, 0.0)


def strongest_predictors(
    columns: Sequence[Column], allowed: Mapping[str, Collection[str]], most: int
) -> dict[str, tuple[str, ...]]:
    """Choose the predictors of columns that correlate most with them.

    Parameters
    ----------
    columns : sequence of Column
        The columns that can be predictors, of n rows.
    allowed : mapping of str to collection of str
        Column -> those that may help to impute it.
    most : int
        How many of them are kept.

    Returns
    -------
    dict of str to tuple of str
        Column -> its predictors, in the order of `columns`.

    Notes
    -----
    A class counts as its dummy, and a column by the strongest of its coordinates.  What
    is compared is the adjusted R-squared over the rows that have both, 1 - (1 - r^2)
    (k - 1) / (k - 2) for k rows, which few rows raise by no more than chance.  Of many
    rows a sample is looked at, the same each time.  Costs n p for each target.

    Examples
    --------
    >>> from jupyter_wrangler.engine.columns.column import column_of
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> df = pd.DataFrame(rng.normal(size=(50, 3)), columns=list("abc"))
    >>> df["d"] = df["b"] + df["c"] / 2
    >>> columns = [column_of(name, df[name], "continuous") for name in df]
    >>> strongest_predictors(columns, {"d": ["a", "b", "c"], "c": ["a", "d"]}, 1)
    {'c': ('d',), 'd': ('b',)}
    """
    codings = [coding_of(column) for column in columns]
    owner = np.repeat(np.arange(len(columns)), [coding.width for coding in codings])
    rows = _some_rows(len(columns[0].ry), len(owner))
    everyone = _Centred(
        np.concatenate(
            [
                _coordinates(column, coding, rows)
                for column, coding in zip(columns, codings, strict=True)
            ],
            axis=1,
        )
    )
    names = [column.name for column in columns]
    place = {name: k for k, name in enumerate(names)}
    targets = [k for k, name in enumerate(names) if name in allowed]
    chosen: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(targets), _AT_ONCE):
        some = np.array(targets[start : start + _AT_ONCE])
        found = _strength(everyone, owner, some, len(names))
        for k, strength in zip(some, found, strict=True):
            may = np.array([place[one] for one in allowed[names[k]] if one in place])
            may = may[may != k]
            best = may[np.argsort(-strength[may], kind="stable")[:most]]
            chosen[names[k]] = tuple(names[j] for j in np.sort(best))
    return chosen


def _strength(everyone: _Centred, owner: Rows, targets: Rows, width: int) -> Floats:
    """Compute the adjusted R-squared of each target (row) and column.

    That of their best coordinates counts; -1 where nothing is known.
    """
    of, between = np.flatnonzero(np.isin(owner, targets)), np.unique(owner)
    r, n = everyone.some(of).correlations(everyone, 3)
    adjusted = 1.0 - (1.0 - r**2) * (n - 1.0) / np.maximum(n - 2.0, 1.0)
    # nothing is known of pairs without rows, and of columns without a coordinate
    adjusted = np.where(np.isnan(r), -1.0, adjusted)
    found = np.full((len(targets), width), -1.0)
    firsts = np.searchsorted(owner, between)
    for k, target in enumerate(targets):
        mine = adjusted[owner[of] == target]
        if len(mine):
            found[k, between] = np.maximum.reduceat(mine.max(axis=0), firsts)
    return found


def _some_rows(n: int, width: int) -> slice | Rows:
    """Rows that are looked at: all, or a sample of about a hundred megabytes."""
    most = max(_LEAST_ROWS, _NUMBERS // max(width, 1))
    if n <= most:
        return slice(None)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def _coordinates(column: Column, coding: Coding, rows: slice | Rows) -> Floats:
    """Coordinates of a column in some rows, with NaN for missing values."""
    has = column.ry[rows]
    found = np.full((len(has), coding.width), np.nan)
    found[has] = coding.encode(column.y[rows][has])
    return found
