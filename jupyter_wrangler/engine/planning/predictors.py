"""Which columns help to impute which: chosen by correlations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import PREDICTORS, measure
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import UnknownColumn

Floats = NDArray[np.float64]


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
    columns = [
        column_of(name, frame[name], level)
        for name, level in ((n, measure(frame[n]).level) for n in names)
        if level in PREDICTORS
    ]
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
    has = ~np.isnan(y)
    size = np.fmax.reduce(np.abs(y), axis=0, initial=0.0)
    # Centred and scaled, so that sums of squares neither lose digits nor overflow.
    z = np.where(has, y / np.where(size > 0, size, 1.0), 0.0)
    z -= np.where(has, z.sum(axis=0) / np.maximum(has.sum(axis=0), 1), 0.0)
    mask = has.astype(np.float64)
    n, total, square = mask.T @ mask, z.T @ mask, (z**2).T @ mask
    many = np.maximum(n, 1.0)
    spread = square - total**2 / many
    spread = np.where(spread > 1e-12 * square, spread, 0.0)
    scale = np.sqrt(spread * spread.T)
    shared = (z.T @ z) - total * total.T / many
    fine = (scale > 0) & (n >= least)
    return np.where(fine, shared / np.where(fine, scale, 1.0), np.nan)
