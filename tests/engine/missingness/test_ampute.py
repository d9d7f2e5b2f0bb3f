"""Missing values made on purpose: as many as asked, and by the mechanism asked."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import jupyter_wrangler as jw
from jupyter_wrangler.engine.missingness.ampute import ampute
from jupyter_wrangler.engine.missingness.mcar import mcar_test
from jupyter_wrangler.engine.missingness.score_probabilities import probabilities
from jupyter_wrangler.errors import InvalidData, InvalidSpec


def normal(n=4000, p=3, seed=0):
    rng = np.random.default_rng(seed)
    cov = np.full((p, p), 0.5) + 0.5 * np.eye(p)
    X = rng.multivariate_normal(np.full(p, 5.0), cov, size=n)
    return pd.DataFrame(X, columns=[f"x{k}" for k in range(p)])


def standing(values, missing):
    """t statistic of a column between rows with and without missing values."""
    return stats.ttest_ind(values[missing], values[~missing]).statistic


def test_it_is_a_public_name():
    assert jw.ampute is ampute


@settings(max_examples=40, deadline=None)
@given(
    prop=st.floats(0, 1),
    mechanism=st.sampled_from(["MCAR", "MAR", "MNAR"]),
    type_=st.sampled_from(["RIGHT", "LEFT", "MID", "TAIL"]),
    bycases=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_AMPUTE_the_share_is_as_asked(prop, mechanism, type_, bycases, seed):
    df = normal(2000)
    if not bycases:
        prop = prop / 3
    found = ampute(df, prop, mechanism, type=type_, bycases=bycases, random_state=seed)
    missing = found.isna()
    share = missing.any(axis=1).mean() if bycases else missing.mean(axis=None)
    # a sum of Bernoulli draws: 6 standard deviations at most
    assert abs(share - prop) <= 6 * 0.5 / np.sqrt(2000)
    # the default patterns make one missing value in a row
    assert (missing.sum(axis=1) <= 1).all()
    pd.testing.assert_frame_equal(found.where(~missing, df), df)


def test_AMPUTE_patterns_and_their_frequencies():
    patterns = [[1, 0, 0], [0, 1, 1]]
    found = ampute(normal(), 0.6, patterns=patterns, freq=[0.25, 0.75], random_state=0)
    counts = found.isna().value_counts(normalize=True)
    assert counts[(False, True, True)] == pytest.approx(0.15, abs=0.03)
    assert counts[(True, False, False)] == pytest.approx(0.45, abs=0.03)
    assert counts[(False, False, False)] == pytest.approx(0.40, abs=0.03)


def test_AMPUTE_completely_at_random_depends_on_nothing():
    df = normal()
    missing = ampute(df, 0.4, "MCAR", patterns=[1, 0, 0], random_state=1).x1.isna()
    for name in df:
        assert abs(standing(df[name], missing)) < 3


def test_AMPUTE_at_random_depends_on_what_is_observed():
    df = normal()
    found = ampute(df, 0.4, "MAR", patterns=[1, 0, 1], random_state=1)
    missing = found.x1.isna()
    assert standing(df.x0, missing) > 10
    # given what it depends on, the column itself says nothing more
    score = df.x0 + df.x2
    rest = df.x1 - np.polyval(np.polyfit(score, df.x1, 1), score)
    assert abs(standing(rest, missing)) < 3


def test_AMPUTE_not_at_random_depends_on_what_is_missing():
    df = normal()
    found = ampute(df, 0.4, "MNAR", patterns=[1, 0, 1], random_state=1)
    score = df.x0 + df.x2
    rest = df.x1 - np.polyval(np.polyfit(score, df.x1, 1), score)
    assert standing(rest, found.x1.isna()) > 10


def test_little_finds_random_but_not_completely_random_missing_values():
    df = normal(1000)
    values = {
        mechanism: mcar_test(ampute(df, 0.5, mechanism, random_state=0)).p_value
        for mechanism in ("MCAR", "MAR")
    }
    assert values["MCAR"] > 0.01
    assert values["MAR"] < 1e-6


@pytest.mark.parametrize(
    ("type_", "sign", "spread"),
    [("RIGHT", 1, None), ("LEFT", -1, None), ("MID", 0, -1), ("TAIL", 0, 1)],
)
def test_AMPUTE_types_choose_their_scores(type_, sign, spread):
    df = normal()
    found = ampute(
        df, 0.4, patterns=[1, 0, 1], weights=[1, 0, 0], type=type_, random_state=2
    )
    missing = found.x1.isna()
    z = df.x0 - df.x0.mean()
    if sign:
        assert sign * standing(z, missing) > 10
    else:
        assert abs(standing(z, missing)) < 4
        assert spread * standing(z.abs(), missing) > 5


def test_AMPUTE_weights_say_which_columns_count():
    df = normal()
    found = ampute(df, 0.4, patterns=[1, 0, 1], weights=[0, 0, -2], random_state=3)
    assert standing(df.x2, found.x1.isna()) < -10
    # a type for each pattern
    two = ampute(
        df,
        0.5,
        patterns=[[1, 0, 1], [1, 1, 0]],
        weights=[[1, 0, 0], [1, 0, 0]],
        type=["LEFT", "RIGHT"],
        random_state=3,
    )
    assert df.x0[two.x1.isna()].mean() < df.x0.mean() < df.x0[two.x2.isna()].mean()


@pytest.mark.parametrize("type_", ["RIGHT", "LEFT", "MID", "TAIL"])
@pytest.mark.parametrize("prop", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_AMPUTE_probabilities_average_to_the_share(type_, prop):
    scores = np.random.default_rng(0).gamma(1.0, size=500)
    found = probabilities(scores, prop, type_)
    assert found.mean() == pytest.approx(prop, abs=1e-9)
    assert ((found >= 0) & (found <= 1)).all()


def test_AMPUTE_equal_scores_are_equally_likely():
    df = pd.DataFrame({"x": np.zeros(1000), "y": np.arange(1000.0)})
    found = ampute(df, 0.3, patterns=[1, 0], random_state=0)
    assert found.y.isna().mean() == pytest.approx(0.3, abs=0.06)
    assert probabilities([], 0.5).shape == (0,)


def test_frames_of_all_kinds_keep_labels_and_index(mixed):
    df = mixed().dropna()
    df["flag"] = df["complete"] > 0
    df["number"] = np.arange(len(df))
    df.columns = pd.Index([(name, 1) for name in df.columns], tupleize_cols=False)
    before = df.copy(deep=True)
    found = ampute(df, 0.9, random_state=0)
    pd.testing.assert_frame_equal(df, before)
    pd.testing.assert_index_equal(found.index, df.index)
    assert list(found.columns) == list(df.columns)
    changed = {("flag", 1): "boolean", ("number", 1): "float64"}
    for name in df.columns:
        expected = changed.get(name, df[name].dtype)
        if found[name].hasnans or name not in changed:
            assert found[name].dtype == expected, name


def test_booleans_become_nullable():
    df = pd.DataFrame({"flag": [True, False] * 50, "x": np.arange(100.0)})
    found = ampute(df, 0.5, patterns=[0, 1], random_state=0)
    assert found.flag.dtype == "boolean"
    assert (found.flag.dropna() == df.flag[found.flag.notna()]).all()
    # and count as 0 and 1, as other classes count by their rank
    two = ampute(df, 0.5, patterns=[1, 0], random_state=0)
    assert df.flag[two.x.isna()].mean() > 0.6


def test_same_seed_same_missing_values():
    df = normal(200)
    one, two = (ampute(df, random_state=5) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(ampute(df, random_state=6))
    assert ampute(df).shape == df.shape


def test_missing_values_that_are_there_stay():
    df = normal(200)
    df.loc[::2, "x1"] = np.nan
    found = ampute(df, 0.5, "MCAR", patterns=[0, 1, 1], random_state=0)
    assert found.x1.isna().sum() == 100
    with pytest.raises(InvalidData, match="'x1' has missing values"):
        ampute(df, 0.5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"prop": 48.5}, "between 0 and 1 of the rows"),
        ({"prop": 0.9, "bycases": False}, "between 0 and 0.333 of the cells"),
        ({"mechanism": "MAAR"}, "choose MCAR, MAR or MNAR"),
        ({"patterns": [1, 1, 1]}, "makes no missing values"),
        ({"patterns": [0, 0, 0]}, "nothing is left observed"),
        ({"patterns": [1, 0, 1, 1]}, "do not fit 3 columns"),
        ({"patterns": [1, 0, 2]}, "zeros .* and ones"),
        ({"freq": [0.8, 0.4, 0.1]}, "sum to 1"),
        ({"type": "MARLEFT"}, "one of RIGHT, LEFT, MID, TAIL"),
        ({"type": ["LEFT", "RIGHT"]}, "3 patterns"),
        ({"weights": [1, 2, 1, 4]}, "weights of shape"),
        ({"mechanism": "MCAR", "weights": np.ones((3, 3))}, "Weights mean nothing"),
    ],
)
def test_AMPUTE_arguments_that_do_not_fit_are_refused(arguments, words):
    with pytest.raises(InvalidSpec, match=words):
        ampute(normal(50), **arguments)


def test_one_column_alone_cannot_be_missing_at_random():
    df = normal(50, 1)
    with pytest.raises(InvalidSpec, match="One column alone"):
        ampute(df)
    assert ampute(df, 0.5, "MNAR", random_state=0).isna().any(axis=None)
    whole = ampute(normal(50), 0.5, "MCAR", patterns=[0, 0, 0], random_state=0)
    assert whole.isna().all(axis=1).any()


def test_AMPUTE_odds_of_groups_of_scores():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(20_000, 2)), columns=["x", "y"])
    odds = [1, 2, 3, 4]
    missing = ampute(df, 0.4, patterns=[[1, 0]], odds=odds, random_state=0)
    quarter = pd.qcut(df["x"], 4, labels=False)
    shares = missing["y"].isna().groupby(quarter).mean()
    np.testing.assert_allclose(shares, 0.4 * 4 * np.array(odds) / 10, atol=0.02)
    # mice: a line for each pattern, the shorter ones filled up
    lines = [[1, 9], [1, np.nan]]
    both = ampute(df, 0.5, patterns=[[1, 0], [0, 1]], odds=lines, random_state=0)
    low = both.isna()[df["x"] < df["x"].median()].mean()
    assert low["y"] < 0.1
    assert both["x"].isna().mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"odds": [[1, 2], [1, 2], [1, 2]]}, "do not fit 2 patterns"),
        ({"odds": [1, -1]}, "not negative"),
        ({"odds": [0, 0]}, "nor all 0"),
        ({"odds": [1, 2], "type": "LEFT"}, "in place of type"),
        ({"odds": [1, 2], "mechanism": "MCAR"}, "go with mechanism"),
        ({"odds": [0, 1], "prop": 0.8}, "a probability of 1.6 in one group"),
    ],
)
def test_odds_that_make_no_sense_are_refused(arguments, words):
    df = pd.DataFrame({"x": np.arange(9.0), "y": np.arange(9.0) ** 2})
    with pytest.raises(InvalidSpec, match=words):
        ampute(df, **arguments)
