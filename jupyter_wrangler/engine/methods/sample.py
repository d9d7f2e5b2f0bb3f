"""Sample: a value drawn at random from a bootstrap of the observed ones.

This is the approximate Bayesian bootstrap (Rubin and Schenker 1986).  Values drawn from
the observed ones themselves would differ between imputations by the drawing only, as if
the distribution of the column were known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import DonorDraw

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


METHOD = DonorDraw(
    name="sample",
    title="a random draw of the observed values (approximate Bayesian bootstrap)",
    source=(
        "Rubin DB, Schenker N (1986). Multiple imputation for interval estimation "
        "from simple random samples with ignorable nonresponse. JASA 81(394), "
        "366-374."
    ),
    levels=PREDICTORS,
    donates=True,
    draws=True,
    proper_alone=True,
    pool=bootstrap,
)
