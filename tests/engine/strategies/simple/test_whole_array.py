"""Arrays of floats are planned and filled at once, as column by column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.strategies.impute import fit
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.simple.whole_array import (
    fit_floats,
    floats_of,
)
from jupyter_wrangler.errors import InfiniteValues

METHODS = ["mean", "median", "knn"]
FLOATS = st.one_of(
    st.just(np.nan), st.integers(-3, 3).map(float), st.floats(-1e9, 1e9, width=64)
)


def _frame(y) -> pd.DataFrame:
    return pd.DataFrame(y, columns=[f"x{k}" for k in range(y.shape[1])])


def _one_by_one(frame: pd.DataFrame, spec: ImputationSpec) -> Run:
    return finish(fit(frame, spec, keep=True), frame.size)


def _at_once(frame: pd.DataFrame, spec: ImputationSpec) -> Run | None:
    known = floats_of(frame, spec)
    if known is None:
        return None
    run = fit_floats(known, spec)
    return run or finish(fit(frame, spec, keep=True, known=known), frame.size)


def _assert_same(one: Run, other: Run) -> None:
    assert one.plans == other.plans
    assert one.events == other.events
    assert one.starts == other.starts
    assert list(one.columns) == list(other.columns)
    for name, column in one.columns.items():
        same = other.columns[name]
        assert (column.name, column.level) == (same.name, same.level)
        np.testing.assert_array_equal(column.own, same.own)
        np.testing.assert_array_equal(column.ry, same.ry)
    assert one.imputed.keys() == other.imputed.keys()
    for name, values in one.imputed.items():
        np.testing.assert_array_equal(values, other.imputed[name])
        assert values.dtype == other.imputed[name].dtype
    assert one.states.keys() == other.states.keys()
    fills = [getattr(run.states.get("simple"), "fills", {}) for run in (one, other)]
    assert {n: f.y for n, f in fills[0].items()} == {
        n: f.y for n, f in fills[1].items()
    }
    assert [f.own.tolist() for f in fills[0].values()] == [
        f.own.tolist() for f in fills[1].values()
    ]
    assert one.rng.random() == other.rng.random()


@settings(max_examples=60, deadline=None)
@given(
    y=arrays(
        np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=FLOATS
    ),
    method=st.sampled_from(METHODS),
)
def test_at_once_is_as_column_by_column(y, method):
    spec = ImputationSpec(method=method, random_state=3)
    frame = _frame(y)
    found = _at_once(frame, spec)
    if found is None:
        assert np.isnan(y).all(axis=0).any()
        return
    _assert_same(found, _one_by_one(frame, spec))


@pytest.mark.parametrize("method", METHODS)
def test_an_array_gives_what_a_frame_gives(method):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(50, 4))
    y[rng.random(y.shape) < 0.2] = np.nan
    later = np.where(rng.random(y.shape) < 0.3, np.nan, y)
    one, other = jw.Imputer(method), jw.Imputer(method)
    np.testing.assert_array_equal(one.fit_transform(y), other.fit_transform(_frame(y)))
    np.testing.assert_array_equal(one.transform(later), other.transform(_frame(later)))
    assert one.events_ == other.events_


@pytest.mark.parametrize(
    "spec",
    [
        ImputationSpec(method="pmm"),
        ImputationSpec(method="mean", methods={"x0": "median"}),
        ImputationSpec(method="mean", columns=("x0",)),
        ImputationSpec(method="mean", max_value=1.0),
        ImputationSpec(method="knn", n_neighbors=2),
        ImputationSpec(method="auto"),
    ],
)
def test_all_else_is_planned_column_by_column(spec):
    assert floats_of(_frame(np.array([[1.0], [np.nan], [2.0]])), spec) is None


@pytest.mark.parametrize("method", METHODS)
def test_what_is_refused_of_a_frame_is_refused_of_an_array(method):
    y = np.array([[1.0, np.inf], [np.nan, 2.0], [3.0, 4.0]])
    assert floats_of(_frame(y), ImputationSpec(method=method)) is None
    with pytest.raises(InfiniteValues, match="'x1'"):
        fit_run(_frame(y), method)
    unobserved = np.array([[1.0, np.nan], [np.nan, np.nan]])
    assert floats_of(_frame(unobserved), ImputationSpec(method=method)) is None


def fit_run(frame: pd.DataFrame, method: str) -> Run:
    return _one_by_one(frame, ImputationSpec(method=method))


@pytest.mark.parametrize("method", METHODS)
def test_later_changes_of_the_array_change_nothing(method):
    y = np.array([[1.0, 2.0], [np.nan, 4.0], [3.0, 7.0]])
    imputer = jw.Imputer(method).fit(y)
    before = imputer.transform(np.array([[np.nan, 4.0]]))
    y[:] = 100.0
    np.testing.assert_array_equal(imputer.transform(np.array([[np.nan, 4.0]])), before)
