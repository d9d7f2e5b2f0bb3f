"""Sample: a value drawn at random from the observed ones (random hot deck)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def donors(
    groups: NDArray[np.intp],
    ry: NDArray[np.bool_],
    wanted: NDArray[np.intp],
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Draw an observed row for each group in `wanted`.

    Parameters
    ----------
    groups : ndarray of shape (n,)
        Codes of the groups of the rows.
    ry : ndarray of bool of shape (n,)
        Where they are observed.
    wanted : ndarray of shape (k,)
        Codes of groups to draw from; groups without a value draw from all.
    rng : Generator
        Source of the draws.

    Returns
    -------
    ndarray of shape (k,)
        Rows.
    """
    rows = np.flatnonzero(ry)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    sorted_groups = groups[rows]
    start = np.searchsorted(sorted_groups, wanted, side="left")
    stop = np.searchsorted(sorted_groups, wanted, side="right")
    empty = start == stop
    start, stop = np.where(empty, 0, start), np.where(empty, len(rows), stop)
    drawn: NDArray[np.intp] = rows[rng.integers(start, stop)]
    return drawn


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64] | None,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    groups: NDArray[np.intp] | None = None,
    **_: Any,
) -> NDArray[Any]:
    """Fill with observed values drawn at random.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Target: numbers or codes.
    ry : ndarray of bool of shape (n,)
        Where `y` is observed.
    x : ndarray, optional
        Not used: the method looks at its column only.
    wy : ndarray of bool of shape (n,)
        Where to impute.
    rng : Generator
        Source of the draws.
    groups : ndarray of shape (n,), optional
        Codes of groups; values are drawn within them.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Observed values.

    Notes
    -----
    Keeps the distribution of the column, and weakens its relations to others: right
    only where values are missing completely at random and the column stands alone.
    Costs one sort of the rows.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 4.5.2.

    Examples
    --------
    >>> y = np.array([1.0, np.nan, 4.0])
    >>> drawn = impute(y, ~np.isnan(y), None, np.isnan(y), rng=np.random.default_rng(0))
    >>> bool(drawn[0] in (1.0, 4.0))
    True
    """
    del x
    codes = np.zeros(len(y), dtype=np.intp) if groups is None else groups
    drawn: NDArray[Any] = y[donors(codes, ry, codes[wy], rng)]
    return drawn
