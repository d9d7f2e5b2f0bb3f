"""A model that is pooled over m imputations: its table and its tests.

The symbols are those of `engine.pooling.rubin`, which pools each parameter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.pooling import combined_tests
from jupyter_wrangler.engine.pooling.combined_tests import CombinedTest
from jupyter_wrangler.engine.pooling.estimates import estimates_of
from jupyter_wrangler.engine.pooling.likelihood import likelihood_of
from jupyter_wrangler.engine.pooling.r_squared import PooledRSquared, pool_r_squared
from jupyter_wrangler.engine.pooling.rubin import (
    Pooled,
    pool_scalar,
    quantile,
    ratio,
    rubin,
    two_sided,
)
from jupyter_wrangler.errors import InvalidData, InvalidSpec, listed

Floats = NDArray[np.float64]


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
    #: Names of the variances of mixed models (`cov_re`, and that of the residuals),
    #: and their estimates, shape (m, q).
    variance_names: tuple[str, ...] = ()
    variances: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def m(self) -> int:
        """Number of imputations."""
        return len(self.qhat)

    @property
    def params(self) -> pd.Series:
        """Pooled estimates by name, variances of mixed models last."""
        names = [*self.names, *self.variance_names]
        found = self.qhat.mean(axis=0)
        if self.variance_names:
            found = np.concatenate([found, self.variances.mean(axis=0)])
        return pd.Series(found, index=names)

    def cov_params(self) -> pd.DataFrame:
        """Total covariance, ubar + (1 + 1/m) b; Rubin (1987), eq. 3.1.5."""
        between = np.atleast_2d(np.cov(self.qhat, rowvar=False, ddof=1))
        total = self.u.mean(axis=0) + (1 + 1 / self.m) * between
        return pd.DataFrame(total, index=list(self.names), columns=list(self.names))

    def __getitem__(self, name: str) -> Pooled:
        """Give one parameter, as `pool_scalar` does."""
        if name in self.variance_names:
            raise InvalidSpec(
                f"{name!r} is a variance, which is pooled by its mean alone: "
                f"params[{name!r}] gives it. For an interval pool its logarithm and "
                "the variance of that by pool_scalar."
            )
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
            `p_value`, `low`, `high`, `riv`, `lambda` and `fmi`.  Variances of mixed
            models come last and have an estimate only.
        """
        found = rubin(self.qhat, np.diagonal(self.u, axis1=1, axis2=2), self.dfcom)
        error, df = np.sqrt(found["total"]), found["df"]
        statistic = ratio(found["estimate"], error)
        reach = quantile(df, level) * error
        table = pd.DataFrame(
            {
                "estimate": found["estimate"],
                "std_error": error,
                "statistic": statistic,
                "df": df,
                "p_value": two_sided(statistic, df),
                "low": found["estimate"] - reach,
                "high": found["estimate"] + reach,
                "riv": found["riv"],
                "lambda": found["lambda_"],
                "fmi": found["fmi"],
            },
            index=pd.Index(self.names, name="parameter"),
        )
        if self.variance_names:
            table = table.reindex([*self.names, *self.variance_names])
            table.loc[list(self.variance_names), "estimate"] = self.variances.mean(0)
        return table

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
        """Test the same by pooling the m Wald statistics; less powerful than `d1`.

        Raises
        ------
        InvalidData
            If the covariance of an analysis is singular.
        """
        at = self._positions(terms)
        qhat, u = self.qhat[:, at], self.u[:, at][:, :, at]
        try:
            walds = [
                float(q @ np.linalg.solve(v, q)) for q, v in zip(qhat, u, strict=True)
            ]
        except np.linalg.LinAlgError:
            raise InvalidData(
                "The covariance of the parameters is singular in an analysis, so they "
                "cannot be tested together; leave out those that others determine."
            ) from None
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
            If `reduced` is no pooled model, is not smaller, or is of other rows, or if
            the models have no log-likelihood at given parameters (those of statsmodels
            have one).
        InvalidData
            If the smaller model fits better in a completed data set.

        Notes
        -----
        The variance of the residuals of linear regressions, the scale of generalised
        linear models and the variances of mixed models are pooled as any parameter, by
        the mean of their estimates by maximum likelihood.  A negative relative
        increase in variance, which the formula can give, counts as 0.

        References
        ----------
        .. [1] X.-L. Meng and D. B. Rubin (1992), Performing likelihood ratio tests with
           multiply-imputed data sets, Biometrika 79(1), 103-111.
        """
        if not isinstance(reduced, PooledModel):
            raise InvalidSpec(
                f"d3 was given a {type(reduced).__name__}; a pooled model is wanted, "
                "for example pool(full).d3(pool(reduced)) with one fitted model for "
                "each completed data set in both."
            )
        full, small = _likelihood(self), _likelihood(reduced)
        mine, other = (len(p.names) + len(p.variance_names) for p in (self, reduced))
        k = mine - other
        if k < 1 or self.m != reduced.m:
            raise InvalidSpec(
                f"The reduced model has {other} parameters in {reduced.m} imputations, "
                f"the full one {mine} in {self.m}; fewer parameters in as many "
                "imputations are wanted."
            )
        for pair in zip(self.models, reduced.models, strict=True):
            rows = [getattr(model, "nobs", None) for model in pair]
            if None not in rows and rows[0] != rows[1]:
                raise InvalidSpec(
                    f"The full model was fitted to {rows[0]:g} rows, the reduced one "
                    f"to {rows[1]:g}; the same rows are wanted. See whether a variable "
                    "of one of them still has missing values."
                )
        own = 2 * (full[:, 0] - small[:, 0])
        if (own < -1e-6 * np.abs(full[:, 0]).max()).any():
            worst = int(own.argmin())
            raise InvalidData(
                f"In completed data set {worst} the reduced model has a larger "
                f"likelihood ({small[worst, 0]:.6g}) than the full one "
                f"({full[worst, 0]:.6g}); its parameters must be among those of the "
                "full one, and both fits must have converged."
            )
        return combined_tests.d3(own, 2 * (full[:, 1] - small[:, 1]), k)

    def r_squared(
        self, level: float = 0.95, *, adjusted: bool = False
    ) -> PooledRSquared:
        """Pool the coefficients of determination; see `pool_r_squared`.

        Parameters
        ----------
        level : float, default=0.95
            Coverage of the interval.
        adjusted : bool, default=False
            Whether those adjusted for the number of parameters are pooled.

        Raises
        ------
        InvalidSpec
            If the models do not tell theirs (linear regressions of statsmodels do).
        """
        name = "rsquared_adj" if adjusted else "rsquared"
        found = [getattr(model, name, None) for model in self.models]
        rows: list[Any] = [getattr(model, "nobs", None) for model in self.models]
        if not found or None in found or None in rows:
            raise InvalidSpec(
                f"The models do not tell {name} and nobs, which linear regressions of "
                "statsmodels do; give the numbers to pool_r_squared(r_squared, n) "
                "yourself."
            )
        return pool_r_squared(
            np.array(found, dtype=np.float64), int(min(rows)), level=level
        )

    def _positions(self, terms: Iterable[str] | None) -> list[int]:
        if terms is None:
            intercepts = {"Intercept", "const", "intercept", "(Intercept)"}
            terms = [name for name in self.names if name not in intercepts]
        one = isinstance(terms, str) or not isinstance(terms, Iterable)
        wanted: list[Any] = [terms] if one else list(terms)
        models = [given for given in wanted if not isinstance(given, str | int | float)]
        if models:
            raise InvalidSpec(
                f"The parameters to test were given as {type(models[0]).__name__}; "
                f"names of parameters are wanted, of {listed(self.names)}"
                ". Two models are compared by pool(full).d3(pool(reduced))."
            )
        unknown = [name for name in wanted if name not in self.names]
        if unknown or not wanted:
            raise InvalidSpec(
                f"There is no parameter {listed(unknown) or 'to test'}; "
                f"the model has {listed(self.names)}."
            )
        return [self.names.index(name) for name in wanted]

    def __repr__(self) -> str:
        head = f"Pooled over {self.m} imputations, dfcom={self.dfcom:g}\n"
        return head + self.to_frame().to_string(float_format="{:.4g}".format)

    def _repr_html_(self) -> str:
        shown: Any = self.to_frame().to_html(float_format="{:.4g}".format)
        return f"<p>Pooled over {self.m} imputations, dfcom={self.dfcom:g}</p>{shown}"


def _likelihood(pooled: PooledModel) -> Floats:
    """Log-likelihood of each model at its own and at the pooled parameters."""
    found = [likelihood_of(model) for model in pooled.models]
    if not found:
        raise InvalidSpec(
            "d3 needs the fitted models, and this was made without them; use d1, "
            "which needs estimates only."
        )
    at = pooled.qhat.mean(axis=0)
    variances = np.stack([one.variances for one in found]).mean(axis=0)
    rows: list[tuple[float, float]] = []
    for model, one, own in zip(pooled.models, found, pooled.qhat, strict=True):
        order = _order(model, pooled.names)
        rows.append((one.at(own[order], one.variances), one.at(at[order], variances)))
    return np.array(rows)


def _order(model: Any, names: tuple[str, ...]) -> list[int]:
    """Positions of a model's own parameters among the pooled ones."""
    own = estimates_of(model).names
    return list(range(len(names))) if own == names else [names.index(n) for n in own]
