"""Dates in models: as numbers, and back on the grid of the observed ones."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.dates import clock_of
from jupyter_wrangler.engine.imputer import Imputer

METHODS = [
    "linear",
    "pmm",
    "norm",
    "knn",
    "cart",
    "interpolate",
    "sample",
    "midastouch",
]


def worlds():
    days = pd.Series(pd.date_range("2019-12-30", periods=80, freq="D"))
    minutes = pd.Series(pd.date_range("2020-03-28", periods=80, freq="17min"))
    spans = days - days[0]
    return {
        "days": days.astype("datetime64[ns]"),
        "seconds": days.astype("datetime64[s]"),
        "zone": days.dt.tz_localize("Europe/Berlin"),
        "over the change of clocks": minutes.dt.tz_localize(
            "Europe/Berlin", nonexistent="shift_forward"
        ),
        "arrow": days.astype("timestamp[us][pyarrow]"),
        "arrow zone": days.dt.tz_localize("UTC").astype("timestamp[us, UTC][pyarrow]"),
        "spans": spans,
        "arrow spans": spans.astype("duration[us][pyarrow]"),
        "long ago": pd.Series(
            np.array(["1001-01-01"] * 80, dtype="M8[s]") + np.arange(80) * 86400
        ),
    }


@pytest.mark.parametrize("world", worlds())
def test_numbers_come_back_as_the_moments_they_were(world):
    series = worlds()[world]
    clock = clock_of(series)
    back = clock.moments(clock.numbers(series), series.dtype)
    pd.testing.assert_series_equal(pd.Series(back), series, check_freq=False)


@pytest.mark.parametrize("world", worlds())
@pytest.mark.parametrize("method", METHODS)
def test_dates_are_imputed_in_their_dtype(world, method, run):
    whole = worlds()[world]
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"d": whole.copy(), "x": np.arange(80.0) + rng.normal(size=80)})
    df.loc[5::9, "d"] = None
    df.loc[7::9, "x"] = np.nan
    found = run(df, method=method, max_iter=2)
    values = pd.Series(found.values["d"])
    assert values.dtype == df["d"].dtype
    assert len(values) == df["d"].isna().sum()
    assert not values.isna().any()
    if method in {"linear", "interpolate"}:
        step = whole[1] - whole[0]
        truth = whole[df["d"].isna()].reset_index(drop=True)
        away = values.astype(object) - truth.astype(object)
        assert all(abs(one) <= 4 * step for one in away)
    if world in {"days", "zone", "seconds"}:
        assert (values.dt.hour == 0).all()


def test_dates_help_to_predict_other_columns(run):
    n = 200
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(900, size=n), "D")
    y = (days - days.min()).days.to_numpy() + rng.normal(size=n)
    df = pd.DataFrame({"d": days, "y": y})
    df.loc[:19, "y"] = np.nan
    found = run(df, method="linear")
    np.testing.assert_allclose(found.values["y"], y[:20], atol=5)


@pytest.mark.parametrize("method", ["linear", "pmm", "knn", "interpolate"])
def test_later_rows_get_dates_by_the_clock_of_the_fit(method):
    days = pd.Series(pd.date_range("2020-01-01", periods=60, freq="D"))
    df = pd.DataFrame({"d": days, "x": np.arange(60.0)})
    df.loc[3::7, "d"] = pd.NaT
    fitted = Imputer(method, random_state=0).fit(df)
    later = pd.DataFrame(
        {"d": pd.to_datetime(["2020-01-05", None, "2020-01-25"]), "x": [4.0, 14, 24]}
    )
    done = fitted.transform(later)
    assert not done["d"].isna().any()
    assert abs((done["d"][1] - pd.Timestamp("2020-01-15")).days) <= 7


def test_a_column_of_one_moment_stays_that_moment(run):
    df = pd.DataFrame({"d": pd.to_datetime(["2020-01-01", None] * 5), "x": range(10)})
    for method in ("linear", "norm", "pmm"):
        found = run(df, method=method, donors=1, max_iter=2)
        assert set(found.values["d"]) == {pd.Timestamp("2020-01-01")}
