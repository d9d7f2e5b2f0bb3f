import math

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import rankdata

from jupyter_wrangler.engine.pooling.convergence import autocorrelation, rhat


def by_the_paper(chains):
    """Vehtari and others (2021), eqs. 1-4 and 14, in loops."""

    def plain(halves):
        n, m = len(halves[0]), len(halves)
        means = [sum(half) / n for half in halves]
        grand = sum(means) / m
        b = n / (m - 1) * sum((mean - grand) ** 2 for mean in means)
        s2 = [
            sum((v - mean) ** 2 for v in half) / (n - 1)
            for half, mean in zip(halves, means, strict=True)
        ]
        w = sum(s2) / m
        return math.sqrt(((n - 1) / n * w + b / n) / w)

    def scores(x):
        return ndtri((rankdata(x).reshape(x.shape) - 3 / 8) / (x.size + 1 / 4))

    n = chains.shape[1] // 2
    halves = np.concatenate([chains[:, :n], chains[:, n:]])
    folded = abs(halves - np.median(halves))
    return max(plain(scores(halves).tolist()), plain(scores(folded).tolist()))


def test_rhat_is_that_of_the_paper():
    chains = np.random.default_rng(0).normal(size=(5, 10)).cumsum(axis=1)
    assert rhat(chains) == pytest.approx(by_the_paper(chains), rel=1e-12)


def test_rhat_of_independent_draws_is_near_one():
    chains = np.random.default_rng(1).normal(size=(4, 1000))
    assert rhat(chains) == pytest.approx(1, abs=0.01)
    # also without a variance
    assert rhat(np.tan(chains)) == pytest.approx(1, abs=0.01)


def test_rhat_sees_other_places_other_spreads_and_trends():
    chains = np.random.default_rng(2).normal(size=(4, 500))
    place, spread = np.arange(4)[:, None], np.array([1, 1, 1, 4])[:, None]
    assert rhat(chains + place) > 1.1
    assert rhat(chains * spread) > 1.05
    assert rhat(chains + np.linspace(0, 4, 500)) > 1.1
    assert rhat(chains[:1] + np.linspace(0, 4, 500)) > 1.1


def test_rhat_does_not_depend_on_units():
    chains = np.random.default_rng(3).normal(size=(3, 20))
    assert rhat(np.exp(chains)) == pytest.approx(rhat(np.exp(chains) * 1e6))


@pytest.mark.parametrize(
    "chains",
    [np.ones((3, 20)), np.ones((3, 3)), [[1.0, 2.0, np.nan, 3.0]], np.empty((2, 0))],
)
def test_nothing_to_say_is_nan(chains):
    assert math.isnan(rhat(chains))
    assert math.isnan(autocorrelation(chains))


def test_chains_that_stand_still_apart_have_not_mixed():
    assert rhat(np.repeat([[1.0], [2.0]], 10, axis=1)) == math.inf
    # folded, these are all one apart
    assert rhat([[0.0, 2.0, 0.0, 2.0]] * 2) < 1.5


def test_autocorrelation_of_noise_walks_and_swings():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(5, 2000))
    assert autocorrelation(noise) == pytest.approx(0, abs=0.03)
    assert autocorrelation(noise.cumsum(axis=1)) > 0.95
    assert autocorrelation([[1.0, -1.0] * 50]) == pytest.approx(-0.99)
    assert autocorrelation([[1.0, -1.0] * 50], lag=2) == pytest.approx(0.98)
    # a chain that stands still says nothing
    assert autocorrelation([[1.0] * 6, [1.0, 2, 3, 4, 5, 6]]) == pytest.approx(0.5)
