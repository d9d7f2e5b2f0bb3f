"""Joint methods in a frame: what they recover, and how they meet later rows."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.errors import SchemaMismatch

JOINT = [name for name, method in METHODS.items() if method.kind == "joint"]


def test_these_are_the_joint_methods():
    assert JOINT == ["em", "softimpute", "copula"]


@pytest.mark.parametrize("method", JOINT)
class TestLaterRows:
    def test_they_are_completed_without_fitting(self, method, mixed):
        df = mixed()
        fitted = Imputer(method, random_state=0).fit(df.iloc[:90])
        later = df.iloc[90:].copy()
        done = fitted.transform(later)
        assert not done.isna().any(axis=None)
        pd.testing.assert_series_equal(done.dtypes, df.dtypes)
        for name in df.columns:
            kept = later[name].notna()
            pd.testing.assert_series_equal(done[name][kept], later[name][kept])
        pd.testing.assert_frame_equal(fitted.transform(later), done)

    def test_missing_values_in_columns_that_were_complete(self, method, mixed):
        df = mixed()
        later = df.iloc[:5].assign(complete=np.nan)
        done = Imputer(method, random_state=0).fit(df).transform(later)
        assert not done.isna().any(axis=None)

    def test_one_row_with_nothing_observed(self, method, mixed):
        df = mixed()
        empty = df.iloc[:0].reindex(["new"])
        done = Imputer(method, random_state=0).fit(df).transform(empty)
        assert not done.isna().any(axis=None)

    def test_unseen_classes_are_refused(self, method, mixed):
        df = mixed()
        fitted = Imputer(method, random_state=0).fit(df)
        later = df.iloc[:3].copy()
        later["str"] = ["low", "new", None]
        with pytest.raises(SchemaMismatch, match="seen: 'new'"):
            fitted.transform(later)

    def test_they_follow_the_relation_learned(self, method):
        rng = np.random.default_rng(0)
        x = rng.normal(size=(500, 1)) @ np.ones((1, 4))
        x += rng.normal(size=x.shape) * 0.2
        df = pd.DataFrame(x, columns=list("abcd")).mask(rng.random(x.shape) < 0.1)
        fitted = Imputer(method, random_state=0).fit(df)
        later = pd.DataFrame({"a": [-1.0, 1.0], "b": [-1.0, 1.0], "c": [-1.0, 1.0]})
        done = fitted.transform(later.assign(d=np.nan))
        np.testing.assert_allclose(done["d"], [-1.0, 1.0], atol=0.8)


@pytest.mark.parametrize("method", JOINT)
def test_classes_and_ranks_are_distinguished(method, run):
    rng = np.random.default_rng(0)
    n = 600
    kind = rng.integers(3, size=n)
    centre = np.array([[0.0, 4.0], [4.0, 0.0], [-4.0, -4.0]])
    x = centre[kind] + rng.normal(size=(n, 2))
    df = pd.DataFrame(x, columns=["a", "b"])
    df["kind"] = pd.Series(np.array(["red", "green", "blue"])[kind])
    df["rank"] = pd.Categorical(np.digitize(x[:, 0], [-2.0, 2.0]), ordered=True)
    truth = df.copy()
    missing = rng.random(n) < 0.2
    df.loc[missing, "kind"] = None
    df.loc[rng.random(n) < 0.2, "rank"] = None
    found = run(df, method=method)
    for name, least in (("kind", 0.85), ("rank", 0.55)):
        right = truth[name].to_numpy()[found.rows[name]] == np.asarray(
            found.values[name]
        )
        assert right.mean() > least, name


@pytest.mark.parametrize("method", JOINT)
def test_joint_and_chained_methods_share_a_frame(method, mixed, run):
    df = mixed()
    methods = {"float": method, "str": method, "whole": "mean", "Int8": "knn"}
    found = run(df, method="pmm", methods=methods)
    alone = run(df, method=method)
    assert list(found.values["str"]) == list(alone.values["str"])
    assert set(found.values["single"]) <= set(df["single"])
    assert len(found.values["float"]) == df["float"].isna().sum()


@pytest.mark.parametrize(
    ("method", "depends"), [("em", 2.0), ("em", 0.0), ("copula", 0.0)]
)
def test_draws_keep_means_variances_and_correlations(method, depends, run):
    # The copula takes the margins of what is observed, so that it is right only
    # where the missing values do not depend on much.
    rng = np.random.default_rng(0)
    n = 3000
    x = rng.normal(size=n)
    y = 2.0 + 1.5 * x + rng.normal(size=n)
    df = pd.DataFrame({"x": x, "y": y})
    df.loc[rng.random(n) < 1 / (1 + np.exp(-depends * x)), "y"] = np.nan
    found = run(df, method=method)
    done = df["y"].to_numpy(copy=True)
    done[found.rows["y"]] = found.values["y"]
    assert done.mean() == pytest.approx(y.mean(), abs=0.12)
    assert done.std() == pytest.approx(y.std(), rel=0.04)
    assert np.corrcoef(x, done)[0, 1] == pytest.approx(0.83, abs=0.04)


def test_a_later_row_of_soft_impute_does_not_depend_on_its_neighbours(correlated):
    df = correlated(80, 5, 0.2)
    fitted = Imputer("softimpute").fit(df)
    alone = fitted.transform(df.iloc[3:4])
    pd.testing.assert_frame_equal(alone, fitted.transform(df).iloc[3:4])
    # and the rows of the fit get what the fit gave them
    pd.testing.assert_frame_equal(
        fitted.transform(df), Imputer("softimpute").fit_transform(df)
    )


def test_the_copula_keeps_the_shape_and_range_of_a_column(run):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2000, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
    wage = np.where(z[:, 0] < -0.5, 0.0, np.exp(z[:, 0]))
    df = pd.DataFrame({"wage": wage, "x": z[:, 1]})
    missing = rng.random(2000) < 0.3
    df.loc[missing, "wage"] = np.nan
    drawn = run(df, method="copula").values["wage"]
    assert drawn.min() == 0.0
    assert drawn.max() <= df["wage"].max()
    # The heap at zero and the long tail are those of the hidden truth.
    truth = wage[missing]
    assert (drawn == 0).mean() == pytest.approx((truth == 0).mean(), abs=0.05)
    assert np.median(drawn) == pytest.approx(np.median(truth), abs=0.15)
    assert np.corrcoef(drawn, df.loc[missing, "x"])[0, 1] > 0.5


def test_soft_impute_finds_a_matrix_of_low_rank(run):
    rng = np.random.default_rng(0)
    full = rng.normal(size=(400, 3)) @ rng.normal(size=(3, 20))
    noisy = full + rng.normal(size=full.shape) * 0.1
    missing = rng.random(full.shape) < 0.3
    df = pd.DataFrame(np.where(missing, np.nan, noisy)).rename(columns=str)
    found = run(df, method="softimpute")
    errors = [
        (found.values[str(j)] - full[found.rows[str(j)], j]) / full[:, j].std()
        for j in range(20)
    ]
    assert np.sqrt((np.concatenate(errors) ** 2).mean()) < 0.12


def test_soft_impute_shrinks_noise_to_the_mean(run):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(300, 6))).rename(columns=str)
    df = df.mask(rng.random(df.shape) < 0.2)
    found = run(df, method="softimpute")
    for name, values in found.values.items():
        assert np.abs(values - df[name].mean()).max() < 0.75, name


@pytest.mark.parametrize("method", JOINT)
def test_bounds_and_shifts_are_kept(method, correlated, run):
    df = correlated(80, 4, 0.3)
    low = float(df["x0"].mean())
    found = run(df, method=method, min_value={"x0": low}, delta={"x1": 100.0})
    assert found.values["x0"].min() == low
    plain = run(df, method=method)
    np.testing.assert_allclose(found.values["x1"], plain.values["x1"] + 100.0)
