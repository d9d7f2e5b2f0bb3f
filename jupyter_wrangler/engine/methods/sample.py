"""Sample: a value drawn at random from a bootstrap of the observed ones.

This is the approximate Bayesian bootstrap (Rubin and Schenker 1986).  Values drawn from
the observed ones themselves would differ between imputations by the drawing only, as if
the distribution of the column were known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A bootstrap sample of the observed rows, within groups."""

    #: Groups of the observed rows, ascending, shape (n_obs,).
    groups: Rows
    #: Observed rows, drawn with replacement within their groups.
    rows: Rows
    #: The same from all of them, for groups without a value.
    everyone: Rows

    def draw(self, wanted: Rows, rng: np.random.Generator) -> Rows:
        """Draw a row for each group in `wanted`; of all where the group has none.

        Parameters
        ----------
        wanted : ndarray of shape (k,)
            Codes of groups.
        rng : Generator
            Source of the draws.

        Returns
        -------
        ndarray of shape (k,)
            Rows.
        """
        start = np.searchsorted(self.groups, wanted, side="left")
        stop = np.searchsorted(self.groups, wanted, side="right")
        empty = start == stop
        start, stop = np.where(empty, 0, start), np.where(empty, len(self.rows), stop)
        place = rng.integers(start, stop)
        drawn: Rows = np.where(empty, self.everyone[place], self.rows[place])
        return drawn


def bootstrap(groups: Rows, ry: NDArray[np.bool_], rng: np.random.Generator) -> Pool:
    """Draw the pool of one imputation.

    Parameters
    ----------
    groups : ndarray of shape (n,)
        Codes of the groups of the rows.
    ry : ndarray of bool of shape (n,)
        Where they are observed.
    rng : Generator
        Source of the draws.

    Returns
    -------
    Pool

    Examples
    --------
    >>> groups, ry = np.array([0, 0, 1, 1, 2]), np.array([1, 1, 1, 1, 0], dtype=bool)
    >>> pool = bootstrap(groups, ry, np.random.default_rng(0))
    >>> bool((pool.draw(np.array([1, 1, 1]), np.random.default_rng(0)) >= 2).all())
    True
    """
    rows = np.flatnonzero(ry)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    own = groups[rows]
    start = np.searchsorted(own, own, side="left")
    stop = np.searchsorted(own, own, side="right")
    drawn = rows[rng.integers(start, stop)]
    alone = not len(own) or own[0] == own[-1]
    everyone = drawn if alone else rng.choice(rows, len(rows))
    return Pool(groups=own, rows=drawn, everyone=everyone)


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
    """Fill with values drawn at random from a bootstrap of the observed ones.

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
    Steps: draw as many values as are observed, with replacement; draw each imputation
    from these.  So imputations differ as much as the distribution of the column is
    unknown.  Keeps this distribution, and weakens relations to other columns: right
    only where values are missing completely at random and the column stands alone.
    Costs one sort of the rows.

    References
    ----------
    .. [1] D. B. Rubin and N. Schenker (1986), Multiple Imputation for Interval
       Estimation from Simple Random Samples with Ignorable Nonresponse, JASA 81(394),
       366-374.

    Examples
    --------
    >>> y = np.array([1.0, np.nan, 4.0])
    >>> drawn = impute(y, ~np.isnan(y), None, np.isnan(y), rng=np.random.default_rng(0))
    >>> bool(drawn[0] in (1.0, 4.0))
    True
    """
    del x
    codes = np.zeros(len(y), dtype=np.intp) if groups is None else groups
    drawn: NDArray[Any] = y[bootstrap(codes, ry, rng).draw(codes[wy], rng)]
    return drawn
