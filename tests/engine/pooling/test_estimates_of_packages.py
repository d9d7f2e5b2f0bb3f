"""Estimates by lifelines, pyfixest and scikit-survival themselves.

They need an environment of their own, `pip install ".[test,pooled]"`, and are collected
there only: lifelines asks for pandas below 3, pyfixest brings seventeen packages, and
scikit-survival is GPL.
"""

import lifelines
import numpy as np
import pyfixest
import pytest
import statsmodels.api as sm
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv

from jupyter_wrangler.engine.pooling.pool import pool
from jupyter_wrangler.errors import InvalidData
from tests.engine.pooling.by_hand import by_hand, same


def test_issue_10_item_7_lifelines(frames):
    columns = ["time", "event", "x", "z"]

    def fit(df):
        return lifelines.CoxPHFitter().fit(df[columns], "time", "event")

    def table(df):
        shown = fit(df).summary
        return {k: (row["coef"], row["se(coef)"] ** 2) for k, row in shown.iterrows()}

    found = pool([fit(df) for df in frames])
    events = int(frames[0]["event"].sum())
    assert found.names == ("x", "z")
    assert found.dfcom == events - 2
    same(found["x"], by_hand(frames, table, "x", events - 2))
    phreg = pool(
        [
            sm.PHReg(df["time"], df[["x", "z"]], status=df["event"], ties="efron").fit()
            for df in frames
        ]
    )
    assert phreg.dfcom == found.dfcom
    assert found["z"].estimate == pytest.approx(phreg["z"].estimate, rel=1e-4)
    weibull = pool(
        [
            lifelines.WeibullAFTFitter().fit(df[columns], "time", "event")
            for df in frames
        ]
    )
    assert weibull.names[:2] == ("lambda_:x", "lambda_:z")
    assert weibull.dfcom == 150 - 4


def test_issue_10_item_7_pyfixest(frames):
    def fit(df):
        return pyfixest.feols("y ~ x + z | g", df, vcov="iid")

    def table(df):
        shown = fit(df).tidy()
        return {
            k: (row["Estimate"], row["Std. Error"] ** 2) for k, row in shown.iterrows()
        }

    found = pool([fit(df) for df in frames])
    assert found.names == ("x", "z")
    assert found.dfcom == 150 - 12
    same(found["x"], by_hand(frames, table, "x", 150 - 12))


def test_issue_10_item_7_scikit_survival_with_a_covariance(frames):
    def fit(df):
        y = Surv.from_arrays(df["event"] == 1, df["time"])
        return CoxPHSurvivalAnalysis().fit(df[["x", "z"]], y)

    found = pool([(fit(df), np.diag([0.02, 0.03])) for df in frames])
    assert found.names == ("x", "z")
    assert found["x"].within == pytest.approx(0.02)
    with pytest.raises(InvalidData, match="has coefficients, but not their covariance"):
        pool([fit(df) for df in frames])
