"""The numbers are scikit-learn's where the method is scikit-learn's."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

from jupyter_wrangler.engine.estimator.imputer import Imputer


def scales(df):
    """The same columns on scales twelve powers of ten apart, far from zero."""
    return df * np.logspace(-6, 6, df.shape[1]) + np.logspace(-4, 7, df.shape[1])


def diabetes(share):
    df = load_diabetes(as_frame=True, scaled=False).data
    rng = np.random.default_rng(0)
    return df.mask(rng.random(df.shape) < share)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_simple(strategy, correlated):
    X = correlated(50, 4, 0.2).round(1).to_numpy()
    np.testing.assert_allclose(
        Imputer(strategy).fit_transform(X),
        SimpleImputer(strategy=strategy).fit_transform(X),
        rtol=1e-12,
    )


FRAMES = {
    "few": lambda make: make(100, 5, 0.1),
    "many missing values": lambda make: make(200, 6, 0.6),
    "wide": lambda make: make(400, 40, 0.2),
    "p > n": lambda make: make(20, 30, 0.1),
    "scales": lambda make: scales(make(300, 5, 0.2)),
    "diabetes": lambda _: diabetes(0.2),
    "collinear": lambda make: make(200, 4, 0.1).assign(
        twice=lambda d: 2 * d.x0.fillna(0), sum=lambda d: (d.x1 + d.x2).fillna(1)
    ),
    "constant": lambda make: make(80, 3, 0.2).assign(c=3.0),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.filterwarnings(
    f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning"
)
def test_linear(name, correlated):
    X = np.array(FRAMES[name](correlated))
    theirs = IterativeImputer(keep_empty_features=True)
    ours = Imputer("linear", tol_scale="largest")
    expected = theirs.fit_transform(X)
    got = ours.fit_transform(X)
    assert ours.n_iter_ == theirs.n_iter_
    size = np.abs(expected).max(axis=0)
    np.testing.assert_allclose(got / size, expected / size, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["few", "scales", "diabetes"])
@pytest.mark.filterwarnings(
    f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning"
)
def test_linear_on_later_rows(name, correlated):
    X = np.array(FRAMES[name](correlated))
    learned, later = X[: len(X) // 2], X[len(X) // 2 :]
    expected = IterativeImputer().fit(learned).transform(later)
    got = Imputer("linear", tol_scale="largest").fit(learned).transform(later)
    size = np.abs(expected).max(axis=0)
    np.testing.assert_allclose(got / size, expected / size, rtol=0, atol=1e-6)


@pytest.mark.filterwarnings(
    f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning"
)
def test_issue_10_item_6_parity_of_tol_is_an_option(correlated):
    X = np.array(correlated(300, 5, 0.3))
    # one column of large numbers: scikit-learn stops after a round or two for all
    X[:, 0] = 1e6 + X[:, 0]
    theirs = IterativeImputer(max_iter=100)
    expected = theirs.fit_transform(X)
    ours = Imputer("linear", max_iter=100, tol_scale="largest")
    got = ours.fit_transform(X)
    assert ours.n_iter_ == theirs.n_iter_ < 3
    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("k", [1, 5, 40])
@pytest.mark.parametrize("name", ["few", "many missing values", "wide", "p > n"])
def test_knn(name, k, weights, correlated):
    X = np.array(FRAMES[name](correlated))
    np.testing.assert_allclose(
        Imputer("knn", n_neighbors=k, weights=weights).fit_transform(X),
        KNNImputer(n_neighbors=k, weights=weights).fit_transform(X),
        rtol=1e-9,
    )


def by_hand(X, k):
    """KNNImputer's definition, one cell at a time."""
    done = X.copy()
    for i, j in np.argwhere(np.isnan(X)):
        both = ~np.isnan(X) & ~np.isnan(X[i])
        donors = np.flatnonzero(~np.isnan(X[:, j]) & both.any(axis=1))
        apart = np.nansum((X[donors] - X[i]) ** 2, axis=1) / both[donors].sum(axis=1)
        done[i, j] = X[donors[np.argsort(apart)[:k]], j].mean()
    return done


def test_knn_on_scales_that_drown_in_the_rounding_of_scikit_learn(correlated):
    # scikit-learn subtracts the squares of columns that only one row has: with a
    # column of 1e7 beside one of 1e-4 that leaves noise, so the definition is asked.
    X = np.array(FRAMES["scales"](correlated))
    np.testing.assert_allclose(
        Imputer("knn").fit_transform(X), by_hand(X, 5), rtol=1e-9
    )


def test_knn_with_more_rows_than_are_looked_at_closely(correlated):
    X = np.array(correlated(3000, 6, 0.2))
    X[::500] *= 1e4
    np.testing.assert_allclose(
        Imputer("knn").fit_transform(X), KNNImputer().fit_transform(X), rtol=1e-9
    )


def test_knn_on_later_rows(correlated):
    X = correlated(300, 5, 0.2).to_numpy()
    np.testing.assert_allclose(
        Imputer("knn").fit(X[:200]).transform(X[200:]),
        KNNImputer().fit(X[:200]).transform(X[200:]),
        rtol=1e-9,
    )


def test_knn_with_rows_that_share_no_column():
    X = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, 5.0], [np.nan, 7.0]])
    np.testing.assert_allclose(
        Imputer("knn").fit_transform(X), KNNImputer().fit_transform(X)
    )


def test_knn_among_many_ties_finds_only_nearest_rows():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 2, size=(4000, 3)).astype(float)
    df = pd.DataFrame(X, columns=list("abc")).assign(
        y=lambda d: d.a + 2 * d.b + 4 * d.c
    )
    truth = df.y.copy()
    df.loc[rng.random(4000) < 0.2, "y"] = np.nan
    np.testing.assert_allclose(Imputer("knn").fit_transform(df).y, truth)
