"""Log-likelihoods of fitted models at parameters that are not their own.

The likelihood-ratio test D3 needs the likelihood of each completed data set at the
pooled parameters.  These include the variance of the residuals: Meng and Rubin (1992)
pool it as any other parameter, by the mean of its estimates by maximum likelihood.
The models of statsmodels put the variance that fits best in its place unless it is
given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.errors import InvalidSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Likelihood:
    """The log-likelihood of one fitted model as a function of its parameters."""

    #: Its own estimates of variances, shape (k,): those that no parameter holds.
    variances: Floats
    #: Log-likelihood at given parameters, in the order of the model, and variances.
    at: Callable[[Floats, Floats], float]


def likelihood_of(fitted: Any) -> Likelihood:
    """Find how the log-likelihood of a fitted model of statsmodels is computed.

    Parameters
    ----------
    fitted : object
        Results of statsmodels; with ``model.loglike``.

    Returns
    -------
    Likelihood
        For linear regressions with the variance of the residuals, for generalised
        linear models with their scale, for mixed models with both covariances.

    Raises
    ------
    InvalidSpec
        If the model does not have a log-likelihood at given parameters, or one that
        cannot be compared (REML).

    References
    ----------
    .. [1] X.-L. Meng and D. B. Rubin (1992), Performing likelihood ratio tests with
       multiply-imputed data sets, Biometrika 79(1), 103-111.
    """
    model = getattr(fitted, "model", None)
    loglike = getattr(model, "loglike", None)
    if not callable(loglike):
        raise InvalidSpec(
            f"A {type(fitted).__name__} does not give its log-likelihood at other "
            "parameters, which d3 needs; use d1, which needs estimates only."
        )
    if hasattr(fitted, "cov_re"):
        return _mixed(fitted)
    if hasattr(model, "wexog"):
        return _linear(fitted, loglike)
    if hasattr(model, "estimate_scale"):
        return _generalised(fitted, loglike)
    return Likelihood(
        variances=np.zeros(0), at=lambda params, _: float(loglike(params))
    )


def _linear(fitted: Any, loglike: Callable[[Floats], Any]) -> Likelihood:
    model = fitted.model
    n = float(model.nobs)

    def squares(params: Floats) -> float:
        return float(((model.wendog - model.wexog @ params) ** 2).sum())

    def at(params: Floats, variances: Floats) -> float:
        variance, own = float(variances[0]), squares(params) / n
        if not own > 0 or not variance > 0:
            return math.nan
        # What statsmodels gives is at the variance that fits best, `own`.
        away = math.log(own / variance) + 1 - own / variance
        return float(loglike(params)) + n / 2 * away

    own = squares(np.asarray(fitted.params, dtype=np.float64)) / n
    return Likelihood(variances=np.array([own]), at=at)


def _generalised(fitted: Any, loglike: Callable[..., Any]) -> Likelihood:
    if type(fitted.model.family).__name__ == "Gaussian":
        # by maximum likelihood, as in a linear regression
        scale = float(fitted.deviance) / float(fitted.nobs)
    else:
        scale = float(fitted.scale)

    def at(params: Floats, variances: Floats) -> float:
        return float(loglike(params, scale=float(variances[0])))

    return Likelihood(variances=np.array([scale]), at=at)


def _mixed(fitted: Any) -> Likelihood:
    model = fitted.model
    if model.reml:
        raise InvalidSpec(
            "The models were fitted by REML, whose likelihoods cannot be compared "
            "between fixed effects; fit them with reml=False for d3, or use d1."
        )
    if model.k_vc:
        raise InvalidSpec(
            "d3 cannot compute the likelihood of mixed models with vc_formula; use d1."
        )
    k_fe, k_re = int(model.k_fe), int(model.k_re)
    endog, exog = np.asarray(model.endog), np.asarray(model.exog)
    groups = [
        (model.row_indices[group], np.asarray(z, dtype=np.float64))
        for group, z in zip(model.group_labels, model.exog_re_li, strict=True)
    ]

    def at(params: Floats, variances: Floats) -> float:
        residuals = endog - exog @ params[:k_fe]
        scale, psi = float(variances[0]), variances[1:].reshape(k_re, k_re)
        total = 0.0
        for rows, z in groups:
            cov = scale * np.eye(len(z)) + z @ psi @ z.T
            apart = residuals[rows]
            total -= float(np.linalg.slogdet(cov)[1]) / 2
            total -= float(apart @ np.linalg.solve(cov, apart)) / 2
            total -= len(z) * math.log(2 * math.pi) / 2
        return total

    own = np.concatenate([[fitted.scale], np.asarray(fitted.cov_re).ravel()])
    return Likelihood(variances=own.astype(np.float64), at=at)
