"""NaN that pandas does not call missing is a missing value here, like any other."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.engine.columns.missing_cells import nan_as_missing
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.missingness.patterns import md_pattern
from jupyter_wrangler.engine.planning.start import start_of

DTYPES = ["double[pyarrow]", "float[pyarrow]", "Float64"]


def with_nan(values, lost, dtype):
    """Make a column of floats in which some are NaN and not NA."""
    numbers = np.where(lost, np.nan, values)
    if dtype == "Float64":
        nowhere = np.zeros(len(numbers), dtype=bool)
        return pd.Series(pd.arrays.FloatingArray(numbers, nowhere))
    kind = {"double[pyarrow]": pa.float64(), "float[pyarrow]": pa.float32()}[dtype]
    arrow = pa.array(numbers, type=kind, from_pandas=False)
    return pd.Series(pd.arrays.ArrowExtensionArray(arrow))


def both(dtype):
    """Give a frame with NaN, and the same one with NA."""
    x = np.random.default_rng(0).normal(size=60)
    lost = np.arange(60) % 9 == 0
    y = pd.Series([None if i % 5 == 0 else v for i, v in enumerate(x)], dtype=dtype)
    hidden = pd.DataFrame({"r": with_nan(x, lost, dtype), "y": y, "z": x**2})
    seen = hidden.copy()
    seen["r"] = pd.Series(x, dtype=dtype).mask(lost)
    assert hidden["r"].isna().sum() == 0
    assert seen["r"].isna().sum() == lost.sum()
    return hidden, seen


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", ["linear", "pmm", "cart", "knn", "em", "mean"])
def test_nan_is_filled_as_na_is(method, dtype):
    hidden, seen = both(dtype)
    before = hidden.copy()
    imputer = Imputer(method, random_state=0)
    done = imputer.fit_transform(hidden)
    pd.testing.assert_frame_equal(done, imputer.fit_transform(seen))
    assert not np.isnan(done.to_numpy(np.float64, na_value=np.nan)).any()
    pd.testing.assert_frame_equal(hidden, before)
    assert hidden["r"].isna().sum() == 0
    later = imputer.fit(seen).transform(hidden.head(10))
    pd.testing.assert_frame_equal(later, imputer.transform(seen.head(10)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_is_counted_as_missing(dtype):
    hidden, seen = both(dtype)
    found, wanted = md_pattern(hidden), md_pattern(seen)
    pd.testing.assert_frame_equal(found.table, wanted.table)
    assert found.missing.to_dict() == {"z": 0, "r": 7, "y": 12}


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_job_gives_the_same_numbers(dtype, run):
    hidden, _ = both(dtype)
    packed = frames.to_parquet(hidden)
    assert [column.missing for column in packed.columns] == [7, 12, 0]
    there = run(frames.from_parquet(packed.data, labels=False), random_state=0)
    here = run(hidden, random_state=0)
    for name in ("r", "y"):
        np.testing.assert_array_equal(there.rows[name], here.rows[name])
        np.testing.assert_array_equal(there.values[name], here.values[name])  # noqa: PD011
    cells = frames.ImputedCells(values=there.values, rows=there.rows)
    done = frames.complete(hidden, cells)
    assert nan_as_missing(done["r"]).notna().all()
    whole = Imputer("pmm", random_state=0).impute(hidden, 1).complete(0)
    pd.testing.assert_frame_equal(done, whole)


def test_nan_in_a_start_is_missing():
    hidden, _ = both("double[pyarrow]")
    start = start_of(hidden, hidden, labelled=True)
    assert start["r"].isna().sum() == 7
    assert hidden["r"].isna().sum() == 0


@pytest.mark.parametrize("dtype", ["float64", "Sparse[float64]", "Int64", "str"])
def test_columns_whose_missing_values_pandas_sees_are_unchanged(dtype):
    column = pd.Series([1, 2], dtype=dtype)
    assert nan_as_missing(column) is column
