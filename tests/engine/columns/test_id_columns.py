"""Whole numbers that name rows help nobody, unless they are asked to."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.id_columns import is_row_id
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.errors import ColumnNotUsed

RNG = np.random.default_rng(0)
MODELS = ["knn", "linear", "pmm", "cart", "em", "softimpute", "auto"]


@pytest.mark.parametrize("dtype", ["int64", "uint16", "Int64", "int64[pyarrow]"])
@pytest.mark.parametrize("first", [0, 1])
def test_running_numbers_name_rows_in_any_order(dtype, first):
    numbers = pd.Series(np.arange(first, first + 50)).astype(dtype)
    assert is_row_id(numbers)
    assert is_row_id(numbers.sample(frac=1, random_state=0))
    assert not is_row_id(numbers.head(19))
    assert not is_row_id(numbers + 1 + (1 - first))
    assert not is_row_id(numbers.astype("Int64").mask(numbers == 7))
    assert not is_row_id(numbers.astype("float64"))
    twice = numbers.copy()
    twice.iloc[3] = twice.iloc[4]
    assert not is_row_id(twice)


@pytest.mark.parametrize(
    ("name", "is_id"),
    [
        *((name, True) for name in ("id", "ID", "PassengerId", "patient_id", "id_no")),
        *((name, True) for name in ("user.id", "customerKey", "UID")),
        *((name, False) for name in ("income", "valid", "covid", "humidity", "paid")),
        *((name, False) for name in ("width", "identity", "keyboard", "mid_price", "")),
    ],
)
def test_other_numbers_need_the_name_of_an_id(name, is_id):
    numbers = pd.Series([1007, 33, 21, 5001], name=name)
    assert is_row_id(numbers) == is_id
    assert not is_row_id(pd.Series([1007, 33, 33, 5001], name=name))


@pytest.fixture
def named(correlated):
    df = correlated(60, 3, 0.2)
    return df.assign(id=RNG.permutation(60) + 1)


@pytest.mark.parametrize("method", MODELS)
def test_ids_do_not_help_and_that_is_reported(method, named, run):
    spec = {"method": method, "max_iter": 2}
    found = run(named, **spec)
    without = run(named.drop(columns="id"), **spec)
    for name, values in without.values.items():
        np.testing.assert_array_equal(found.values[name], values)
    reported = [e.message for e in found.events if e.column == "id"]
    assert len(reported) == 1
    assert "all differ, as ids and running numbers do" in reported[0]


@pytest.mark.parametrize("method", ["knn", "linear", "pmm", "em"])
def test_ids_that_are_named_help(method, named, run):
    plain = run(named, method=method).values["x0"]
    for explicit in (
        {"methods": {"id": "mean"}},
        {"predictors": {"x0": ("x1", "x2", "id")}},
        {"time": "id"},
        {"min_value": {"id": 0}},
    ):
        found = run(named, method=method, **explicit)
        assert all(e.column != "id" for e in found.events if "ids" in e.message)
        assert (found.values["x0"] != plain).any()


def test_simple_methods_have_nothing_to_report(named, run):
    assert run(named, method="mean").events == ()
    assert is_row_id(named["id"])


def test_the_only_column_that_helps_stays(run):
    df = pd.DataFrame({"n": np.arange(40), "y": 2.0 * np.arange(40)})
    df.loc[5, "y"] = np.nan
    assert run(df, method="linear").values["y"][0] == pytest.approx(10.0, rel=1e-3)


def test_it_is_warned_about_and_later_missing_values_stay(named):
    with pytest.warns(ColumnNotUsed, match=r"'id' holds .* methods=.'id': 'pmm'.;"):
        imputer = Imputer("pmm", random_state=0).fit(named)
    later = named.head(3).astype({"id": "Int64"})
    later.loc[0, "id"] = pd.NA
    done = imputer.transform(later)
    assert done["id"].isna().sum() == 1
    assert not done.drop(columns="id").isna().any(axis=None)
    plans = {p.name: p for p in check(named, ImputationSpec())}
    assert plans["id"].names_rows
    assert plans["id"].level == "integer"
    assert set(MODELS) <= set(METHODS)
