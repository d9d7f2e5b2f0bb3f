"""Bayesian linear draws, and what they share with predictive mean matching."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.methods import METHODS


@pytest.fixture
def regression():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    y = 3 + x @ [1.0, -2.0] + 0.5 * rng.normal(size=400)
    ry = np.arange(400) < 200
    return y, ry, x


def test_MICE_IMPUTE_NORM_draws_have_the_mean_and_noise_of_the_regression(
    regression, impute_one
):
    y, ry, x = regression
    z = np.column_stack([np.ones(400), x])
    beta = np.linalg.lstsq(z[ry], y[ry], rcond=None)[0]
    s2 = ((y - z @ beta)[ry] ** 2).sum() / 197
    rng = np.random.default_rng(1)
    draws = np.array([impute_one("norm", y, ry, x, ~ry, rng=rng) for _ in range(200)])
    np.testing.assert_allclose(draws.mean(axis=0), z[~ry] @ beta, atol=0.15)
    leverage = np.einsum("ij,jk,ik->i", z[~ry], np.linalg.inv(z[ry].T @ z[ry]), z[~ry])
    expected = s2 * 197 / 195 * (1 + leverage)
    assert draws.var(axis=0).mean() == pytest.approx(expected.mean(), rel=0.03)


def test_without_sampling_the_prediction_by_least_squares_is_given(
    regression, impute_one
):
    y, ry, x = regression
    rngs = [np.random.default_rng(seed) for seed in (1, 2)]
    one, two = (
        impute_one("norm", y, ry, x, ~ry, rng, sample_posterior=False) for rng in rngs
    )
    np.testing.assert_array_equal(one, two)
    z = np.column_stack([np.ones(200), x[ry]])
    beta = np.linalg.lstsq(z, y[ry], rcond=None)[0]
    np.testing.assert_allclose(one, beta[0] + x[~ry] @ beta[1:], rtol=1e-3, atol=1e-3)


def test_norm_leaves_the_observed_range_and_other_levels_to_other_methods(mixed, run):
    df = mixed()
    found = run(df, method="norm", max_iter=3)
    assert not set(found.values["float"]) <= set(df["float"])
    assert set(found.values["str"]) <= set(df["str"].dropna())


@pytest.mark.parametrize("matchtype", [0, 1, 2])
def test_MICE_IMPUTE_PMM_every_matchtype_hands_on_observed_values(
    regression, matchtype, impute_one
):
    y, ry, x = regression
    rng = np.random.default_rng(3)
    drawn = impute_one("pmm", y, ry, x, ~ry, rng=rng, matchtype=matchtype)
    assert set(drawn) <= set(y[ry])
    truth = 3 + x[~ry] @ [1.0, -2.0]
    assert np.corrcoef(drawn, truth)[0, 1] > 0.9


def test_matchtype_0_with_one_donor_is_deterministic(correlated, run):
    df = correlated(60, 3, 0.0)
    df.loc[:9, "x0"] = np.nan
    spec = {"donors": 1, "max_iter": 1}
    for matchtype, same in ((0, True), (1, False), (2, False)):
        one, two = (
            run(df, k, matchtype=matchtype, **spec).values["x0"] for k in range(2)
        )
        assert (one == two).all() == same


def test_predictors_that_are_constant_or_collinear_where_observed_do_no_harm(run):
    # Cross-products got by subtraction are not quite zero, and not quite definite.
    df = pd.DataFrame(
        {
            "a": [1.0, 0.0, 3.3, 0.0, -1e6, 0.0, 1.0],
            "b": [0.0, 3.3, 1.0, 0.0, 1e6, 3.3, -1e6],
            "c": pd.array([0, 0, 1, None, None, 0, 0], dtype="Int64"),
            "d": pd.array([1, 0, None, None, 0, None, 1], dtype="boolean"),
        }
    )
    for method in ("pmm", "norm"):
        for seed in range(20):
            found = run(df, method=method, donors=1, max_iter=3, random_state=seed)
            assert np.isfinite(np.asarray(found.values["c"], dtype=float)).all()


def test_only_methods_that_draw_can_predict_instead():
    for method in METHODS.values():
        assert method.draws or not method.predicts
