"""Charts of what is missing tell what pandas counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from jupyter_wrangler import charts
from jupyter_wrangler.charts.model import MOST
from jupyter_wrangler.engine.missingness.patterns import flux, md_pattern
from jupyter_wrangler.errors import (
    DuplicateColumns,
    EmptyFrame,
    InfiniteValues,
    InvalidData,
    InvalidSpec,
    UnknownColumn,
    UnsupportedFrame,
)

OF_A_FRAME = [
    charts.missing_bar,
    charts.missing_matrix,
    charts.missing_patterns,
    charts.missing_heatmap,
    charts.influx_outflux,
]
#: Those that say something about any frame with a row and a column.
OF_ANY_FRAME = OF_A_FRAME[:3]


@pytest.fixture(scope="module")
def wide():
    """So many rows and columns that every chart must choose."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5_000, 200))
    values[rng.random(values.shape) < rng.random(200) / 2] = np.nan
    names = [f"a rather long name of a measurement, number {k}" for k in range(200)]
    return pd.DataFrame(values, columns=names)


@pytest.mark.parametrize("draw", OF_A_FRAME)
@pytest.mark.parametrize(
    ("given", "error"),
    [
        (pd.DataFrame(), EmptyFrame),
        (pd.DataFrame({"a": []}), EmptyFrame),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), DuplicateColumns),
        (pd.Series([1.0, None]), UnsupportedFrame),
        ([[1, None]], UnsupportedFrame),
    ],
)
def test_what_is_no_frame_is_refused(draw, given, error):
    with pytest.raises(error):
        draw(given)


@pytest.mark.parametrize("draw", OF_ANY_FRAME)
@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.0]}),
        pd.DataFrame({"a": [None]}),
        pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}),
        pd.DataFrame({"a": [None, None], "b": [None, None]}),
        pd.DataFrame({"": [1.0, None], "price ($)": [None, 2.0], "cost $": [1, 2]}),
        pd.DataFrame({0: [1.0, None], ("a", 1): [None, 2.0], None: [1, 2]}),
        pd.DataFrame({"x" * 300: [1.0, None], "a\nb": [1, 2], "[a.b]": [None, 1]}),
    ],
)
def test_any_frame_is_drawn(draw, frame):
    chart = draw(frame)
    assert chart.plot().get_title(loc="left")
    assert chart.to_vegalite()["description"].startswith(chart.sentence)
    assert "nan" not in chart.sentence


@pytest.mark.parametrize("draw", OF_A_FRAME)
def test_wide_frames_stay_within_the_limit_and_say_so(draw, wide):
    chart = draw(wide)
    assert chart.n_marks <= MOST
    assert any("Shown are" in note or "no room" in note for note in chart.notes)
    chart.plot()


@pytest.mark.parametrize("draw", OF_A_FRAME)
def test_polars_is_drawn_as_pandas_is(draw, nhanes):
    assert draw(pl.from_pandas(nhanes)).sentence == draw(nhanes).sentence


def test_bars_are_those_of_pandas(air):
    chart = charts.missing_bar(air)
    table = chart.to_frame().set_index("column")
    assert table["missing"].to_dict() == air.isna().sum().to_dict()
    assert table["share"].to_dict() == air.isna().mean().to_dict()
    assert list(table.index[:2]) == ["Ozone", "Solar.R"]
    assert chart.sentence == (
        "37 of 153 rows lack 'Ozone' (24 %), the most of 6 columns; 4 columns have no "
        "missing value."
    )
    unsorted = charts.missing_bar(air, sort=False).to_frame()
    assert list(unsorted["column"]) == list(air.columns)


def test_no_missing_value_and_only_missing_values_are_said():
    full = pd.DataFrame({"a": [1, 2]})
    assert charts.missing_bar(full).sentence == (
        "No value is missing in 2 rows and 1 column."
    )
    assert charts.missing_patterns(full).sentence == (
        "No value is missing: all 2 rows are complete."
    )
    empty = pd.DataFrame({"a": [None, None]})
    assert "2 of 2 rows lack 'a' (100 %)" in charts.missing_bar(empty).sentence
    assert "no column is complete" in charts.missing_bar(empty).sentence
    assert charts.missing_matrix(empty).sentence == (
        "2 of 2 cells are missing (100 %); 0 of 2 rows are complete."
    )


