"""What each univariate function does, called as mice calls its own."""

import numpy as np
import pytest
from sklearn.linear_model import BayesianRidge

from jupyter_wrangler.engine.methods import METHODS


def problem(n=60, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    y = x @ [1.0, -2.0, 0.5] + rng.normal(size=n)
    ry = rng.random(n) < 0.7
    return x, y, ry


def classes(n=200, k=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    # Centres on a circle, so that no class lies between two others.
    angle = 2 * np.pi * y / k
    x = np.column_stack([np.cos(angle), np.sin(angle)]) * 4
    return x + rng.normal(size=x.shape) / 2, y, rng.random(n) < 0.7


def any_problem(method):
    """Numbers for methods that impute them, and two classes for the others."""
    if "continuous" in METHODS[method].levels:
        return *problem(), {}
    x, y, ry = classes(k=2)
    return x, y, ry, {"classes": 2, "ordered": method == "polr"}


@pytest.mark.parametrize("method", METHODS)
def test_one_value_for_each_hole(method):
    x, y, ry, more = any_problem(method)
    rng = np.random.default_rng(0)
    drawn = METHODS[method].impute(y, ry, x, ~ry, rng=rng, fill_value=1.0, **more)
    assert drawn.shape == ((~ry).sum(),)
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize("method", METHODS)
def test_where_need_not_be_the_holes(method):
    x, y, ry, more = any_problem(method)
    where = np.zeros(len(y), dtype=bool)
    where[:7] = True
    rng = np.random.default_rng(0)
    drawn = METHODS[method].impute(y, ry, x, where, rng=rng, fill_value=1.0, **more)
    assert len(drawn) == 7


@pytest.mark.parametrize("method", ["knn", "linear", "pmm"])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_classes_that_lie_apart_are_told_apart(method, k):
    x, y, ry = classes(k=k)
    rng = np.random.default_rng(0)
    drawn = METHODS[method].impute(y, ry, x, ~ry, rng=rng, classes=k)
    assert (drawn == y[~ry]).mean() > 0.9


@pytest.mark.parametrize("method", ["linear", "pmm"])
def test_ranks_follow_a_line(method):
    x, _, ry = problem(400)
    y = np.clip(np.rint(2 + 2 * x[:, 0]), 0, 4).astype(int)
    rng = np.random.default_rng(0)
    drawn = METHODS[method].impute(y, ry, x, ~ry, rng=rng, classes=5, ordered=True)
    assert set(drawn) <= set(range(5))
    assert np.abs(drawn - y[~ry]).mean() < 0.5


def test_linear_is_bayesian_ridge():
    x, y, ry = problem()
    expected = BayesianRidge().fit(x[ry], y[ry]).predict(x[~ry])
    np.testing.assert_allclose(METHODS["linear"].impute(y, ry, x, ~ry), expected)


def test_pmm_differs_by_seed_and_not_within():
    x, y, ry = problem()
    draw = METHODS["pmm"].impute
    one, again, other = (
        draw(y, ry, x, ~ry, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_pmm_without_predictors_is_a_random_hot_deck():
    y = np.repeat(np.arange(10.0), 200)
    ry = np.arange(len(y)) % 2 == 0
    drawn = METHODS["pmm"].impute(
        y, ry, np.empty((len(y), 0)), ~ry, rng=np.random.default_rng(0)
    )
    counts = np.bincount(drawn.astype(int), minlength=10)
    assert counts.min() > 60
    assert counts.max() < 140


def test_pmm_with_a_constant_predictor():
    x, y, ry = problem()
    rng = [np.random.default_rng(0) for _ in range(2)]
    constant = np.column_stack([x, np.full(len(y), 7.0)])
    np.testing.assert_array_equal(
        METHODS["pmm"].impute(y, ry, x, ~ry, rng=rng[0]),
        METHODS["pmm"].impute(y, ry, constant, ~ry, rng=rng[1]),
    )


def test_knn_takes_the_mode_and_the_nearer_class_in_a_tie():
    x = np.array([[0.0], [1.0], [1.5], [9.0]])
    y = np.array([0, 1, 0, 0])
    ry = np.array([False, True, True, True])
    impute = METHODS["knn"].impute
    assert impute(y, ry, x, ~ry, n_neighbors=2, classes=2) == [1]
    assert impute(y, ry, x, ~ry, n_neighbors=3, classes=2) == [0]


def test_knn_gives_the_exact_match_all_the_weight():
    x = np.array([[0.0], [0.0], [1.0]])
    y = np.array([np.nan, 5.0, 9.0])
    ry = ~np.isnan(y)
    drawn = METHODS["knn"].impute(y, ry, x, ~ry, n_neighbors=2, weights="distance")
    np.testing.assert_array_equal(drawn, [5.0])


def test_median_of_codes_is_a_code():
    y = np.array([0, 3, 5, 9, -1])
    drawn = METHODS["median"].impute(y, y >= 0, None, y < 0, classes=10)
    np.testing.assert_array_equal(drawn, [3])
