"""Rubin's rules: one estimate from m completed data sets.

Symbols follow Rubin (1987) and van Buuren (2018): `qhat` and `u` are the m
complete-data estimates and their variances; `qbar`, `ubar`, `b` and `t` are the
pooled estimate and its within, between and total variance; `riv` is the relative
increase in variance due to missing values, `lambda_` the share of the total variance
that is due to them, and `fmi` the fraction of information they cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from jupyter_wrangler.engine import combined_tests
from jupyter_wrangler.engine.combined_tests import CombinedTest
from jupyter_wrangler.engine.estimates import Estimates, estimates_of
from jupyter_wrangler.errors import InvalidData, InvalidSpec, TooFewImputations

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
        reach = _quantile(self.df, level) * self.std_error
        return self.estimate - reach, self.estimate + reach

    def p_value(self, null: float = 0.0) -> float:
        """Give the two-sided p value of a hypothesis about the estimand."""
        return float(_two_sided(_ratio(self.estimate - null, self.std_error), self.df))


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
    qhat = np.asarray(estimates, dtype=np.float64)
    u = np.asarray(variances, dtype=np.float64)
    if qhat.ndim != 1 or u.shape != qhat.shape:
        raise InvalidData(
            f"{qhat.size} estimates came with {u.size} variances; one variance for "
            "each scalar estimate is wanted. For several parameters at once use pool()."
        )
    found = _rubin(qhat[:, None], u[:, None], dfcom)
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
        degrees of freedom that the observed data have.

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


def _rubin(qhat: Floats, u: Floats, dfcom: float) -> dict[str, Floats]:
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
    if not dfcom > 0:
        raise InvalidSpec(
            f"dfcom={dfcom} cannot be asked for; it is the degrees of freedom of the "
            "complete-data analysis and must be positive (or inf)."
        )
    qbar, ubar, b = qhat.mean(axis=0), u.mean(axis=0), qhat.var(axis=0, ddof=1)
    extra = (1 + 1 / m) * b
    total = ubar + extra
    lambda_ = np.divide(extra, total, out=np.zeros_like(total), where=total > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        riv = np.where(extra > 0, extra / ubar, 0.0)
    df = barnard_rubin(m, lambda_, dfcom)
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


def _ratio(estimate: Any, error: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(estimate, error)


def _two_sided(statistic: Any, df: Any) -> Any:
    """Probability of a larger statistic of either sign."""
    size = -np.abs(np.asarray(statistic, dtype=np.float64))
    tail = np.where(np.isinf(df), special.ndtr(size), special.stdtr(df, size))
    return 2 * tail


def _quantile(df: Any, level: float) -> Any:
    """Quantile of Student's t that leaves (1 - level) / 2 above it."""
    if not 0 < level < 1:
        raise InvalidSpec(
            f"level={level} cannot be asked for; a share between 0 and 1 is wanted, "
            "for example 0.95."
        )
    upper = (1 + level) / 2
    normal = special.ndtri(upper)
    return np.where(np.isinf(df), normal, special.stdtrit(df, upper))


