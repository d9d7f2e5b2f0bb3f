"""Recommendations: from what is measured, with reasons, and warnings of a target."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler import errors
from jupyter_wrangler.contract import ImputationSpec, PlanDocument
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.recommend.column_facts import ColumnFacts, bounds
from jupyter_wrangler.engine.recommend.groups import group_of, is_of_group
from jupyter_wrangler.engine.recommend.run import recommend
from jupyter_wrangler.engine.selection import best_guess
from jupyter_wrangler.engine.strategies.impute import impute


def drain(steps):
    reported = []
    while True:
        try:
            reported.append(next(steps))
        except StopIteration as stop:
            return stop.value, reported


def frame(n=150, seed=0):
    """Columns that call for one method each; fewer rows than boosting wants."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 9, n)
    df = pd.DataFrame(
        {
            "x": x,
            "linear": 3 * x + rng.normal(size=n) / 4,
            "noise": rng.normal(size=n),
            "skewed": rng.exponential(size=n) ** 3,
            "side": np.where(x > 5, "up", "down"),
            "same": np.full(n, 7.0),
            "name": [f"n{i}" for i in range(n)],
            "empty": np.full(n, np.nan),
            "rate": rng.normal(70, 9, n).round(),
        }
    )
    df.loc[rng.random(n) < 0.1, "rate"] = 255
    for name in ("linear", "noise", "skewed", "side", "same", "name"):
        df.loc[df.index[rng.random(n) < 0.2], name] = None
    return df


@pytest.fixture(scope="module")
def plan():
    found = drain(recommend(frame()))[0]
    return {column.name: column for column in found.columns}


def test_each_column_gets_what_suits_it(plan):
    assert plan["linear"].method == "linear"
    assert plan["noise"].method == "median"
    assert plan["side"].method in {"linear", "knn", "softimpute", "extratrees"}
    assert plan["same"].method == "median"
    assert "Only one value is observed." in plan["same"].reason


def test_the_methods_are_those_of_auto(plan):
    df = frame()
    steps = impute(df.drop(columns="same"), ImputationSpec(method="auto"))
    chosen = best_guess.chosen(drain(steps)[0].events)
    assert {name: plan[name].method for name in chosen} == chosen


def test_what_is_left_alone_has_a_reason(plan):
    assert not any(plan[name].method for name in ("x", "name", "empty", "rate"))
    assert plan["x"].reason == "Nothing is missing."
    assert "as names and keys do" in plan["name"].reason
    assert "no observed value" in plan["empty"].reason


def test_reasons_say_what_was_measured(plan):
    share = frame()["linear"].isna().mean()
    assert plan["linear"].reason.startswith(f"{share:.1%} missing. Most related to 'x'")
    assert "error in hidden cells (in its own units): linear" in plan["linear"].reason
    assert "Skewed (" in plan["skewed"].reason
    assert "(share wrong)" in plan["side"].reason


def test_suspected_sentinel_values_are_reported_and_kept(plan):
    assert "255 occurs" in plan["rate"].reason
    assert "plan['rate'].missing_values = 255." in plan["rate"].reason
    assert plan["rate"].missing_values == ()


def test_methods_that_go_beyond_are_kept_in_bounds(plan):
    assert (plan["linear"].min_value, plan["linear"].max_value) == (0.0, None)
    assert "0 or more" in plan["linear"].reason
    assert plan["noise"].min_value is None


@pytest.mark.parametrize(
    ("method", "low", "high", "wanted"),
    [
        ("linear", 0.0, 1.0, (0.0, 1.0)),
        ("norm", 3.0, 90.0, (0.0, None)),
        ("em", -1.0, 1.0, (None, None)),
        ("pmm", 0.0, 1.0, (None, None)),
        ("median", 0.0, 1.0, (None, None)),
        ("", 0.0, 1.0, (None, None)),
        ("linear", np.nan, np.nan, (None, None)),
    ],
)
def test_bounds_follow_what_was_observed(method, low, high, wanted):
    facts = ColumnFacts(n_missing=1, share=0.1, distinct=9, low=low, high=high)
    assert bounds(facts, method) == wanted


def test_the_plan_can_be_imputed_by():
    df = frame()
    found = drain(recommend(df))[0]
    methods = {c.name: c.method for c in found.columns if c.method or c.n_missing}
    plans = check(df, ImputationSpec(methods=methods))
    assert {p.name: p.method for p in plans if p.method} == {
        c.name: c.method for c in found.columns if c.method
    }


def test_several_imputations_get_methods_that_draw():
    found = drain(recommend(frame()[["x", "linear"]], n_imputations=5))[0]
    assert found.columns[1].method in {"pmm", "norm"}
    assert found.n_imputations == 5


def test_the_same_seed_gives_the_same_plan():
    df = frame(80)
    assert drain(recommend(df))[0] == drain(recommend(df))[0]


def test_progress_rises():
    _, steps = drain(recommend(frame(60), "x"))
    done = [step.done / step.total for step in steps]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert len(done) > 10


# ── groups ──


