"""Rubin's rules for models: one pooled model from m completed data sets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine.pooling.estimates import Estimates, estimates_of
from jupyter_wrangler.engine.pooling.pooled_model import PooledModel
from jupyter_wrangler.engine.pooling.rubin import positive
from jupyter_wrangler.errors import InvalidData, TooFewImputations, listed


@public
def pool(models: Iterable[Any], *, dfcom: float | None = None) -> PooledModel:
    """Pool the analyses of m completed data sets by Rubin's rules.

    Parameters
    ----------
    models : iterable of m objects
        Fitted models of statsmodels, linearmodels, lifelines or pyfixest, or pairs of
        estimates and their covariance: scalars, arrays, Series, mappings of name to
        number, or a fitted model of scikit-learn or scikit-survival (`intercept_`,
        `coef_`), which have no covariance, in place of the estimates.
        A vector in place of the covariance is taken as variances.
    dfcom : float, optional
        Degrees of freedom of the analysis had the data been complete; default: the
        models' residual ones (of Cox regressions, events less parameters), or inf
        where they have none.

    Returns
    -------
    PooledModel
        The table (`to_frame`), each parameter by name, and joint tests.

    Raises
    ------
    TooFewImputations
        If there are fewer than two.
    InvalidData
        If the models differ in their parameters, an object is none of the above, or a
        fit failed: an estimate, a variance or the log-likelihood is not finite.

    Notes
    -----
    Each parameter costs m additions; the models are kept for `d3`.  Variances of mixed
    models (`cov_re`, not `params`, which holds them divided by that of the residuals)
    are pooled by their mean alone.

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
    try:
        given = tuple(models)
    except TypeError:
        raise InvalidData(
            f"A {type(models).__name__} came alone; a list of one analysis for each "
            "completed data set is wanted."
        ) from None
    found = [estimates_of(one) for one in given]
    if len(found) < 2:
        raise TooFewImputations(len(found))
    names, variances = found[0].names, tuple(found[0].variances)
    found = [one.ordered(names) for one in found]
    for k, one in enumerate(found):
        if one.names != names or set(one.variances) != set(variances):
            raise InvalidData(
                f"Analysis {k} has the parameters {listed(one.names)}, the first "
                f"one {listed(names)}; the same ones are wanted. Give categories "
                "the same levels in all completed data sets."
            )
        _finite(k, one)
    qhat = np.stack([one.estimate for one in found])
    u = np.stack([one.covariance for one in found])
    return PooledModel(
        names=names,
        dfcom=_dfcom(found) if dfcom is None else positive("dfcom", dfcom),
        qhat=qhat,
        u=u,
        models=given,
        variance_names=variances,
        variances=np.array([[one.variances[v] for v in variances] for one in found]),
    )


def _finite(k: int, found: Estimates) -> None:
    """Refuse an analysis with an estimate or a variance that is not finite."""
    spread = np.diagonal(found.covariance)
    for name, value, variance in zip(found.names, found.estimate, spread, strict=True):
        if not (np.isfinite(value) and np.isfinite(variance)):
            raise InvalidData(
                f"In analysis {k} the estimate of {name!r} is {float(value)} with "
                f"variance {float(variance)}; finite numbers are wanted. Its fit "
                "failed: look at that completed data set."
            )


def _dfcom(found: Sequence[Estimates]) -> float:
    known = [one.df_resid for one in found if one.df_resid is not None]
    return min(known) if known else math.inf
