"""Regressions of classes, against scikit-learn and against perfect prediction."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.linear_model import LogisticRegression

from jupyter_wrangler.engine.methods import logreg
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.models import logistic


@pytest.fixture(scope="module")
def three():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 2))
    score = x @ [1.5, -1.0] + rng.logistic(size=900)
    return x, np.digitize(score, [-1.0, 1.0])


def test_multinomial_weights_are_those_of_maximum_likelihood(three):
    x, y = three
    counts = np.eye(3)[y]
    beta = logistic.multinomial(x, counts)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x, y)
    expected = np.vstack([peer.intercept_, peer.coef_.T])
    np.testing.assert_allclose(
        beta - beta[:, :1], expected - expected[:, :1], atol=2e-3
    )


def test_proportional_odds_recover_weights_and_thresholds(three):
    x, y = three
    weights, cuts = logistic.proportional_odds(x, np.eye(3)[y])
    np.testing.assert_allclose(weights, [1.5, -1.0], atol=0.2)
    np.testing.assert_allclose(cuts, [-1.0, 1.0], atol=0.2)


def test_the_gradient_of_proportional_odds_is_right(three, monkeypatch):
    x, y = three
    found = {}

    def keep(cost, start):
        found.update(cost=cost, start=start)
        return start

    monkeypatch.setattr(logistic, "minimise", keep)
    logistic.proportional_odds(x[:50], np.eye(4)[y[:50] + (x[:50, 0] > 1)])
    point = found["start"] + 0.3
    error = check_grad(
        lambda p: found["cost"](p)[0], lambda p: found["cost"](p)[1], point
    )
    assert error < 1e-6


def test_draws_of_logreg_have_the_covariance_of_the_estimate(three):
    x, y = three
    two = (y > 0).astype(int)
    rng = np.random.default_rng(1)
    models = [logreg.fit(two, x, FitOptions(classes=2), rng) for _ in range(400)]
    drawn = np.array([model.beta for model in models])
    z = np.column_stack([np.ones(len(x)), models[0].scale(x)])
    estimate = logreg.fit(
        two, x, FitOptions(classes=2, sample_posterior=False), rng
    ).beta
    p = 1 / (1 + np.exp(-z @ estimate))
    expected = np.linalg.inv((z.T * p * (1 - p)) @ z)
    np.testing.assert_allclose(np.cov(drawn.T), expected, rtol=0.35, atol=1e-3)
    np.testing.assert_allclose(drawn.mean(axis=0), estimate, atol=0.03)


@pytest.mark.parametrize("method", ["logreg", "polyreg", "polr"])
def test_perfect_prediction_leaves_the_weights_finite(method, impute_one):
    x = np.column_stack([np.linspace(-1, 1, 60), np.ones(60)])
    y = (x[:, 0] > 0).astype(int)
    drawn = impute_one(
        method,
        y,
        np.arange(60) % 4 != 0,
        x,
        np.arange(60) % 4 == 0,
        rng=np.random.default_rng(0),
        classes=2,
    )
    assert (drawn == y[::4]).mean() > 0.7


@pytest.mark.parametrize("method", ["polyreg", "polr"])
def test_drawn_classes_have_the_shares_of_the_truth(method, three, impute_one):
    x, y = three
    wy = np.arange(900) % 2 == 0
    drawn = [
        impute_one(method, y, ~wy, x, wy, rng=np.random.default_rng(k), classes=3)
        for k in range(10)
    ]
    shares = np.bincount(np.concatenate(drawn), minlength=3) / 4500
    np.testing.assert_allclose(shares, np.bincount(y[wy]) / 450, atol=0.05)
    assert (drawn[0] != drawn[1]).any()
    best = impute_one(
        method,
        y,
        ~wy,
        x,
        wy,
        rng=np.random.default_rng(0),
        classes=3,
        sample_posterior=False,
    )
    assert (best == y[wy]).mean() > 0.5
