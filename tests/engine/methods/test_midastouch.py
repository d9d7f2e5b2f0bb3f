"""Donors and rows to impute are placed by the same regression, without the donor."""

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.methods import midastouch
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.pooling.rubin import pool_scalar

SETS, M = 40, 5
#: Intercept, x, z, x z of the logistic regression below.
TRUTH = np.array([-0.5, 0.7, 0.7, 0.7])


def two_groups():
    """Two normal groups of 200 rows; half of the rows have no y."""
    rng = np.random.default_rng(0)
    k = rng.integers(2, size=400)
    y = k + rng.normal(size=400)
    y[:200] = np.nan
    return pd.DataFrame({"k": k, "y": y})


def spreads(df, seed):
    """Standard deviations of the imputed values in both groups."""
    imputer = jw.Imputer("midastouch", max_iter=1, random_state=seed)
    return imputer.fit_transform(df)[:200].groupby("k")["y"].std().to_numpy()


def test_fault_1_12_values_vary_within_the_groups_of_a_discrete_predictor():
    df = two_groups()
    observed = df.groupby("k")["y"].std().to_numpy()
    assert spreads(df, seed=0) == pytest.approx(observed, abs=0.15)
    several = np.mean([spreads(df, seed) for seed in range(20)], axis=0)
    assert several == pytest.approx(observed, abs=0.07)


@pytest.mark.parametrize("targets", [1, 3])
def test_fault_1_12_distances_are_those_of_the_regression_without_the_donor(targets):
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=60), rng.integers(2, size=60)])
    y = x @ [1.0, 2.0] + rng.normal(size=60)
    classes = 0 if targets == 1 else targets
    if classes:
        y = np.digitize(y, [0.0, 2.0])
    model = midastouch.fit(y, x, FitOptions(classes=classes), np.random.default_rng(1))
    times = np.zeros(60)
    times[model.rows] = model.times
    z = np.column_stack([np.ones(60), model.scale(x)])
    target = np.eye(targets)[y] if classes else y[:, None]
    for donor in range(len(model.rows)):
        i = model.rows[donor]
        left = times.copy()
        left[i] = 0
        beta = np.linalg.solve((z.T * left) @ z, (z.T * left) @ target)
        right = np.linalg.norm((z - z[i]) @ beta, axis=1)
        assert model.distance(z)[:, donor] == pytest.approx(right, abs=2e-3)
    assert model.distance(z)[model.rows, np.arange(len(model.rows))].max() < 1e-9


def logistic_set(rep):
    """Design L: logit P(y) = -.5 + .7 x + .7 z + .7 x z; x is missing by y and z."""
    rng = np.random.default_rng(23_000 + rep)
    z = (rng.random(800) < 0.5).astype(float)
    x = 0.5 * z + np.sqrt(0.75) * rng.normal(size=800)
    rng.normal(size=800)
    u, chance = rng.random(800), rng.random(800)
    y = u < 1 / (1 + np.exp(-(np.column_stack([np.ones(800), x, z, x * z]) @ TRUTH)))
    missing = chance < 1 / (1 + np.exp(1.2 - y - 0.4 * z))
    return pd.DataFrame({"y": y * 1.0, "x": np.where(missing, np.nan, x), "z": z})


def fitted(done):
    """Weights of the logistic regression and their variances."""
    x = np.column_stack([np.ones(len(done)), done.x, done.z, done.x * done.z])
    beta = np.zeros(4)
    for _ in range(25):
        share = 1 / (1 + np.exp(-x @ beta))
        inverse = np.linalg.inv((x.T * (share * (1 - share))) @ x)
        beta = beta + inverse @ (x.T @ (done.y.to_numpy() - share))
    return beta, np.diagonal(inverse)


@pytest.mark.slow
def test_fault_1_12_the_slope_of_a_logistic_regression_is_kept(run, complete):
    estimates, covered = [], []
    for rep in range(SETS):
        df = logistic_set(rep)
        spec = {"method": "midastouch", "max_iter": 1, "random_state": rep}
        found = [fitted(complete(df, run(df, k, **spec))) for k in range(M)]
        pooled = [
            pool_scalar([b[j] for b, _ in found], [v[j] for _, v in found])
            for j in range(4)
        ]
        ends = np.array([one.interval() for one in pooled])
        estimates.append([one.estimate for one in pooled])
        covered.append((ends[:, 0] <= TRUTH) & (ends[:, 1] >= TRUTH))
    bias = np.mean(estimates, axis=0) - TRUTH
    assert abs(bias[1]) < 0.06, bias
    assert abs(bias[3]) < 0.10, bias
    assert (np.mean(covered, axis=0) >= 0.90).all(), np.mean(covered, axis=0)


def test_fault_1_12_a_large_mean_does_not_hide_the_relation(impute_one):
    x = np.arange(200.0) + np.random.default_rng(0).normal(size=200)
    y = np.arange(200.0)
    wy = y == 100.0
    for offset in (0.0, 1e6, 1e9, 1e13):
        for seed in range(5):
            rng = np.random.default_rng(seed)
            found = impute_one("midastouch", offset + y, ~wy, x[:, None], wy, rng=rng)
            assert abs(found[0] - offset - 100.0) < 10.0
