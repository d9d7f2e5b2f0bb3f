"""Draws differ between imputations by all that is not known of a distribution."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.pooling.rubin import pool_scalar

OBSERVED, ROWS = 20, 200


def numbers(seed=0):
    """Twenty observed standard normals of mean 0, then 180 missing values."""
    y = np.random.default_rng(seed).normal(size=ROWS)
    y[:OBSERVED] = (y[:OBSERVED] - y[:OBSERVED].mean()) / y[:OBSERVED].std(ddof=1)
    y[OBSERVED:] = np.nan
    return pd.Series(y)


def of_kind(kind):
    """The numbers in another dtype, and how they become numbers again."""
    y = numbers()
    if kind == "float":
        return y, np.asarray
    if kind == "Int64":
        return (1000 * y).round().astype("Int64"), np.asarray
    if kind == "date":
        unit = pd.Timedelta(days=1000)
        dates = pd.Timestamp("2020-01-01") + unit * y
        return dates, lambda v: (pd.Series(v) - pd.Timestamp("2020-01-01")) / unit
    if kind == "boolean":
        return (y > 0).astype("boolean").mask(y.isna()), lambda v: np.asarray(v, float)
    codes = pd.Series(np.digitize(y, [-0.5, 0.5])).where(y.notna())
    names = codes.map({0: "a", 1: "b", 2: "c"}).astype("category")
    if kind == "ordered":
        names = names.cat.as_ordered()
    return names, lambda v: pd.Series(v).map({"a": 0, "b": 1, "c": 2}).astype(float)


def spread_of_means(found, back):
    """Standard deviation between imputations of the mean of the imputed values."""
    means = [np.mean(np.asarray(back(one.values["y"]), float)) for one in found]
    return np.std(means, ddof=1)


def right(y, back):
    """What it is if the distribution is known from the observed values only."""
    observed = np.asarray(back(y.dropna().array), float)
    return np.sqrt(observed.var() * (1 / OBSERVED + 1 / (ROWS - OBSERVED)))


@pytest.mark.parametrize(
    "kind", ["float", "Int64", "date", "boolean", "nominal", "ordered"]
)
def test_issue_10_item_3_sample_draws_from_a_bootstrap(kind, run):
    y, back = of_kind(kind)
    df = pd.DataFrame({"y": y})
    found = [run(df, k, method="sample", random_state=0) for k in range(300)]
    assert spread_of_means(found, back) == pytest.approx(right(y, back), rel=0.15)


@pytest.mark.parametrize("beside", ["nothing", "two classes"])
@pytest.mark.parametrize("method", ["pmm", "midastouch", "cart", "rf", "norm"])
def test_issue_10_item_3_other_methods_draw_no_less(method, beside, run):
    y, back = of_kind("float")
    df = pd.DataFrame({"y": y})
    if beside == "two classes":
        # They say nothing of y, so that a method may see less, but not more.
        df["b"] = np.arange(ROWS) % 2
    spec = {"method": method, "max_iter": 1, "random_state": 0}
    found = [run(df, k, **spec) for k in range(200)]
    spread = spread_of_means(found, back) / right(y, back)
    assert 0.8 < spread < 1.6


def test_issue_10_item_3_blocks_draw_no_less(run):
    y, back = of_kind("float")
    df = pd.DataFrame({"y": y, "z": 2 * y})
    spec = {"blocks": {"both": ["y", "z"]}, "max_iter": 1, "random_state": 0}
    found = [run(df, k, **spec) for k in range(200)]
    assert spread_of_means(found, back) == pytest.approx(right(y, back), rel=0.2)
    for one in found[:5]:
        assert (one.values["z"] == 2 * one.values["y"]).all()


def test_issue_10_item_3_the_standard_error_of_a_mean(run, complete):
    df = pd.DataFrame({"y": numbers()})
    found = [run(df, k, method="sample", random_state=1) for k in range(20)]
    done = [complete(df, one)["y"] for one in found]
    pooled = pool_scalar([y.mean() for y in done], [y.var() / ROWS for y in done])
    assert pooled.std_error == pytest.approx(0.22, abs=0.06)


def test_issue_10_item_3_groups_have_bootstraps_of_their_own(run):
    y = numbers()
    group = np.arange(ROWS) % 2
    df = pd.DataFrame({"y": y + 100 * group, "group": group})
    spec = {"method": "sample", "group": "group", "columns": ("y",), "random_state": 0}
    found = [run(df, k, **spec) for k in range(300)]
    rows = found[0].rows["y"]
    for g in (0, 1):
        mine = df["y"][df["group"] == g].dropna()
        means = [one.values["y"][group[rows] == g].mean() for one in found]
        wanted = np.sqrt(mine.var(ddof=0) * (1 / len(mine) + 1 / 90))
        assert np.std(means) == pytest.approx(wanted, rel=0.15)
        assert {v for one in found for v in one.values["y"][group[rows] == g]} == {
            *mine
        }


def test_issue_10_item_3_later_rows_are_drawn_from_the_same_bootstrap():
    df = pd.DataFrame({"y": numbers()})
    later = pd.DataFrame({"y": np.full(4000, np.nan)})
    imputer = jw.Imputer("sample", random_state=0).fit(df)
    filled = set(imputer.transform(df)["y"][OBSERVED:])
    drawn = set(imputer.transform(later)["y"])
    assert filled <= drawn < set(df["y"].dropna())


def test_issue_10_item_3_missing_values_do_not_depend_on_observed_cells_asked_for():
    df = pd.DataFrame({"y": numbers(), "z": numbers(1)})
    some = df.isna()
    some.iloc[:5] = True
    plain = jw.Imputer("sample", random_state=0).fit_transform(df)
    over = jw.Imputer("sample", random_state=0).fit_transform(df, where=some)
    pd.testing.assert_frame_equal(plain[OBSERVED:], over[OBSERVED:])
