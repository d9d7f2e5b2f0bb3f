"""Methods that look at the rows around a missing value."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn

PEERS = {
    "ffill": lambda s: s.ffill().bfill(),
    "bfill": lambda s: s.bfill().ffill(),
    "interpolate": lambda s: s.interpolate(limit_direction="both"),
}


@pytest.fixture
def panel():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"who": rng.integers(5, size=90), "y": rng.normal(size=90)})
    df.loc[rng.random(90) < 0.4, "y"] = np.nan
    return df


@pytest.mark.parametrize("method", PEERS)
def test_numbers_are_those_of_pandas(method, panel, run):
    peer = PEERS[method](panel["y"])
    found = run(panel, method=method)
    np.testing.assert_allclose(found.values["y"], peer[panel["y"].isna()])


@pytest.mark.parametrize("method", PEERS)
def test_groups_are_filled_apart(method, panel, run):
    peer = panel.groupby("who")["y"].transform(PEERS[method])
    found = run(panel, method=method, group="who")
    np.testing.assert_allclose(found.values["y"], peer[panel["y"].isna()])


def test_time_is_pandas_interpolation_by_time(run):
    rng = np.random.default_rng(0)
    index = pd.Timestamp("2020-01-01") + pd.to_timedelta(
        np.sort(rng.choice(1000, 60, replace=False)), "h"
    )
    s = pd.Series(rng.normal(size=60), index=index)
    s[rng.random(60) < 0.3] = np.nan
    peer = s.interpolate(method="time", limit_direction="both")[s.isna()]
    df = s.to_frame("y")
    np.testing.assert_allclose(run(df, method="time").values["y"], peer)
    shuffled = df.reset_index(names="when").sample(frac=1, random_state=0)
    found = run(shuffled, method="time", time="when").values["y"]
    missing = shuffled["when"][shuffled["y"].isna()]
    np.testing.assert_allclose(found, peer[missing])


def test_times_are_wanted_and_said_so(run):
    df = pd.DataFrame({"y": [1.0, None, 3.0], "w": [1.0, None, 2.0]}, index=list("abc"))
    with pytest.raises(InvalidSpec, match=r"the index is .* time="):
        run(df, methods={"y": "time"}, method="")
    levels = df.set_index(["w", "y"], drop=False)
    with pytest.raises(InvalidSpec, match=r"the index has 2 levels; name .* time="):
        run(levels, methods={"y": "time"}, method="")
    with pytest.raises(InvalidSpec, match="'w' has 1 missing values"):
        run(df, method="time", time="w")
    with pytest.raises(UnknownColumn):
        run(df, method="time", time="when")


def test_a_group_without_values_is_filled_and_reported(run):
    df = pd.DataFrame({"g": list("aabb"), "y": [1.0, 3.0, None, None]})
    for method, value in (("ffill", 2.0), ("interpolate", 2.0)):
        found = run(df, method=method, group="g")
        assert list(found.values["y"]) == [value, value]
        assert "groups without any value" in found.events[0].message
    assert set(run(df, method="sample", group="g").values["y"]) <= {1.0, 3.0}


def test_sample_draws_within_groups_and_keeps_shares(run):
    df = pd.DataFrame({"g": [0, 1] * 500, "c": pd.Categorical(["a", "b"] * 500)})
    df.loc[:399, "c"] = np.nan
    found = run(df, method="sample", group="g")
    assert (np.asarray(found.values["c"]) == np.array(["a", "b"] * 200)).all()
    share = (np.asarray(run(df, method="sample").values["c"]) == "a").mean()
    assert share == pytest.approx(0.5, abs=0.1)


def test_classes_and_dates_are_handed_on(run):
    df = pd.DataFrame(
        {
            "c": pd.Categorical(["x", None, "y", None], ordered=True),
            "d": pd.to_datetime(["2020-01-01", None, "2020-01-03", None]),
        }
    )
    found = run(df, method="interpolate")
    assert list(found.values["c"]) == ["x", "y"]
    assert list(found.values["d"]) == list(pd.to_datetime(["2020-01-02", "2020-01-03"]))


def test_later_rows_are_filled_by_their_own_neighbours():
    df = pd.DataFrame({"g": ["a", "b"] * 4, "y": [1.0, 2.0, None, None] * 2})
    later = pd.DataFrame({"g": ["a", "a", "b"], "y": [7.0, None, None]})
    done = Imputer("ffill", group="g").fit(df).transform(later)
    assert done["y"].tolist() == [7.0, 7.0, 1.5]
    drawn = Imputer("sample", group="g", random_state=0).fit(df).transform(later)
    assert drawn["y"][1] == 1.0


def lower_median(s):
    return s.dropna().sort_values().iloc[(s.count() - 1) // 2]


STATISTICS = {
    "mean": lambda s: s.mean(),
    "median": lambda s: s.median(),
    "most_frequent": lambda s: s.mode().iloc[0],
}


@pytest.mark.parametrize("method", STATISTICS)
@pytest.mark.parametrize("kind", ["float", "Int64", "str", "date"])
def test_statistics_are_those_of_the_group(method, kind, panel, run, tmp_path):
    panel["y"] = (3 * panel["y"]).round()
    statistic = STATISTICS[method]
    if kind == "Int64":
        panel["y"] = panel["y"].astype("Int64")
    elif kind == "str":
        panel["y"] = panel["y"].map(lambda y: None if pd.isna(y) else f"c{y}")
        statistic = STATISTICS["most_frequent"]
    elif kind == "date":
        panel["y"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(panel["y"], unit="D")
        if method != "most_frequent":
            statistic = lower_median
    # a group without any value, and rows that belong to none
    panel.loc[:2, ["who", "y"]] = [9, None]
    panel["who"] = panel["who"].astype("Int64")
    panel.loc[3:9, "who"] = None
    by = panel.groupby("who", dropna=False)["y"]
    peers = {who: statistic(part) for who, part in by if part.notna().any()}
    missing = panel["y"].isna()

    def wanted(who):
        keys = [None if pd.isna(one) else one for one in who]
        known = {None if pd.isna(k) else k: v for k, v in peers.items()}
        found = [known.get(key, statistic(panel["y"])) for key in keys]
        if kind == "Int64":
            return [int(np.rint(float(one))) for one in found]
        return found if kind != "float" else pytest.approx(found)

    found = run(panel, method=method, methods={"who": ""}, group="who")
    assert list(found.values["y"]) == wanted(panel["who"][missing])
    reported = [
        e.message for e in found.events if "groups without any value" in e.message
    ]
    assert len(reported) == 1
    assert reported[0].startswith(
        "3 missing values of column 'y' lie in groups without any value"
    )
    later = pd.DataFrame({"who": [1, 9, 77, None], "y": panel["y"].iloc[:1].repeat(4)})
    later["y"] = pd.Series([None] * 4, dtype=panel["y"].dtype).array
    later["who"] = later["who"].astype("Int64").array
    imputer = Imputer(method, group="who").fit(panel)
    done = imputer.transform(later)["y"]
    assert list(done) == wanted(later["who"])

    imputer = jw.Imputer(method, group="who").fit(panel)
    imputer.save(tmp_path / "imputer.zip")
    again = jw.load_imputer(tmp_path / "imputer.zip").transform(later)["y"]
    pd.testing.assert_series_equal(again, done)


def test_chained_methods_see_the_statistics_of_the_groups(panel, run):
    panel["x"] = np.arange(90.0)
    panel.loc[::7, "x"] = np.nan
    spec = {"method": "linear", "group": "who"}
    found = run(panel, methods={"y": "mean"}, **spec)
    peer = panel.groupby("who")["y"].transform("mean")
    filled = panel.assign(y=panel["y"].fillna(peer))
    np.testing.assert_allclose(found.values["x"], run(filled, **spec).values["x"])
