"""Little's test, against the figures of naniar."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.missingness.mcar import mcar_test
from jupyter_wrangler.errors import InvalidData

DATA = Path(__file__).parents[3] / "notebooks" / "data"


@pytest.fixture(scope="module")
def airquality():
    return pd.read_csv(DATA / "airquality.csv")


def test_it_is_a_public_name():
    assert jw.mcar_test is mcar_test


def test_airquality(airquality):
    # naniar tests/testthat/test-mcar-test.R gives 35.1061288689702; its EM stops a
    # little before convergence, where it is 35.1061749072.
    found = mcar_test(airquality)
    assert found.statistic == pytest.approx(35.1061749072, rel=1e-8)
    assert found.statistic == pytest.approx(35.1061288689702, rel=1e-5)
    assert found.p_value == pytest.approx(0.001417758871, rel=1e-7)
    assert found.df == 14
    assert found.n_patterns == 4
    assert "not missing completely at random" in str(found)


def test_a_row_without_any_value_is_one_more_pattern(airquality):
    # naniar, the same file: 35.1061229683641.
    found = mcar_test(pd.concat([airquality, airquality.iloc[:0].reindex([-1])]))
    assert found.statistic == pytest.approx(35.1061229683641, rel=1e-5)
    assert found.df == 14
    assert found.n_patterns == 5


def test_nhanes():
    # nhanes of the R package mice (Schafer 1997, table 6.14); the figure is our own.
    nan = np.nan
    columns = {
        "age": [1, 2, 1, 3, 1, 3, 1, 1, 2, 2, 1, 2, 3, 2, 1, 1, 3, 2, 1, 3, 1, 1, 1, 3,
                2],
        "bmi": [nan, 22.7, nan, nan, 20.4, nan, 22.5, 30.1, 22, nan, nan, nan, 21.7,
                28.7, 29.6, nan, 27.2, 26.3, 35.3, 25.5, nan, 33.2, 27.5, 24.9, 27.4],
        "hyp": [nan, 1, 1, nan, 1, nan, 1, 1, 1, nan, nan, nan, 1, 2, 1, nan, 2, 2, 1,
                2, nan, 1, 1, 1, 1],
        "chl": [nan, 187, 187, nan, 113, 184, 118, 187, 238, nan, nan, nan, 206, 204,
                nan, nan, 284, 199, 218, nan, nan, 229, 131, nan, 186],
    }  # fmt: skip
    found = mcar_test(pd.DataFrame(columns))
    assert found.statistic == pytest.approx(7.9995059367, rel=1e-8)
    assert found.df == 9
    assert found.p_value == pytest.approx(0.5341960075, rel=1e-8)
    assert "nothing speaks against" in str(found)


def test_p_values_are_uniform_if_missing_values_are_completely_at_random():
    rng = np.random.default_rng(0)
    seen = []
    for _ in range(200):
        x = rng.normal(size=(150, 3)) @ rng.normal(size=(3, 3))
        x[rng.random(x.shape) < 0.15] = np.nan
        seen.append(mcar_test(pd.DataFrame(x)).p_value)
    assert 0.02 < np.mean(np.array(seen) < 0.1) < 0.19
    assert 0.4 < np.mean(np.array(seen) < 0.5) < 0.6


def test_missing_values_that_depend_on_another_column_are_found():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=300), "c": list("abc") * 100})
    df["y"] = df["x"] + rng.normal(size=300)
    df.loc[df["x"] > 0.5, "y"] = np.nan
    assert mcar_test(df).p_value < 1e-6


def test_categories_count_and_texts_are_left_out():
    rng = np.random.default_rng(0)
    c = rng.choice(["a", "b", "c"], 300)
    df = pd.DataFrame({"c": c, "name": [f"n{k}" for k in range(300)]})
    df["y"] = rng.normal(size=300)
    df.loc[df["c"] == "a", "y"] = np.nan
    found = mcar_test(df)
    assert found.p_value < 1e-6
    assert found.columns == ("c", "y")
    assert found.df == 2
    assert "text" in found.left_out["name"]


def test_a_column_in_another_unit_adds_nothing():
    """Nor does it to the degrees of freedom, which would hide what the test finds."""
    rng = np.random.default_rng(4)
    df = pd.DataFrame(rng.normal(size=(200, 3)), columns=list("abc"))
    df = df.mask(rng.random((200, 3)) < 0.15)
    alone = mcar_test(df)
    both = mcar_test(df.assign(fahrenheit=32 + 1.8 * df["a"]))
    assert both.df == alone.df
    assert both.statistic == pytest.approx(alone.statistic, rel=1e-4)


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(InvalidData, match="No value is missing"):
        mcar_test(pd.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(InvalidData, match="needs a column of numbers"):
        mcar_test(pd.DataFrame({"x": ["a", "b"]}))


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [1.0, np.nan, 3.0, 4.0]},
        {"a": [1.0, 2.0, np.nan, np.nan], "b": [np.nan, np.nan, 3.0, 5.0]},
        {"a": [1.0, 2.0, 4.0, np.nan], "b": [2.0, 1.0, 5.0, np.nan]},
        # the same column in another unit adds no degree of freedom
        {"a": [1.0, 2.0, 4.0, np.nan], "b": [2.0, 4.0, 8.0, np.nan]},
        {"c": ["u", None, "v", "u", "v"], "name": ["p", "q", "r", "s", "t"]},
    ],
)
def test_fault_1_10_without_a_degree_of_freedom_nothing_is_tested(columns):
    with pytest.raises(InvalidData, match="Nothing can be tested"):
        mcar_test(pd.DataFrame(columns))


def test_that_EM_did_not_settle_is_said():
    found = mcar_test(pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": [2.0, 1.0, np.nan]}))
    assert found.converged
    assert "EM" not in str(found)
    assert "rough" in str(replace(found, converged=False))
