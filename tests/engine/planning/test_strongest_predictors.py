"""Of very many columns those that correlate most help to impute one."""

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.judgement.why import why
from jupyter_wrangler.engine.planning import predictors as module
from jupyter_wrangler.engine.planning.cost import part_seconds
from jupyter_wrangler.engine.planning.predictors import strongest_predictors
from jupyter_wrangler.engine.types import Given
from jupyter_wrangler.errors import InvalidSpec

WORDS = "those that correlate most with it"


def wide(p=220, n=300, seed=0):
    """Columns of 5 factors; every tenth has missing values."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5)) @ rng.normal(size=(5, p)) + rng.normal(size=(n, p))
    df = pd.DataFrame(x, columns=[f"c{k}" for k in range(p)])
    hidden = rng.random(df.shape) < 0.15
    hidden[:, np.arange(p) % 10 != 0] = False
    return df, df.mask(hidden)


def chosen(df, name, most, **levels):
    columns = [column_of(n, df[n], levels.get(n, "continuous")) for n in df]
    return strongest_predictors(columns, {name: list(df)}, most)[name]


def test_a_class_counts_by_its_dummies():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(200, 30)), columns=[f"c{k}" for k in range(30)])
    df["place"] = rng.choice(list("abcd"), 200)
    # neither the order of the classes nor their codes tell of y
    df["y"] = (df["place"] == "b") * 3.0 + df["c7"] + rng.normal(size=200)
    assert chosen(df, "y", 2, place="nominal") == ("c7", "place")
    assert chosen(df, "place", 1, place="nominal") == ("y",)


def test_pairs_with_few_rows_do_not_win_by_chance():
    rng = np.random.default_rng(1)
    df = pd.DataFrame(rng.normal(size=(400, 61)), columns=[f"c{k}" for k in range(61)])
    df["y"] = df["c0"] * 0.4 + rng.normal(size=400)
    # three rows each: correlations of almost one come about by chance
    df.iloc[3:, 1:61] = np.nan
    assert np.abs(df.corr()["y"][1:61]).max() > 0.99
    picked = chosen(df, "y", 30)
    assert "c0" in picked


def test_many_rows_are_a_sample(monkeypatch):
    monkeypatch.setattr(module, "_NUMBERS", 10_000)
    monkeypatch.setattr(module, "_LEAST_ROWS", 500)
    _, df = wide(n=5_000)
    df["y"] = df["c3"] + df["c5"] / 2
    assert chosen(df, "y", 2) == chosen(df, "y", 2)
    # sorted data: the sample is not its beginning
    ordered = df.sort_values("c3", ignore_index=True)
    assert "c3" in chosen(ordered, "y", 2)


def test_columns_without_a_coordinate_are_never_better_than_others():
    rng = np.random.default_rng(2)
    df = pd.DataFrame(rng.normal(size=(50, 3)), columns=list("abc"))
    df.insert(0, "one", "same")
    df.insert(2, "two", "same")
    df.insert(5, "three", "same")
    levels = dict.fromkeys(["one", "two", "three"], "nominal")
    assert chosen(df, "b", 2, **levels) == ("a", "c")
    assert len(chosen(df, "one", 2, **levels)) == 2


@pytest.mark.parametrize("method", ["linear", "pmm", "norm", "cart"])
def test_the_choice_is_as_if_it_were_named(method):
    _, df = wide(p=30)
    # complete columns have a model for later rows
    allowed = {name: list(df) for name in df}
    columns = [column_of(n, df[n], "continuous") for n in df]
    named = {
        name: list(helpers)
        for name, helpers in strongest_predictors(columns, allowed, 4).items()
    }
    ours = jw.Imputer(method, max_predictors=4, random_state=1)
    other = jw.Imputer(method, predictors=named, random_state=1)
    pd.testing.assert_frame_equal(ours.fit_transform(df), other.fit_transform(df))
    (event,) = [one for one in ours.events_ if WORDS in one.message]
    assert "Each of 30 columns is imputed from 4 of up to 29 other" in event.message
    assert not [one for one in other.events_ if WORDS in one.message]
    # and later rows
    later = df.tail(40)
    pd.testing.assert_frame_equal(ours.transform(later), other.transform(later))


def test_from_two_hundred_columns_on_a_hundred_help_each():
    truth, df = wide(p=200)
    found = jw.Imputer("linear").fit(df)
    (event,) = [one for one in found.events_ if WORDS in one.message]
    assert "100 of up to 199 other columns" in event.message
    less = jw.Imputer("linear").fit(df.iloc[:, :199])
    assert not [one for one in less.events_ if WORDS in one.message]
    hidden = df.isna().to_numpy()
    left = (found.transform(df) - truth).to_numpy()[hidden]
    assert (left**2).mean() < 0.3 * truth.to_numpy()[hidden].var()


def test_all_and_named_predictors_stay():
    _, df = wide(p=201)
    every = {name: [other for other in df if other != name] for name in df}
    everyone = jw.Imputer("linear", max_predictors="all", max_iter=2)
    named = jw.Imputer("linear", predictors=every, max_iter=2)
    pd.testing.assert_frame_equal(everyone.fit_transform(df), named.fit_transform(df))
    for one in (everyone, named):
        assert not [event for event in one.events_ if WORDS in event.message]


def test_monotone_columns_have_the_strongest_of_those_before_them():
    truth, _ = wide(p=12)
    df = truth.copy()
    for k, name in enumerate(["c9", "c10", "c11"], start=1):
        df.loc[: 40 * k, name] = np.nan
    ours = jw.Imputer("linear", visit_sequence="monotone", max_predictors=5)
    ours.fit(df)
    assert ours.n_iter_ == 1
    assert [one for one in ours.events_ if WORDS in one.message]


@pytest.mark.parametrize("given", [0, -3, 1.5, "most"])
def test_what_is_no_number_of_predictors_is_refused(given):
    _, df = wide(p=5)
    with pytest.raises(InvalidSpec, match="max_predictors"):
        jw.Imputer("linear", max_predictors=given).fit(df)


def test_the_estimate_knows_of_it():
    spec = ImputationSpec(method="linear")
    missing = {f"c{k}": 100 for k in range(1_000)}
    limited = part_seconds(spec, 1_000, missing)
    everyone = part_seconds(
        spec.model_copy(update={"max_predictors": "all"}), 1_000, missing
    )
    assert everyone > 50 * limited


def test_why_tells_the_predictors_that_were_used():
    _, df = wide(p=205, n=120)
    spec = ImputationSpec(method="linear", max_iter=2)
    row = int(np.flatnonzero(df["c0"].isna())[0])
    for given, n in ((spec, 100), (spec.model_copy(update={"max_predictors": 7}), 7)):
        assert why(impute_m(df, given, Given()), given, row, "c0").n_predictors == n
