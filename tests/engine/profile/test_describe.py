"""Levels, different values and their shape, against pandas."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_wrangler.engine.profile.describe import describe
from jupyter_wrangler.engine.profile.shape import (
    BINS,
    QUANTILES,
    histogram_of,
    quantiles_of,
    top_of,
)

N = 12
MOMENTS = pd.Series(pd.date_range("2024-01-01", periods=N, freq="D"))
ZONED = MOMENTS.dt.tz_localize("UTC")
SPANS = pd.Series(pd.to_timedelta(np.arange(N), unit="h"))
WHOLE = pd.Series(range(N))
#: Values, level, different ones.
COLUMNS = {
    "float": (pd.Series([1.0, np.nan, 2.5] * 4), "continuous", 2),
    "int": (WHOLE, "integer", N),
    "uint64": (WHOLE.astype("uint64") + np.uint64(2**63), "integer", N),
    "keys beyond floats": (WHOLE + 2**60, "integer", N),
    "Int64": (pd.Series([1, None, 2**60] * 4, dtype="Int64"), "integer", 2),
    "arrow int": (WHOLE.astype("int64[pyarrow]"), "integer", N),
    "objects that are numbers": (pd.Series([1, 2.5, None] * 4, dtype=object),
                                 "continuous", 2),
    "bool": (pd.Series([True, False, None] * 4, dtype="boolean"), "boolean", 2),
    "str": (pd.Series(["a", "b", None] * 4), "nominal", 2),
    "arrow str": (pd.Series(["a", "b", None] * 4, dtype="string[pyarrow]"),
                  "nominal", 2),
    "text": (pd.Series([f"id{i}" for i in range(N)]), "text", N),
    "category": (pd.Series(pd.Categorical(["a", None] * 6, categories=["b", "a"])),
                 "nominal", 1),
    "ordered": (pd.Series(pd.Categorical(["a", "b"] * 6, ordered=True)), "ordered", 2),
    "datetime": (MOMENTS, "datetime", N),
    "zone": (MOMENTS.dt.tz_localize("Asia/Tokyo"), "datetime", N),
    "seconds": (MOMENTS.astype("datetime64[s]"), "datetime", N),
    "arrow moments": (MOMENTS.astype("timestamp[us][pyarrow]"), "datetime", N),
    "arrow zone": (ZONED.astype("timestamp[us, tz=UTC][pyarrow]"), "datetime", N),
    "arrow days": (pd.Series([dt.date(2024, 1, 1)] * N).astype("date32[pyarrow]"),
                   "datetime", 1),
    "timedelta": (SPANS, "timedelta", N),
    "arrow spans": (SPANS.astype("duration[us][pyarrow]"), "timedelta", N),
    "days as objects": (pd.Series([dt.date(2024, 1, 1)] * N), "text", 1),
    "periods": (pd.Series(pd.period_range("2024", periods=N, freq="D")), "text", N),
    "complex": (WHOLE * 1j, "text", N),
    "sparse": (pd.Series(pd.arrays.SparseArray([0.0, np.nan] * 6)), "text", 1),
    "nothing": (pd.Series([None] * N, dtype=object), "text", 0),
    "mixed": (pd.Series([1, "x", 2.5] * 4, dtype=object), "mixed", 3),
    "lists": (pd.Series([[1], None] * 6), "nested", None),
    "dicts": (pd.Series([{"a": 1}] * N), "nested", None),
    "arrays": (pd.Series([np.arange(2)] * N), "nested", None),
    "arrow lists": (pd.Series([[1]] * N, dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
                    "text", None),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_any_column_can_be_described(name):
    series, level, distinct = COLUMNS[name]
    before = series.copy()
    found = describe(name, series)
    assert found.level == level
    assert found.mask.sum() == series.isna().sum()
    assert (None if found.counts is None else len(found.counts)) == distinct
    if found.counts is not None:
        assert found.counts.sum() == series.notna().sum()
    assert bool(quantiles_of(found)) == (found.scaled and bool(distinct))
    histogram_of(found)
    top_of(found)
    pd.testing.assert_series_equal(series, before)


@given(
    st.lists(
        st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-5, 5).map(float)),
        max_size=40,
    )
)
def test_numbers_are_those_of_pandas(values):
    series = pd.Series(values, dtype="float64")
    found = describe("x", series)
    assert len(found.counts) == series.nunique()
    reported = quantiles_of(found)
    if not series.count():
        assert reported == {}
        return
    for name, share in QUANTILES.items():
        wanted = series.quantile(share)
        assert reported[name] == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert reported["mean"] == pytest.approx(series.mean(), rel=1e-9, abs=1e-6)
    if series.count() > 1:
        assert reported["sd"] == pytest.approx(series.std(), rel=1e-6, abs=1e-6)
    else:
        assert reported["sd"] is None
    assert sum(histogram_of(found)) == series.count()


def test_bins_are_those_of_numpy():
    y = np.random.default_rng(0).normal(size=1_000)
    found = describe("x", pd.Series(y))
    reported = histogram_of(found)
    assert reported == tuple(np.histogram(y, bins=BINS)[0])


def test_infinite_and_huge_numbers_overflow_nothing():
    found = describe("x", pd.Series([np.inf, -np.inf, 1.7e308, -1.7e308, 0.0]))
    reported = quantiles_of(found)
    assert (reported["min"], reported["median"], reported["max"]) == (
        -1.7e308,
        0.0,
        1.7e308,
    )
    assert reported["sd"] is None
    assert sum(histogram_of(found)) == 3


def test_moments_are_reported_by_the_clock_on_the_wall():
    found = describe("t", MOMENTS.dt.tz_localize("Asia/Tokyo"))
    reported = quantiles_of(found)
    assert (reported["min"], reported["median"]) == (
        "2024-01-01",
        "2024-01-06 12:00:00",
    )
    assert "mean" not in reported


def test_the_most_frequent_come_first_and_ties_by_their_text():
    found = describe("x", pd.Series(["b", "a", "c", "c", "b", "a", "c", "d"]))
    assert [(c.value, c.n) for c in top_of(found, 3)] == [("c", 3), ("a", 2), ("b", 2)]


def test_of_many_values_those_that_occur_once_are_not_listed():
    found = describe("x", pd.Series([*"abcdefgh", "a"]))
    assert [(c.value, c.n) for c in top_of(found)] == [("a", 2)]
