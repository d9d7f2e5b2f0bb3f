"""Estimates of models that other packages fitted: linearmodels, and what is like it.

The others are tried in `test_estimates_of_packages.py`.
"""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS

from jupyter_wrangler.engine.pooling.estimates import estimates_of
from jupyter_wrangler.engine.pooling.pool import pool
from jupyter_wrangler.errors import InvalidData
from tests.engine.pooling.by_hand import by_hand, same


def test_issue_10_item_7_linearmodels(frames):
    def fit(df):
        return IV2SLS.from_formula("y ~ 1 + x + z", df).fit(debiased=True)

    def table(df):
        shown = fit(df)
        return {
            k: (shown.params[k], shown.std_errors[k] ** 2) for k in shown.params.index
        }

    found = pool([fit(df) for df in frames])
    assert found.names == ("Intercept", "x", "z")
    assert found.dfcom == 147
    same(found["x"], by_hand(frames, table, "x", 147))
    ols = pool(
        [sm.OLS(df["y"], sm.add_constant(df[["x", "z"]])).fit() for df in frames]
    )
    assert found["z"].estimate == pytest.approx(ols["z"].estimate)


# ── what the packages give, without them ──


def _lifelines(cox):
    labels = pd.MultiIndex.from_tuples([("lambda_", "x"), ("rho_", "Intercept")])
    index = pd.Index(["x", "z"], name="covariate") if cox else labels
    found = SimpleNamespace(
        params_=pd.Series([0.5, -0.2], index=index),
        variance_matrix_=pd.DataFrame(
            np.diag([0.04, 0.09]), index=index, columns=index
        ),
        event_observed=pd.Series([1, 0, 1, 1, 0, 1]),
    )
    if cox:
        found.baseline_cumulative_hazard_ = pd.DataFrame()
    return found


def _linearmodels():
    names = ["a", "b"]
    return SimpleNamespace(
        params=pd.Series([1.0, 2.0], index=names),
        # in another order, with names
        cov=pd.DataFrame(np.diag([0.2, 0.1]), index=names[::-1], columns=names[::-1]),
        df_resid=7,
    )


def _pyfixest():
    return SimpleNamespace(
        coef=lambda: pd.Series([1.0, 2.0], index=["x", "z"]),
        _vcov=np.diag([0.1, 0.2]),
        _df_t=11,
    )


@pytest.mark.parametrize(
    ("fitted", "names", "variances", "df"),
    [
        (_lifelines(cox=True), ("x", "z"), [0.04, 0.09], 2),
        (_lifelines(cox=False), ("lambda_:x", "rho_:Intercept"), [0.04, 0.09], 4),
        (_linearmodels(), ("a", "b"), [0.1, 0.2], 7),
        (_pyfixest(), ("x", "z"), [0.1, 0.2], 11),
    ],
    ids=["cox", "weibull", "linearmodels", "pyfixest"],
)
def test_issue_10_item_7_results_of_other_packages(fitted, names, variances, df):
    found = estimates_of(fitted)
    assert found.names == names
    assert np.diag(found.covariance) == pytest.approx(variances)
    assert found.df_resid == df
    assert pool([fitted, fitted]).names == names


def test_degrees_of_freedom_that_are_not_known_are_infinite():
    fitted = _pyfixest()
    fitted._df_t = math.inf
    assert pool([fitted, fitted]).dfcom == math.inf


def test_coefficients_without_a_covariance_are_refused():
    fitted = SimpleNamespace(coef_=np.array([1.0]))
    with pytest.raises(InvalidData, match=r"pairs \(model, covariance\) are wanted"):
        pool([fitted, fitted])
