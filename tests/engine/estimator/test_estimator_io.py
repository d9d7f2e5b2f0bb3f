"""Rows that come later may be spelled otherwise, as long as nothing is lost."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.errors import InvalidData, InvalidSpec, NoSpread, SchemaMismatch

DAYS = pd.date_range("2020-01-01", periods=6)


def series(values, dtype):
    return pd.Series(values, dtype=dtype)


@pytest.mark.parametrize("method", ["most_frequent", "knn", "linear", "pmm"])
@pytest.mark.parametrize(
    ("fitted", "later", "dtype"),
    [
        (series([0.1, 1, 2, 3, 4, 5], "float64"), series([2.5, None], "float32"), None),
        (series([0.1, 1, 2, 3, 4, 5], "float32"), series([0.1, None], "float64"), "f8"),
        (series([0.1, 1, 2, 3, 4, 5], "float64"), series([3, None], "Int64"), None),
        (series([0.1, 1, 2, 3, 4, 5], "float64"), series([3, None], "object"), None),
        (series([0, 1, 2, 3, 4, 5], "int64"), series([3, None], "float64"), None),
        (series([0, 1, 2, 3, 4, 5], "int64"), series([3.5, None], "float64"), "f8"),
        (
            series([0, 1, 2, 3, 4, 5], "Int64"),
            series([3.5, None], "Float64"),
            "Float64",
        ),
        (series([0, 1, 2, 3, 4, 5], "Int16"), series([3, None], "Int8"), None),
        (series([0, 1, 2, 3, 4, 5], "Int8"), series([300, None], "Int16"), "Int16"),
        (series([0.1, 1, 2, 3, 4, 5], "Float64"), series([3.5, None], "float64"), None),
        (
            series([0.1, 1, 2, 3, 4, 5], "double[pyarrow]"),
            series([3.5, None], "float64"),
            None,
        ),
        (series([True, False] * 3, "bool"), series([1.0, None], "float64"), None),
        (series([True, False] * 3, "boolean"), series([0.0, None], "float64"), None),
        (series([True, False] * 3, "bool"), series([False, None], "object"), None),
        (series(list("abcaba"), "category"), series(["a", None], "category"), None),
        (series(list("abcaba"), "category"), series(["a", None], "object"), None),
        (series(list("abcaba"), "str"), series(["a", None], "category"), None),
        (series(list("abcaba"), "string"), series(["a", None], "object"), None),
        (
            series(DAYS, "datetime64[ns]"),
            series([DAYS[1], None], "datetime64[s]"),
            None,
        ),
        (
            series(DAYS, "datetime64[ns]").dt.tz_localize("Europe/Berlin"),
            series([DAYS[1], None], "datetime64[ns]").dt.tz_localize("UTC"),
            None,
        ),
        (series(DAYS - DAYS[0], None), series([DAYS[1] - DAYS[0], None], None), None),
    ],
    ids=lambda one: str(one.dtype) if isinstance(one, pd.Series) else "",
)
def test_another_dtype_is_cast_to_that_of_the_fit(method, fitted, later, dtype):
    other = np.arange(6.0)
    if method == "most_frequent" and fitted.dtype.kind in "Mm":
        method = "median"
    imputer = Imputer(method, n_neighbors=2, donors=2, random_state=0)
    imputer.fit(pd.DataFrame({"a": fitted, "x": other}))
    done = imputer.transform(pd.DataFrame({"a": later, "x": [1.0, 2.0]}))["a"]
    wanted = fitted.dtype if dtype is None else pd.api.types.pandas_dtype(dtype)
    assert done.dtype == wanted
    assert not done.hasnans
    assert done[0] == later[0]


@pytest.mark.parametrize(
    ("fitted", "later", "words"),
    [
        (series([0.1, 1, 2], "float64"), series(["3", None], None), "example '3'"),
        (
            series([0.1, 1, 2], "float64"),
            series([2**60 + 1, None], "Int64"),
            "no float",
        ),
        (series(DAYS[:3], None), series(["2020-01-01", None], None), "no number"),
        (
            series(DAYS[:3], None),
            series([DAYS[0], None], None).dt.tz_localize("UTC"),
            r"had no time zone .* and have one .*tz_localize.None.",
        ),
        (
            series(DAYS[:3], None).dt.tz_localize("UTC"),
            series([DAYS[0], None], None),
            r"had the time zone UTC .* and have none .*tz_localize.'UTC'.",
        ),
        (series(DAYS[:3], None), series([3.0, None], None), "no number"),
        (series(DAYS[:3] - DAYS[0], None), series([3.0, None], None), "no number"),
    ],
)
@pytest.mark.parametrize("method", ["median", "knn"])
def test_what_would_lose_something_is_refused(method, fitted, later, words):
    imputer = Imputer(method).fit(pd.DataFrame({"a": fitted, "x": [1.0, 2.0, 3.0]}))
    with pytest.raises(SchemaMismatch, match=words):
        imputer.transform(pd.DataFrame({"a": later, "x": [1.0, 2.0]}))


@pytest.mark.parametrize("method", ["most_frequent", "knn", "linear", "pmm", "em"])
@pytest.mark.parametrize("dtype", ["object", "category"])
def test_classes_that_were_not_seen_may_stay(method, dtype, mixed):
    df = mixed()[["float", "str", "boolean"]].astype({"str": dtype})
    later = df.head(6).copy()
    later["str"] = pd.Series(
        ["new", None, "low", None, "new", "mid"], index=later.index
    )
    later["str"] = later["str"].astype(dtype)
    with pytest.raises(SchemaMismatch, match="handle_unknown='impute'"):
        Imputer(method, random_state=0).fit(df).transform(later)
    imputer = Imputer(method, handle_unknown="impute", random_state=0).fit(df)
    done = imputer.transform(later)
    assert list(done["str"][later["str"].notna()]) == ["new", "low", "new", "mid"]
    assert set(done["str"][later["str"].isna()]) <= {"low", "mid", "top"}
    assert done["str"].dtype == dtype
    missing = later.assign(str=later["str"].where(later["str"] != "new"))
    peer = imputer.transform(missing)
    if method != "pmm":  # whose draws are spent on other missing values
        pd.testing.assert_series_equal(done["float"], peer["float"])


@pytest.mark.parametrize("method", ["most_frequent", "knn", "linear", "pmm", "em"])
def test_columns_that_are_missing_may_be_imputed(method, mixed):
    df = mixed()[["float", "str", "Int64", "complete"]]
    later = df.head(6)[["complete", "float"]]
    with pytest.raises(SchemaMismatch):
        Imputer(method, random_state=0).fit(df).transform(later)
    imputer = Imputer(method, missing_columns="impute", random_state=0).fit(df)
    done = imputer.transform(later)
    assert not done.isna().any(axis=None)
    assert list(done.columns) == list(df.columns)
    pd.testing.assert_series_equal(done.dtypes, df.dtypes)
    with pytest.raises(SchemaMismatch, match="other"):
        imputer.transform(later.assign(other=1.0))


@pytest.mark.parametrize("method", ["median", "knn", "linear", "pmm", "em"])
@pytest.mark.parametrize(
    "dates",
    [
        series(DAYS, None).dt.tz_localize("Europe/Berlin"),
        series(DAYS - DAYS[0], None),
        series(DAYS, "timestamp[us, UTC][pyarrow]"),
        series(DAYS, None),
    ],
    ids=lambda one: str(one.dtype),
)
@pytest.mark.parametrize("kind", ["lacking", "float", "object", "own"])
def test_dates_may_all_be_missing(method, dates, kind):
    df = pd.DataFrame({"x": np.arange(6.0), "day": dates})
    imputer = Imputer(method, missing_columns="impute", donors=2, random_state=0)
    later = df[["x"]]
    if kind != "lacking":
        dtype = {"own": dates.dtype}.get(kind, kind)
        later = later.assign(day=pd.Series([None] * 6, dtype=dtype))
    done = imputer.fit(df).transform(later)
    assert done["day"].dtype == dates.dtype
    assert done["day"].between(dates.min(), dates.max()).all()
    if method in {"pmm", "em"}:  # which draw
        for one in imputer.impute_new(later, 2):
            assert one["day"].notna().all()


@pytest.mark.parametrize("method", ["linear", "pmm", "norm", "knn", "em", "cart"])
@pytest.mark.parametrize("large", [1e197, -1e150])
def test_numbers_too_large_for_models_are_refused_later_too(method, large):
    df = pd.DataFrame({"x": np.arange(6.0) ** 2, "y": [0.0, 1, 2, 3, 4, None]})
    imputer = Imputer(method, n_neighbors=2, donors=2, random_state=0).fit(df)
    later = pd.DataFrame({"x": [large, 1.0], "y": [None, 3.0]})
    with pytest.raises(InvalidData, match=r"'x' holds 1e\+1\d\d, beyond 1e\+140"):
        imputer.transform(later)
    done = Imputer("median").fit(df).transform(later)
    assert done["y"].tolist() == [2.0, 3.0]


def test_a_start_without_moments_is_none():
    day = series([*DAYS[:5], None], None).dt.tz_localize("UTC")
    df = pd.DataFrame({"x": np.arange(6.0), "day": day})
    plain = Imputer("linear").fit_transform(df)
    start = pd.DataFrame({"day": pd.Series([None] * 6, dtype=object)})
    done = Imputer("linear", start=start).fit_transform(df)
    pd.testing.assert_frame_equal(done, plain)


@pytest.mark.parametrize("name", ["handle_unknown", "missing_columns"])
def test_other_words_for_what_is_unknown_are_refused(name):
    df = pd.DataFrame({"x": [1.0, None, 2.0]})
    with pytest.raises(InvalidSpec, match=f"{name}='ignore' .* 'error' or 'impute'"):
        Imputer("mean", **{name: "ignore"}).fit(df).transform(df)


@pytest.mark.parametrize("method", ["pmm", "norm", "em", "sample"])
def test_later_rows_are_imputed_several_times(method, mixed):
    df = mixed()[["float", "Int64", "complete"]]
    imputer = Imputer(method, random_state=0).fit(df.head(90))
    later = df.tail(30).astype({"Int64": "Float64"})
    made = imputer.impute_new(later, 4)
    assert made.m == 4
    for done in made:
        assert not done.isna().any(axis=None)
        assert done["Int64"].dtype == "Int64"
        kept = later["float"].notna()
        pd.testing.assert_series_equal(done["float"][kept], later["float"][kept])
    draws = made.draws("float")
    assert list(draws.index) == list(later.index[later["float"].isna()])
    assert (draws.max(axis=1) > draws.min(axis=1)).any()
    again = imputer.impute_new(later, 2).draws("float")
    pd.testing.assert_frame_equal(again, draws[[0, 1]])


def test_later_imputations_that_do_not_differ_are_warned_about(mixed):
    df = mixed()[["float", "boolean", "complete"]]
    fitted = Imputer("mean").fit(df)
    with pytest.warns(NoSpread, match="the 2 imputations will not differ") as reported:
        fitted.impute_new(df.head(9), 2)
    assert reported[0].filename == __file__


def test_labels_may_be_tuples_or_have_levels():
    df = pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, 2.0, None]})
    tuples = [("a", 1), ("b", 2)]
    for columns in (
        pd.Index(tuples, tupleize_cols=False),
        pd.MultiIndex.from_tuples(tuples, names=["what", "n"]),
    ):
        done = Imputer("median").fit_transform(df.set_axis(columns, axis=1))
        assert not done.isna().any(axis=None)
        pd.testing.assert_index_equal(done.columns, columns)
