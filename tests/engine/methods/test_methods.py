"""What the `fit` of each method does with plain arrays, and what its file provides."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import BayesianRidge

from jupyter_wrangler.engine import methods
from jupyter_wrangler.engine.methods import METHODS, median
from jupyter_wrangler.engine.methods.protocol import Chained

CHAINED = [name for name, one in METHODS.items() if isinstance(one, Chained)]


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


def test_each_file_of_the_package_is_a_method_that_is_offered():
    (room,) = methods.__path__
    files = {path.stem for path in Path(room).glob("*.py")}
    assert files - {"__init__", "protocol", "signatures"} == set(METHODS) - {"auto"}


def test_the_methods_that_are_tried_after_others_or_stand_in_are_there():
    for method in METHODS.values():
        assert method.stand_in in {"", *METHODS}
        assert method.trial.after in {"", *METHODS}


@pytest.mark.parametrize("method", CHAINED)
def test_one_value_for_each_row_asked_for(method, impute_one):
    x, y, ry, more = any_problem(method)
    for where in (~ry, np.arange(len(y)) < 7):
        drawn = impute_one(method, y, ry, x, where, np.random.default_rng(0), **more)
        assert drawn.shape == (where.sum(),)
        assert np.isfinite(drawn).all()


@pytest.mark.parametrize("method", ["linear", "pmm"])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_classes_that_lie_apart_are_distinguished(method, k, impute_one):
    x, y, ry = classes(k=k)
    rng = np.random.default_rng(0)
    drawn = impute_one(method, y, ry, x, ~ry, rng, classes=k)
    assert (drawn == y[~ry]).mean() > 0.9


@pytest.mark.parametrize("method", ["linear", "pmm"])
def test_ranks_follow_a_line(method, impute_one):
    x, _, ry = problem(400)
    y = np.clip(np.rint(2 + 2 * x[:, 0]), 0, 4).astype(int)
    rng = np.random.default_rng(0)
    drawn = impute_one(method, y, ry, x, ~ry, rng, classes=5, ordered=True)
    assert set(drawn) <= set(range(5))
    assert np.abs(drawn - y[~ry]).mean() < 0.5


def test_linear_is_bayesian_ridge(impute_one):
    x, y, ry = problem()
    expected = BayesianRidge().fit(x[ry], y[ry]).predict(x[~ry])
    found = impute_one("linear", y, ry, x, ~ry, np.random.default_rng(0))
    np.testing.assert_allclose(found, expected)


def test_pmm_differs_by_seed_and_not_within(impute_one):
    x, y, ry = problem()
    one, again, other = (
        impute_one("pmm", y, ry, x, ~ry, np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_pmm_without_predictors_is_a_random_hot_deck(impute_one):
    y = np.repeat(np.arange(10.0), 200)
    ry = np.arange(len(y)) % 2 == 0
    nothing = np.empty((len(y), 0))
    drawn = impute_one("pmm", y, ry, nothing, ~ry, np.random.default_rng(0))
    counts = np.bincount(drawn.astype(int), minlength=10)
    assert counts.min() > 60
    assert counts.max() < 140


def test_pmm_with_a_constant_predictor(impute_one):
    x, y, ry = problem()
    constant = np.column_stack([x, np.full(len(y), 7.0)])
    np.testing.assert_array_equal(
        impute_one("pmm", y, ry, x, ~ry, np.random.default_rng(0)),
        impute_one("pmm", y, ry, constant, ~ry, np.random.default_rng(0)),
    )


def test_the_middle_row_has_a_value_that_occurs():
    y = np.array([9, 0, 5, 3])
    assert y[median.middle_row(y)] == 3
