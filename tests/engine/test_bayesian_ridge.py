import numpy as np
import pytest
from sklearn.linear_model import BayesianRidge

from jupyter_wrangler.engine import bayesian_ridge
from jupyter_wrangler.engine.moments import moments_of


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
def test_collinear_rows_in_many_blocks_tell_what_they_tell_at_once(n):
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
