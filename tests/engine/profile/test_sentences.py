"""What is said of odd findings, and how much of many."""

import numpy as np
import pandas as pd

from jupyter_wrangler.engine.profile.depend import MOST_LISTED


def test_of_many_codes_the_most_frequent_are_said(look):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(
        rng.normal(50, 9, size=(200, 8)).round(), columns=list("abcdefgh")
    )
    for k, name in enumerate(df):
        df.loc[: k + 2, name] = -999
    reported = look(df).sentences
    assert reported[1].startswith("h: -999 occurs 10 times")
    assert "3 more values seem to stand for missing values." in reported
    assert (
        "Ranges, shapes, dependences and Little's test leave these 52 cells out; "
        "counts and patterns of missing values do not know them until "
        "mark_missing(df) has made them missing." in reported
    )
    assert (
        "1 more value seems to stand for missing "
        "values." in look(df[list("abcdef")]).sentences
    )


def test_of_many_odd_columns_some_are_said(look):
    df = pd.DataFrame({f"x{k}": [[k]] * 3 for k in range(7)})
    reported = look(df).sentences
    assert sum("type list" in sentence for sentence in reported) == 5
    assert reported[-1] == "2 more columns of this kind."
    empty = pd.DataFrame({f"x{k}": [np.nan] * 3 for k in range(10)})
    assert "x0, x1, x2, x3, x4, x5, x6, x7 and 2 more have no value at all." in (
        look(empty).sentences
    )


def test_dependence_that_is_weak_or_none_is_said_so(look):
    rng = np.random.default_rng(1)
    n = 60_000
    df = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    lost = rng.random(n) < 0.2 + 0.01 * df["b"]
    df.loc[lost, "a"] = np.nan
    assert (
        "Missing values go with values in 1 pair of columns, weakly (1 comparison)."
        in (look(df).sentences)
    )
    df["b"] = rng.normal(size=n)
    assert (
        "No column's missing values go with the values of another one (1 comparison)."
        in look(df).sentences
    )


def test_of_many_dependences_the_largest_are_listed(look):
    rng = np.random.default_rng(2)
    common = rng.normal(size=(2_000, 1))
    y = common + rng.normal(size=(2_000, 20))
    y[(common[:, 0] > 0.5)[:, None] & (rng.random(y.shape) < 0.5)] = np.nan
    found = look(pd.DataFrame(y)).dependences
    assert found.n_found > MOST_LISTED == len(found.listed)
    sizes = [abs(hit.effect) for hit in found.listed]
    assert sizes == sorted(sizes, reverse=True)
    assert (
        found.notes[-1]
        == f"The {MOST_LISTED} largest of {found.n_found} effects are listed."
    )


def test_classes_that_are_too_many_are_not_compared(look):
    rng = np.random.default_rng(3)
    many = pd.Categorical([f"c{k % 60}" for k in range(600)])
    df = pd.DataFrame({"a": rng.normal(size=600), "many": many})
    df.loc[rng.random(600) < 0.3, "a"] = np.nan
    assert look(df).dependences.n_compared == 0


def test_moments_can_go_with_missing_values(look):
    when = pd.Series(pd.date_range("2024", periods=400, freq="h"))
    df = pd.DataFrame({"when": when, "x": np.where(np.arange(400) < 90, np.nan, 1.0)})
    df.loc[5, "when"] = pd.NaT
    (hit,) = look(df).dependences.listed
    assert (hit.column, hit.on, hit.n_missing) == ("x", "when", 89)
    assert hit.effect < -2


def test_columns_of_infinite_numbers_are_not_compared(look):
    df = pd.DataFrame({"x": [np.inf, -np.inf] * 20, "y": [1.0] * 30 + [np.nan] * 10})
    assert look(df).dependences.n_compared == 0


def test_patterns_of_many_coordinates_are_left_to_the_test_itself(look):
    rng = np.random.default_rng(4)
    y = rng.normal(size=(1_000, 100))
    for k in range(7):
        y[rng.random(1_000) < 0.3, k] = np.nan
    assert "take too long here and now; jw.mcar_test(df)" in (
        look(pd.DataFrame(y)).mcar.sentence
    )


def test_fault_1_10_a_number_of_two_values_is_compared_as_classes(look):
    """Within both groups nothing varies, so that Welch's t does not exist."""
    x = np.where(np.arange(200) % 2, np.nan, np.arange(200.0))
    (hit,) = look(pd.DataFrame({"x": x, "g": np.arange(200) % 2})).dependences.listed
    assert (hit.column, hit.on, hit.measure) == ("x", "g", "Cramer's V")
    assert hit.effect == 1.0
    assert hit.p_value < 1e-40
