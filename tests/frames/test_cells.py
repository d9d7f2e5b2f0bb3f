"""Imputed cells fill exactly the missing values, in the column's own dtype."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pandas.testing import assert_frame_equal

from jupyter_wrangler import errors, frames

S = pd.Series
WHOLE = {
    "float64": S([1.5, 2.5, 3.5]),
    "float32": S([1.5, 2.5, 3.5], dtype="float32"),
    "Int64": S([1, 2, 3], dtype="Int64"),
    "boolean": S([True, False, True], dtype="boolean"),
    "str": S(["a", "b", "c"]),
    "string": S(["a", "b", "c"], dtype="string"),
    "object": S(["a", "b", "c"], dtype=object),
    "object bool": S([True, False, True], dtype=object),
    "category": S(pd.Categorical(["a", "b", "a"], ["z", "b", "a"], ordered=True)),
    "category interval": pd.cut(S([1.0, 2.0, 3.0]), 3),
    "datetime": S(pd.to_datetime(["2020", "2021", "2022"])).dt.as_unit("s"),
    "datetime zoned": S(pd.to_datetime(["2020", "2021", "2022"], utc=True)),
    "timedelta": S(pd.to_timedelta([1, 2, 3], unit="s")),
    "period": S(pd.period_range("2020", periods=3, freq="M")),
    "arrow double": S([1.5, 2.5, 3.5], dtype="double[pyarrow]"),
    "arrow string": S(["a", "b", "c"], dtype="string[pyarrow]"),
}
ROWS = np.array([0, 2])


def with_missing(whole):
    incomplete = whole.copy()
    incomplete.iloc[ROWS] = None
    return incomplete


def travelled(name, values, rows):
    data = frames.cells_to_parquet({name: values}, {name: rows})
    return frames.cells_from_parquet(data)


@pytest.mark.parametrize("name", WHOLE)
def test_cells_travel_and_complete_the_frame(name):
    whole = pd.DataFrame({name: WHOLE[name], "other": [1, 2, 3]}, index=[5, 5, 7])
    incomplete = whole.copy()
    incomplete[name] = with_missing(whole[name].reset_index(drop=True)).array
    before = incomplete.copy()
    cells = travelled(name, whole[name].array[ROWS], ROWS)
    assert_frame_equal(frames.complete(incomplete, cells), whole, check_exact=True)
    assert_frame_equal(incomplete, before)


@given(hnp.arrays(np.uint64, st.integers(1, 40)), st.data())
@settings(max_examples=60, deadline=None)
def test_observed_cells_stay_the_same_bits(bits, data):
    """Also signed zeros, infinities, and the many bit patterns of NaN."""
    df = pd.DataFrame({"x": bits.view(np.float64)})
    rows = np.array(
        sorted(data.draw(st.sets(st.integers(0, len(bits) - 1)))), dtype=np.intp
    )
    cells = travelled("x", np.ones(len(rows)), rows)
    found = frames.complete(df, cells)["x"].to_numpy().view(np.uint64)
    observed = np.setdiff1d(np.arange(len(bits)), rows)
    assert (found[observed] == bits[observed]).all()
    assert (found[rows] == np.float64(1.0).view(np.uint64)).all()


def test_labels_index_and_attrs_stay():
    df = pd.DataFrame({7: [1.0, None], ("a", 1): ["x", "y"]}, index=["p", "q"])
    df.attrs["source"] = "clinic"
    cells = travelled("7", np.array([2.0]), np.array([1]))
    found = frames.complete(df, cells)
    assert found.attrs == {"source": "clinic"}
    assert found.loc["q", 7] == 2.0
    assert found.columns.equals(df.columns)


def test_later_changes_of_the_frame_do_not_reach_the_completed_one():
    df = pd.DataFrame({"a": [1.0, None], "b": [1, 2]})
    found = frames.complete(df, travelled("a", np.array([2.0]), np.array([1])))
    df.loc[0, "b"] = 99
    found.loc[0, "a"] = 5.0
    assert found.loc[0, "b"] == 1
    assert df.loc[0, "a"] == 1.0


def test_columns_may_have_different_numbers_of_missing_values():
    df = pd.DataFrame({"a": [None, None, 1.0], "b": ["x", None, "y"]})
    data = frames.cells_to_parquet(
        {"a": np.array([1.0, 2.0]), "b": pd.array(["z"], dtype="str")},
        {"a": np.array([0, 1]), "b": np.array([1])},
        events=[{"column": "a", "message": "Chains were short."}],
    )
    cells = frames.cells_from_parquet(data)
    assert frames.complete(df, cells).isna().sum().sum() == 0
    assert cells.events[0].message == "Chains were short."


def test_nothing_to_impute_is_fine():
    df = pd.DataFrame({"a": [1.0]})
    cells = frames.cells_from_parquet(frames.cells_to_parquet({}, {}))
    assert_frame_equal(frames.complete(df, cells), df)


def test_rows_cost_next_to_nothing():
    rows = np.arange(0, 1_000_000, 10)
    data = frames.cells_to_parquet({"a": np.zeros(len(rows))}, {"a": rows})
    assert len(data) < 20_000


@pytest.mark.parametrize(("name", "rows"), [("b", np.array([0])), ("a", np.array([2]))])
def test_cells_of_another_frame_are_refused(name, rows):
    df = pd.DataFrame({"a": [1.0, None]})
    with pytest.raises(errors.SchemaMismatch, match="do not fit"):
        frames.complete(df, travelled(name, np.array([2.0]), rows))


def test_as_many_values_as_rows_are_wanted():
    with pytest.raises(errors.SchemaMismatch, match="as many as rows"):
        frames.cells_to_parquet({"a": np.array([1.0])}, {"a": np.array([0, 1])})


def test_chains_and_donors_travel():
    chains = {"a": np.array([[1.0, np.nan], [2.0, 0.5]]), "b": np.empty((0, 2))}
    donors = {"a": np.array([2, 1]), "b": np.array([[2, -1, -1]])}
    data = frames.cells_to_parquet(
        {"a": np.array([1.0, 2.0]), "b": np.array([1.0])},
        {"a": np.array([0, 3]), "b": np.array([1])},
        n_iter=2,
        chains=chains,
        donors=donors,
    )
    cells = frames.cells_from_parquet(data)
    assert cells.n_iter == 2
    for name, chain in chains.items():
        np.testing.assert_array_equal(cells.chains[name], chain)
        np.testing.assert_array_equal(cells.donors[name], donors[name])


def test_cells_of_an_earlier_version_are_read():
    import json

    import pyarrow.parquet as pq
    from pyarrow import BufferOutputStream, BufferReader

    data = frames.cells_to_parquet({"a": np.array([1.0])}, {"a": np.array([0])})
    table = pq.read_table(BufferReader(data))
    header = json.loads(table.schema.metadata[b"jupyter_wrangler"])
    for name in ("n_iter", "chains", "donors"):
        del header[name]
    sink = BufferOutputStream()
    old = {b"jupyter_wrangler": json.dumps(header).encode()}
    pq.write_table(table.replace_schema_metadata(old), sink)
    cells = frames.cells_from_parquet(sink.getvalue().to_pybytes())
    assert (cells.n_iter, cells.chains, cells.donors) == (0, {}, {})
    assert frames.complete(pd.DataFrame({"a": [None]}, dtype=float), cells)["a"][0] == 1
