from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import BayesianRidge

from jupyter_wrangler.engine.models import bayesian_ridge
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.moments import moments_of


def frame(kind, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(80, 5))
    y = x @ [1.0, 0.0, -2.0, 3.0, 0.1] + rng.normal(size=80)
    if kind == "scales":
        x *= [1e-5, 1e-2, 1.0, 1e3, 1e6]
    elif kind == "collinear":
        x[:, 4] = x[:, 0] - 2 * x[:, 1]
    elif kind == "nearly collinear":
        x[:, 4] = x[:, 0] + 1e-6 * rng.normal(size=80)
    elif kind == "perfect fit":
        y = x @ [1.0, 0.0, -2.0, 3.0, 0.1]
    elif kind == "noise":
        y = rng.normal(size=80)
    elif kind.startswith("constant"):
        (y if kind == "constant target" else x[:, 2])[:] = 3.25
    elif kind == "p > n":
        x, y = x[:4], y[:4]
    elif kind == "one row":
        x, y = x[:1], y[:1]
    elif kind == "far from zero":
        x, y = x + 1e5, y - 1e6
    return x, y


@pytest.mark.parametrize(
    "kind",
    [
        "plain",
        "scales",
        "collinear",
        "nearly collinear",
        "perfect fit",
        "noise",
        "constant target",
        "constant predictor",
        "p > n",
        "one row",
        "far from zero",
    ],
)
def test_weights_are_those_of_scikit_learn(kind):
    x, y = frame(kind)
    theirs = BayesianRidge().fit(x, y)
    coef, intercept = bayesian_ridge.fit(moments_of(x, y[:, None]))
    later = x + np.random.default_rng(1).normal(size=x.shape) * x.std(axis=0)
    expected = theirs.predict(later)
    size = np.abs(expected).max()
    np.testing.assert_allclose(
        (later @ coef[:, 0] + intercept[0]) / size, expected / size, atol=1e-7
    )


@pytest.mark.parametrize("n", [129, 1000])
def test_collinear_rows_in_many_blocks_give_what_they_give_at_once(n):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 6)) @ rng.normal(size=(6, 9))
    y = x @ rng.normal(size=9)
    theirs = BayesianRidge().fit(x, y)
    coef, intercept = bayesian_ridge.fit(moments_of(x, y[:, None]))
    np.testing.assert_allclose(
        x @ coef[:, 0] + intercept[0], theirs.predict(x), atol=1e-7 * np.abs(y).max()
    )


def test_several_targets_are_fitted_each_by_itself():
    x, y = frame("plain")
    both, _ = bayesian_ridge.fit(moments_of(x, np.column_stack([y, x[:, 0] - y])))
    alone, _ = bayesian_ridge.fit(moments_of(x, y[:, None]))
    other, _ = bayesian_ridge.fit(moments_of(x, (x[:, 0] - y)[:, None]))
    np.testing.assert_allclose(both, np.hstack([alone, other]), rtol=1e-12)


def test_without_predictors_the_mean_is_left():
    coef, intercept = bayesian_ridge.fit(moments_of(np.empty((3, 0)), np.eye(3)[:, :1]))
    assert coef.shape == (0, 1)
    np.testing.assert_allclose(intercept, 1 / 3)


def test_eigenvalues_and_cholesky_factors_give_the_same_weights():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, bayesian_ridge.FEW + 8))
    y = x @ rng.normal(size=x.shape[1]) + rng.normal(size=300)
    moments = moments_of(x, y[:, None])
    by_factors, _ = bayesian_ridge.fit(moments)
    values, vectors = np.linalg.eigh(moments.xx)
    by_values = bayesian_ridge._from_spectrum(
        moments.n, values, vectors, moments.xy[:, 0], float(moments.yy[0, 0])
    )
    np.testing.assert_allclose(by_values, by_factors[:, 0], rtol=1e-10)


NEAR = [1e-2, 1e-3, 1e-4]


def nearly_collinear(noise, n=2000, p=20):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p // 2)) @ rng.normal(size=(p // 2, p // 2))
    x = np.hstack([x, x + noise * rng.normal(size=x.shape)])
    return x, x @ rng.normal(size=p) + 0.5 * rng.normal(size=n)


@pytest.mark.parametrize("noise", NEAR)
@pytest.mark.parametrize("scaled", [None, 0, 19])
def test_issue_10_item_9_nearly_collinear_predictors_need_no_decomposition(
    noise, scaled
):
    x, y = nearly_collinear(noise)
    if scaled is not None:
        x[:, scaled] *= 1e6
    moments = moments_of(x, y[:, None])
    found = bayesian_ridge._from_moments(moments, 0)
    assert found is not None
    # moments without a factor send it to the rows
    by_rows, _ = bayesian_ridge.fit(replace(moments, xx=-moments.xx))
    size = np.abs(y).max()
    xc = x - x.mean(axis=0)
    np.testing.assert_allclose(xc @ found / size, xc @ by_rows[:, 0] / size, atol=1e-9)


@pytest.mark.parametrize("share", [1e-2, 1e-4])
def test_issue_10_item_9_a_nearly_perfect_fit_needs_no_decomposition(share):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 20))
    y = x @ rng.normal(size=20) + share * rng.normal(size=500)
    moments = moments_of(x, y[:, None])
    found = bayesian_ridge._from_moments(moments, 0)
    assert found is not None
    theirs = BayesianRidge().fit(x, y)
    np.testing.assert_allclose(found, theirs.coef_, rtol=1e-8, atol=1e-10)


def test_issue_10_item_9_the_design_gives_what_the_rows_leave():
    rng = np.random.default_rng(0)
    z = {f"x{k}": rng.normal(size=(60, 1)) * 10.0**k + 5 for k in range(4)}
    design = Design(z)
    design.recount()
    missing = np.arange(0, 60, 3)
    others = design.others("x2")
    moments = design.moments("x2", missing, design.rows(missing), others)
    coef = rng.normal(size=3)
    x, y = moments.rows()
    xc, yc = x - x.mean(axis=0), (y - y.mean(axis=0))[:, 0]
    np.testing.assert_allclose(
        moments.slope(coef, 0), xc.T @ (yc - xc @ coef), rtol=1e-9
    )