# ── models ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledModel:
    """A model of k parameters pooled over m imputations."""

    names: tuple[str, ...]
    #: Degrees of freedom of the analysis had the data been complete.
    dfcom: float
    #: Complete-data estimates, shape (m, k), and their covariances, (m, k, k).
    qhat: Floats
    u: Floats
    #: The fitted models, where they were given.
    models: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def m(self) -> int:
        """Number of imputations."""
        return len(self.qhat)

    @property
    def params(self) -> pd.Series:
        """Pooled estimates by name."""
        return pd.Series(self.qhat.mean(axis=0), index=list(self.names))

    def cov_params(self) -> pd.DataFrame:
        """Total covariance, ubar + (1 + 1/m) b; Rubin (1987), eq. 3.1.5."""
        between = np.atleast_2d(np.cov(self.qhat, rowvar=False, ddof=1))
        total = self.u.mean(axis=0) + (1 + 1 / self.m) * between
        return pd.DataFrame(total, index=list(self.names), columns=list(self.names))

    def __getitem__(self, name: str) -> Pooled:
        """Give one parameter, as `pool_scalar` does."""
        k = self._positions([name])[0]
        return pool_scalar(self.qhat[:, k], self.u[:, k, k], dfcom=self.dfcom)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Give the table of the pooled parameters.

        Parameters
        ----------
        level : float, default=0.95
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            A line for each parameter: `estimate`, `std_error`, `statistic`, `df`,
            `p_value`, `low`, `high`, `riv`, `lambda` and `fmi`.
        """
        found = _rubin(self.qhat, np.diagonal(self.u, axis1=1, axis2=2), self.dfcom)
        error, df = np.sqrt(found["total"]), found["df"]
        statistic = _ratio(found["estimate"], error)
        reach = _quantile(df, level) * error
        return pd.DataFrame(
            {
                "estimate": found["estimate"],
                "std_error": error,
                "statistic": statistic,
                "df": df,
                "p_value": _two_sided(statistic, df),
                "low": found["estimate"] - reach,
                "high": found["estimate"] + reach,
                "riv": found["riv"],
                "lambda": found["lambda_"],
                "fmi": found["fmi"],
            },
            index=pd.Index(self.names, name="parameter"),
        )

    def d1(self, terms: Iterable[str] | None = None) -> CombinedTest:
        """Test that parameters are all zero, from pooled estimates and covariances.

        Parameters
        ----------
        terms : iterable of str, optional
            Names of the parameters; default: all but the intercept.
        """
        at = self._positions(terms)
        return combined_tests.d1(
            self.qhat[:, at], self.u[:, at][:, :, at], dfcom=self.dfcom
        )

    def d2(self, terms: Iterable[str] | None = None) -> CombinedTest:
        """Test the same by pooling the m Wald statistics; less powerful than `d1`."""
        at = self._positions(terms)
        qhat, u = self.qhat[:, at], self.u[:, at][:, :, at]
        walds = [float(q @ np.linalg.solve(v, q)) for q, v in zip(qhat, u, strict=True)]
        return combined_tests.d2(walds, len(at))

    def d3(self, reduced: PooledModel) -> CombinedTest:
        """Test against a smaller model by pooled likelihood ratios.

        Parameters
        ----------
        reduced : PooledModel
            The smaller model, of the same rows of the same completed data sets.

        Raises
        ------
        InvalidSpec
            If the models cannot tell their log-likelihood at given parameters
            (statsmodels' can), or if `reduced` is not smaller.

        Notes
        -----
        A linear regression of statsmodels tells its likelihood at the variance that
        fits best to the parameters given, so the residual variance is not pooled.
        """
        full, small = _likelihood(self), _likelihood(reduced)
        k = len(self.names) - len(reduced.names)
        if k < 1 or len(full) != len(small):
            raise InvalidSpec(
                f"The reduced model has {len(reduced.names)} parameters in "
                f"{reduced.m} imputations, the full one {len(self.names)} in {self.m}; "
                "fewer parameters in as many imputations are wanted."
            )
        return combined_tests.d3(
            2 * (full[:, 0] - small[:, 0]), 2 * (full[:, 1] - small[:, 1]), k
        )

    def _positions(self, terms: Iterable[str] | None) -> list[int]:
        if terms is None:
            intercepts = {"Intercept", "const", "intercept", "(Intercept)"}
            terms = [name for name in self.names if name not in intercepts]
        wanted = [terms] if isinstance(terms, str) else list(terms)
        unknown = [name for name in wanted if name not in self.names]
        if unknown or not wanted:
            raise InvalidSpec(
                f"There is no parameter {', '.join(map(repr, unknown)) or 'to test'}; "
                f"the model has {', '.join(map(repr, self.names))}."
            )
        return [self.names.index(name) for name in wanted]

    def __repr__(self) -> str:
        head = f"Pooled over {self.m} imputations, dfcom={self.dfcom:g}\n"
        return head + self.to_frame().to_string(float_format="{:.4g}".format)

    def _repr_html_(self) -> str:
        shown: Any = self.to_frame().to_html(float_format="{:.4g}".format)
        return f"<p>Pooled over {self.m} imputations, dfcom={self.dfcom:g}</p>{shown}"


def pool(models: Iterable[Any], *, dfcom: float | None = None) -> PooledModel:
    """Pool the analyses of m completed data sets by Rubin's rules.

    Parameters
    ----------
    models : iterable of m objects
        Fitted models with `params` and `cov_params()` (statsmodels), or pairs of
        estimates and their covariance: scalars, arrays, Series, or a fitted
        scikit-learn model (`intercept_`, `coef_`) in place of the estimates.
        A vector in place of the covariance is taken as variances.
    dfcom : float, optional
        Degrees of freedom of the analysis had the data been complete; default: the
        models' `df_resid`, or inf where they have none.

    Returns
    -------
    PooledModel
        The table (`to_frame`), each parameter by name, and joint tests.

    Raises
    ------
    TooFewImputations
        If there are fewer than two.
    InvalidData
        If the models differ in their parameters, or an object is none of the above.

    Notes
    -----
    Each parameter costs m additions; the models are kept for `d3`.

    References
    ----------
    .. [1] D. B. Rubin (1987), Multiple Imputation for Nonresponse in Surveys, ch. 3.
    .. [2] J. Barnard and D. B. Rubin (1999), Biometrika 86(4), 948-955.

    Examples
    --------
    >>> pairs = [([1.0, 2.0], [0.1, 0.2]), ([1.2, 2.1], [0.1, 0.2])]
    >>> pool(pairs).to_frame()[["estimate", "std_error"]].round(3)
               estimate  std_error
    parameter
    x0             1.10      0.361
    x1             2.05      0.456
    """
    given = tuple(models)
    found = [estimates_of(one) for one in given]
    if len(found) < 2:
        raise TooFewImputations(len(found))
    names = found[0].names
    for k, one in enumerate(found):
        if one.names != names:
            raise InvalidData(
                f"Analysis {k} has the parameters {', '.join(one.names)}, the first "
                f"one {', '.join(names)}; the same ones are wanted. Give categories "
                "the same levels in all completed data sets."
            )
    qhat = np.stack([one.estimate for one in found])
    u = np.stack([one.covariance for one in found])
    return PooledModel(
        names=names,
        dfcom=_dfcom(found) if dfcom is None else float(dfcom),
        qhat=qhat,
        u=u,
        models=given,
    )


def _dfcom(found: Sequence[Estimates]) -> float:
    known = [one.df_resid for one in found if one.df_resid is not None]
    return min(known) if known else math.inf


def _likelihood(pooled: PooledModel) -> Floats:
    """Log-likelihood of each model at its own and at the pooled parameters."""
    at = pooled.qhat.mean(axis=0)
    rows: list[tuple[float, float]] = []
    for model, own in zip(pooled.models, pooled.qhat, strict=True):
        tell: Callable[[Floats], Any] | None = getattr(
            getattr(model, "model", None), "loglike", None
        )
        if tell is None:
            raise InvalidSpec(
                f"A {type(model).__name__} cannot tell its log-likelihood at given "
                "parameters, which d3 needs; use d1, which needs estimates only."
            )
        rows.append((float(tell(own)), float(tell(at))))
    return np.array(rows)


# ── the coefficient of determination ────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class PooledRSquared:
    """A pooled coefficient of determination."""

    estimate: float
    low: float
    high: float
    #: Fraction of missing information about the multiple correlation.
    fmi: float


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
    values = np.asarray(r_squared, dtype=np.float64)
    if n <= 3 or values.ndim != 1 or not ((values >= 0) & (values < 1)).all():
        raise InvalidData(
            f"R squared between 0 and 1 of more than 3 rows is wanted; found {values} "
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
