"""A fitted imputer becomes plain values, and the same imputer again."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.models import normal_fit
from jupyter_wrangler.engine.state import State, from_state, to_state
from jupyter_wrangler.errors import InvalidSpec, UnreadableImputer
from jupyter_wrangler.frames.imputers import load_imputer, save_imputer


def fitted(method, df, **parameters):
    if method == "constant":
        observed = {name: df[name].dropna().iloc[0] for name in df.columns}
        parameters["fill_value"] = {
            name: getattr(value, "item", lambda v=value: v)()
            for name, value in observed.items()
        }
    return Imputer(method, random_state=5, max_iter=3, **parameters).fit(df)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_imputes_the_same_after_a_round_trip(method, mixed, tmp_path):
    df = mixed()
    imputer = fitted(method, df.iloc[:90])
    later = df.iloc[90:]
    expected = imputer.transform(later)
    save_imputer(imputer, tmp_path / "imputer.zip")
    again = load_imputer(tmp_path / "imputer.zip")
    pd.testing.assert_frame_equal(again.transform(later), expected)
    assert again.events_ == imputer.events_
    assert again.n_iter_ == imputer.n_iter_
    before, after = imputer.get_params(), again.get_params()
    assert np.isnan(before.pop("missing_values"))
    assert np.isnan(after.pop("missing_values"))
    assert before == after


def test_arrays_and_what_was_set_come_back(correlated):
    X = np.array(correlated(60, 4, 0.2))
    imputer = Imputer(
        "pmm",
        random_state=np.random.RandomState(3),
        add_indicator=True,
        missing_values=-1.0,
    ).set_output(transform="pandas")
    imputer.fit(X)
    again = Imputer.from_state(imputer.to_state())
    pd.testing.assert_frame_equal(again.transform(X), imputer.transform(X))
    assert again.n_features_in_ == 4
    assert again.get_feature_names_out().tolist() == (
        imputer.get_feature_names_out().tolist()
    )
    # fitted again it draws what the one that was saved had drawn
    np.testing.assert_array_equal(again.fit(X).transform(X), imputer.transform(X))


def test_a_state_is_json_and_arrays_of_numbers(mixed):
    state = fitted("pmm", mixed()).to_state()
    json.dumps([state.tree, state.objects], allow_nan=False)
    assert not any(array.dtype.hasobject for array in state.arrays)


def test_what_occurs_twice_is_written_once(mixed):
    imputer = fitted("knn", mixed())
    state = imputer.to_state()
    again = Imputer.from_state(state)
    for column in again._run.states["neighbours"].space.columns:
        assert column is again._run.columns[column.name]
    assert len(state.columns) <= mixed().shape[1] * 2


@pytest.mark.parametrize(
    "thing",
    [
        None,
        [1, 2.5, "x", True, None],
        (1, (2, [3])),
        {"a": 1, 2: "b", (3, 4): {5}},
        frozenset({1, 2}),
        slice(1, None, 2),
        -np.inf,
    ],
)
def test_plain_things_come_back_as_they_are(thing):
    state = to_state(thing)
    text = json.dumps(state.tree, allow_nan=False)
    again = from_state(State(tree=json.loads(text)))
    assert again == thing
    assert type(again) is type(thing)


def test_numbers_of_numpy_indexes_and_generators_come_back():
    rng = np.random.default_rng(4)
    rng.normal(size=3)
    things = [np.float32(1.5), np.bool_(1), pd.Index([1, 2]), rng, float("nan")]
    again = from_state(to_state(things))
    assert again[:2] == things[:2]
    assert [type(one) for one in again[:2]] == [np.float32, np.bool_]
    pd.testing.assert_index_equal(again[2], things[2])
    assert again[3].random() == rng.random()
    assert np.isnan(again[4])


@pytest.mark.parametrize("thing", [len, Coding, object(), {"f": lambda x: x}, 1j])
def test_functions_and_strangers_are_refused(thing):
    with pytest.raises(InvalidSpec, match="cannot be saved"):
        to_state(thing)


def changed(**fields):
    state = to_state(Coding(table=np.eye(2)))
    return dataclasses.replace(state, **fields)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (changed(objects=[{"$class": "os:system", "fields": {}}]), "no part of"),
        (
            changed(objects=[{"$class": "jupyter_wrangler.cli:main", "fields": {}}]),
            "no part of",
        ),
        (
            changed(
                objects=[
                    {
                        "$class": "jupyter_wrangler.engine.strategies.run:Sun",
                        "fields": {},
                    }
                ]
            ),
            "does not have",
        ),
        (
            changed(
                objects=[{"$class": "jupyter_wrangler.engine.sun:Run", "fields": {}}]
            ),
            "does not have",
        ),
        # a class that a module of the engine only imports
        (
            changed(
                objects=[
                    {
                        "$class": "jupyter_wrangler.engine.strategies.run:Coding",
                        "fields": {},
                    }
                ]
            ),
            "does not have",
        ),
        (
            changed(
                objects=[
                    {
                        "$class": "jupyter_wrangler.engine.columns.coding:Coding",
                        "fields": {},
                    }
                ]
            ),
            "other fields",
        ),
        (changed(tree={"$object": 7}), "do not fit together"),
        (changed(tree={"$object": 0, "$array": 0}), "do not fit together"),
        (changed(tree={"$instance": {}}), "unknown kind"),
        (changed(tree={"object": 0}), "unknown kind"),
        (changed(tree={"$model": ["ImputationSpec", {"x": 1}]}), "not one of this"),
        (changed(tree={"$model": ["Job", {}]}), "do not fit together"),
        (changed(tree={"$rng": {"bit_generator": "MT19937"}}), "do not fit"),
    ],
)
def test_states_of_something_else_are_refused(state, words):
    with pytest.raises(UnreadableImputer, match=words):
        from_state(state)


@pytest.mark.parametrize(
    "thing", [3, {"run": 1}, {"params": {}, "fitted": {}, "run": 1}]
)
def test_what_is_no_imputer_is_refused(thing):
    with pytest.raises(UnreadableImputer, match="something else"):
        Imputer.from_state(to_state(thing))


def test_classes_of_the_engine_come_back_by_their_fields():
    found = normal_fit.em(np.array([[1.0, 2.0], [3.0, np.nan], [2.0, 2.5], [0.0, 1.0]]))
    again = from_state(to_state(found))
    assert type(again) is type(found)
    for name in (f.name for f in dataclasses.fields(found)):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
