"""A comparison is right: known errors, same cells for all, and every kind of column."""

import json

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ComparisonSpec, Trial
from jupyter_wrangler.engine.compare.columns import judged
from jupyter_wrangler.engine.compare.masking import hide
from jupyter_wrangler.engine.compare.run import cell, check
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import (
    DuplicateColumns,
    EmptyFrame,
    InfiniteValues,
    InvalidData,
    InvalidSpec,
    MixedTypes,
    UnknownColumn,
    UnknownMethod,
    UnsupportedFrame,
)


def test_the_error_of_the_median_is_that_counted_by_hand(air, board, scores):
    spec = ComparisonSpec(methods=("mean",), repeats=2, random_state=3)
    off: dict[str, list[float]] = {"Ozone": [], "Solar.R": []}
    for repeat in range(2):
        found = hide(air, judged(air, spec)[0], spec, repeat)
        for name, rows in found.rows.items():
            kept = air[name].drop(index=rows)
            off[name] += (air[name][rows] - kept.median()).abs().tolist()
    reported = scores(board(air, "mean", repeats=2, random_state=3), "baseline")
    for name, errors in off.items():
        assert reported[name].n == len(errors)
        assert reported[name].error == pytest.approx(np.mean(errors), rel=1e-12)
        assert reported[name].mae == reported[name].error
        assert reported[name].used == ("median",)


def test_all_methods_fill_the_same_cells(air, board, scores):
    found = board(air, "median", "mean", "knn", repeats=2)
    base, same, mean = (scores(found, m) for m in ("baseline", "median", "mean"))
    assert same == base
    spec = found.spec
    gaps = []
    for repeat in range(2):
        kept = hide(air, judged(air, spec)[0], spec, repeat).frame
        gaps.append(kept.mean() - kept.median())
    for name in ("Ozone", "Solar.R"):
        # in the same cells the errors of two constants differ by their difference
        gap = np.mean([gap[name] for gap in gaps])
        assert mean[name].bias - base[name].bias == pytest.approx(gap, rel=1e-9)
    assert {score.n for score in base.values()} == {
        score.n for score in scores(found, "knn").values()
    }


def test_a_copy_is_found_without_error(board, scores):
    rng = np.random.default_rng(0)
    x = rng.normal(50, 10, 200)
    df = pd.DataFrame({"x": x, "twice": 2 * x + 1})
    df.loc[::7, "twice"] = np.nan
    found = board(df, "linear", "norm", "sample")
    exact = scores(found, "linear")["twice"]
    assert exact.error < 1e-6 * scores(found, "baseline")["twice"].error
    assert found.methods[0].ratio < 1e-6
    assert found.methods[0].method in {"linear", "norm"}
    assert found.methods[-1].method in {"sample", "baseline"}


def test_ninety_percent_intervals_of_draws_hold_ninety_percent(board):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2_000, 4)) @ rng.normal(size=(4, 4)) + rng.normal(
        size=(2_000, 4)
    )
    df = pd.DataFrame(x, columns=list("abcd")).mask(rng.random(x.shape) < 0.1)
    found = board(df, "norm", "pmm", "linear", repeats=2, max_iter=5)
    covered = {one.method: one.coverage for one in found.methods}
    assert covered["norm"] == pytest.approx(0.9, abs=0.02)
    assert covered["pmm"] == pytest.approx(0.9, abs=0.03)
    assert covered["linear"] is covered["baseline"] is None


def test_intervals_of_a_method_too_sure_of_itself_are_reported(board):
    # 30 rows and 12 predictors: pmm's few donors repeat one another
    rng = np.random.default_rng(0)
    x = rng.normal(size=30)
    df = pd.DataFrame({f"x{k}": rng.normal(size=30) for k in range(12)})
    df["y"] = np.where(rng.random(30) < 0.2, np.nan, np.exp(3 * x))
    found = board(df, "cart", fraction=0.3, repeats=5)
    (one,) = (one for one in found.methods if one.method == "cart")
    narrow = [
        reported
        for reported in found.findings
        if "surer than they should be" in reported
    ]
    assert bool(narrow) == (one.coverage < 0.8)


