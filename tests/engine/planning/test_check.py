import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler import errors
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.check import check


def plan(df, name="x", **spec):
    (found,) = (p for p in check(df, ImputationSpec(**spec)) if p.name == name)
    return found


def column(*values, dtype=None):
    return pd.DataFrame({"x": pd.Series(list(values), dtype=dtype)})


@pytest.mark.parametrize(
    ("df", "spec", "error", "words"),
    [
        ([1, 2], {}, errors.UnsupportedFrame, "list; convert it"),
        (pd.DataFrame(), {}, errors.EmptyFrame, "0 rows and 0 columns"),
        (pd.DataFrame({"x": []}), {}, errors.EmptyFrame, "0 rows and 1 columns"),
        (
            pd.DataFrame([[1, 2]], columns=["x", "x"]),
            {},
            errors.DuplicateColumns,
            "'x' occur more than once",
        ),
        (
            pd.DataFrame([[1, 2]], columns=[1, "1"]),
            {},
            errors.DuplicateColumns,
            "'1' occur more than once",
        ),
        (
            column(1, "two", 3, "four", None, dtype=object),
            {},
            errors.MixedTypes,
            "mixes int, str",
        ),
        (column(*[True, 1], dtype=object), {}, errors.MixedTypes, "mixes bool, int"),
        (column([1], None, dtype=object), {}, errors.UnsupportedFrame, "type list"),
        (column({"a": 1}, dtype=object), {}, errors.UnsupportedFrame, "type dict"),
        (column(1.0, np.inf, -np.inf), {}, errors.InfiniteValues, "has 2 infinite"),
        (column(1e200, None), {}, errors.InvalidData, "holds 1e+200, beyond 1e+140"),
        (column(1.0, None), {"method": "magic"}, errors.UnknownMethod, "mean, median"),
        (column(1.0), {"methods": {"x": "magic"}}, errors.UnknownMethod, "'magic'"),
        (column(1.0), {"methods": {"y": "mean"}}, errors.UnknownColumn, "has 'x'"),
        (column(1.0), {"columns": ("y",)}, errors.UnknownColumn, "has 'x'"),
        (column(1.0), {"fill_value": {"y": 1}}, errors.UnknownColumn, "has 'x'"),
        (
            column("a", "a", None),
            {"methods": {"x": "mean"}},
            errors.MethodDoesNotFit,
            "use one of most_frequent, constant, sample, ffill, bfill, knn, linear",
        ),
        (
            column("2020-01-01", None, dtype="datetime64[ns]"),
            {"methods": {"x": "mean"}},
            errors.MethodDoesNotFit,
            "median, most_frequent, constant",
        ),
        (
            column(1.0, 2.0, None),
            {"methods": {"x": "pmm"}},
            errors.TooFewDonors,
            "2 observed values, fewer than donors=5",
        ),
        (
            column(None, None, dtype="float64"),
            {"methods": {"x": "mean"}},
            errors.NothingObserved,
            "no observed value",
        ),
        (
            column(None, dtype="float64"),
            {"columns": ("x",)},
            errors.NothingObserved,
            "no observed value",
        ),
        (
            column(1.0, None),
            {"method": "constant"},
            errors.InvalidSpec,
            "needs a value for column 'x'",
        ),
        (
            column(1.0, None),
            {"method": "constant", "fill_value": "no"},
            errors.InvalidSpec,
            "a finite number is wanted",
        ),
    ],
)
def test_what_cannot_be_imputed_is_refused_in_words(df, spec, error, words):
    with pytest.raises(error) as caught:
        check(df, ImputationSpec(**spec))
    assert type(caught.value) is error
    assert words in str(caught.value)


def test_examples_of_mixed_types_start_with_the_rarest():
    df = column(*[1, 2, 3, 4], "n/a", dtype=object)
    with pytest.raises(errors.MixedTypes) as caught:
        check(df, ImputationSpec())
    assert caught.value.examples == ["'n/a'", "1"]


