"""Little's test in a profile: its figures, its samples and its reasons."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.missingness.mcar import mcar_test
from jupyter_wrangler.engine.profile.little import SAMPLE


def test_airquality(airquality, look):
    # naniar gives 35.1061288689702, df 14, p 0.00141778113856683, 4 patterns; fully
    # converged it is 35.1061749072.
    found = look(airquality).mcar
    assert found.statistic == pytest.approx(35.1061749072, rel=1e-8)
    assert (found.df, found.n_patterns, found.n_rows) == (14, 4, 153)
    assert found.p_value == pytest.approx(0.001417758871, rel=1e-6)
    assert not found.sample
    assert found.sentence.startswith(
        "Values are not missing completely at random (Little's test, p = 0.001)"
    )
    assert len(found.assumptions) == 5


def test_missing_values_at_random_are_not_found_guilty(look):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(2_000, 3)), columns=list("abc"))
    df.loc[rng.random(2_000) < 0.2, "a"] = np.nan
    found = look(df).mcar
    assert found.p_value > 0.05
    assert "which is no proof" in found.sentence


def test_a_long_frame_is_sampled_and_says_so(look):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(SAMPLE + 500, 3)), columns=list("abc"))
    df.loc[df["b"] > 1, "a"] = np.nan
    document = look(df, random_state=1)
    assert document.mcar.sample
    assert document.mcar.n_rows == SAMPLE
    assert "from a sample of 5,000 rows" in document.mcar.sentence
    assert "Little's test is from a sample of 5,000 rows." in document.notes
    assert document == look(df, random_state=1)
    assert document.mcar.statistic != look(df, random_state=2).mcar.statistic


def test_it_is_that_of_the_public_function(look):
    rng = np.random.default_rng(2)
    df = pd.DataFrame(
        {"x": rng.normal(size=200), "c": rng.choice(["a", "b", "c"], 200)}
    )
    df.loc[rng.random(200) < 0.3, "x"] = np.nan
    df["id"] = [f"p{i}" for i in range(200)]
    found, wanted = look(df).mcar, mcar_test(df)
    assert found.statistic == pytest.approx(wanted.statistic, rel=1e-6)
    assert found.df == wanted.df
    assert found.columns == wanted.columns
    assert list(found.left_out) == ["id"]


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ({"a": [1.0, None, 2.0]}, "needs two columns"),
        ({"a": ["x", None, "y"], "b": ["p", "q", "r"]}, "needs two columns"),
        ({"a": [1.0, 3.0, 2.0], "b": [1.0, 4.0, 2.0]}, "have no missing values"),
        (
            {"a": [1.0, None, 2.0], "b": [1.0, 4.0, None]},
            "3 patterns of missing values in 3 rows",
        ),
        ({"a": [1.0, 2.0, None, None], "b": [None, None, 1.0, 2.0]}, ""),
    ],
)
def test_where_it_means_nothing_it_says_why(frame, why, look):
    found = look(pd.DataFrame(frame)).mcar
    assert found.statistic is None
    assert found.sentence.startswith("Little's test was not made: ")
    assert why in found.sentence
