"""The coefficient of determination, pooled over m completed data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine.pooling.rubin import numbers, pool_scalar
from jupyter_wrangler.errors import InvalidData, shown


@dataclass(frozen=True, kw_only=True)
class PooledRSquared:
    """A pooled coefficient of determination."""

    estimate: float
    low: float
    high: float
    #: Fraction of missing information about the multiple correlation.
    fmi: float


@public
def pool_r_squared(
    r_squared: ArrayLike, n: int, *, level: float = 0.95
) -> PooledRSquared:
    """Pool m coefficients of determination over Fisher's z.

    Parameters
    ----------
    r_squared : array-like of shape (m,)
        R squared of each completed data set, between 0 and 1 (adjusted ones are
        pooled alike).
    n : int
        Number of rows of the analysis, more than 3.
    level : float, default=0.95
        Coverage of the interval.

    Returns
    -------
    PooledRSquared

    Raises
    ------
    InvalidData
        If a value lies outside [0, 1), or n is at most 3.

    Notes
    -----
    The correlation r is the root of each value; z = artanh(r) has a variance of
    1 / (n - 3); the pooled z goes back as tanh(z)^2.

    References
    ----------
    .. [1] O. Harel (2009), The estimation of R^2 and adjusted R^2 in incomplete data
       sets using multiple imputation, Journal of Applied Statistics 36(10),
       1109-1118.

    Examples
    --------
    >>> found = pool_r_squared([0.40, 0.45, 0.48], n=25)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.444, 0.123, 0.715)
    """
    values = numbers("coefficients of determination", r_squared)
    if n <= 3 or values.ndim != 1 or not ((values >= 0) & (values < 1)).all():
        raise InvalidData(
            f"R squared between 0 and 1 of more than 3 rows is wanted; found "
            f"{shown(values)} "
            f"of {n} rows."
        )
    z = np.arctanh(np.sqrt(values))
    pooled = pool_scalar(z, np.full(len(z), 1 / (n - 3)))
    low, high = pooled.interval(level)
    return PooledRSquared(
        estimate=float(np.tanh(pooled.estimate) ** 2),
        low=float(np.tanh(max(low, 0.0)) ** 2),
        high=float(np.tanh(high) ** 2),
        fmi=pooled.fmi,
    )
