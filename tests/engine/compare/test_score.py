"""Scores are what their definitions say, by hand and by SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from jupyter_wrangler.engine.compare.score import (
    guess,
    interval,
    of_classes,
    of_numbers,
)


def test_distances_are_those_of_scipy():
    rng = np.random.default_rng(0)
    truth, drawn = rng.normal(size=70), np.rint(rng.normal(1, 2, size=(3, 70)) * 4) / 4
    found = of_numbers(truth, drawn, draws=True)
    wanted = stats.wasserstein_distance(truth, drawn.ravel())
    assert found.wasserstein == pytest.approx(wanted, rel=1e-12)
    # SciPy gives the square root
    wanted = stats.energy_distance(truth, drawn.ravel()) ** 2
    assert found.energy == pytest.approx(wanted, rel=1e-12)


def test_errors_by_hand():
    truth = np.array([1.0, 2.0, 4.0])
    drawn = np.array([[1.0, 4.0, 0.0], [3.0, 4.0, 2.0]])
    found = of_numbers(truth, drawn, draws=False)
    # the guesses are 2, 4 and 1
    assert found.mae == pytest.approx((1 + 2 + 3) / 3)
    assert found.bias == pytest.approx((1 + 2 - 3) / 3)
    assert found.rmse == pytest.approx(math.sqrt((1 + 4 + 9) / 3))
    assert found.single == pytest.approx((0 + 2 + 4 + 2 + 2 + 2) / 6)
    assert found.coverage is None


def test_the_truth_itself_scores_zero():
    truth = np.array([3.0, 1.0, 2.0])
    found = of_numbers(truth, truth[None, :], draws=False)
    errors = (found.mae, found.rmse, found.bias, found.wasserstein, found.energy)
    assert errors == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("m", [2, 5, 20, 40, 100])
def test_intervals_cover_as_often_as_they_say(m):
    rng = np.random.default_rng(m)
    mean, sd = rng.normal(size=4_000), rng.uniform(0.5, 2, 4_000)
    drawn = mean + sd * rng.normal(size=(m, 4_000))
    truth = mean + sd * rng.normal(size=4_000)
    found = of_numbers(truth, drawn, draws=True)
    assert found.coverage == pytest.approx(0.9, abs=0.02)


def test_draws_that_all_hit_cover_and_have_no_width():
    truth = np.array([0.1, 0.7])
    found = of_numbers(truth, np.stack([truth] * 3), draws=True)
    assert (found.coverage, found.width) == (1.0, pytest.approx(0.0, abs=1e-12))


def test_one_draw_says_nothing_of_its_spread():
    found = of_numbers(np.array([1.0]), np.array([[2.0]]), draws=True)
    assert (found.coverage, found.width) == (None, None)


def test_ends_by_hand():
    low, high = interval(np.array([[0.0], [2.0]]))
    reach = stats.t.ppf(0.95, 1) * math.sqrt(2) * math.sqrt(1.5)
    assert (low[0], high[0]) == (pytest.approx(1 - reach), pytest.approx(1 + reach))


def test_what_overflows_is_none_rather_than_infinite():
    found = of_numbers(np.array([1e308]), np.array([[-1e308]]), draws=False)
    assert (found.mae, found.rmse) == (None, None)


def test_classes_by_hand():
    truth = np.array([0, 0, 1, 2])
    drawn = np.array([[0, 1, 1, 0], [0, 1, 1, 2], [1, 0, 1, 0]])
    assert guess(drawn).tolist() == [0, 1, 1, 0]
    found = of_classes(truth, drawn)
    assert found.right == 0.5
    assert found.single == pytest.approx((1 + 2 + 0 + 2) / 12)
    assert found.balanced == pytest.approx((0.5 + 1 + 0) / 3)
    shares = np.array([5, 6, 1]) / 12 - np.array([2, 1, 1]) / 4
    assert found.wasserstein == pytest.approx(np.abs(shares).sum() / 2)
    assert found.energy == pytest.approx((shares**2).sum())


def test_a_class_never_seen_is_wrong():
    found = of_classes(np.array([0, 1]), np.array([[-1, 1]]))
    assert (found.right, found.wasserstein) == (0.5, 0.5)