def test_the_matrix_loses_no_missing_value(wide, air):
    for frame in (air, wide.iloc[:, :60], wide.iloc[:37]):
        chart = charts.missing_matrix(frame)
        table = chart.to_frame()
        if frame.shape[1] <= 60:
            assert table["missing"].sum() == frame.isna().sum().sum()
            by_column = table.groupby("column")["missing"].sum()
            real = frame.isna().sum()
            assert by_column.to_dict() == real[real > 0].to_dict()
        assert (table["first"] <= table["last"]).all()
        assert table["last"].max() <= len(frame)
        whole = table["last"] - table["first"] + 1
        assert np.allclose(table["share"], table["missing"] / whole)
    assert charts.missing_matrix(air).notes == ()
    assert "Each line stands for " in charts.missing_matrix(wide).notes[-1]


def test_a_block_says_where_its_rows_are():
    frame = pd.DataFrame({"a": [1.0, None, None, 4.0, None]})
    table = charts.missing_matrix(frame).to_frame()
    assert table[["first", "last"]].to_numpy().tolist() == [[2, 3], [5, 5]]
    table = charts.missing_matrix(frame, sort=True).to_frame()
    assert table[["first", "last"]].to_numpy().tolist() == [[1, 3]]


def test_patterns_are_those_of_mice(nhanes):
    chart = charts.missing_patterns(nhanes)
    table, found = chart.to_frame(), md_pattern(nhanes)
    assert sorted(table["rows"]) == sorted(found.rows)
    assert table["rows"].sum() == len(nhanes)
    assert table["missing"].iloc[0] == ()
    assert set(table["missing"].iloc[1]) == {"bmi", "hyp", "chl"}
    assert chart.sentence == (
        "5 patterns; 13 of 25 rows (52 %) are complete, and 7 rows lack only 'hyp', "
        "'bmi' and 'chl'."
    )
    fewer = charts.missing_patterns(nhanes, most=2)
    assert fewer.notes[0] == (
        "Shown are the 2 most frequent of 5 patterns, with 80 % of the rows."
    )
    assert len(fewer.to_frame()) == 5
    for most in (0, 61):
        with pytest.raises(InvalidSpec, match=f"most={most}"):
            charts.missing_patterns(nhanes, most=most)


def test_indicators_correlate_as_pandas_says(nhanes):
    chart = charts.missing_heatmap(nhanes)
    table = chart.to_frame()
    real = nhanes.isna().drop(columns="age").astype(float).corr()
    assert len(table) == 3
    for line in table.itertuples():
        assert line.r == pytest.approx(real.loc[line.column, line.other])
    assert chart.sentence.startswith(
        "'bmi' and 'hyp' are often missing together (0.91)"
    )
    assert chart.notes == (
        "Not drawn: 1 without any missing value or without any value.",
    )


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ([1, None, 3, None], "are always missing together"),
        ([None, 2, None, 4], "are never missing together, and never both observed"),
        ([None, None, 3, 4], "are hardly related in what they lack (0.00)"),
        ([None, 2, 3, 4], "are seldom missing together"),
    ],
)
def test_the_strength_of_indicators_is_said(other, words):
    frame = pd.DataFrame({"a": [1, None, 3, None], "b": other})
    assert words in charts.missing_heatmap(frame).sentence


def test_one_column_with_missing_values_is_no_pair():
    with pytest.raises(
        InvalidData, match="1 columns have both missing and observed values"
    ):
        charts.missing_heatmap(pd.DataFrame({"a": [1, None], "b": [None, None]}))


def test_flux_is_that_of_mice(nhanes):
    chart = charts.influx_outflux(nhanes)
    table = chart.to_frame().set_index("column")
    real = flux(nhanes)
    assert list(table.index) == list(real.index)
    assert np.array_equal(table.to_numpy(), real.to_numpy())
    assert "'age' has the highest outflux (1.00)" in chart.sentence
    assert f"({flux(nhanes)['influx'].max():.2f})" in chart.sentence


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (pd.DataFrame({"a": [1, 2]}), "no missing value"),
        (pd.DataFrame({"a": [None, None], "b": [None, None]}), "no value"),
    ],
)
def test_there_is_no_flux_without_missing_values_and_values(frame, why):
    with pytest.raises(InvalidData, match=why):
        charts.influx_outflux(frame)


