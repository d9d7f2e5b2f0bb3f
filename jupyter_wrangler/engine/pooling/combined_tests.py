"""Tests of several parameters at once from m completed data sets: D1, D2 and D3.

All three give an F statistic on k and `df` degrees of freedom.  D1 needs estimates
and covariances, D2 only the m test statistics, D3 the m likelihood ratios at the
estimates of each data set and at the pooled ones.  D1 is the one to prefer; D2 is
rough; D3 does not depend on how the parameters are written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from jupyter_wrangler.engine.pooling.rubin import numbers
from jupyter_wrangler.errors import InvalidData, TooFewImputations

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CombinedTest:
    """An F test that k parameters are zero."""

    #: The F statistic.
    statistic: float
    #: Its degrees of freedom: number of parameters, and those of the denominator.
    k: int
    df: float
    p_value: float
    #: Average relative increase in variance due to missing values.
    riv: float


def d1(qhat: ArrayLike, u: ArrayLike, *, dfcom: float = math.inf) -> CombinedTest:
    """Wald test from pooled estimates and covariances.

    Parameters
    ----------
    qhat : array-like of shape (m, k)
        Complete-data estimates of the parameters that are tested.
    u : array-like of shape (m, k, k)
        Their covariances.
    dfcom : float, default=inf
        Degrees of freedom of the analysis had the data been complete.

    Returns
    -------
    CombinedTest

    Raises
    ------
    TooFewImputations
        If m is less than 2.
    InvalidData
        If the shapes do not agree, or the mean covariance is singular.

    Notes
    -----
    The between covariance is taken as proportional to the within one.  With a finite
    `dfcom` the degrees of freedom are Reiter's; with k (m - 1) <= 4, where they are
    not defined, those of Li, Raghunathan and Rubin, at most `dfcom`; and where `dfcom`
    is so small that a term of the formula is negative, 4 or `dfcom`.  One parameter
    has those of Barnard and Rubin: then the test is the square of its t test.

    References
    ----------
    .. [1] K. H. Li, T. E. Raghunathan and D. B. Rubin (1991), JASA 86, 1065-1073.
    .. [2] J. P. Reiter (2007), Biometrika 94(2), 502-508, eqs. 1-2.

    Examples
    --------
    >>> u = np.broadcast_to(0.1 * np.eye(2), (3, 2, 2))
    >>> found = d1([[1.0, 0.2], [1.2, 0.1], [0.9, 0.3]], u)
    >>> round(found.statistic, 3), found.k, round(found.df, 1)
    (4.532, 2, 90.8)
    """
    q, cov = numbers("estimates", qhat), numbers("covariances", u)
    if q.ndim != 2 or cov.shape != (*q.shape, q.shape[-1]):
        raise InvalidData(
            f"Estimates of shape {q.shape} came with covariances of shape "
            f"{cov.shape}; (m, k) and (m, k, k) are wanted."
        )
    m, k = q.shape
    _enough(m)
    qbar, ubar = q.mean(axis=0), cov.mean(axis=0)
    b = np.atleast_2d(np.cov(q, rowvar=False, ddof=1))
    try:
        r = (1 + 1 / m) * float(np.trace(np.linalg.solve(ubar, b))) / k
        wald = float(qbar @ np.linalg.solve(ubar, qbar))
    except np.linalg.LinAlgError:
        raise InvalidData(
            "The mean covariance of the parameters is singular, so they cannot be "
            "tested together; leave out those that others determine."
        ) from None
    return _test(wald / k / (1 + r), k, _df_d1(m, k, r, dfcom), r)


def d2(statistics: ArrayLike, k: int) -> CombinedTest:
    """Pool m test statistics that are chi-square with k degrees of freedom.

    Parameters
    ----------
    statistics : array-like of shape (m,)
        Wald, likelihood-ratio or score statistics, one for each completed data set.
    k : int
        Number of parameters that are tested.

    Returns
    -------
    CombinedTest
        The statistic can be negative, as the formula has it; p is 1 then.

    References
    ----------
    .. [1] K. H. Li, X.-L. Meng, T. E. Raghunathan and D. B. Rubin (1991), Significance
       levels from repeated p-values, Statistica Sinica 1, 65-92, eqs. 2.2 and 2.17.

    Examples
    --------
    >>> found = d2([6.1, 7.9, 9.0], k=2)
    >>> round(found.statistic, 3), round(found.df, 1), round(found.p_value, 3)
    (3.321, 129.7, 0.039)
    """
    d = np.atleast_1d(numbers("statistics", statistics))
    m = len(d)
    _enough(m)
    if (d < 0).any() or not np.isfinite(d).all():
        raise InvalidData("Chi-square statistics are finite and not negative.")
    r = (1 + 1 / m) * float(np.sqrt(d).var(ddof=1))
    statistic = (float(d.mean()) / k - (m + 1) / (m - 1) * r) / (1 + r)
    df = k ** (-3 / m) * (m - 1) * (1 + 1 / r) ** 2 if r > 0 else math.inf
    return _test(statistic, k, df, r)


def d3(own: ArrayLike, pooled: ArrayLike, k: int) -> CombinedTest:
    """Pool m likelihood-ratio statistics.

    Parameters
    ----------
    own : array-like of shape (m,)
        Likelihood-ratio statistics, 2 (l1 - l0), of each completed data set at its
        own estimates.
    pooled : array-like of shape (m,)
        The same at the pooled estimates of both models.
    k : int
        Number of parameters by which the models differ.

    Returns
    -------
    CombinedTest

    References
    ----------
    .. [1] X.-L. Meng and D. B. Rubin (1992), Performing likelihood ratio tests with
       multiply-imputed data sets, Biometrika 79(1), 103-111.

    Examples
    --------
    >>> found = d3([6.1, 7.9, 9.0], [5.8, 7.6, 8.8], k=2)
    >>> round(found.statistic, 3), round(found.df, 1), round(found.riv, 3)
    (2.921, 67.7, 0.267)
    """
    at_own = np.atleast_1d(numbers("statistics", own))
    at_pooled = np.atleast_1d(numbers("statistics", pooled))
    m = len(at_own)
    _enough(m)
    if at_pooled.shape != at_own.shape:
        raise InvalidData(
            f"{at_own.size} statistics at the own estimates came with {at_pooled.size} "
            "at the pooled ones; as many are wanted."
        )
    if not (np.isfinite(at_own).all() and np.isfinite(at_pooled).all()):
        raise InvalidData(
            "A likelihood-ratio statistic is not finite; look at the completed data "
            "sets one by one for the fit that failed."
        )
    tilde = float(at_pooled.mean())
    # Negative ones are chance, or likelihoods that are no maximum: none is missing.
    r = max((m + 1) / (k * (m - 1)) * (float(at_own.mean()) - tilde), 0.0)
    return _test(tilde / (k * (1 + r)), k, _df_large(m, k, r), r)


def _enough(m: int) -> None:
    if m < 2:
        raise TooFewImputations(m)


def _test(statistic: float, k: int, df: float, riv: float) -> CombinedTest:
    f = max(statistic, 0.0)
    p = special.chdtrc(k, k * f) if math.isinf(df) else special.fdtrc(k, df, f)
    return CombinedTest(statistic=statistic, k=k, df=df, p_value=float(p), riv=riv)


def _df_large(m: int, k: int, r: float) -> float:
    """Li, Raghunathan and Rubin (1991), eq. 1.14 and the one for few imputations."""
    if r <= 0:
        return math.inf
    t = k * (m - 1)
    if t > 4:
        return 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    return t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2


def _df_d1(m: int, k: int, r: float, dfcom: float) -> float:
    t = k * (m - 1)
    if k == 1:
        share = r / (1 + r)
        old = (m - 1) / share**2 if share > 0 else math.inf
        if math.isinf(dfcom):
            return old
        observed = (dfcom + 1) / (dfcom + 3) * dfcom * (1 - share)
        return 1 / (1 / old + 1 / observed)
    if math.isinf(dfcom):
        return _df_large(m, k, r)
    a = r * t / (t - 2) if t > 2 else math.inf
    common = (dfcom + 1) / (dfcom + 3) * dfcom
    c1, c2 = common - 2 * (1 + a), common - 4 * (1 + a)
    if t <= 4:
        return min(_df_large(m, k, r), dfcom)
    if c2 <= 0:
        # Where the formula ends it gives 4; below there is less information still.
        return min(_df_large(m, k, r), dfcom, 4.0)
    inside = (
        a**2 * c1 / ((1 + a) ** 2 * c2)
        + 8 * a**2 * c1 / ((1 + a) * c2**2)
        + 4 * a**2 / ((1 + a) * c2)
        + 4 * a**2 / (c2 * c1)
        + 16 * a**2 * c1 / c2**3
        + 8 * a**2 / c2**2
    )
    return 4 + 1 / (1 / c2 + inside / (t - 4))
