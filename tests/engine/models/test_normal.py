"""Maximum likelihood for normal rows with missing values, against published figures."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from jupyter_wrangler.engine.models.normal import fill, groups_of, inverse_of
from jupyter_wrangler.engine.models.normal_fit import draw_parameters, em

#: nhanes of the R package mice (Schafer 1997, table 6.14).
NHANES = np.array(
    [
        [1, np.nan, np.nan, np.nan], [2, 22.7, 1, 187], [1, np.nan, 1, 187],
        [3, np.nan, np.nan, np.nan], [1, 20.4, 1, 113], [3, np.nan, np.nan, 184],
        [1, 22.5, 1, 118], [1, 30.1, 1, 187], [2, 22, 1, 238],
        [2, np.nan, np.nan, np.nan], [1, np.nan, np.nan, np.nan],
        [2, np.nan, np.nan, np.nan], [3, 21.7, 1, 206], [2, 28.7, 2, 204],
        [1, 29.6, 1, np.nan], [1, np.nan, np.nan, np.nan], [3, 27.2, 2, 284],
        [2, 26.3, 2, 199], [1, 35.3, 1, 218], [3, 25.5, 2, np.nan],
        [1, np.nan, np.nan, np.nan], [1, 33.2, 1, 229], [1, 27.5, 1, 131],
        [3, 24.9, 1, np.nan], [2, 27.4, 1, 186],
    ]
)  # fmt: skip


def missing(n, p, share, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) + 3.0
    x[rng.random((n, p)) < share] = np.nan
    return x


def log_likelihood(x, mean, cov):
    total = 0.0
    for row in x:
        seen = ~np.isnan(row)
        if seen.any():
            normal = multivariate_normal(mean[seen], cov[np.ix_(seen, seen)])
            total += normal.logpdf(row[seen])
    return total


def test_means_of_nhanes():
    # Figures of norm::em.norm at convergence.
    found = em(NHANES, tol=1e-12)
    expected = [1.76, 26.52255987, 1.22939732, 194.44680438]
    np.testing.assert_allclose(found.mean, expected, rtol=1e-8)
    assert found.converged


def test_the_log_likelihood_is_that_of_the_observed_cells():
    found = em(NHANES)
    expected = log_likelihood(NHANES, found.mean, found.cov)
    assert found.loglik == pytest.approx(expected, abs=1e-6)


def test_complete_rows_give_mean_and_covariance():
    x = missing(50, 3, 0.0)
    found = em(x)
    np.testing.assert_allclose(found.mean, x.mean(axis=0))
    np.testing.assert_allclose(found.cov, np.cov(x.T, ddof=0), rtol=1e-9)


def test_every_step_raises_the_likelihood():
    x = missing(60, 4, 0.3)
    seen = [em(x, tol=0, max_iter=k).loglik for k in range(1, 15)]
    assert (np.diff(seen) > -1e-9).all()


def test_the_estimate_is_where_the_likelihood_is_largest():
    x = missing(80, 3, 0.3)
    found = em(x, tol=1e-11)
    rng = np.random.default_rng(0)
    for _ in range(20):
        nudge = rng.normal(size=3) * 1e-2
        root = np.linalg.cholesky(found.cov) * (1 + rng.normal(size=(3, 3)) * 1e-2)
        other = log_likelihood(x, found.mean + nudge, root @ root.T)
        assert other < found.loglik


def test_units_do_not_matter():
    x = missing(60, 3, 0.3)
    scale, shift = np.array([1e6, 1e-6, 1.0]), np.array([5.0, 0.0, -1e3])
    one, other = em(x), em(x * scale + shift)
    np.testing.assert_allclose(other.mean, one.mean * scale + shift, rtol=1e-6)
    np.testing.assert_allclose(
        other.cov, one.cov * scale * scale[:, None], rtol=1e-5, atol=1e-8
    )


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
def test_filling_is_the_regression_on_what_is_observed(share):
    x = missing(40, 5, share)
    has = ~np.isnan(x)
    rng = np.random.default_rng(1)
    root = rng.normal(size=(5, 5))
    cov = root @ root.T + np.eye(5)
    r = np.where(has, x, 0.0)
    spread, _ = fill(r, inverse_of(cov)[0], groups_of(has))
    expected, total = np.where(has, x, 0.0), np.zeros((5, 5))
    for row, seen in zip(expected, has, strict=True):
        gone = ~seen
        beta = cov[np.ix_(gone, seen)] @ np.linalg.pinv(cov[np.ix_(seen, seen)])
        row[gone] = beta @ row[seen]
        rest = cov[np.ix_(gone, gone)] - beta @ cov[np.ix_(seen, gone)]
        total[np.ix_(gone, gone)] += rest
    np.testing.assert_allclose(r, expected, atol=1e-8)
    np.testing.assert_allclose(spread, total, atol=1e-8)


def test_drawn_missing_values_have_the_conditional_mean_and_spread():
    cov = np.array([[1.0, 0.8, 0.3], [0.8, 1.0, 0.1], [0.3, 0.1, 1.0]])
    r = np.zeros((40_000, 3))
    r[:, 0] = 1.0
    has = np.zeros(r.shape, dtype=bool)
    has[:, 0] = True
    fill(r, inverse_of(cov)[0], groups_of(has), np.random.default_rng(0))
    np.testing.assert_allclose(r[:, 1:].mean(axis=0), [0.8, 0.3], atol=0.02)
    expected = cov[1:, 1:] - np.outer([0.8, 0.3], [0.8, 0.3])
    np.testing.assert_allclose(np.cov(r[:, 1:].T), expected, atol=0.02)


def test_drawn_parameters_spread_as_the_sampling_theory_says():
    z = missing(50, 2, 0.0)
    rng = np.random.default_rng(0)
    draws = [draw_parameters(z, 0.0, rng) for _ in range(4_000)]
    means = np.array([mean for mean, _ in draws])
    covs = np.array([cov for _, cov in draws])
    scatter = np.cov(z.T, ddof=0) * 50
    # Mean of the inverse Wishart: scatter / (df - p - 1).
    np.testing.assert_allclose(covs.mean(axis=0), scatter / 46, rtol=0.03)
    np.testing.assert_allclose(np.cov(means.T), scatter / 46 / 50, rtol=0.1)


@pytest.mark.parametrize(
    "x",
    [
        np.array([[1.0]]),
        np.array([[np.nan, 1.0], [2.0, np.nan]]),
        np.full((4, 2), 7.0),
        np.column_stack([np.arange(6.0), np.arange(6.0) * 2]),
        missing(4, 9, 0.3),
        np.full((3, 2), np.nan),
    ],
    ids=["one cell", "never together", "constant", "collinear", "p > n", "nothing"],
)
def test_odd_shapes_stay_finite(x):
    found = em(x, max_iter=50)
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.cov).all()
