"""Dates in models: as numbers, and back on the grid of the observed ones."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import (
    AnalysisSpec,
    ComparisonSpec,
    CorrelationSpec,
    ImputationSpec,
)
from jupyter_wrangler.engine.columns.dates import SECOND, apart, clock_of, ticks_of
from jupyter_wrangler.engine.compare.run import cell
from jupyter_wrangler.engine.correlate.run import correlate
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.estimator.summary import summarise
from jupyter_wrangler.engine.methods import METHODS as EVERY
from jupyter_wrangler.engine.profile.run import profile
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.errors import InvalidSpec

METHODS = [
    "linear",
    "pmm",
    "norm",
    "huber",
    "knn",
    "cart",
    "interpolate",
    "sample",
    "midastouch",
]


def backends():
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


@pytest.mark.parametrize("world", backends())
def test_numbers_come_back_as_the_moments_they_were(world):
    series = backends()[world]
    clock = clock_of(series)
    back = clock.moments(clock.numbers(series), series.dtype)
    pd.testing.assert_series_equal(pd.Series(back), series, check_freq=False)


@pytest.mark.parametrize("world", backends())
@pytest.mark.parametrize("method", METHODS)
def test_dates_are_imputed_in_their_dtype(world, method, run):
    whole = backends()[world]
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


# ── the whole range of a unit ──

UNITS = ["s", "ms", "us", "ns"]
LAST = np.iinfo(np.int64).max
#: Methods without a part in it of their own that take long.
SLOW = {"constant", "auto", "rf", "boosting", "extratrees"}
#: First and last tick, some between, and neighbours that one float stands for.
EXTREMES = [-LAST, LAST, 0, LAST // 2, -LAST // 3, 5, LAST - 3, -LAST + 1] * 5
MADE = {
    "dates": lambda ticks, unit: pd.Series(ticks.view(f"M8[{unit}]")),
    "zone": lambda ticks, unit: (
        pd.Series(ticks.view(f"M8[{unit}]"))
        .dt.tz_localize("UTC")
        .dt.tz_convert("Europe/Berlin")
    ),
    "arrow": lambda ticks, unit: pd.Series(ticks.view(f"M8[{unit}]")).astype(
        f"timestamp[{unit}][pyarrow]"
    ),
    "spans": lambda ticks, unit: pd.Series(ticks.view(f"m8[{unit}]")),
    "arrow spans": lambda ticks, unit: pd.Series(ticks.view(f"m8[{unit}]")).astype(
        f"duration[{unit}][pyarrow]"
    ),
}


def extremes(kind, unit, gaps=()):
    """A column over the whole range of its unit."""
    ticks = np.array(EXTREMES, dtype=np.int64)
    ticks[list(gaps)] = np.iinfo(np.int64).min
    return MADE[kind](ticks, unit)


def beside(column):
    """A frame of such a column and numbers with missing values."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=len(column))
    x[[3, 4]] = np.nan
    return pd.DataFrame({"d": column, "x": x, "z": rng.normal(size=len(column))})


def ticks(series):
    return ticks_of(series, spans=series.dtype.kind == "m")[0]


#: Right values of the example: what the same dates give in microseconds, where no
#: difference overflows.
RIGHT = {
    "interpolate": "2111-02-20",
    "median": "1985-01-01",
    "linear": "1991-09-07",
    "knn": "2051-07-27",
}


@pytest.mark.parametrize("unit", ["us", "ns"])
@pytest.mark.parametrize("method", RIGHT)
def test_fault_1_1_dates_do_not_wrap_around(method, unit):
    days = [pd.Timestamp(f"{year}-01-01") for year in (1960, 1985, 1999)]
    dates = pd.Series([days[0], None, pd.Timestamp.max, days[1], days[2]])
    df = pd.DataFrame({"valid_to": dates.astype(f"M8[{unit}]"), "x": [1.0, 2, 5, 3, 4]})
    found = Imputer(method).fit_transform(df)["valid_to"]
    assert str(found[1].date()) == RIGHT[method]
    assert found.dtype == df["valid_to"].dtype


def test_fault_1_2_dates_from_1753_to_2099_are_imputed():
    days = pd.Series(pd.to_datetime(["1753-01-01", "2099-12-31"] * 20)).astype("M8[ns]")
    df = beside(days)
    df.loc[[5, 6], "d"] = pd.NaT
    for method in METHODS:
        found = Imputer(method, random_state=0, max_iter=1).fit_transform(df)
        assert not found.isna().any(axis=None)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", MADE)
