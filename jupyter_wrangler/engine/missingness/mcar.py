"""Little's test of whether values are missing completely at random."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine.columns.coding import coding_of
from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.columns.levels import PREDICTORS, measure
from jupyter_wrangler.engine.models.normal import Floats, standard
from jupyter_wrangler.engine.models.normal_fit import em
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import InvalidData, listed

#: Share of the largest variance below which a direction has none: EM ends at about it.
_SINGULAR = 1e-8


@dataclass(frozen=True, kw_only=True)
class McarTest:
    """Little's test: large if the means differ between patterns of missing values."""

    #: Chi-squared statistic d^2.
    statistic: float
    #: Its degrees of freedom.
    df: int
    #: Probability of a larger statistic if values are missing completely at random.
    p_value: float
    #: Different patterns of missing values, that without any included.
    n_patterns: int
    #: Columns that were looked at.
    columns: tuple[str, ...]
    #: Column -> why it was not looked at.
    left_out: dict[str, str]
    #: Whether the estimates by maximum likelihood settled; else all of it is rough.
    converged: bool = True

    def __str__(self) -> str:
        if self.p_value < 0.05:
            says = "the values are not missing completely at random"
        else:
            says = "nothing speaks against values missing completely at random"
        return (
            f"Little's test: chi-squared {self.statistic:.4g} on {self.df} degrees of "
            f"freedom, p = {self.p_value:.4g}, {self.n_patterns} patterns; {says}."
            + ("" if self.converged else " EM has not settled, so this is rough.")
        )


@public
def mcar_test(df: Any) -> McarTest:
    """Test whether values are missing completely at random.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame of shape (n, p)
        Data with missing values.  Booleans count as 0 and 1, ordered categories as
        their rank, nominal ones by dummies; dates and texts are left out.

    Returns
    -------
    McarTest
        Statistic, degrees of freedom and p-value.  A small p-value speaks against
        missing completely at random; a large one does not prove it, and no test can
        tell missing at random from missing not at random.

    Raises
    ------
    InvalidData
        If no column can be looked at, none has a missing value, or there is no degree
        of freedom: no column is observed in two patterns of missing values, so that
        there is nothing to compare.

    Notes
    -----
    The mean of the observed columns of each pattern of missing values is compared with
    the mean by maximum likelihood, in the metric of the covariance by maximum
    likelihood (`engine.models.normal_fit.em`); the degrees of freedom are the observed
    columns summed over the patterns, less the columns.  It supposes normal columns, and
    many rows in each pattern: p-values of data with many patterns of one row are rough.

    References
    ----------
    .. [1] R. J. A. Little (1988), A Test of Missing Completely at Random for
       Multivariate Data with Missing Values, JASA 83(404), 1198-1202.

    Examples
    --------
    >>> x = np.arange(12.0)
    >>> y = np.where(x > 7, np.nan, (x * 7) % 11)
    >>> found = mcar_test(pd.DataFrame({"x": x, "y": y}))
    >>> print(found)
    Little's test: chi-squared 8.056 on 1 degrees of freedom, p = 0.004535, 2 patterns;
    the values are not missing completely at random.
    """
    z, names, left_out = coordinates(named(df))
    if not names:
        raise InvalidData(
            "Little's test needs a column of numbers or categories with two different "
            f"values or more; the frame has {listed(left_out)} only."
        )
    if not np.isnan(z).any():
        raise InvalidData(
            "No value is missing in the columns that Little's test looks at "
            f"({listed(names)}), so there is nothing to test."
        )
    found = littles(z, tol=1e-10, max_iter=5_000)
    if found.df <= 0:
        raise InvalidData(
            f"Nothing can be tested in {listed(names)}: Little's test "
            "compares the means of a column between rows with different missing "
            "values, and here is no degree of freedom, since no column is observed in "
            "two patterns of missing values. Add columns that are observed in rows "
            "where others are missing."
        )
    return McarTest(
        statistic=found.statistic,
        df=found.df,
        p_value=found.p_value,
        n_patterns=found.n_patterns,
        columns=tuple(names),
        left_out=left_out,
        converged=found.converged,
    )