def test_names_that_fall_together_are_reported_once():
    frame = pd.DataFrame({name: [1.0, 2.0] for name in "abcde"} | {"z": [1.0, None]})
    words = charts.influx_outflux(frame).panels[0].layers[2].data
    assert "a, b and 3 more" in set(words["name"])


def test_groups_are_those_of_pandas(air):
    chart = charts.by_missingness(air, "Ozone", "Temp")
    missing_cells = air["Ozone"].isna()
    a, b = air["Temp"][~missing_cells], air["Temp"][missing_cells]
    assert f"({b.mean():.2f} against {a.mean():.2f}" in chart.sentence
    assert f"{len(b)} rows against {len(a)}" in chart.sentence
    table = chart.to_frame()
    for what, real in (("Ozone observed", a), ("Ozone missing", b)):
        curve = table[table["what"] == what]
        step = curve["value"].diff().iloc[1]
        area = curve["density"].sum() * step
        assert 0.85 < area <= 1.01
        assert (
            abs(np.average(curve["value"], weights=curve["density"]) - real.mean()) < 1
        )


def test_groups_of_classes_are_those_of_pandas():
    frame = pd.DataFrame({"x": list("aabbb"), "y": [1, None, None, 4, None]})
    chart = charts.by_missingness(frame, "y", "x")
    assert chart.sentence == (
        "33 % of 'x' are 'a' where 'y' is missing, and 50 % where it is observed (3 "
        "rows against 2)."
    )
    assert chart.to_frame()["n"].tolist() == [1, 1, 1, 2]


def test_groups_of_moments_are_reported_in_days():
    when = pd.to_datetime(["2020-01-01", "2020-01-01", "2020-01-04", "2020-01-04"])
    frame = pd.DataFrame({"x": when, "y": [1, 2, None, None]})
    sentence = charts.by_missingness(frame, "y", "x").sentence
    assert sentence.startswith("'x' is 3 days later on average where 'y' is missing")
    zoned = frame.assign(x=frame["x"].dt.tz_localize("Europe/Berlin"))
    assert charts.by_missingness(zoned, "y", "x").sentence == sentence
    spans = frame.assign(x=frame["x"] - frame["x"].min())
    assert "is 3 days higher" in charts.by_missingness(spans, "y", "x").sentence


def test_equal_groups_are_said_to_be_equal():
    frame = pd.DataFrame({"x": [1.0, 1.0], "y": [1.0, None]})
    assert "is the same on average" in charts.by_missingness(frame, "y", "x").sentence


@pytest.mark.parametrize(
    ("missing", "x", "error", "says"),
    [
        ("no", "a", UnknownColumn, "no column 'no'"),
        ("a", "no", UnknownColumn, "no column 'no'"),
        ("full", "a", InvalidData, "has no missing value"),
        ("empty", "a", InvalidData, "has no value"),
        ("a", "a", InvalidData, "'a' is missing has a value of 'a'"),
        ("a", "b", InvalidData, "'a' is observed has a value of 'b'"),
        ("a", "empty", InvalidData, "no value that could be drawn"),
        ("a", "text", InvalidData, "It is text"),
        ("a", "inf", InfiniteValues, "infinite"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(missing, x, error, says):
    frame = pd.DataFrame(
        {
            "a": [1.0, 2.0, None, None],
            "b": [None, None, 1.0, 2.0],
            "full": [1, 2, 3, 4],
            "empty": [None] * 4,
            "text": ["Ann", "Bob", "Cy", "Di"],
            "inf": [1.0, np.inf, 1.0, 2.0],
        }
    )
    with pytest.raises(error, match=says):
        charts.by_missingness(frame, missing, x)


def test_many_classes_are_put_together_and_none_is_lost():
    names = [f"c{k:02}" for k in range(45)]
    x = pd.Categorical(names * 3 + ["c44"] * 5)
    frame = pd.DataFrame({"x": x, "y": [1, None] * 70})
    table = charts.by_missingness(frame, "y", "x").to_frame()
    assert table["n"].sum() == 140
    assert table["class"].nunique() == 30
    assert "16 other classes" in set(table["class"])


def test_flux_counts_the_columns_it_cannot_draw():
    frame = pd.DataFrame({"a": [1.0, None], "b": [1, 2], "c": [None, None]})
    chart = charts.influx_outflux(frame)
    assert "Not drawn: 1 without any observed value." in chart.notes
    assert len(chart.to_frame()) == 3