class TestFault12TheWholeRangeOfAUnit:
    def test_numbers_come_back_to_the_resolution_of_floats(self, kind, unit):
        series = extremes(kind, unit)
        clock = clock_of(series)
        back = pd.Series(clock.moments(clock.numbers(series), series.dtype))
        assert back.dtype == series.dtype
        away = np.abs(apart(ticks(back), ticks(series)))
        # local time is known to within a day of the ends
        assert away.max() <= (1025 if kind != "zone" else 86400 * SECOND[unit])

    def test_as_target_and_predictor(self, kind, unit):
        df = beside(extremes(kind, unit, gaps=[2, 9]))
        for method in set(EVERY) - SLOW:
            imputer = Imputer(method, max_iter=1, random_state=0)
            for found in (imputer.fit_transform(df), imputer.transform(df)):
                assert found.dtypes.equals(df.dtypes)
                assert not found.isna().any(axis=None), method
                kept = df["d"].notna()
                assert (ticks(found["d"][kept]) == ticks(df["d"][kept])).all()

    def test_as_times(self, kind, unit):
        df = beside(extremes(kind, unit))
        times = [int(tick) for tick in ticks(df["d"])]
        order = sorted(range(len(df)), key=lambda k: times[k])
        for row in (3, 4):
            there = [k for k in order if not np.isnan(df["x"][k])]
            low = [k for k in there if (times[k], k) <= (times[row], row)][-1]
            high = [k for k in there if (times[k], k) > (times[row], row)][:1] or [low]
            gap = times[high[0]] - times[low]
            share = (times[row] - times[low]) / gap if gap else 0.0
            x = df["x"]
            right = x[low] + share * (x[high[0]] - x[low])
            for where in (
                Imputer("time", time="d").fit_transform(df),
                Imputer("time").fit_transform(df.set_index("d")),
            ):
                assert where["x"].iloc[row] == pytest.approx(right, rel=1e-12)

    def test_in_every_look_at_the_data(self, kind, unit):
        df = beside(extremes(kind, unit, gaps=[2, 9]))
        seen = finish(profile(df, AnalysisSpec()), 1).columns[0]
        assert None not in seen.quantiles.values()
        # without the first day of 1970, which stands for no date
        assert sum(seen.histogram) in {34, 38}
        finish(profile(beside(extremes(kind, unit)), AnalysisSpec(time="d")), 1)
        for method in ("auto", "spearman"):
            found = finish(correlate(df, CorrelationSpec(method=method)), 1)
            assert [one.name for one in found.columns] == ["d", "x", "z"]
        spec = ComparisonSpec(methods=("median", "pmm"), repeats=1, max_iter=2)
        for k in range(3):
            assert not finish(cell(df, spec, k), 1).get("error")
        spec = ImputationSpec(method="pmm", max_iter=1)
        summarise(df, spec, [finish(impute(df, spec, 0), 1)])
        drawn = Imputer("pmm", max_iter=1, random_state=0).impute(df, 3)
        assert not drawn.intervals("d").isna().any(axis=None)


@pytest.mark.parametrize("method", ["mean", "linear", "norm", "knn", "pmm", "em"])
def test_fault_1_2_a_unit_decides_nothing(method):
    rng = np.random.default_rng(1)
    days = pd.Series(
        pd.Timestamp("1985-03-01") + pd.to_timedelta(rng.integers(0, 9000, 60), "D")
    )
    df = beside(days.astype("M8[s]"))
    df["x"] = df["x"] + np.arange(60) / 10
    df.loc[3::7, "d"] = pd.NaT
    settings = {"max_iter": 2, "random_state": 0}
    right = Imputer(method, **settings).fit_transform(df)
    for unit in UNITS[1:]:
        found = Imputer(method, **settings).fit_transform(
            df.assign(d=df["d"].astype(f"M8[{unit}]"))
        )
        assert (found["d"] == right["d"]).all()
        np.testing.assert_allclose(found["x"], right["x"], rtol=1e-9)


