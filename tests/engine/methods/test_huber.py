"""Huber: outliers hardly move the regression, and the draws are those of the bulk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import jupyter_wrangler as jw
from jupyter_wrangler.engine.methods.huber import METHOD, estimate
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.pooling.rubin import pool_scalar


def contaminated(seed, n=200, outliers=20):
    """Three predictors of different units, and outliers far above the line."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) * [1.0, 100.0, 0.01] + [5.0, 0.0, 1.0]
    y = 1 + x @ [1.0, 0.02, 30.0] + rng.normal(size=n)
    y[:outliers] += 30
    return x, y


@pytest.mark.parametrize("seed", range(5))
def test_estimates_equal_those_of_statsmodels(seed):
    x, y = contaminated(seed)
    model = sm.RLM(y, sm.add_constant(x), M=sm.robust.norms.HuberT())
    theirs = model.fit(tol=1e-12, maxiter=1000)
    found = estimate(y, x)
    assert found.beta == pytest.approx(theirs.params, rel=1e-5)
    assert found.scale == pytest.approx(theirs.scale, rel=1e-6)
    assert found.covariance == pytest.approx(theirs.bcov_scaled, rel=1e-5)
    assert found.df == theirs.df_resid


def test_units_and_origins_of_predictors_do_not_matter():
    x, y = contaminated(0)
    one, other = estimate(y, x), estimate(y, x * [1e6, 1e-6, 1.0] + [1e7, 0.0, 0.0])
    assert other.scale == pytest.approx(one.scale, rel=1e-6)
    assert other.beta[1:] == pytest.approx(one.beta[1:] / [1e6, 1e-6, 1.0], rel=1e-4)


def test_exact_relations_and_constant_predictors():
    x = np.column_stack([np.arange(9.0), np.ones(9)])
    y = 3 * x[:, 0]
    y[8] = 1000.0
    found = estimate(y, x)
    assert found.beta[1] == pytest.approx(3, abs=0.1)
    assert np.isfinite(found.covariance).all()
    exact = estimate(3 * x[:, 0], x)
    assert exact.scale == pytest.approx(0, abs=1e-9)
    model = METHOD.fit(3 * x[:, 0], x, FitOptions(), np.random.default_rng(0))
    drawn = model.draw(np.array([[20.0, 1.0]]), np.random.default_rng(0))
    assert drawn == pytest.approx([60.0])


def test_outliers_spoil_norm_and_not_huber():
    rng = np.random.default_rng(3)
    x = rng.normal(size=400)
    y = 2 * x + 0.5 * rng.normal(size=400)
    # anywhere along x: Huber's regression does not resist outliers in the predictors
    y[rng.random(400) < 0.1] = -40.0
    frame = pd.DataFrame({"x": x, "y": y})
    rows = np.flatnonzero(y > -40.0)[::3]
    truth = frame.loc[rows, "y"].to_numpy()
    frame.loc[rows, "y"] = np.nan
    worst = {
        method: np.abs(
            jw.Imputer(method, random_state=0).fit_transform(frame).loc[rows, "y"]
            - truth
        ).mean()
        for method in ("huber", "norm")
    }
    # two draws of a noise of 0.5 are apart by 0.56 on average
    assert worst["huber"] < 0.8
    assert worst["norm"] > 5 * worst["huber"]


def test_predictions_without_draws_do_not_differ():
    x, y = contaminated(1)
    frame = pd.DataFrame(x).add_prefix("x").assign(y=y)
    frame.loc[50:80, "y"] = np.nan
    made = [
        jw.Imputer("huber", sample_posterior=False, random_state=seed)
        .fit_transform(frame)["y"]
        .to_numpy()
        for seed in (0, 1)
    ]
    np.testing.assert_array_equal(*made)


def test_residuals_of_any_size_are_weighed_without_overflow():
    y = np.array([-3.4e38, 0.0, -9e15, 0.0, 3.4e38, -3.4e38])
    x = np.array([2.0, 0.0, 0.0, 0.0, 0.0, 2.0])[:, None]
    found = estimate(y, x)
    # both rows of 2 are met; of the others the median is near zero
    assert found.beta @ [1.0, 2.0] == pytest.approx(-3.4e38, rel=0.01)


@pytest.mark.slow
def test_pooled_slopes_cover_the_truth():
    """Normal noise: Huber's draws are as proper as Bayes's, at 95 % efficiency."""
    inside, replicates = 0, 200
    for seed in range(replicates):
        rng = np.random.default_rng([7, seed])
        x = rng.normal(size=120)
        y = 0.6 * x + 0.8 * rng.normal(size=120)
        frame = pd.DataFrame({"x": x, "y": y}).mask(
            np.column_stack([np.zeros(120, bool), rng.random(120) < 0.4])
        )
        made = jw.Imputer("huber", random_state=seed).impute(frame, n_imputations=10)
        fits = [sm.OLS(one["y"], sm.add_constant(one["x"])).fit() for one in made]
        pooled = pool_scalar(
            [fit.params["x"] for fit in fits],
            [fit.bse["x"] ** 2 for fit in fits],
            dfcom=118,
        )
        low, high = pooled.interval()
        inside += low <= 0.6 <= high
    error = np.sqrt(0.95 * 0.05 / replicates)
    assert abs(inside / replicates - 0.95) < 3 * error
