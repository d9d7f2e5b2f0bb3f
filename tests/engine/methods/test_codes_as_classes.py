"""Whole numbers are classes to the logistic methods, where these are named for them."""

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.pooling.rubin import pool_scalar
from jupyter_wrangler.errors import MethodDoesNotFit

DTYPES = ["float64", "Int8", "Int64", "Float64", "int64[pyarrow]", "double[pyarrow]"]


def coded(n=300, seed=0):
    """Codes 0 and 1, codes 1 to 4, and the number behind them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    yes = (x + rng.normal(size=n) > 0).astype(float)
    grade = 1.0 + np.digitize(x + rng.normal(size=n), [-1, 0, 1])
    missing = rng.random(n) < 0.3
    df = pd.DataFrame({"yes": yes, "grade": grade, "x": x})
    return df, df.assign(yes=df["yes"].mask(missing), grade=df["grade"].mask(missing))


@pytest.mark.parametrize("dtype", [*DTYPES, "object"])
@pytest.mark.parametrize(
    ("column", "method"),
    [("yes", "logreg"), ("yes", "polyreg"), ("grade", "polyreg"), ("grade", "polr")],
)
def test_issue_10_item_8_logistic_methods_take_codes(column, method, dtype):
    _, df = coded()
    if dtype == "object":
        whole = df[column].astype("Int64").astype(object)
        df[column] = whole.where(df[column].notna(), None)
    else:
        df[column] = df[column].astype(dtype)
    imputer = jw.Imputer("pmm", methods={column: method}, random_state=0)
    done = imputer.fit_transform(df)
    assert done[column].dtype == df[column].dtype
    assert set(done[column]) == set(df[column].dropna())
    later = df.iloc[:20].assign(**{column: df[column].iloc[:0].reindex(range(20))})
    assert set(imputer.transform(later)[column]) <= set(df[column].dropna())


def test_issue_10_item_8_they_draw_what_booleans_draw():
    _, df = coded()
    flags = df.assign(yes=df["yes"].astype("boolean"))
    methods = {"yes": "logreg"}
    done = jw.Imputer("pmm", methods=methods, random_state=0).fit_transform(df)
    same = jw.Imputer("pmm", methods=methods, random_state=0).fit_transform(flags)
    assert (done["yes"] == same["yes"].astype(float)).all()


def test_issue_10_item_8_arrays_hold_codes_too():
    _, df = coded()
    array = df[["yes", "x"]].to_numpy()
    done = jw.Imputer("pmm", methods={"x0": "logreg"}).fit_transform(array)
    assert set(done[:, 0]) == {0.0, 1.0}


def test_issue_10_item_8_the_share_of_ones_is_covered(run, complete):
    whole, df = coded(400)
    spec = {"method": "pmm", "methods": {"yes": "logreg"}, "max_iter": 1}
    done = [complete(df, run(df, k, **spec, random_state=0)) for k in range(10)]
    shares = [one["yes"].mean() for one in done]
    pooled = pool_scalar(shares, [s * (1 - s) / 400 for s in shares])
    assert pooled.estimate == pytest.approx(whole["yes"].mean(), abs=0.05)
    assert 0.025 < pooled.std_error < 0.035


@pytest.mark.parametrize("values", [[0.5, 1.0, None, 0.0], [*range(60), None]])
def test_issue_10_item_8_other_numbers_are_refused_with_the_reason(values):
    df = pd.DataFrame({"y": values, "x": np.arange(len(values)) % 3})
    with pytest.raises(MethodDoesNotFit, match="whole and at most 50 different"):
        jw.Imputer(methods={"y": "logreg"}).fit(df)


def test_issue_10_item_8_three_codes_are_too_many_for_logreg():
    _, df = coded()
    with pytest.raises(MethodDoesNotFit, match="polyreg"):
        jw.Imputer(methods={"grade": "logreg"}).fit(df)


@pytest.mark.parametrize(
    ("method", "dtype", "words"),
    [
        ("norm", "float64", "numbers such as -0.2"),
        ("norm", "Int64", "-1 and 2 among them"),
        ("em", "Int64", "-1 and 2 among them"),
    ],
)
def test_issue_10_item_8_norm_says_what_it_does_to_them(method, dtype, words, run):
    _, df = coded()
    df["yes"] = df["yes"].astype(dtype)
    reported = [e.message for e in run(df, method=method, max_iter=1).events]
    (message,) = [m for m in reported if "0 and 1 only" in m]
    assert words in message
    assert "methods={'yes': 'logreg'}" in message
    assert not [
        e for e in run(df, method="pmm", max_iter=1).events if "0 and 1" in e.message
    ]


def test_issue_10_item_8_what_stands_in_says_how_to_name_it(run):
    _, df = coded()
    reported = [e.message for e in run(df, method="logreg", max_iter=1).events]
    assert any("methods={'yes': 'logreg'}" in message for message in reported)
