"""polars in, polars out; anything else is refused with a way out."""

import datetime as dt
import pathlib

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors, frames


@pytest.fixture
def people():
    polars = pytest.importorskip("polars")
    return polars.DataFrame(
        {
            "age": [1, None],
            "name": ["x", None],
            "ward": polars.Series(["u", None], dtype=polars.Categorical),
            "stage": polars.Series(["u", None], dtype=polars.Enum(["v", "u"])),
            "chol": [1.5, float("nan")],
            "seen": [dt.date(2020, 1, 1), None],
            "smokes": [True, None],
        }
    )


def test_polars_comes_back_as_it_was(people):
    df = frames.as_pandas(people)
    packed = frames.to_parquet(df, backend="polars")
    assert frames.backend_of(packed.data) == "polars"
    found = frames.as_given(frames.from_parquet(packed.data), people)
    assert found.equals(people.fill_nan(None))
    assert found.schema == people.schema


def test_every_null_of_polars_counts_as_missing(people):
    assert frames.as_pandas(people).isna().sum().tolist() == [1] * 7


def test_pandas_is_handed_on_as_it_is():
    df = pd.DataFrame({"a": [1]})
    assert frames.as_pandas(df) is df
    assert frames.as_given(df, df) is df


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pd.Series([1.0]), ".to_frame()"),
        (np.zeros((2, 2)), "pd.DataFrame("),
        ("patients.csv", "pd.read_csv("),
        (pathlib.Path("patients.csv"), "pd.read_csv("),
        ([1, 2], "A list was given"),
        (None, "A NoneType was given"),
    ],
)
def test_anything_else_is_refused_with_a_way_out(given, words):
    with pytest.raises(errors.UnsupportedFrame) as caught:
        frames.as_pandas(given)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_name_that_nothing_can_store_is_refused(name):
    with pytest.raises(errors.UnsupportedFrame, match="rename it"):
        frames.to_parquet(pd.DataFrame([[1.0]], columns=pd.Index([name], dtype=object)))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mcar_test", {}),
        ("md_pattern", {}),
        ("md_pairs", {}),
        ("flux", {}),
        ("quickpred", {}),
        ("ampute", {"patterns": [[1, 0, 1]], "random_state": 0}),
        ("overimpute", {"column": "y", "method": "norm", "n_imputations": 2}),
    ],
)
def test_the_engine_gives_the_same_of_both(name, settings):
    polars = pytest.importorskip("polars")
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(60, 3)), columns=["x", "y", "z"])
    if name != "ampute":
        df.loc[::7, "y"] = None
    ours = getattr(jw, name)(df, **settings)
    theirs = getattr(jw, name)(polars.from_pandas(df), **settings)
    if name == "ampute":
        assert isinstance(theirs, polars.DataFrame)
        assert theirs.schema == polars.from_pandas(df).schema
        theirs = theirs.to_pandas()
    if isinstance(ours, pd.DataFrame):
        pd.testing.assert_frame_equal(ours, theirs)
    else:
        assert repr(ours) == repr(theirs)


def test_a_frame_of_another_make_is_named_with_its_module():
    with pytest.raises(errors.UnsupportedFrame, match=r"this is builtins\.list; conv"):
        jw.flux([1, 2])