def test_every_kind_of_column_is_scored(mixed, board, scores):
    df = mixed(150).rename(columns=str)
    found = board(df, "pmm", "knn", repeats=1, n_imputations=2, max_iter=2)
    assert found.left_out == {}
    for method in ("baseline", "pmm", "knn"):
        reported = scores(found, method)
        assert set(reported) == set(df) - {"complete"}
        for column in found.columns:
            score = reported[column.name]
            assert (score.right is None) != column.classes
            assert (score.mae is None) == column.classes
            assert score.wasserstein is not None
    assert found.methods[0].method != "baseline"


@pytest.mark.parametrize(
    ("step", "unit"),
    [("1D", "days"), ("1h", "days"), ("10min", "hours"), ("1s", "seconds")],
)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_errors_of_dates_are_in_days_or_what_suits_them(
    step, unit, zone, board, scores
):
    when = pd.Series(pd.date_range("2024-06-01", periods=301, freq=step, tz=zone))
    df = pd.DataFrame({"when": when.mask(when.index % 10 == 0)})
    found = board(df, "ffill", repeats=1)
    assert found.columns[0].unit == unit
    size = pd.Timedelta(step) / pd.Timedelta(1, unit[:-1])
    # what lies before is mostly one step away, or two
    assert size * 0.9 <= scores(found, "ffill")["when"].error <= size * 2
    # the median is a quarter of the range away on average
    assert scores(found, "baseline")["when"].error == pytest.approx(75 * size, rel=0.35)


def test_errors_of_spans_are_in_their_unit(board, scores):
    spans = pd.Series(pd.to_timedelta(np.arange(200.0), unit="D"))
    found = board(pd.DataFrame({"stay": spans.mask(spans.index % 9 == 0)}), "median")
    assert found.columns[0].unit == "days"
    assert scores(found, "median")["stay"].error == pytest.approx(50, rel=0.3)


def test_units_of_the_data_are_those_of_the_errors(air, board, scores):
    thousands = air.assign(Ozone=air["Ozone"] * 1000)
    small, large = (board(df, "mean", repeats=1) for df in (air, thousands))
    for method in ("baseline", "mean"):
        one, other = (scores(b, method)["Ozone"] for b in (small, large))
        assert other.mae == pytest.approx(1000 * one.mae, rel=1e-6)
        assert other.ratio == pytest.approx(one.ratio, rel=1e-6)


def test_names_of_classes_and_of_rows_change_nothing(board):
    rng = np.random.default_rng(0)
    z = rng.normal(size=200)
    group = np.where(z + rng.normal(size=200) > 0, "no", "yes").astype(object)
    df = pd.DataFrame({"z": z, "group": pd.Series(group).mask(z > 1.2)})
    other = df.assign(group=df["group"].map({"no": "a", "yes": "b"}))
    other.index = pd.Index(rng.permutation(200), name="who")
    methods = ("knn", "linear", "logreg")
    one, two = (board(frame, *methods, repeats=1) for frame in (df, other))
    assert one == two


def test_a_method_that_cannot_run_says_why_and_the_others_go_on(air, board, trial):
    found = board(air, "constant", "mean", repeats=1)
    (bad,) = (one for one in found.methods if one.method == "constant")
    assert "'constant' needs a value" in bad.error
    assert (bad.rank, bad.scores) == (None, ())
    assert found.methods[-1] == bad
    assert {one.rank for one in found.methods} == {1, 2, None}
    assert any("'constant' could not run" in reported for reported in found.findings)
    spec = ComparisonSpec(methods=("nonsense",), repeats=1)
    assert "no method 'nonsense'" in Trial.model_validate(trial(air, spec, 1)).error


