"""An observed cell is imputed as though it alone were missing."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.engine.types import Given

AROUND = ("ffill", "bfill", "interpolate", "time")
JOINT = [name for name, method in METHODS.items() if method.kind == "joint"]


def drain(df, where=None, **spec):
    steps = impute(df, ImputationSpec(**spec), given=Given(where=where))
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def one_at_a_time(df, name, **spec):
    """Impute each observed cell of a column by hiding it, and it alone."""
    found = {}
    for row in np.flatnonzero(df[name].notna()):
        incomplete = df.copy()
        incomplete.loc[df.index[row], name] = np.nan
        one = drain(incomplete, **spec)
        at = np.flatnonzero(one.rows[name] == row)
        found[row] = np.asarray(one.values[name])[at[0]]
    return found


def everywhere(df, *names):
    where = df.isna().to_numpy(copy=True)
    for name in names:
        where[:, df.columns.get_loc(name)] = True
    return where


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("k", [1, 4])
def test_a_row_is_no_neighbour_of_itself(weights, k, correlated):
    df = correlated(40, 3, 0.2)
    df["x3"] = 0.1 * df.index
    spec = {"method": "knn", "n_neighbors": k, "weights": weights}
    found = drain(df, everywhere(df, "x0", "x1"), **spec)
    for name in ("x0", "x1"):
        np.testing.assert_array_equal(found.rows[name], np.arange(40))
        hidden = one_at_a_time(df, name, **spec)
        np.testing.assert_allclose(found.values[name][list(hidden)], [*hidden.values()])


def test_a_row_is_none_even_among_rows_that_are_as_near():
    df = pd.DataFrame({"x": [7.0] * 4 + [9.0], "y": [1.0, 2.0, 4.0, 8.0, 99.0]})
    found = drain(df, everywhere(df, "y"), method="knn", n_neighbors=2)
    np.testing.assert_array_equal(found.values["y"], [3.0, 2.5, 1.5, 1.5, 1.5])


def test_classes_are_voted_on_by_other_rows():
    # Two pairs of rows; in each the classes differ, so each takes the other's.
    df = pd.DataFrame({"x": [0.0, 0.1, 9.0, 9.1], "c": ["a", "b", "b", "a"]})
    found = drain(df, everywhere(df, "c"), method="knn", n_neighbors=1)
    assert list(found.values["c"]) == ["b", "a", "a", "b"]


def test_a_row_that_shares_nothing_with_others_gets_the_mean_of_all():
    df = pd.DataFrame({"x": [1.0, 2.0, 6.0], "y": [1.0, 2.0, np.nan]})
    found = drain(df, everywhere(df, "x"), method="knn", n_neighbors=1)
    np.testing.assert_array_equal(found.values["x"], [2.0, 1.0, 3.0])


@pytest.mark.parametrize("method", AROUND)
@pytest.mark.parametrize("group", [None, "g"])
def test_the_rows_around_count_without_the_cell(method, group):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(
        {
            "y": rng.normal(size=40),
            "t": rng.permutation(40) // 2 * 1.5,
            "g": rng.integers(3, size=40).astype(float),
        }
    )
    df.loc[rng.random(40) < 0.3, "y"] = np.nan
    spec = {"methods": {"y": method}, "time": "t", "group": group}
    found = drain(df, everywhere(df, "y"), **spec)
    hidden = one_at_a_time(df, "y", **spec)
    np.testing.assert_allclose(found.values["y"][list(hidden)], [*hidden.values()])


def test_a_group_of_one_cell_gets_the_median_of_all():
    df = pd.DataFrame({"y": [1.0, 2.0, 9.0], "g": ["a", "a", "b"]})
    found = drain(df, everywhere(df, "y"), methods={"y": "ffill"}, group="g")
    np.testing.assert_array_equal(found.values["y"], [2.0, 1.0, 2.0])
    assert "1 cells of column 'y' lie in groups" in found.events[0].message


@pytest.mark.parametrize("method", JOINT)
def test_a_joint_model_does_not_find_the_value_itself(method, correlated):
    df = correlated(300, 3, 0.1)
    row = int(np.flatnonzero(df["x0"].notna())[0])
    spec, where = {"method": method}, everywhere(df, "x0")
    plain = drain(df, where, **spec).values["x0"]
    far = df.copy()
    far.loc[row, "x0"] += 3 * df["x0"].std()
    moved = drain(far, where, **spec).values["x0"]
    # The cell takes part in the fit, as one of 270.
    assert abs(moved[row] - plain[row]) < 0.2 * df["x0"].std()


@pytest.mark.parametrize("method", ["em", "copula"])
def test_a_joint_draw_is_that_of_the_conditional_distribution(method):
    """y = 2 x + noise: given x, a draw of y is as far off, and says nothing more."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=4_000)
    df = pd.DataFrame({"x": x, "y": 2 * x + rng.normal(size=4_000)})
    drawn = drain(df, everywhere(df, "y"), method=method).values["y"]
    slope, level = np.polyfit(x, drawn, 1)
    assert (slope, level) == pytest.approx((2.0, 0.0), abs=0.08)
    noise = drawn - slope * x - level
    assert noise.std() == pytest.approx(1.0, abs=0.06)
    assert abs(np.corrcoef(noise, df["y"] - 2 * x)[0, 1]) < 0.05


@pytest.mark.parametrize("method", ["knn", *JOINT, *AROUND])
def test_missing_cells_keep_their_values(method, correlated):
    df = correlated(60, 3, 0.2)
    # A chained column behind them draws on.
    spec = {"methods": {"x0": method, "x1": method, "x2": "pmm"}, "max_iter": 2}
    plain = drain(df, **spec)
    found = drain(df, everywhere(df, "x0"), **spec)
    for name, rows in plain.rows.items():
        same = np.isin(found.rows[name], rows)
        np.testing.assert_array_equal(found.values[name][same], plain.values[name])
    assert len(found.rows["x0"]) == 60


@pytest.mark.parametrize("method", ["knn", "em", "interpolate"])
def test_bounds_hold_for_observed_cells_too(method, correlated):
    df = correlated(60, 3, 0.2)
    spec = {"method": method, "min_value": 0.5}
    assert (drain(df, everywhere(df, "x0"), **spec).values["x0"] >= 0.5).all()


@pytest.mark.parametrize(
    "method", [name for name in METHODS if name not in {"constant", "auto"}]
)
@pytest.mark.filterwarnings("ignore::jupyter_wrangler.errors.FewObserved")
def test_every_method_imputes_every_cell_in_its_own_dtype(method, mixed):
    df = mixed(60)
    where = np.ones(df.shape, dtype=bool)
    done = Imputer(method, where=where, max_iter=1, random_state=0).fit_transform(df)
    pd.testing.assert_series_equal(done.dtypes, df.dtypes)
    assert not done.isna().any(axis=None)
    # Only where a method does not fit are cells left as they are. Other columns of
    # this frame are copies of one another, which some methods give back exactly.
    seen = df["float"].notna()
    # midastouch: a row of the bootstrap sample (63 %) is its own nearest donor
    most = 0.7 if method == "midastouch" else 0.5
    assert (done["float"] == df["float"])[seen].mean() < most
