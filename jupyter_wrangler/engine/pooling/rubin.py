"""Rubin's rules for scalars: one estimate from m completed data sets.

Symbols follow Rubin (1987) and van Buuren (2018): `qhat` and `u` are the m
complete-data estimates and their variances; `qbar`, `ubar`, `b` and `t` are the
pooled estimate and its within, between and total variance; `riv` is the relative
increase in variance due to missing values, `lambda_` the share of the total variance
that is due to them, and `fmi` the fraction of information they cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from jupyter_wrangler.calls import public
from jupyter_wrangler.errors import (
    InvalidData,
    InvalidSpec,
    TooFewImputations,
    shown,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """A scalar estimate pooled over m imputations."""

    #: Number of imputations.
    m: int
    #: Mean of the m estimates, qbar.
    estimate: float
    #: Mean of their variances, ubar.
    within: float
    #: Variance between them, b.
    between: float
    #: Total variance, t = ubar + (1 + 1/m) b.
    total: float
    #: Degrees of freedom of the estimate, by Barnard and Rubin (1999).
    df: float
    #: Relative increase in variance due to missing values.
    riv: float
    #: Share of the total variance that is due to missing values.
    lambda_: float
    #: Fraction of missing information.
    fmi: float

    @property
    def std_error(self) -> float:
        """Root of the total variance."""
        return math.sqrt(self.total)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give the confidence interval from Student's t.

        Parameters
        ----------
        level : float, default=0.95
            Coverage wanted, between 0 and 1.

        Returns
        -------
        low, high : float
        """
        reach = quantile(self.df, level) * self.std_error
        return self.estimate - reach, self.estimate + reach

    def p_value(self, null: float = 0.0) -> float:
        """Give the two-sided p value of a hypothesis about the estimand."""
        return float(two_sided(ratio(self.estimate - null, self.std_error), self.df))


@public
def pool_scalar(
    estimates: ArrayLike, variances: ArrayLike, *, dfcom: float = math.inf
) -> Pooled:
    """Pool m scalar estimates by Rubin's rules.

    Parameters
    ----------
    estimates : array-like of shape (m,)
        Complete-data estimates, in the units of the estimand.
    variances : array-like of shape (m,)
        Their variances (squared standard errors), in squared units.
    dfcom : float, default=inf
        Degrees of freedom of the analysis had the data been complete, for example
        n - k of a regression with k coefficients.

    Returns
    -------
    Pooled
        Pooled estimate, its variances, degrees of freedom and interval.

    Raises
    ------
    TooFewImputations
        If there are fewer than two estimates: their spread is what is asked about.
    InvalidData
        If there are not as many variances as estimates, if a number is not finite,
        or if a variance is negative.
    InvalidSpec
        If `dfcom` is not positive.

    References
    ----------
    .. [1] D. B. Rubin (1987), Multiple Imputation for Nonresponse in Surveys,
       eqs. 3.1.2-3.1.10.
    .. [2] J. Barnard and D. B. Rubin (1999), Small-sample degrees of freedom with
       multiple imputation, Biometrika 86(4), 948-955.

    Examples
    --------
    The example of mice's `pool.scalar`:

    >>> pooled = pool_scalar([-1.5457, -1.428], [0.9723**2, 1.041**2], dfcom=23)
    >>> round(pooled.estimate, 5), round(pooled.total, 6), round(pooled.df, 5)
    (-1.48685, 1.024914, 20.97025)
    >>> [round(float(end), 3) for end in pooled.interval()]
    [-3.592, 0.619]
    """
    qhat = numbers("estimates", estimates)
    u = numbers("variances", variances)
    if qhat.ndim != 1 or u.shape != qhat.shape:
        raise InvalidData(
            f"{qhat.size} estimates came with {u.size} variances; one variance for "
            "each scalar estimate is wanted. For several parameters at once use pool()."
        )
    found = rubin(qhat[:, None], u[:, None], dfcom)
    return Pooled(m=len(qhat), **{name: float(v[0]) for name, v in found.items()})