def test_every_type_of_a_mixed_column_is_shown():
    df = column(*[1, 2, 3, 4], "n/a", "x", 2.5, dtype=object)
    with pytest.raises(errors.MixedTypes, match=r"example 2.5, 'n/a', 1\)"):
        check(df, ImputationSpec())


@pytest.mark.parametrize(
    "values",
    [[1, "x", None], [[1], [2], None], [1.0, np.inf, None], [1e200, 1.0, None]],
)
def test_a_column_left_alone_by_name_may_hold_anything(values):
    df = pd.DataFrame({"odd": pd.Series(values * 4), "x": [1.0, 2.0, None] * 4})
    df["y"] = np.arange(12.0)
    for method in ("pmm", "knn", "em", "linear"):
        with pytest.raises(errors.InvalidData):
            Imputer(method).fit(df)
        imputer = Imputer(method, methods={"odd": ""}, random_state=0)
        done = imputer.fit_transform(df)
        assert done["odd"].equals(df["odd"])
        assert not done["x"].isna().any()
        assert imputer.transform(df)["odd"].equals(df["odd"])
        reported = [e.message for e in imputer.events_ if e.column == "odd"]
        assert "Left alone as asked, and it helps no other column" in reported[0]


@pytest.mark.parametrize(
    ("df", "method", "becomes"),
    [
        (column("a", "a", None), "mean", "most_frequent"),
        (column(*[True, None], dtype="boolean"), "median", "most_frequent"),
        (column("2020-01-01", None, dtype="datetime64[ns]"), "mean", "median"),
        (column("2020-01-01", None, dtype="datetime64[ns]"), "polr", "pmm"),
        (column("1h", None, dtype="timedelta64[ns]"), "logreg", "pmm"),
        (column("a", "a", None), "interpolate", "ffill"),
        (column("a", "b", "a", None), "norm", "logreg"),
        (column("a", "b", "c", "a", None), "norm", "polyreg"),
        (column("Ann", "Bob", "Cy", None), "pmm", ""),
        (column(None, None, dtype=object), "pmm", ""),
    ],
)
def test_a_method_for_all_columns_steps_aside_where_it_does_not_fit(
    df, method, becomes
):
    found = plan(df, method=method)
    assert found.method == becomes
    assert found.reason


def test_simple_methods_take_numbers_of_any_size():
    assert plan(column(1e200, None), method="mean").method == "mean"


def test_few_donors_are_taken_when_not_asked_for_by_column():
    found = plan(column(1.0, 2.0, None), method="pmm")
    assert found.method == "pmm"
    assert "all of them are donors" in found.reason


def test_a_complete_column_needs_no_method():
    found = plan(column("a", "b", "c"), method="mean")
    assert (found.method, found.reason) == ("", "")


def test_a_column_asked_to_be_left_alone_has_no_method():
    df = pd.DataFrame({"x": [1.0, None]})
    assert plan(df, methods={"x": ""}).method == ""
    assert plan(df, method="", methods={"x": "mean"}).method == "mean"


def test_a_constant_fills_a_column_with_nothing_observed():
    df = column(None, None, dtype=object)
    assert plan(df, method="constant", fill_value=3).method == "constant"
    df = column(None, None, dtype="float64")
    spec = {"methods": {"x": "constant"}, "fill_value": {"x": 2.5}}
    assert plan(df, **spec).method == "constant"


def test_the_frame_is_not_changed():
    df = pd.DataFrame({1: [1.0, None], "b": ["x", None]})
    check(df, ImputationSpec())
    assert list(df.columns) == [1, "b"]


def test_every_method_says_what_it_fits():
    for method in METHODS.values():
        assert method.levels
        assert method.stand_in in {"", *METHODS}


def test_checking_loads_no_heavy_library():
    code = (
        "import sys, jupyter_wrangler.engine.planning.check;"
        "print({'sklearn', 'scipy'} & {m.partition('.')[0] for m in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
