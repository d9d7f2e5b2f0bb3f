"""Known values imputed as though they were missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.estimator.overimpute import overimpute
from jupyter_wrangler.errors import InvalidData, InvalidSpec, UnknownColumn


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    y = 10 + 2 * x + rng.normal(size=300)
    index = pd.Index(range(1000, 1300), name="patient")
    found = pd.DataFrame({"x": x, "y": y, "sex": ["f", "m"] * 150}, index=index)
    found.loc[found.index[::5], "y"] = np.nan
    return found


def test_it_is_a_public_name():
    assert jw.overimpute is overimpute


def test_every_observed_value_is_listed_once_under_its_own_label(frame):
    found = overimpute(frame, "y", method="norm", n_imputations=3)
    seen = frame["y"].dropna()
    assert found.index.equals(seen.index)
    assert np.array_equal(found["true"], seen)
    assert found.columns.name == "y"
    assert (found["low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["high"]).all()


def test_hidden_values_are_not_looked_at(frame):
    # were they seen, the noise of sd 1 would vanish
    found = overimpute(frame, "y", method="norm", n_imputations=20)
    error = found["estimate"] - found["true"]
    assert 0.85 < error.std() < 1.25
    held = found["true"].between(found["low"], found["high"]).mean()
    assert 0.83 < held < 0.97


def test_same_seed_same_numbers_and_the_frame_stays(frame):
    before = frame.copy()
    first, again, other = (
        overimpute(frame, "y", n_imputations=2, folds=2, random_state=seed)
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)
    pd.testing.assert_frame_equal(frame, before)


def test_whole_numbers_without_missing_values_can_be_hidden(frame):
    whole = frame[["x"]].assign(n=np.arange(300))
    found = overimpute(whole, "n", n_imputations=2, folds=2)
    assert len(found) == 300
    assert set(found["true"]) == set(range(300))


@pytest.mark.parametrize(
    ("column", "more", "error", "says"),
    [
        ("no", {}, UnknownColumn, "no column 'no'"),
        ("sex", {}, InvalidSpec, "'sex' is nominal"),
        ("y", {"folds": 1}, InvalidSpec, "folds=1"),
        ("y", {"n_imputations": 1}, InvalidSpec, "n_imputations=1"),
        ("y", {"level": 1.5}, InvalidSpec, r"level=1\.5"),
        ("y", {"folds": 200}, InvalidData, "240 observed values, too few"),
    ],
)
def test_what_makes_no_sense_is_refused(frame, column, more, error, says):
    with pytest.raises(error, match=says):
        overimpute(frame, column, **{"n_imputations": 2} | more)


@pytest.mark.parametrize("random_state", ["x", -1, 1.5, None])
def test_a_seed_that_is_none_is_refused(random_state):
    df = pd.DataFrame({"x": np.arange(20.0)})
    with pytest.raises(InvalidSpec, match=r"random_state=.* cannot be asked for"):
        overimpute(df, "x", random_state=random_state)