def visits(n=60, seed=1):
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(n // 3), 3)
    sex = rng.choice(["f", "m"], n // 3)[who]
    df = pd.DataFrame({"patient": [f"p{w}" for w in who], "sex": sex})
    df["bp"] = rng.normal(size=n)
    df.loc[rng.random(n) < 0.2, "sex"] = None
    df.loc[rng.random(n) < 0.2, "bp"] = np.nan
    return df


def test_what_belongs_to_the_group_is_taken_from_it():
    df = visits()
    found = drain(recommend(df))[0]
    plan = {column.name: column for column in found.columns}
    assert found.group == "patient"
    assert plan["sex"].method == "sample"
    assert "same in all rows of the same 'patient'" in plan["sex"].reason
    assert plan["bp"].method != "sample"
    spec = ImputationSpec(methods={"sex": "sample"}, group="patient", columns=("sex",))
    filled = drain(impute(df, spec))[0]
    known = df.groupby("patient")["sex"].first()
    for row, value in zip(filled.rows["sex"], filled.values["sex"], strict=True):  # noqa: PD011
        own = known[df["patient"].iloc[row]]
        assert pd.isna(own) or own == value


def test_no_group_is_found_where_none_is():
    df = visits()
    assert group_of(df, ["sex", "bp"]) is None
    assert not is_of_group(df, "bp", "patient")
    assert drain(recommend(df.drop(columns="patient")))[0].group is None


# ── a target ──


def test_the_target_is_left_alone_and_helps_no_other():
    df = frame()[["x", "linear", "noise", "side"]]
    plan = {c.name: c for c in drain(recommend(df, "noise"))[0].columns}
    assert plan["noise"].method == ""
    assert plan["noise"].reason == "Left alone: it is the target."
    assert plan["linear"].method == "linear"
    assert plan["linear"].predictors == ("x", "side")
    # without what tells of it, a column is guessed by the simple rule
    other = {c.name: c for c in drain(recommend(df, "x"))[0].columns}
    assert "'x'" not in other["linear"].reason
    assert "x" not in (other["side"].predictors or ())


def test_copies_of_the_target_are_warned_of():
    df = frame()[["x", "noise"]].assign(copy=lambda d: 2 * d["x"] + 1)
    found = drain(recommend(df, "x"))[0]
    assert "'copy' is nearly the same as the target 'x'" in found.warnings[0]
    assert sum("nearly the same" in one for one in found.warnings) == 1


def test_missing_values_that_go_with_the_target_are_warned_of():
    df = frame()[["x", "noise"]].assign(late=lambda d: d["x"].where(d["x"] < 6, np.nan))
    df["late"] = np.random.default_rng(0).normal(size=len(df)) + 0 * df["late"]
    found = drain(recommend(df, "x"))[0]
    assert any(
        one.startswith("Whether 'late' is missing goes") for one in found.warnings
    )
    assert not any("'noise' is missing" in one for one in found.warnings)


def test_missing_values_of_the_target_are_warned_of():
    df = frame()[["x", "noise"]]
    df.loc[:4, "x"] = np.nan
    found = drain(recommend(df, "x"))[0]
    assert any("The target 'x' has 5 missing values" in one for one in found.warnings)
    assert found.columns[0].method == ""


def test_methods_that_see_the_target_all_the_same_are_warned_of():
    rng = np.random.default_rng(2)
    # Rows that are all alike have neighbours that know the hidden value exactly.
    level = rng.permuted(np.repeat(np.arange(15), 10))
    df = pd.DataFrame({"a": level.astype(float)})
    df["rough"] = rng.normal(size=15)[level]
    df["y"] = rng.normal(size=150)
    df.loc[::6, "rough"] = np.nan
    found = drain(recommend(df, "y"))[0]
    plan = {column.name: column for column in found.columns}
    assert plan["rough"].method == "knn"
    assert any("jw.impute(df.drop(columns='y'), plan)" in one for one in found.warnings)


def test_a_target_without_a_place_among_correlations_is_no_trouble():
    df = frame(60)[["linear", "x", "name"]]
    found = drain(recommend(df, "name"))[0]
    assert found.columns[2].reason == "Left alone: it is the target."
    assert any("has" in one and "missing values" in one for one in found.warnings)
    only = pd.DataFrame({"y": ["a", "b"], "name": ["n1", "n2"]})
    assert drain(recommend(only, "y"))[0].warnings == ()


def test_columns_that_are_mostly_missing_are_reported():
    df = frame(60)[["x"]].assign(y=lambda d: d["x"].where(d.index % 5 == 0))
    found = drain(recommend(df))[0]
    assert "80.0% missing: most of it would be made up." in found.columns[1].reason


def test_long_frames_are_correlated_by_a_sample():
    n = 6_000
    df = pd.DataFrame({"x": np.arange(n) % 97.0, "c": np.arange(n) % 2 == 0})
    df = df.astype({"c": "boolean"})
    df.loc[::50, "c"] = None
    found = drain(recommend(df))[0]
    assert "2.0% missing. Hardly related to any other" in found.columns[1].reason


# ── bad data ──


@pytest.mark.parametrize(
    ("df", "target", "error"),
    [
        (pd.DataFrame(), None, errors.EmptyFrame),
        (pd.DataFrame({"a": [[1], [2]]}), None, errors.UnsupportedFrame),
        (pd.DataFrame({"a": [1.0, np.inf]}), None, errors.InfiniteValues),
        (pd.DataFrame({"a": [1.0, 2.0]}), "b", errors.UnknownColumn),
    ],
)
def test_bad_data_are_refused(df, target, error):
    with pytest.raises(error):
        drain(recommend(df, target))


def test_nothing_to_do_is_a_plan_too():
    found = drain(recommend(pd.DataFrame({"a": [1.0, 2.0], "t": ["x", "y"]})))[0]
    assert [column.method for column in found.columns] == ["", ""]
    assert PlanDocument.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(("p", "how"), [(150, "most related"), (1_100, "the first")])
def test_many_columns_are_not_all_tried(p, how):
    rng = np.random.default_rng(3)
    df = pd.DataFrame(rng.normal(size=(40, p))).add_prefix("x")
    df["y"] = df[f"x{p - 1}"] * 3 + 1
    df.loc[::4, "y"] = np.nan
    found = drain(recommend(df))[0]
    assert len(found.columns) == p + 1
    assert f"100 of {p:,} columns" in found.warnings[0]
    assert how in found.warnings[0]
    assert found.columns[-1].method
