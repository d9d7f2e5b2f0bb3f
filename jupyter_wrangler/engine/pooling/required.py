"""How many imputations standard errors want that another run would give again.

A standard error from m imputations is itself an estimate.  Its coefficient of variation
over runs is about fmi / sqrt(2 (m - 1)), so that m grows with the square of the
fraction of missing information (von Hippel 2020).  That fraction is estimated from few
imputations, so the upper end of its interval counts.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from jupyter_wrangler.calls import public
from jupyter_wrangler.contract.imputation_spec import SE_CV
from jupyter_wrangler.engine.pooling.pooled_model import PooledModel
from jupyter_wrangler.engine.pooling.rubin import Pooled, quantile, rubin
from jupyter_wrangler.errors import InvalidData, InvalidSpec, shown

#: Estimates nearer to 0 or 1 have no finite log-odds.
_NEAR = 1e-6


@public
def required_imputations(
    pooled: Pooled | PooledModel, cv: float = SE_CV, *, level: float = 0.95
) -> int:
    """Tell how many imputations make the standard errors of an analysis stable.

    Parameters
    ----------
    pooled : Pooled or PooledModel
        The analysis, pooled over a few imputations: from `pool`, `Result.pool` or
        `pool_scalar`.
    cv : float, default=0.05
        Coefficient of variation that a standard error may have over repetitions of the
        imputation: its standard deviation by its mean.
    level : float, default=0.95
        Coverage of the interval of the fraction of missing information, whose upper
        end counts.

    Returns
    -------
    int
        Number of imputations in total, at least 2, for the parameter that wants most.
        If that is more than you have, impute again with so many, and the same seed.

    Raises
    ------
    InvalidSpec
        If `cv` is not positive, or `level` no share between 0 and 1.
    InvalidData
        If `pooled` is something else, or all its parameters are variances.

    Notes
    -----
    The quadratic rule [1]_, m = 1 + (fmi / cv)^2 / 2, with the upper end of the
    interval logit(fmi) +- z sqrt(2 / m) [2]_.  From five imputations that end is far
    off and the answer large; from twenty it is closer.

    References
    ----------
    .. [1] P. T. von Hippel (2020), How many imputations do you need? A two-stage
       calculation using a quadratic rule, Sociological Methods & Research 49(3),
       699-718.
    .. [2] O. Harel (2007), Inferences on missing information under multiple imputation
       and two-stage multiple imputation, Statistical Methodology 4(1), 75-89.

    Examples
    --------
    >>> import numpy as np
    >>> from jupyter_wrangler.engine.pooling.rubin import pool_scalar
    >>> draws = np.random.default_rng(0).normal(size=20)
    >>> pooled = pool_scalar(draws, np.full(20, 2.0))
    >>> round(pooled.fmi, 2), required_imputations(pooled)
    (0.29, 39)
    """
    if isinstance(pooled, Pooled):
        m, fmi = pooled.m, np.array([pooled.fmi])
    elif isinstance(pooled, PooledModel) and pooled.names:
        m = pooled.m
        variances = np.diagonal(pooled.u, axis1=1, axis2=2)
        fmi = rubin(pooled.qhat, variances, pooled.dfcom)["fmi"]
    else:
        raise InvalidData(
            f"{shown(pooled):.60} is no pooled analysis with parameters that have a "
            "variance; give what pool, Result.pool or pool_scalar returned."
        )
    return max(map(int, imputations_for(upper_end(fmi, m, level), cv)))


def imputations_for(fmi: ArrayLike, cv: float = SE_CV) -> NDArray[np.intp]:
    """Give the number of imputations by the quadratic rule; at least 2.

    Parameters
    ----------
    fmi : array-like
        Fractions of missing information.
    cv : float, default=0.05
        Coefficient of variation that standard errors may have.

    Examples
    --------
    >>> imputations_for([0.1, 0.3, 0.5, 0.7, 0.9]).tolist()
    [3, 19, 51, 99, 163]
    """
    if (
        isinstance(cv, bool)
        or not isinstance(cv, int | float | np.number)
        or (not (0 < cv < math.inf))
    ):
        raise InvalidSpec(
            f"cv={shown(cv)} cannot be asked for; it is the coefficient of variation "
            "that a standard error may have, for example 0.05 for 5 %."
        )
    share = np.clip(np.asarray(fmi, dtype=np.float64), 0.0, 1.0)
    # what is whole but for rounding is not rounded up
    wanted = np.ceil(1 + 0.5 * (share / cv) ** 2 - 1e-9)
    found: NDArray[np.intp] = np.maximum(wanted, 2).astype(np.intp)
    return found


def upper_end(fmi: ArrayLike, m: int, level: float = 0.95) -> NDArray[np.float64]:
    """Give the upper ends of the intervals of fractions of missing information.

    Parameters
    ----------
    fmi : array-like
        Estimates from m imputations.
    m : int
        Number of imputations.
    level : float, default=0.95
        Coverage of the interval.

    Returns
    -------
    ndarray
        0 where the estimate is, but for rounding: imputations that do not differ tell
        no more.

    Examples
    --------
    >>> upper_end([0.0, 0.3], 20).round(3)
    array([0.   , 0.443])
    """
    share = np.asarray(fmi, dtype=np.float64)
    reach = float(quantile(math.inf, level)) * math.sqrt(2 / m)
    end: NDArray[np.float64] = np.where(
        share > _NEAR, special.expit(log_odds(share) + reach), 0.0
    )
    return end


def log_odds(share: ArrayLike) -> NDArray[np.float64]:
    """Give the log-odds of shares, finite at 0 and 1 too."""
    found: NDArray[np.float64] = special.logit(np.clip(share, _NEAR, 1 - _NEAR))
    return found