def test_a_method_that_leaves_a_column_alone_has_no_score_there(board, scores):
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=60), "c": rng.choice(["a", "b"], 60)})
    df["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(range(60), unit="D")
    df = df.mask(rng.random(df.shape) < 0.1)
    found = board(df, "auto", "polr", repeats=1, max_iter=2)
    assert {"x", "c", "day"} == set(scores(found, "auto"))
    reported = scores(found, "polr")
    assert all(score.used == ("pmm",) for score in reported.values())


def test_columns_that_cannot_be_judged_are_named_with_the_reason():
    df = pd.DataFrame(
        {
            "x": [1.0, 2.0, 3.0, None],
            "empty": [None] * 4,
            "few": [1.0, None, None, 2.0],
            "name": ["Ann", "Bob", "Cy", None],
        }
    )
    found, left_out = judged(df, ComparisonSpec(methods=("mean",)))
    assert [one.name for one in found] == ["x"]
    assert left_out["empty"] == "It has no observed value."
    assert left_out["few"] == "It has 2 observed values, too few to hide any."
    assert left_out["name"].startswith("It is text")
    with pytest.raises(
        InvalidData, match=r"No column can be judged\. 'name': It is text"
    ):
        judged(df, ComparisonSpec(methods=("mean",), columns=("name",)))


def test_named_columns_are_judged_though_they_are_complete(air, board, scores):
    found = board(air, "linear", columns=("Wind", "Ozone"), repeats=1)
    assert [column.name for column in found.columns] == ["Ozone", "Wind"]
    assert [column.n_missing for column in found.columns] == [37, 0]
    assert set(scores(found, "linear")) == {"Ozone", "Wind"}


@pytest.mark.parametrize(
    ("df", "spec", "error"),
    [
        (pd.DataFrame(), {}, EmptyFrame),
        (pd.DataFrame(np.ones((4, 2)), columns=["a", "a"]), {}, DuplicateColumns),
        (pd.DataFrame({"a": [1.0, np.inf, 2.0, None]}), {}, InfiniteValues),
        (pd.DataFrame({"a": [1, "x", 2.5, None]}, dtype=object), {}, MixedTypes),
        (pd.DataFrame({"a": [[1], [2], [3]]}), {}, UnsupportedFrame),
        (pd.DataFrame({"a": [None, None]}), {}, InvalidData),
        (pd.DataFrame({"a": [1.0, 2, 3]}), {"columns": ("b",)}, UnknownColumn),
        (pd.DataFrame({"a": [1.0, 2, 3]}), {"methods": ("nope",)}, UnknownMethod),
        (pd.DataFrame({"a": [1.0, 2, 3]}), {"mechanism": "mar"}, InvalidSpec),
        ([1, 2, 3], {}, UnsupportedFrame),
    ],
)
def test_bad_input_is_refused_before_anything_is_computed(df, spec, error):
    with pytest.raises(error):
        check(df, ComparisonSpec(**{"methods": ("mean",), **spec}))


def test_a_constant_column_has_nothing_to_win(board, scores):
    df = pd.DataFrame({"x": np.arange(40.0), "one": 1.0})
    df.loc[::5, "one"] = np.nan
    found = board(df, "knn", repeats=1)
    assert scores(found, "knn")["one"].ratio == 1.0
    assert not scores(found, "knn")["one"].worse
    assert any("nothing came nearer than the baseline" in f for f in found.findings)


def test_the_frame_is_not_changed_and_labels_may_be_anything(air, trial):
    df = air.rename(columns={"Ozone": 1, "Solar.R": ("a", 2)})
    before = df.copy()
    spec = ComparisonSpec(methods=("knn",), repeats=1)
    found = Trial.model_validate(trial(df, spec, 1))
    pd.testing.assert_frame_equal(df, before)
    assert {score.column for score in found.scores} == {"1", "('a', 2)"}
    assert list(named(df).columns)[:2] == ["1", "('a', 2)"]


def test_steps_rise_to_the_end_and_say_where_it_is(air):
    spec = ComparisonSpec(methods=("pmm",), repeats=2, n_imputations=3, max_iter=2)
    steps = list(cell(air, spec, 3))
    done = [step.done / step.total for step in steps]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 1.0)
    assert "'pmm', repeat 2 of 2: draw 3 of 3, " in steps[-1].message


def test_work_can_be_stopped(air):
    steps = cell(air, ComparisonSpec(methods=("rf",)), 1)
    for _ in range(5):
        next(steps)
    steps.close()


def test_what_a_part_leaves_is_json_without_nan(mixed, trial):
    spec = ComparisonSpec(methods=("sample",), repeats=1)
    for k in range(2):
        part = trial(mixed(60), spec, k)
        assert json.loads(json.dumps(part, allow_nan=False)) == part
