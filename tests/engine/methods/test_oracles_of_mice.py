"""Figures that mice gives for a seed of R could be some of ours.

R's draws cannot be repeated, so its figures are compared with the spread of ours: each
of them rests on m = 5 imputations, and so do `SETS` sets of 5 that are made here. If
both draw from the same distribution, R's figure lies within `REACH` standard deviations
of the mean over our sets, 99.7 times in 100 where it is roughly normal. The mean over
our sets is known much better than that, so that more imputations would change little.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.pooling.pool import pool
from jupyter_wrangler.engine.pooling.r_squared import pool_r_squared

M, SETS, REACH = 5, 40, 3.0

#: nhanes of the R package mice (Schafer 1997, table 6.14).
NA = np.nan
AGE = [1, 2, 1, 3, 1, 3, 1, 1, 2, 2, 1, 2, 3, 2, 1, 1, 3, 2, 1, 3, 1, 1, 1, 3, 2]
BMI = [NA, 22.7, NA, NA, 20.4, NA, 22.5, 30.1, 22, NA, NA, NA, 21.7, 28.7, 29.6, NA]
BMI += [27.2, 26.3, 35.3, 25.5, NA, 33.2, 27.5, 24.9, 27.4]
HYP = [NA, 1, 1, NA, 1, NA, 1, 1, 1, NA, NA, NA, 1, 2, 1, NA, 2, 2, 1, 2, NA, 1, 1, 1]
HYP += [1]
CHL = [NA, 187, 187, NA, 113, 184, 118, 187, 238, NA, NA, NA, 206, 204, NA, NA, 284]
CHL += [199, 218, NA, NA, 229, 131, NA, 186]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def nhanes():
    return pd.DataFrame({"age": AGE, "bmi": BMI, "hyp": HYP, "chl": CHL})


def nhanes2():
    """Give the same with age and hyp as classes, as mice's nhanes2."""
    df = nhanes()
    df["age"] = pd.Categorical(df["age"].map({1: "20-39", 2: "40-59", 3: "60-99"}))
    df["hyp"] = pd.Categorical(df["hyp"].map({1: "no", 2: "yes"}))
    return df


def fit(done, *, chl=True):
    """Regress bmi, as lm(bmi ~ chl + age + hyp), or without chl."""
    x = pd.DataFrame(
        {
            "const": 1.0,
            "chl": done["chl"],
            "age40-59": (done["age"] == "40-59").astype(float),
            "age60-99": (done["age"] == "60-99").astype(float),
            "hypyes": (done["hyp"] == "yes").astype(float),
        }
    )
    return sm.OLS(done["bmi"], x if chl else x.drop(columns="chl")).fit()


def in_sets(fits):
    """Pool the fits in sets of 5."""
    return [pool(fits[k : k + M]) for k in range(0, len(fits), M)]


def draws(df, max_iter, **spec):
    """Impute by the methods that are the defaults of mice: pmm, and logreg."""
    asked = ImputationSpec(max_iter=max_iter, n_imputations=M * SETS, **spec)
    return list(impute_m(df, asked))


def away(figures, of_r):
    """How far a figure of R is from ours, in standard deviations of a set."""
    ours = np.array(figures)
    return (np.array(of_r) - ours.mean(axis=0)) / ours.std(axis=0, ddof=1)


#: tests/testthat/test-pool.R of mice 3.19: mice(nhanes2, maxit = 2, seed = 121).
ESTIMATES = [18.76175, 0.05359003, -4.573652, -6.635969, 2.163629]
ERRORS = [4.002796, 0.02235067, 2.033986, 2.459769, 2.02898]
#: The same test in an earlier version, which drew other imputations by the same seed.
OLD_ESTIMATES = [19.06956625, 0.05537215, -5.73559483, -7.56527376, 2.36656173]
OLD_ERRORS = [3.50493691, 0.01927275, 1.94113281, 2.67898025, 1.74985196]


@pytest.fixture(scope="module")
def pooled():
    done = draws(nhanes2(), 2, methods={"hyp": "logreg"})
    return in_sets([fit(one) for one in done])


@pytest.mark.parametrize(
    ("estimates", "errors"), [(ESTIMATES, ERRORS), (OLD_ESTIMATES, OLD_ERRORS)]
)
def test_POOL_002_estimates_and_standard_errors_of_nhanes2(pooled, estimates, errors):
    """Pooled lm(bmi ~ chl + age + hyp) of mice's test-pool.R, POOL-002."""
    assert np.abs(away([p.params for p in pooled], estimates)).max() < REACH
    found = [p.to_frame()["std_error"] for p in pooled]
    assert np.abs(away(found, errors)).max() < REACH


def test_POOL_002_two_runs_of_R_are_as_far_apart_as_two_sets_of_ours(pooled):
    """The mean of both lies nearer to ours than one of them has to."""
    ours = [p.params for p in pooled]
    both = (np.array(ESTIMATES) + np.array(OLD_ESTIMATES)) / 2
    assert np.abs(away(ours, both)).max() < REACH / np.sqrt(2)


def test_POOL_002_a_hot_deck_without_relations_is_distinguished():
    # So the tests above can fail.
    done = draws(nhanes2(), 1, method="sample")
    ours = [p.params for p in in_sets([fit(one) for one in done])]
    assert np.abs(away(ours, ESTIMATES)).max() > REACH


def test_POOL_R_SQUARED_of_nhanes():
    """mice(nhanes, seed = 16117), lm(chl ~ age + hyp + bmi), page pool.r.squared."""
    squares = [
        sm.OLS(one["chl"], sm.add_constant(one[["age", "hyp", "bmi"]])).fit().rsquared
        for one in draws(nhanes(), 5)
    ]
    found = [pool_r_squared(squares[k : k + M], 25) for k in range(0, M * SETS, M)]
    figures = [(one.estimate, one.fmi) for one in found]
    assert np.abs(away(figures, [0.4338408, 0.4176739])).max() < REACH


def test_D1_and_D3_of_nhanes2():
    """mice(nhanes2, seed = 51009), with and without chl: pages D1 and D3 of mice."""
    done = draws(nhanes2(), 5, methods={"hyp": "logreg"})
    large = in_sets([fit(one) for one in done])
    small = in_sets([fit(one, chl=False) for one in done])
    tests = [(p.d1("chl"), p.d3(q)) for p, q in zip(large, small, strict=True)]
    # Both are skewed, so their logarithms are compared.
    figures = np.log([(one.statistic, three.statistic) for one, three in tests])
    assert np.abs(away(figures, np.log([5.28351, 2.917381]))).max() < REACH
    p_values = np.log([one.p_value for one, _ in tests])
    assert np.abs(away(p_values, np.log(0.08306791))) < REACH