def barnard_rubin(m: int, lambda_: ArrayLike, dfcom: float = math.inf) -> Floats:
    """Degrees of freedom of a pooled estimate.

    Parameters
    ----------
    m : int
        Number of imputations.
    lambda_ : array-like
        Share of the total variance that is due to missing values.
    dfcom : float, default=inf
        Degrees of freedom had the data been complete.

    Returns
    -------
    ndarray
        (m - 1) / lambda^2 for infinite `dfcom`; otherwise its harmonic sum with the
        degrees of freedom that the observed data have: 0 where lambda is 1.

    Examples
    --------
    >>> barnard_rubin(5, [0.5, 0.0]), barnard_rubin(5, [0.5, 0.0], dfcom=10).round(3)
    (array([16., inf]), array([3.346, 8.462]))
    """
    share = np.asarray(lambda_, dtype=np.float64)
    with np.errstate(divide="ignore"):
        old: Floats = (m - 1) / share**2
        if math.isinf(dfcom):
            return old
        observed = (dfcom + 1) / (dfcom + 3) * dfcom * (1 - share)
        # 1 / (1/old + 1/observed) stands an infinite `old`; 0 where nothing is left.
        found: Floats = 1.0 / (1.0 / old + 1.0 / observed)
    return found


def rubin(qhat: Floats, u: Floats, dfcom: float) -> dict[str, Floats]:
    """Rubin's rules for k parameters, each by itself; shapes (m, k)."""
    m = len(qhat)
    if m < 2:
        raise TooFewImputations(m)
    if not (np.isfinite(qhat).all() and np.isfinite(u).all()):
        raise InvalidData(
            "An estimate or a variance is not finite; look at the completed data sets "
            "one by one for the analysis that failed."
        )
    if (u < 0).any():
        raise InvalidData(
            f"A variance is negative ({u.min():.6g}); squared standard errors are "
            "wanted."
        )
    dfcom = positive("dfcom", dfcom)
    qbar, ubar, b = qhat.mean(axis=0), u.mean(axis=0), qhat.var(axis=0, ddof=1)
    extra = (1 + 1 / m) * b
    total = ubar + extra
    lambda_ = np.divide(extra, total, out=np.zeros_like(total), where=total > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        riv = np.where(extra > 0, extra / ubar, 0.0)
    # Without a variance within, the observed data have no degrees of freedom to add:
    # the m estimates are a sample by themselves.
    alone = (ubar == 0) & (extra > 0)
    df = np.where(alone, min(m - 1.0, dfcom), barnard_rubin(m, lambda_, dfcom))
    # (riv + 2 / (df + 3)) / (riv + 1), said so that an infinite riv stands it.
    fmi = lambda_ + (1 - lambda_) * 2 / (df + 3)
    return {
        "estimate": qbar,
        "within": ubar,
        "between": b,
        "total": total,
        "df": df,
        "riv": riv,
        "lambda_": lambda_,
        "fmi": fmi,
    }


def numbers(name: str, given: ArrayLike) -> Floats:
    """See what was given as an array of numbers, or refuse it in words.

    Raises
    ------
    InvalidData
        If it holds anything else.
    """
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidData(
            f"The {name} are {shown(given)}, a {type(given).__name__}; numbers are "
            "wanted."
        ) from None


def positive(name: str, given: Any) -> float:
    """See what was given as degrees of freedom, or refuse it in words.

    Raises
    ------
    InvalidSpec
        If it is no positive number (inf is one).
    """
    try:
        value = float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not value > 0:
        raise InvalidSpec(
            f"{name}={shown(given)} cannot be asked for; it is the degrees of freedom "
            "of the complete-data analysis and must be positive (or inf)."
        )
    return value


def ratio(estimate: Any, error: Any) -> Any:
    """Divide an estimate by its error, which may be zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(estimate, error)


def two_sided(statistic: Any, df: Any) -> Any:
    """Probability of a larger statistic of either sign."""
    size = -np.abs(np.asarray(statistic, dtype=np.float64))
    tail = np.where(np.isinf(df), special.ndtr(size), special.stdtr(df, size))
    return 2 * tail


def quantile(df: Any, level: float) -> Any:
    """Quantile of Student's t that leaves (1 - level) / 2 above it."""
    if not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise InvalidSpec(
            f"level={shown(level)} cannot be asked for; a share between 0 and 1 is "
            "wanted, for example 0.95."
        )
    upper = (1 + level) / 2
    normal = special.ndtri(upper)
    return np.where(np.isinf(df), normal, special.stdtrit(df, upper))
