"""The verdict finds what is wrong and leaves alone what is right."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.judgement.differences import differences
from jupyter_wrangler.engine.estimator.judgement.mixing import rhat_by_chance
from jupyter_wrangler.engine.estimator.judgement.verdict import verdict
from jupyter_wrangler.engine.estimator.summary import summarise
from jupyter_wrangler.engine.pooling.convergence import rhat


def judged(df, **settings):
    spec = ImputationSpec(**settings)
    made = impute_m(df, spec)
    found = verdict(
        summarise(df, spec, made.imputations),
        n_imputations=made.m,
        spec=spec,
        differences=differences(made),
    )
    return {check.name: check for check in found.checks}, found


@pytest.fixture(scope="module")
def curved():
    """y goes with the square of x, and lacks where x is large: MAR."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=2_000)
    y = x**2 + rng.normal(size=2_000)
    lacks = rng.random(2_000) < 1 / (1 + np.exp(1 - 2 * x))
    return pd.DataFrame({"x": x, "y": np.where(lacks, np.nan, y)})


@pytest.fixture(scope="module")
def straight(curved):
    rng = np.random.default_rng(1)
    y = 2 * curved["x"] + rng.normal(size=len(curved))
    return curved.assign(y=y.where(curved["y"].notna()))


@pytest.mark.parametrize("method", ["pmm", "norm"])
def test_values_that_differ_because_their_rows_do_are_fine(straight, method):
    spec = ImputationSpec(method=method, n_imputations=5)
    one = differences(impute_m(straight, spec))["y"]
    # over all rows they lie far apart
    assert one.raw > 0.8
    assert abs(one.d) < 0.25
    checks, found = judged(straight, method=method, n_imputations=5)
    assert checks["distributions"].mark == "ok"
    assert found.mark == "ok"


@pytest.mark.parametrize(("method", "mark"), [("norm", "problem"), ("rf", "ok")])
def test_a_straight_model_of_a_curve_stands_out(curved, method, mark):
    checks, _ = judged(curved, method=method, n_imputations=2, max_iter=4)
    assert checks["distributions"].mark == mark
    assert bool(checks["distributions"].action) == (mark != "ok")


def test_impossible_values_are_a_problem(straight):
    checks, found = judged(straight, n_imputations=2, delta={"y": 30.0})
    assert checks["distributions"].mark == found.mark == "problem"
    assert "above those of rows alike" in checks["distributions"].columns[0].sentence


def test_best_guesses_vary_too_little(straight):
    checks, _ = judged(straight, method="linear")
    (one,) = checks["distributions"].columns
    assert one.mark == "look"
    assert one.numbers["variance_ratio"] < 0.5
    assert "best guesses of 'linear'" in one.sentence


def test_classes_are_compared_too(straight):
    classes = pd.Series(np.where(straight["x"] > 0, "a", "b")).where(
        straight["y"].notna()
    )
    df = straight[["x"]].assign(c=classes)
    checks, _ = judged(df, method="most_frequent")
    assert checks["distributions"].columns[0].mark in {"look", "problem"}
    checks, _ = judged(df, method="logreg", n_imputations=2)
    assert checks["distributions"].mark == "ok"


def test_what_cannot_be_checked_is_not_called_ok(straight):
    few = straight.iloc[:30].copy()
    few["y"] = np.arange(30.0)
    few.loc[few.index[3:8], "y"] = np.nan
    checks, found = judged(few)
    assert checks["distributions"].mark == "unknown"
    assert checks["chains"].mark == "unknown"
    assert "One imputation is one chain" in checks["chains"].sentence
    assert found.mark == "unknown"
    for method, words in [("mean", "no chains"), ("linear", "draw nothing")]:
        assert words in judged(few, method=method)[0]["chains"].sentence


def test_chains_that_have_not_mixed_are_found():
    """Three columns, of which each is nearly the same as the others, lack together."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    df = pd.DataFrame({k: x + 0.01 * rng.normal(size=300) for k in "abc"})
    df.loc[:120] = np.nan
    checks, _ = judged(df, method="norm", n_imputations=5, max_iter=10)
    assert checks["chains"].mark == "problem"
    assert "max_iter" in checks["chains"].action
    df.loc[6:] = x[6:, None] + 0.01 * rng.normal(size=(294, 3))
    checks, _ = judged(df, method="norm", n_imputations=5, max_iter=10)
    # the same of 6 rows in 300 is worth a look only
    assert checks["chains"].mark in {"ok", "look"}


@pytest.mark.parametrize(("m", "rounds"), [(5, 10), (2, 20), (3, 5)])
def test_chains_that_have_mixed_seldom_stand_out(m, rounds):
    rng = np.random.default_rng(0)
    limit = rhat_by_chance(m, rounds, 0.05)
    above = [rhat(rng.normal(size=(m, rounds))) > limit for _ in range(1_000)]
    assert np.mean(above) < 0.07


def test_what_is_left_missing_is_said():
    text = [f"a long story of {k}" for k in range(30)]
    df = pd.DataFrame({"x": np.arange(30.0), "y": np.arange(30.0) ** 2, "t": text})
    df.loc[3:6, ["x", "y", "t"]] = None
    checks, _ = judged(df, methods={"y": ""})
    assert checks["missing"].mark == "look"
    marks = {one.column: one.mark for one in checks["missing"].columns}
    assert marks == {"t": "look", "y": "ok"}
    checks, _ = judged(df[["x", "y"]], methods={"y": ""})
    assert checks["missing"].mark == "ok"
    assert "where you asked for it ('y')" in checks["missing"].sentence
    spec = ImputationSpec()
    silent = summarise(df, spec, impute_m(df, spec).imputations)
    silent = silent.model_copy(update={"events": ()})
    found = verdict(silent, n_imputations=1, spec=spec)
    assert found.checks[2].mark == "problem"


def test_long_and_wide_data_are_sampled():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(30_000, 4)), columns=list("abcd"))
    df.loc[rng.choice(30_000, 400, replace=False), "a"] = np.nan
    found = differences(impute_m(df, ImputationSpec(method="norm")))
    assert abs(found["a"].d) < 0.25
    wide = pd.DataFrame(rng.normal(size=(60, 400)))
    wide.iloc[:20, 0] = np.nan
    assert set(differences(impute_m(wide, ImputationSpec(method="mean")))) == {"0"}
