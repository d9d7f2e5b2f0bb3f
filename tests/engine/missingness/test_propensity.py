"""How likely rows are to lack a value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from jupyter_wrangler.engine.missingness.propensity import Propensity, propensity
from jupyter_wrangler.errors import InvalidData, UnknownColumn


@pytest.fixture(scope="module")
def seen():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 2_000))
    missing = rng.random(2_000) < 1 / (1 + np.exp(1 - 2 * x))
    sex = np.where(z > 0, "f", "m")
    return pd.DataFrame({"x": x, "sex": sex, "y": x + z}), missing


def test_it_is_the_logistic_regression_of_scikit_learn(seen):
    frame, missing = seen
    found = propensity(frame, "y", missing)
    x = np.column_stack([frame["x"], frame["sex"] == "f"])
    theirs = LogisticRegression(C=1e6).fit(x, missing).predict_proba(x)[:, 1]
    # few added rows hold ours back a little
    assert np.abs(found.share - theirs).max() < 0.02
    assert found.columns == ("x", "sex")
    assert found.left_out == {}


def test_the_column_itself_does_not_count(seen):
    frame, missing = seen
    other = frame.assign(y=0.0)
    assert np.array_equal(
        propensity(frame, "y", missing).share, propensity(other, "y", missing).share
    )


def test_perfect_prediction_does_no_harm():
    frame = pd.DataFrame({"x": np.arange(20.0), "y": np.arange(20.0)})
    found = propensity(frame, "y", frame["x"].to_numpy() > 9)
    assert np.isfinite(found.share).all()
    assert (np.diff(found.share) > 0).all()


def test_what_is_left_out_is_reported(seen):
    frame, missing = seen
    more = frame.assign(incomplete=np.where(missing, np.nan, 1.0), constant=1.0)
    found = propensity(more, "y", missing)
    assert found.left_out["incomplete"] == "It still has missing values."
    assert "constant" in found.left_out
    assert found.columns == ("x", "sex")


def test_strata_are_of_equal_size_and_in_order(seen):
    found = propensity(*_named(seen))
    strata = found.strata()
    assert np.bincount(strata).tolist() == [400] * 5
    tops = [found.share[strata == k].max() for k in range(5)]
    lows = [found.share[strata == k].min() for k in range(5)]
    assert all(top <= low for top, low in zip(tops, lows[1:], strict=False))


def test_equal_rows_are_of_one_stratum():
    found = Propensity(
        share=np.array([0.1, 0.1, 0.1, 0.9]), columns=("x",), left_out={}
    )
    assert found.strata().tolist() == [0, 0, 0, 1]
    even = Propensity(share=np.full(7, 0.5), columns=("x",), left_out={})
    assert even.strata().tolist() == [0] * 7


def test_what_cannot_be_estimated_is_refused(seen):
    frame, missing = seen
    with pytest.raises(UnknownColumn):
        propensity(frame, "no", missing)
    for one, where in ((True, "everywhere"), (False, "nowhere")):
        with pytest.raises(InvalidData, match=where):
            propensity(frame, "y", np.full(len(frame), one))
    with pytest.raises(InvalidData, match="No column but 'y'"):
        propensity(frame[["y"]], "y", missing)


def _named(seen):
    frame, missing = seen
    return frame, "y", missing
