"""The chain starts where it is reported, or says why it cannot."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn


def once(df, **settings):
    return Imputer("linear", max_iter=1, **settings).fit_transform(df)


def test_an_array_is_taken_by_position(correlated):
    df = correlated(60, 3, 0.3)
    far = df.fillna(50.0)
    plain, framed, array = once(df), once(df, start=far), once(df, start=far.to_numpy())
    pd.testing.assert_frame_equal(array, framed)
    assert not array.equals(plain)
    X = df.to_numpy()
    np.testing.assert_array_equal(once(X, start=far.to_numpy()), framed.to_numpy())
    other = far.set_axis(far.index + 5, axis=0)
    np.testing.assert_array_equal(once(X, start=other), framed.to_numpy())


def test_some_columns_are_enough(correlated):
    df = correlated(60, 3, 0.3)
    some = once(df, start=df[["x1"]].fillna(50.0))
    missing = df.assign(x1=df["x1"].fillna(50.0)).to_numpy()
    pd.testing.assert_frame_equal(some, once(df, start=missing))


@pytest.mark.parametrize(
    ("start", "error", "words"),
    [
        (lambda df: df.assign(y=1.0), UnknownColumn, "no column 'y'"),
        (lambda df: df.head(), InvalidSpec, "start has 5 rows and the data has 60"),
        (lambda df: df[::-1], InvalidSpec, "other row labels"),
        (lambda df: df.to_numpy()[:, :2], InvalidSpec, "shape .60, 2., and the data"),
        (
            lambda df: df.assign(x0="a"),
            InvalidSpec,
            "start has 'a' for missing values of",
        ),
        (lambda df: df.fillna(np.inf), InvalidSpec, "finite values of its kind"),
    ],
)
def test_a_start_that_is_none_is_refused(start, error, words, correlated):
    df = correlated(60, 3, 0.3)
    with pytest.raises(error, match=words):
        once(df, start=start(df))
    with pytest.raises(error, match=words):
        Imputer("linear", start=start(df)).impute(df, 1)


def test_classes_that_were_never_observed_are_refused(mixed):
    df = mixed()[["float", "str", "nominal"]]
    once(df, start=df.assign(str="low", nominal="mid"))
    with pytest.raises(InvalidSpec, match="'new' for missing values of column 'str'"):
        once(df, start=df.assign(str="new"))
    observed = df["str"].where(df["str"].isna(), "new")
    pd.testing.assert_frame_equal(once(df, start=observed.to_frame()), once(df))