@pytest.mark.parametrize("unit", UNITS)
def test_dates_at_the_other_end_of_the_range_come_back(unit):
    ticks_ = np.array([-LAST] * 30 + [LAST])
    series = pd.Series(ticks_.view(f"M8[{unit}]"))
    clock = clock_of(series)
    back = pd.Series(clock.moments(clock.numbers(series), series.dtype))
    assert np.abs(apart(ticks(back), ticks(series))).max() < 5000
    far = pd.Series(
        clock.moments(np.array([-np.inf, -1e300, 1e300, np.inf]), series.dtype)
    )
    assert list(ticks(far)) == [-LAST, -LAST, LAST, LAST]


def test_later_rows_may_be_counted_in_another_unit():
    days = pd.Series(pd.date_range("2020-01-01", periods=60, freq="D", unit="ns"))
    fitted = Imputer("linear").fit(pd.DataFrame({"d": days, "x": np.arange(60.0)}))
    for unit in UNITS:
        dates = pd.Series(pd.to_datetime(["2020-01-11", "2020-01-21"]))
        later = pd.DataFrame({"d": dates.astype(f"M8[{unit}]"), "x": [np.nan, 20.0]})
        np.testing.assert_allclose(fitted.transform(later)["x"], [10, 20], atol=0.01)
    far = pd.Series(np.array(["9999-12-31", "2020-01-21"], dtype="M8[s]"))
    found = fitted.transform(pd.DataFrame({"d": far, "x": [np.nan, 20.0]}))
    assert found["x"][0] > 2e6


def test_what_is_handed_on_in_later_rows_is_the_same_tick():
    ticks_ = np.array([1, LAST, np.iinfo(np.int64).min, LAST - 1], dtype=np.int64)
    later = pd.DataFrame({"d": ticks_.view("M8[ns]"), "x": [1.0, 2, 3, 4]})
    days = pd.Series(pd.date_range("2020-01-01", periods=4, unit="ns"))
    for method, row in (("ffill", 1), ("bfill", 3)):
        imputer = Imputer(method).fit(pd.DataFrame({"d": days, "x": [1.0, 2, 3, 4]}))
        assert imputer.transform(later)["d"][2] == later["d"][row]


def test_the_most_frequent_date_is_distinguished_from_its_neighbours():
    # 2 ns apart at the far end of the range: one float for all of them
    ticks_ = np.array([-LAST, LAST - 4, LAST - 2, LAST - 2, LAST - 4, LAST - 2, 0])
    days = pd.Series(ticks_.view("M8[ns]"))
    days[6] = pd.NaT
    found = Imputer("most_frequent").fit_transform(pd.DataFrame({"d": days, "x": 1.0}))
    assert found["d"][6] == days[2]


@pytest.mark.parametrize(
    ("freq", "periods", "right"),
    [
        ("M", ["2020-01", "2020-02", "2020-04"], 1 + 31 / 91),
        ("h", ["2020-01-01 01:00", "2020-01-01 02:00", "2020-01-01 05:00"], 1.25),
        ("Y", ["1000", "3000", "9000"], 1.25),
    ],
    ids=["months", "hours", "years"],
)
def test_times_may_be_periods(freq, periods, right):
    index = pd.PeriodIndex(periods, freq=freq)
    df = pd.DataFrame({"x": [1.0, np.nan, 2.0]}, index=index)
    found = Imputer("time").fit_transform(df)["x"].iloc[1]
    assert found == pytest.approx(right, rel=1e-5)


@pytest.mark.parametrize("kind", ["i8", "u8", "f8"])
def test_times_are_distinguished_at_the_ends_of_their_dtype(kind):
    top = np.finfo(np.float64).max if kind == "f8" else float(np.iinfo(kind).max)
    if kind == "f8":
        times = np.array([-top, 0.0, top])
    else:
        times = np.iinfo(kind).max - np.array([4, 3, 0], dtype=kind)
    df = pd.DataFrame({"t": times, "x": [0.0, np.nan, 1.0]})
    right = 0.5 if kind == "f8" else 0.25
    assert Imputer("time", time="t").fit_transform(df)["x"][1] == right


def test_infinite_times_are_refused():
    df = pd.DataFrame({"x": [0.0, np.nan, 1.0]}, index=[0.0, np.inf, 2.0])
    with pytest.raises(InvalidSpec, match="1 infinite"):
        Imputer("time").fit(df)
