"""The draws behind predictive mean matching come from the posterior they should."""

import numpy as np
import pytest
from scipy import stats

from jupyter_wrangler.engine.columns.coding import Coding, code
from jupyter_wrangler.engine.models import posterior
from jupyter_wrangler.engine.models.moments import moments_of


def test_weights_have_the_posterior_of_rubin_1987_example_5_1():
    rng = np.random.default_rng(0)
    n, p = 30, 2
    x = rng.normal(size=(n, p)) @ [[1.0, 0.5], [0.0, 2.0]] + [3.0, -1.0]
    y = x @ [[1.0], [2.0]] + rng.normal(size=(n, 1))
    moments = moments_of(x, y)
    draws = [posterior.draw_posterior(moments, Coding(), rng) for _ in range(4000)]
    z = np.column_stack([np.ones(n), x])
    inverse = np.linalg.inv(z.T @ z)
    hat = (inverse @ z.T @ y)[:, 0]
    df = n - p - 1
    s2 = float(((y[:, 0] - z @ hat) ** 2).sum()) / df
    drawn = np.column_stack(
        [
            [draw.alpha_dot[0] for draw in draws],
            *[[draw.beta_dot[k, 0] for draw in draws] for k in range(p)],
        ]
    )
    for k in range(p + 1):
        law = stats.t(df, loc=hat[k], scale=np.sqrt(s2 * inverse[k, k]))
        assert stats.kstest(drawn[:, k], law.cdf).pvalue > 1e-3


def test_covariance_of_several_targets_is_inverse_wishart():
    rng = np.random.default_rng(1)
    S = np.array([[4.0, 1.0], [1.0, 2.0]])
    df = 12
    factors = [posterior._draw_sigma(S, df, rng) for _ in range(6000)]
    drawn = np.array([factor @ factor.T for factor in factors])
    law = stats.invwishart(df, S)
    np.testing.assert_allclose(drawn.mean(axis=0), law.mean(), rtol=0.05)
    assert np.var(drawn[:, 0, 0]) == pytest.approx(law.var()[0, 0], rel=0.2)


def test_scores_of_classes_sum_to_one():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(50, 2))
    y = rng.integers(4, size=50)
    coding = code(y, 4)
    found = posterior.draw_posterior(moments_of(x, coding.encode(y)), coding, rng)
    np.testing.assert_allclose(found.hat(x).sum(axis=1), 1.0)
    np.testing.assert_allclose(found.dot(x).sum(axis=1), 1.0)
