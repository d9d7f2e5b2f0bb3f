"""Cells to impute, given by their labels."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.planning.where import where_of
from jupyter_wrangler.errors import DuplicateColumns, InvalidSpec, UnknownColumn


@pytest.fixture
def data(correlated):
    df = correlated(30, 3, 0.2)
    return df.set_axis([f"row {k}" for k in range(30)])


@pytest.mark.parametrize("dtype", ["bool", "boolean", "bool[pyarrow]", object])
def test_a_frame_is_taken_by_its_labels(data, dtype):
    where = data.isna()
    where["x1"] = False
    where.loc["row 3", "x0"] = True
    plain = Imputer("pmm", where=where.to_numpy(), random_state=0).fit_transform(data)
    turned = where[["x2", "x1", "x0"]].astype(dtype)
    if dtype is object:
        turned = where[["x2", "x1", "x0"]].astype({"x0": "boolean"})
    done = Imputer("pmm", where=turned, random_state=0).fit_transform(data)
    pd.testing.assert_frame_equal(done, plain)
    array = Imputer("pmm", where=where, random_state=0).fit_transform(data.to_numpy())
    np.testing.assert_array_equal(array, plain.to_numpy())


def test_labels_that_are_no_strings(data):
    numbered = data.set_axis([0, 1, 2], axis=1)
    where = numbered.isna()
    done = Imputer("mean", where=where[[2, 0, 1]]).fit_transform(numbered)
    assert not done.isna().any(axis=None)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda w: w[::-1], InvalidSpec, r"where has other row labels .*where.reindex"),
        (lambda w: w.head(), InvalidSpec, "where has 5 rows and the data has 30"),
        (lambda w: w[["x0", "x2"]], InvalidSpec, "nothing of column 'x1'"),
        (lambda w: w.assign(other=True), UnknownColumn, "'other'"),
        (lambda w: w[["x0", "x1", "x2", "x2"]], DuplicateColumns, "'x2'"),
        (lambda w: w.assign(x1=1), InvalidSpec, "where is int64 in column 'x1'"),
        (
            lambda w: w.astype("boolean").where(~w),
            InvalidSpec,
            r"where is missing in \d+ cells in column 'x0'",
        ),
    ],
)
def test_what_does_not_fit_the_data_is_refused(data, change, error, words):
    with pytest.raises(error, match=words):
        where_of(change(data.isna()), data, labelled=True)
