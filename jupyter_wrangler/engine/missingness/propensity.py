"""How likely each row was to lack a value, judged by its other columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.missingness.mcar import coordinates
from jupyter_wrangler.engine.models import logistic
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import InvalidData, UnknownColumn

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Propensity:
    """Estimated probabilities of being missing."""

    #: Probability for each row.
    share: Floats
    #: Columns it was estimated from.
    columns: tuple[str, ...]
    #: Column -> why it was not used.
    left_out: dict[str, str]

    def strata(self, most: int = 5) -> NDArray[np.intp]:
        """Group the rows by quantiles of the probability.

        Parameters
        ----------
        most : int, default=5
            Groups; fewer where many rows share a probability.

        Returns
        -------
        ndarray of shape (n,)
            From 0, the least likely to be missing.
        """
        cuts = np.unique(np.quantile(self.share, np.arange(1, most) / most))
        found = np.searchsorted(cuts, self.share, side="left")
        return np.unique(found, return_inverse=True)[1].reshape(len(self.share))


def propensity(
    completed: pd.DataFrame, column: str, missing: NDArray[np.bool_]
) -> Propensity:
    """Estimate the probability that a column is missing from all other columns.

    Parameters
    ----------
    completed : DataFrame of shape (n, p)
        Completed data.
    column : str
        The column that had missing values; it is not looked at.
    missing : ndarray of bool of shape (n,)
        Where it was missing.

    Returns
    -------
    Propensity

    Raises
    ------
    UnknownColumn
        If there is no such column.
    InvalidData
        If it was missing everywhere or nowhere, or no other column can be used.

    Notes
    -----
    A logistic regression on all other columns, classes as dummies, held back by the
    few added rows of White, Daniel and Royston, so that perfect prediction does no
    harm.  Columns that still have missing values are left out.

    References
    ----------
    .. [1] P. R. Rosenbaum and D. B. Rubin (1983), The central role of the propensity
       score in observational studies for causal effects, Biometrika 70(1), 41-55.
    .. [2] I. R. White, R. Daniel and P. Royston (2010), Avoiding bias due to perfect
       prediction in multiple imputation of incomplete categorical variables,
       Computational Statistics & Data Analysis 54(10), 2267-2275.

    Examples
    --------
    >>> x = np.arange(10.0)
    >>> df = pd.DataFrame({"x": x, "y": x})
    >>> found = propensity(df, "y", (x > 5) ^ (x == 3))
    >>> found.columns, bool(found.share[0] < 0.3), bool(found.share[9] > 0.7)
    (('x',), True, True)
    """
    frame = named(completed)
    if column not in frame.columns:
        raise UnknownColumn(column, list(map(str, frame.columns)))
    if missing.all() or not missing.any():
        raise InvalidData(
            f"Column {column!r} is missing "
            f"{'everywhere' if missing.all() else 'nowhere'}, so there is nothing to "
            "tell apart; choose one with some missing values."
        )
    others = frame.drop(columns=column)
    left_out = {
        str(name): "It still has missing values."
        for name in others.columns
        if others[name].isna().any()
    }
    x, names, unfit = coordinates(others.drop(columns=list(left_out)))
    if not names:
        raise InvalidData(
            f"No column but {column!r} is complete and has two different values, so "
            "nothing can tell which rows lack it; impute the other columns too."
        )
    scale = logistic.scale_of(x)
    z, counts = logistic.augmented(
        missing.astype(np.intp), scale(x), 2, np.ones(len(missing))
    )
    weights = logistic.multinomial(z, counts)
    design = np.column_stack([np.ones(len(x)), scale(x)])
    shares = logistic.softmax(design @ weights)
    return Propensity(
        share=shares[:, 1], columns=tuple(names), left_out=left_out | unfit
    )
