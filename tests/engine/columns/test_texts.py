"""What texts read as, and what is advised."""

import io
import re

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.columns.levels import measure
from jupyter_wrangler.engine.columns.texts import reading_of
from jupyter_wrangler.errors import ColumnLeftAlone

DAYS = pd.date_range("2023-12-20", periods=38, freq="9D")
RNG = np.random.default_rng(0)


def texts(values, n=200):
    """Repeat some values, so that they look like classes."""
    return pd.Series(RNG.choice(np.array(values, dtype=object), n), name="x")


WRITTEN = {
    "iso": list(DAYS.strftime("%Y-%m-%d")),
    "iso time": list(DAYS.strftime("%Y-%m-%d %H:%M:%S")),
    "zone": list(DAYS.strftime("%Y-%m-%dT%H:%M:%SZ")),
    "german": list(DAYS.strftime("%d.%m.%Y")),
    "british": list(DAYS.strftime("%d/%m/%Y")),
    "american": list(DAYS.strftime("%m/%d/%Y")),
    "japanese": list(DAYS.strftime("%Y/%m/%d")),
    "comma": [f"{x:.2f}".replace(".", ",") for x in np.linspace(-5, 20, 38)],
    "thousands, comma": [f"{x}.250,5" for x in range(101, 139)],
    "point": [f"{x:.2f}" for x in np.linspace(0, 20, 38)],
    "thousands": [f"{x},250" for x in range(1, 39)],
}


@pytest.mark.parametrize("name", WRITTEN)
def test_fault_2_5_the_advice_works_and_says_how_many_it_reads(name):
    column = texts(WRITTEN[name])
    column[:6] = "k.A."
    reading = reading_of(column)
    assert reading.share == pytest.approx(194 / 200)
    assert reading.advice.startswith("97% of its values read as ")
    assert "(not 'k.A.')" in reading.advice
    # what is advised is code that can be pasted, and reads that share
    code = re.search(r"df\['x'\] = (.*?)(?:; format=|\.$)", reading.advice)[1]
    df = pd.DataFrame({"x": column})
    done = eval(code, {"pd": pd, "df": df})  # noqa: S307  ours
    assert done.notna().sum() == 194
    assert (done.dtype.kind == "M") == (reading.what == "dates")


def test_fault_2_5_options_of_read_csv_read_it():
    for name, options in (
        ("comma", {"decimal": ","}),
        ("thousands, comma", {"decimal": ",", "thousands": "."}),
        ("thousands", {"thousands": ","}),
    ):
        said = reading_of(pd.Series(WRITTEN[name], name="x")).advice
        assert ", ".join(f'{k}="{v}"' for k, v in options.items()) in said
        file = io.StringIO("x\n" + "\n".join(f'"{text}"' for text in WRITTEN[name]))
        assert pd.read_csv(file, sep=";", **options)["x"].dtype.kind in "fi"


@pytest.mark.parametrize("name", WRITTEN)
def test_fault_2_5_dates_and_decimals_are_no_classes(name):
    column = texts(WRITTEN[name])
    measured = measure(column)
    if name == "thousands":
        assert measured.level == "nominal"
    else:
        assert measured.level == "text"
        assert "read as" in measured.reason
        assert "category" not in measured.reason
    column[::7] = None
    df = pd.DataFrame({"x": column, "y": np.where(RNG.random(200) < 0.2, np.nan, 1.5)})
    (found,) = (c for c in jw.profile(df).document.columns if c.name == "x")
    assert found.advice.startswith("100% of its values read as")
    assert f"x is text: {found.advice}" in jw.profile(df).sentences
    if measured.level == "text":
        with pytest.warns(ColumnLeftAlone, match="read as"):
            jw.Imputer("pmm", max_iter=1).fit(df)
        assert "read as" in repr(jw.recommend(df))


@pytest.mark.parametrize(
    "values",
    [
        ["yes", "no", "7"],
        ["12 High Street", "3 Low Road", "1 Main Square"],
        ["A12", "B7", "C9"],
        ["2024-13-45", "2024-02-31", "2024-99-01"],
        ["1,2,3", "4,5", "x"],
        ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
        ["+49 30 1234", "+49 40 99-1", "+1 555-0101"],
        [],
        [None, None],
    ],
)
def test_other_texts_are_texts(values):
    assert reading_of(pd.Series(values, dtype=object)) is None


def test_whole_numbers_as_text_may_be_names_of_classes():
    codes = texts([str(k) for k in range(30)])
    assert measure(codes).level == "nominal"
    assert "if they are numbers, convert them" in measure(codes).advice
    assert measure(texts(["2024-01-01", "2024-06-01", "2025-01-01"])).level == "nominal"


def test_of_many_different_texts_some_are_read():
    days = pd.date_range("1900-01-01", periods=20_000, freq="D").strftime("%d.%m.%Y")
    reading = reading_of(pd.Series([*days, *(f"no {k}" for k in range(1_000))]))
    assert reading.what == "dates"
    assert reading.share == pytest.approx(20 / 21, abs=0.01)


def test_almost_all_is_not_all():
    column = pd.Series([*WRITTEN["iso"] * 100, "?"])
    assert reading_of(column).advice.startswith("99.9% of its values")