@dataclass(frozen=True, kw_only=True)
class Littles:
    """Little's statistic of numbers, and how EM ended."""

    statistic: float
    df: int
    #: NaN without a degree of freedom.
    p_value: float
    n_patterns: int
    #: Steps of EM, and whether they sufficed.
    n_iter: int
    converged: bool


def littles(z: Floats, *, tol: float, max_iter: int) -> Littles:
    """Compute Little's statistic of rows with missing values.

    Parameters
    ----------
    z : ndarray of shape (n, q)
        Numbers, with NaN for missing values; each column with two different values or
        more.
    tol : float
        Change of a parameter, in standard deviations, below which EM ends.
    max_iter : int
        Steps of EM at most.

    Notes
    -----
    Costs patterns * q^3 beside EM.

    Examples
    --------
    >>> z = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 2.0], [5.0, np.nan], [3.0, 4.0]])
    >>> found = littles(z, tol=1e-10, max_iter=500)
    >>> round(found.statistic, 4), found.df, found.n_patterns
    (3.3108, 1, 2)
    """
    has = ~np.isnan(z)
    centre, scale = standard(z)
    z = (z - centre) / scale
    patterns, which = np.unique(has, axis=0, return_inverse=True)
    fitted = em(z, tol=tol, max_iter=max_iter)
    statistic, freedom = 0.0, 0
    for pattern, seen in enumerate(patterns):
        rows = z[np.ix_(which.ravel() == pattern, seen)]
        apart = rows.mean(axis=0) - fitted.mean[seen]
        inverse, rank = _inverse(fitted.cov[np.ix_(seen, seen)])
        statistic += len(rows) * float(apart @ inverse @ apart)
        freedom += rank
    ever = has.any(axis=0)
    freedom -= _inverse(fitted.cov[np.ix_(ever, ever)])[1]
    return Littles(
        statistic=statistic,
        df=freedom,
        p_value=_beyond(statistic, freedom),
        n_patterns=len(patterns),
        n_iter=fitted.n_iter,
        converged=fitted.converged,
    )


def _inverse(cov: Floats) -> tuple[Floats, int]:
    """Inverse of a covariance where it has one, and in how many directions.

    A column that others determine (a total, another unit) adds nothing to the
    statistic, and no degree of freedom.
    """
    values, vectors = np.linalg.eigh(cov)
    kept = values > _SINGULAR * values.max(initial=0.0)
    vectors = vectors[:, kept]
    return (vectors / values[kept]) @ vectors.T, int(kept.sum())


def _beyond(statistic: float, freedom: int) -> float:
    # Imported when needed, as everywhere in what kernels load.
    from scipy.special import chdtrc  # noqa: PLC0415

    return float(chdtrc(freedom, statistic)) if freedom > 0 else math.nan


def coordinates(frame: pd.DataFrame) -> tuple[Floats, list[str], dict[str, str]]:
    """Turn the columns that can be looked at into numbers.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        With string column names.

    Returns
    -------
    z : ndarray of shape (n, q)
        A coordinate for each number and boolean, dummies for classes; NaN for missing
        values.
    names : list of str
        Columns that were looked at.
    left_out : dict
        Column -> why not.

    Examples
    --------
    >>> z, names, left_out = coordinates(pd.DataFrame({"x": [1.0, None], "y": [1, 2]}))
    >>> z.tolist(), names, left_out
    ([[1.0], [2.0]], ['y'], {'x': 'It does not have two different values.'})
    """
    blocks: list[Floats] = []
    names: list[str] = []
    left_out: dict[str, str] = {}
    for name in map(str, frame.columns):
        measured = measure(frame[name])
        column = column_of(name, frame[name], measured.level)
        if measured.level not in PREDICTORS:
            left_out[name] = measured.reason or f"It is {measured.level}."
            continue
        observed: NDArray[np.float64] = column.y[column.ry]
        if not len(observed) or (observed == observed[0]).all():
            left_out[name] = "It does not have two different values."
            continue
        if np.isinf(observed).any():
            left_out[name] = "It has infinite values."
            continue
        coding = coding_of(column)
        block = np.full((len(frame), coding.width), np.nan)
        block[column.ry] = coding.encode(observed)
        blocks.append(block)
        names.append(name)
    z = np.concatenate(blocks, axis=1) if blocks else np.zeros((len(frame), 0))
    return z, names, left_out
