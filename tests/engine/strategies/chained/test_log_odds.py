"""Classes that are missing not at random: delta on the scale of log-odds."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import json

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.client.verbs.impute import impute as submit
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.planning.delta import check_kind
from jupyter_wrangler.errors import InvalidSpec

N = 10_000
SHARES = (0.2, 0.3, 0.5)


def logit(share):
    return np.log(share / (1 - share))


def frame(k=3, *, ordered=False, seed=0):
    """Classes with known shares, half of them missing completely at random."""
    rng = np.random.default_rng(seed)
    shares = np.array(SHARES[:k]) / sum(SHARES[:k])
    names = np.array(["low", "mid", "top"], dtype=object)[:k]
    drawn = pd.Series(names[rng.choice(k, N, p=shares)])
    drawn[rng.random(N) < 0.5] = None
    classes = pd.CategoricalDtype(list(names), ordered=ordered)
    return pd.DataFrame({"c": drawn.astype(classes), "x": rng.normal(size=N)})


def shares(df, run, **spec):
    """Shares of the classes among observed and among imputed values."""
    found = pd.Series(run(df, max_iter=1, **spec).values["c"])
    observed = df["c"].value_counts(normalize=True)
    return observed, found.value_counts(normalize=True).reindex(observed.index)


@pytest.mark.parametrize("method", ["logreg", "polyreg"])
@pytest.mark.parametrize("delta", [-1.0, 0.7])
def test_delta_is_the_log_odds_ratio_of_missing_against_observed_values(
    method, delta, run
):
    """Leacy and others (2017), equation 2: logit P(y | missing) is MAR plus delta."""
    spec = {"methods": {"c": method}, "delta": {"c": {"mid": delta}}}
    observed, imputed = shares(frame(2), run, **spec)
    assert logit(imputed["mid"]) - logit(observed["mid"]) == pytest.approx(
        delta, abs=0.12
    )


def test_the_shift_of_one_class_is_the_opposite_of_the_other(run):
    df = frame(2)
    one, two = (
        run(df, methods={"c": "logreg"}, max_iter=1, delta={"c": delta}).values["c"]
        for delta in ({"mid": 0.7}, {"low": -0.7})
    )
    assert list(one) == list(two)


def test_odds_between_the_other_classes_stay(run):
    spec = {"methods": {"c": "polyreg"}, "delta": {"c": {"low": 1.0}}}
    observed, imputed = shares(frame(3), run, **spec)
    odds = np.log(imputed / imputed["mid"]) - np.log(observed / observed["mid"])
    assert odds["low"] == pytest.approx(1.0, abs=0.12)
    assert odds["top"] == pytest.approx(0.0, abs=0.12)


def test_ordered_classes_shift_together(run):
    """All cumulative logits of a proportional odds model move by the same."""
    df = frame(3, ordered=True)
    observed, imputed = shares(df, run, methods={"c": "polr"}, delta={"c": 0.8})
    for above in (["top"], ["mid", "top"]):
        apart = logit(imputed[above].sum()) - logit(observed[above].sum())
        assert apart == pytest.approx(0.8, abs=0.12)


def test_a_number_for_a_boolean_column_is_that_of_true(run):
    df = frame(2)
    df["c"] = (df["c"] == "mid").astype("boolean").mask(df["c"].isna())
    spec = {"methods": {"c": "logreg"}, "max_iter": 1}
    one = run(df, delta={"c": 0.5}, **spec).values["c"]
    two = run(df, delta={"c": {"True": 0.5}}, **spec).values["c"]
    none = run(df, **spec).values["c"]
    assert list(one) == list(two)
    assert one.mean() > none.mean() + 0.05


@pytest.mark.parametrize(
    ("method", "df", "delta"),
    [
        ("logreg", frame(2).head(200), {"low": 0.0}),
        ("polyreg", frame(3).head(200), {"low": 0.0}),
        ("polr", frame(3, ordered=True).head(200), 0.0),
    ],
)
def test_delta_0_is_missing_at_random(method, df, delta, run):
    one, two = (
        run(df, methods={"c": method}, max_iter=2, delta=shift).values["c"]
        for shift in ({}, {"c": delta})
    )
    assert list(one) == list(two)


@pytest.mark.parametrize("predicts", [True, False])
def test_a_large_shift_leaves_no_other_class(predicts, run):
    for df, method, delta in (
        (frame(2), "logreg", {"low": 50.0}),
        (frame(3), "polyreg", {"low": 50.0}),
        (frame(3, ordered=True), "polr", -50.0),
    ):
        found = run(
            df.head(200),
            methods={"c": method},
            delta={"c": delta},
            sample_posterior=not predicts,
        )
        assert set(found.values["c"]) == {"low"}


def test_other_columns_are_imputed_from_the_shifted_classes(run):
    rng = np.random.default_rng(0)
    df = frame(2).head(2_000)
    df["x"] = 4.0 * (df["c"] == "mid") + rng.normal(size=len(df))
    df.loc[df["c"].isna(), "x"] = np.nan
    spec = {"methods": {"c": "logreg"}, "method": "norm", "max_iter": 5}
    near = run(df, **spec).values["x"].mean()
    far = run(df, delta={"c": {"mid": 3.0}}, **spec).values["x"].mean()
    assert far > near + 0.5


def test_later_rows_are_shifted_too():
    df = frame(2).head(2_000)
    more = {"methods": {"c": "logreg"}, "random_state": 0, "max_iter": 2}
    later = pd.DataFrame({"c": df["c"].mask(df["x"] < 9), "x": df["x"]})
    near, far = (
        Imputer("pmm", delta=delta, **more).fit(df).transform(later)["c"]
        for delta in (None, {"c": {"mid": 2.0}})
    )
    assert (far == "mid").mean() > (near == "mid").mean() + 0.1


def test_numbers_are_written_as_before():
    """The spec is what a job is found again by."""
    text = '{"delta":{"x":1.5},"factor":{"x":2.0}}'
    spec = ImputationSpec.model_validate_json(text)
    assert spec.model_dump_json(include={"delta", "factor"}) == (
        '{"factor":{"x":2.0},"delta":{"x":1.5}}'
    )
    whole = ImputationSpec(delta={"x": 1})
    assert json.loads(whole.model_dump_json())["delta"] == {"x": 1.0}
    by_class = ImputationSpec(delta={"x": {"yes": 1}})
    again = ImputationSpec.model_validate_json(by_class.model_dump_json())
    assert again == by_class


REFUSED = [
    ({"delta": {"c": 1.0}}, "'c' is nominal; say which class"),
    ({"delta": {"c": {"low": 1.0}}}, "Ask for methods={'c': 'polyreg'}"),
    ({"delta": {"c": {"low": 1.0}}, "method": "auto"}, "but 'auto' imputes it"),
    ({"delta": {"c": {"high": 1.0}}, "methods": {"c": "polyreg"}}, "which nobody has"),
    ({"delta": {"x": {"low": 1.0}}}, "give one number that shifts the numbers"),
    ({"factor": {"c": 2.0}}, "Bounds and factor are for numbers"),
]


@pytest.mark.parametrize(("spec", "words"), REFUSED)
def test_shifts_that_make_no_sense_are_refused(spec, words, run):
    df = frame(3).head(50)
    with pytest.raises(InvalidSpec, match=words):
        run(df, **spec)
    plan = spec.get("methods") or spec.get("method", "pmm")
    shifts = {k: v for k, v in spec.items() if k in {"delta", "factor"}}
    with pytest.raises(InvalidSpec, match=words):
        submit(df, plan, **shifts)


def test_ordered_classes_take_one_number(run):
    df = frame(3, ordered=True).head(50)
    with pytest.raises(InvalidSpec, match="the log-odds of higher classes"):
        run(df, methods={"c": "polr"}, delta={"c": {"low": 1.0}})
    with pytest.raises(InvalidSpec, match=r"Ask for methods={'c': 'polr'}"):
        run(df, delta={"c": 1.0})


@pytest.mark.parametrize("level", ["datetime", "timedelta", "text"])
def test_dates_and_texts_have_no_log_odds(level):
    with pytest.raises(InvalidSpec, match=f"is {level}; leave it out"):
        check_kind("c", level, 1.0)


def test_classes_that_are_no_text_are_named_as_they_print(run):
    df = frame(3).head(200)
    df["c"] = df["c"].cat.rename_categories([1, 2, 3])
    found = run(df, methods={"c": "polyreg"}, delta={"c": {"2": 50.0}})
    assert set(found.values["c"]) == {2}
    done = Imputer(methods={"c": "polyreg"}, delta={"c": {2: 50.0}}).fit_transform(df)
    assert set(done["c"][df["c"].isna()]) == {2}
