from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import jupyter_wrangler
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.errors import (
    ColumnLeftAlone,
    EmptyFrame,
    InfiniteValues,
    InvalidSpec,
    NoSpread,
    NothingObserved,
    SchemaMismatch,
    UnknownMethod,
    UnsupportedFrame,
)


def imputer(method, **parameters):
    if method == "constant":
        parameters["fill_value"] = 0
    if method in {"rf", "boosting"}:
        parameters["max_iter"] = 2
    return Imputer(method, random_state=0, **parameters)


@pytest.mark.filterwarnings(
    "ignore:.*SkipTest.*", "ignore::sklearn.exceptions.SkipTestWarning"
)
@parametrize_with_checks([imputer(method) for method in METHODS])
def test_scikit_learn_checks(estimator, check):
    if "array_api" in check.func.__name__:
        # about array libraries other than NumPy, which the Imputer does not take; the
        # check would skip itself
        assert not estimator.__sklearn_tags__().array_api_support
        return
    check(estimator)


def test_it_is_a_public_name():
    assert jupyter_wrangler.Imputer is Imputer


@pytest.mark.parametrize("method", ["most_frequent", "knn", "linear", "pmm"])
class TestMixedFrames:
    def test_frames_come_back_as_they_came(self, method, mixed):
        df = mixed()
        before = df.copy(deep=True)
        done = imputer(method).fit_transform(df)
        pd.testing.assert_frame_equal(df, before)
        assert not done.isna().any(axis=None)
        pd.testing.assert_series_equal(done.dtypes, df.dtypes)
        pd.testing.assert_index_equal(done.index, df.index)
        pd.testing.assert_index_equal(done.columns, df.columns)

    def test_later_rows_are_imputed_without_fitting(self, method, mixed):
        df = mixed()
        fitted = imputer(method).fit(df.iloc[:90])
        later = df.iloc[90:].copy()
        done = fitted.transform(later)
        assert not done.isna().any(axis=None)
        pd.testing.assert_series_equal(done.dtypes, df.dtypes)
        for name in df.columns:
            kept = later[name].notna()
            pd.testing.assert_series_equal(done[name][kept], later[name][kept])
        pd.testing.assert_frame_equal(fitted.transform(later), done)

    def test_missing_values_in_columns_that_were_complete_are_filled(
        self, method, mixed
    ):
        df = mixed()
        later = df.iloc[:5].copy()
        later["complete"] = np.nan
        done = imputer(method).fit(df).transform(later)
        assert not done["complete"].isna().any()

    def test_one_row_with_nothing_observed(self, method, mixed):
        df = mixed()
        empty = df.iloc[:0].reindex(["new"])
        done = imputer(method).fit(df).transform(empty)
        assert not done.isna().any(axis=None)
        pd.testing.assert_series_equal(done.dtypes, df.dtypes)

    def test_unseen_classes_are_refused(self, method, mixed):
        df = mixed()
        fitted = imputer(method).fit(df)
        later = df.iloc[:3].copy()
        later["str"] = ["low", "new", None]
        with pytest.raises(SchemaMismatch, match=r"'str' has classes .* seen: 'new'"):
            fitted.transform(later)

    def test_same_seed_same_result(self, method, mixed):
        df = mixed()
        one, two = (imputer(method).fit_transform(df) for _ in range(2))
        pd.testing.assert_frame_equal(one, two)


@pytest.fixture
def fitted(correlated):
    return Imputer("linear").fit(correlated(40, 3, 0.2))


def test_rows_of_another_shape_are_refused(fitted, correlated):
    df = correlated(5, 3, 0.2)
    with pytest.raises(SchemaMismatch, match="x2"):
        fitted.transform(df.drop(columns="x2"))
    with pytest.raises(SchemaMismatch, match="y"):
        fitted.transform(df.assign(y=1.0))
    with pytest.raises(SchemaMismatch, match="no number, for example 'a'"):
        fitted.transform(df.assign(x1="a"))
    with pytest.raises(InfiniteValues):
        fitted.transform(df.assign(x1=np.inf))


def test_numbers_may_come_in_another_dtype(fitted):
    df = pd.DataFrame({"x0": [1, 2], "x1": [None, 1.5], "x2": ["3", None]})
    done = fitted.transform(df.assign(x2=df.x2.astype("Float64")))
    assert not done.isna().any(axis=None)


def test_arrays_in_arrays_out(correlated):
    X = np.array(correlated(50, 3, 0.2))
    done = Imputer("knn").fit_transform(X)
    assert isinstance(done, np.ndarray)
    assert done.dtype == np.float64
    assert Imputer("knn").fit_transform(X.astype(np.float32)).dtype == np.float32
    words = np.array([["a", 1.0], ["a", np.nan], [None, 3.0]], dtype=object)
    done = Imputer("most_frequent").fit_transform(words)
    assert done.tolist() == [["a", 1.0], ["a", 1.0], ["a", 3.0]]


@pytest.mark.parametrize("kind", [list, np.array])
def test_lists_of_numbers_with_none_come_out_as_floats(kind):
    X = [[1, None], [2, 3.0], [None, 4]]
    done = Imputer("mean").fit_transform(kind(X))
    assert done.dtype == np.float64
    np.testing.assert_array_equal(done, [[1, 3.5], [2, 3], [1.5, 4]])


def test_one_value_marks_missing_values(correlated):
    with pytest.raises(InvalidSpec, match=r"missing_values=.-1, -9. .*mark_missing"):
        Imputer("mean", missing_values=[-1, -9]).fit(correlated(9, 2, 0.1))


def test_polars_comes_back_as_polars(tmp_path):
    polars = pytest.importorskip("polars")
    df = polars.DataFrame(
        {"a": [1.0, None, 3.0], "n": [1, 2, None], "s": ["x", None, "x"]},
        schema_overrides={"n": polars.Int16},
    )
    imputer = jupyter_wrangler.Imputer("knn", n_neighbors=1, add_indicator=True)
    done = imputer.fit_transform(df)
    assert isinstance(done, polars.DataFrame)
    assert dict(done.schema) | dict(df.schema) == dict(done.schema)
    assert done["s"].to_list() == ["x", "x", "x"]
    assert done.columns == list(imputer.get_feature_names_out())
    assert imputer.feature_names_in_.tolist() == df.columns
    assert imputer.transform(df[1:]).equals(done[1:])
    reported = imputer.set_output(transform="pandas").transform(df)
    assert isinstance(reported, pd.DataFrame)
    imputer.set_output(transform="default").save(tmp_path / "imputer.zip")
    again = jupyter_wrangler.load_imputer(tmp_path / "imputer.zip")
    assert again.transform(df).equals(done)
    assert imputer.impute(df, 1).complete(0).shape == (3, 3)


def test_integer_column_labels_stay():
    df = pd.DataFrame({3: [1.0, None], 7: [None, 2.0]})
    done = Imputer("mean").fit_transform(df)
    assert list(done.columns) == [3, 7]


def test_set_output(correlated):
    X = np.array(correlated(20, 2, 0.2))
    done = Imputer("mean").set_output(transform="pandas").fit_transform(X)
    assert list(done.columns) == ["x0", "x1"]
    done = Imputer("mean").set_output(transform="default").fit_transform(X)
    assert isinstance(done, np.ndarray)


def test_indicators_are_appended_for_columns_with_missing_values():
    df = pd.DataFrame({"a": [1.0, None], "b": [1.0, 2.0]})
    found = Imputer("mean", add_indicator=True)
    done = found.fit_transform(df)
    assert list(done.columns) == ["a", "b", "missingindicator_a"]
    assert done["missingindicator_a"].tolist() == [0, 1]
    assert found.get_feature_names_out().tolist() == list(done.columns)
    later = found.transform(pd.DataFrame({"a": [2.0], "b": [np.nan]}))
    assert later.to_numpy().tolist() == [[2.0, 1.5, 0.0]]


def test_empty_columns_are_kept_or_dropped():
    df = pd.DataFrame({"a": [1.0, None], "nothing": [np.nan, np.nan]})
    with pytest.warns(ColumnLeftAlone, match="'nothing' keeps its 2"):
        kept = Imputer("mean").fit(df)
    assert kept.transform(df)["nothing"].isna().all()
    dropped = Imputer("mean", keep_empty_features=False).fit(df)
    assert list(dropped.transform(df).columns) == ["a"]
    assert dropped.get_feature_names_out().tolist() == ["a"]
    assert [event.column for event in kept.events_] == ["nothing"]
    with pytest.raises(NothingObserved):
        Imputer(methods={"nothing": "mean"}).fit(df)


@pytest.mark.parametrize("marker", [-1, -1.0])
def test_other_markers_of_missing_values(marker):
    X = np.array([[1, -1], [3, 4], [-1, 6]])
    done = Imputer("mean", missing_values=marker).fit_transform(X)
    np.testing.assert_array_equal(done, [[1, 5], [3, 4], [2, 6]])
    df = pd.DataFrame({"s": ["?", "a", "a"], "x": [1, 2, 3]})
    done = Imputer("most_frequent", missing_values="?").fit_transform(df)
    assert done["s"].tolist() == ["a", "a", "a"]


def test_seeds(correlated):
    df = correlated(80, 3, 0.3)
    same = [Imputer(random_state=4).fit_transform(df) for _ in range(2)]
    pd.testing.assert_frame_equal(*same)
    state = np.random.RandomState(0)
    assert not (
        Imputer(random_state=state)
        .fit_transform(df)
        .equals(Imputer(random_state=state).fit_transform(df))
    )
    assert not Imputer().fit_transform(df).equals(Imputer().fit_transform(df))


def test_in_a_pipeline(correlated):
    X = correlated(100, 4, 0.2)
    y = (X["x0"].fillna(0) > 0).astype(int)
    model = clone(make_pipeline(Imputer("linear"), LogisticRegression()))
    assert model.fit(X, y).score(X, y) > 0.7


def test_words_of_the_spec_are_checked_at_fit():
    with pytest.raises(UnknownMethod):
        Imputer("magic").fit(pd.DataFrame({"x": [1.0, None]}))
    with pytest.raises(ValueError, match="n_neighbors"):
        Imputer("knn", n_neighbors=0).fit(pd.DataFrame({"x": [1.0, None]}))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"max_iter": 0}, "max_iter=0 cannot be asked for: it should be greater than"),
        ({"donors": 0}, "donors=0 cannot"),
        ({"tol": -1.0}, "tol=-1.0 cannot"),
        ({"random_state": -1}, "random_state=-1 cannot"),
        ({"random_state": "x"}, "random_state='x' is no seed"),
        ({"visit_sequence": "random"}, "it should be 'ascending', .* a valid tuple"),
        ({"visit_sequence": 3}, "visit_sequence=3 cannot"),
        ({"fill_value": pd.Timestamp("2020-01-01")}, "fill_value=Timestamp.* or a "),
        ({"min_value": {"x": "low"}}, "min_value=.'x': 'low'. cannot"),
        ({"method": None}, "method=None cannot"),
        ({"methods": ["mean"]}, "methods=.'mean'. cannot"),
        ({"predictors": {"x": 3}}, "predictors=.'x': 3. cannot"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_words(settings, words):
    df = pd.DataFrame({"x": [1.0, None, 2.0], "y": [1.0, 2.0, 3.0]})
    with pytest.raises(InvalidSpec, match=words):
        Imputer(**settings).fit(df)
    with pytest.raises(InvalidSpec, match="n_imputations=0 cannot"):
        Imputer(donors=1).impute(df, 0)


def test_labels_that_are_no_strings_are_spelled():
    df = pd.DataFrame({3: [1.0, None, 3.0], ("a", 1): [None, 2.0, 4.0]})
    settings = {
        "methods": {3: "mean", ("a", 1): "linear"},
        "predictors": {("a", 1): [3]},
        "visit_sequence": [("a", 1)],
        "min_value": {3: np.float64(2.5)},
        "donors": np.int64(2),
    }
    done = Imputer(**settings).fit_transform(df)
    assert list(done.columns) == [3, ("a", 1)]
    assert done[3].tolist() == [1.0, 2.5, 3.0]
    one = Imputer("linear", predictors={"y": "x1"})
    named = pd.DataFrame({"x1": [1.0, 2.0, 3.0, 5.0], "y": [2.0, 4.0, 6.0, None]})
    assert one.fit_transform(named)["y"][3] == pytest.approx(10.0, rel=1e-3)


def test_arrays_of_whole_numbers_come_out_as_floats():
    X = np.array([[1, 2], [2, -1], [4, 5]])
    done = Imputer("mean", missing_values=-1).fit_transform(X)
    np.testing.assert_array_equal(done, [[1, 2], [2, 3.5], [4, 5]])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8"])
def test_masked_cells_are_missing(dtype):
    X = np.ma.array([[1, 2], [200, 4], [5, 6]], dtype=dtype)
    X[1, 0] = np.ma.masked
    imputer = Imputer("mean").fit(X)
    for done in (imputer.transform(X), imputer.fit_transform(X)):
        np.testing.assert_array_equal(done, [[1, 2], [3, 4], [5, 6]])
        assert done.dtype == ("float32" if dtype == "float32" else "float64")
    assert Imputer("mean").impute(X, 1).complete(0).iloc[1, 0] == 3.0
    start = np.ma.array([[9.0, 9.0]] * 3, mask=[[True, False]] * 3)
    plain = Imputer("linear").fit_transform(X)
    np.testing.assert_array_equal(
        Imputer("linear", start=start).fit_transform(X), plain
    )
    X.mask = np.ma.nomask
    np.testing.assert_array_equal(Imputer("mean").fit_transform(X), X.data)


@pytest.mark.parametrize("dtype", [bool, object, "U1"])
def test_masks_of_other_arrays_are_refused(dtype):
    X = np.ma.array([["1", "2"], ["3", "4"]]).astype(dtype)
    X[0, 0] = np.ma.masked
    with pytest.raises(UnsupportedFrame, match="masks are understood of numbers only"):
        Imputer("most_frequent").fit(X)
    if dtype != "U1":
        X = np.ma.array([["1", "2"], ["3", "4"]]).astype(dtype)
        assert Imputer("most_frequent").fit_transform(X).shape == (2, 2)


def test_labels_may_mix_strings_and_numbers():
    df = pd.DataFrame([[1.0, 2.0], [None, 3.0], [5.0, None]], columns=["a", 0])
    imputer = Imputer("linear", random_state=0).fit(df)
    done = imputer.transform(df)
    pd.testing.assert_index_equal(done.columns, df.columns)
    named = df.set_axis(["a", "0"], axis=1)
    wanted = Imputer("linear", random_state=0).fit(named).transform(named)
    np.testing.assert_array_equal(done, wanted)
    assert imputer.get_feature_names_out().tolist() == ["a", "0"]
    pd.testing.assert_index_equal(imputer.fit_transform(df).columns, df.columns)
    with pytest.raises(SchemaMismatch):
        imputer.transform(df.rename(columns={0: 1}))
    shown = imputer.set_output(transform="pandas").fit_transform(df)
    assert not shown.isna().any(axis=None)


MARKED = ["int8", "uint8", "int64", "uint64", "Int64", "int64[pyarrow]"]


@pytest.mark.parametrize("dtype", MARKED)
@pytest.mark.parametrize("method", ["mean", "pmm", "linear", "cart"])
def test_a_marker_changes_no_other_cell(method, dtype):
    top = min(2**60, np.iinfo(dtype.lower().removesuffix("[pyarrow]")).max - 20)
    marked = pd.Series([top + i for i in range(12)], dtype=dtype)
    marked[3] = 99
    frame = pd.DataFrame(
        {"id": marked, "odd": [True, False] * 6, "x": np.sqrt(np.arange(12.0))}
    )
    given = frame.copy()
    imputer = Imputer(method, donors=2, missing_values=99, random_state=0)
    done = imputer.fit_transform(frame)
    pd.testing.assert_frame_equal(frame, given)
    pd.testing.assert_series_equal(done.dtypes, frame.dtypes)
    pd.testing.assert_frame_equal(done.drop(index=3), frame.drop(index=3))
    assert top <= done["id"][3] <= top + 11
    later = imputer.transform(frame.head(4))
    pd.testing.assert_series_equal(later.dtypes, frame.dtypes)
    pd.testing.assert_frame_equal(later.head(3), frame.head(3))


def test_a_marker_of_numbers_is_no_truth():
    truth = pd.DataFrame(
        {
            "bool": [True, False, True],
            "boolean": pd.Series([True, False, True], dtype="boolean"),
            "object": pd.Series([True, False, True], dtype=object),
            "number": [0.0, 1.0, 2.0],
            "whole": [0, 1, 2],
        }
    )
    numbers = truth[["number", "whole"]]
    truths = truth.drop(columns=["number", "whole"])
    done = Imputer("mean", missing_values=0).fit_transform(truth)
    pd.testing.assert_frame_equal(done[truths.columns], truths)
    assert done["number"].tolist() == [1.5, 1.0, 2.0]
    assert done["whole"].tolist() == [2, 1, 2]
    done = Imputer("mean", missing_values=False).fit_transform(truth)
    pd.testing.assert_frame_equal(done[numbers.columns], numbers)
    assert done[truths.columns].all(axis=None)
    pd.testing.assert_series_equal(done.dtypes, truth.dtypes)


def test_a_marker_may_be_anything_in_a_frame_of_all_kinds(mixed):
    df = mixed()
    for marker in ("low", -999, pd.Timestamp("2020-01-02"), 0.5):
        done = Imputer("most_frequent", missing_values=marker).fit_transform(df)
        pd.testing.assert_series_equal(done.dtypes, df.dtypes)


def test_arrays_of_which_nothing_is_kept():
    X = np.full((3, 2), np.nan)
    imputer = Imputer("linear", keep_empty_features=False)
    assert imputer.fit_transform(X).shape == (3, 0)
    assert imputer.transform(X).shape == (3, 0)


def test_several_imputations_are_those_of_a_job(mixed, run, complete):
    df = mixed()
    before = df.copy(deep=True)
    made = Imputer("pmm", random_state=2, add_indicator=True).impute(df, 2)
    pd.testing.assert_frame_equal(df, before)
    for k in range(2):
        expected = complete(df, run(df, k, random_state=2))
        pd.testing.assert_frame_equal(made.complete(k), expected)


def test_several_imputations_of_an_array(correlated):
    X = np.array(correlated(30, 2, 0.2))
    made = Imputer("pmm", random_state=0).impute(X, 2)
    assert list(made.data) == ["x0", "x1"]
    assert made.m == 2


def test_columns_that_keep_their_missing_values_are_warned_about():
    df = pd.DataFrame({"a": [1.0, None, 3.0], "name": ["Ann", None, "Bob"]})
    for learn in (Imputer("mean").fit, Imputer("mean").fit_transform):
        with pytest.warns(ColumnLeftAlone, match="'name' keeps its 1") as reported:
            learn(df)
        assert reported[0].filename == __file__
    Imputer("mean", methods={"name": ""}).fit(df)
    with pytest.warns(NoSpread, match="the 3 imputations will not differ") as reported:
        Imputer("mean", methods={"name": ""}).impute(df, 3)
    assert reported[0].filename == __file__
    empty = df.assign(name=np.nan)
    Imputer("mean", keep_empty_features=False).fit(empty)


# ── names of indicators ──


@pytest.mark.parametrize("labels", [list, pd.Index], ids=["list", "index"])
def test_fault_1_3_an_indicator_never_takes_the_name_of_a_column(labels):
    columns = labels(["a", "missingindicator_a"])
    df = pd.DataFrame([[np.nan, "u"], [2, "v"], [6, "w"], [1, "u"]], columns=columns)
    with pytest.raises(InvalidSpec, match=r"'missingindicator_a'.*rename"):
        Imputer("mean", add_indicator=True).fit(df)
    done = Imputer("mean").fit_transform(df)
    assert done["missingindicator_a"].tolist() == ["u", "v", "w", "u"]
    # without a missing value in `a` there is no indicator, and nothing to refuse
    full = df.assign(a=1.0)
    assert Imputer("mean", add_indicator=True).fit_transform(full).equals(full)


@pytest.mark.parametrize(
    "columns",
    [
        ["a", "b"],
        [0, 1],
        ["a", 1],
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]),
        [("a", 1), "b"],
        pd.to_datetime(["2020-01-01", "2020-01-02"]),
    ],
    ids=["strings", "numbers", "mixed", "levels", "tuples", "dates"],
)
def test_fault_1_3_the_names_of_features_are_those_that_come_out(columns):
    df = pd.DataFrame([[1.0, np.nan], [np.nan, 2.0], [3.0, 4.0]])
    df.columns = columns
    imputer = Imputer("mean", add_indicator=True)
    for done in (imputer.fit_transform(df), imputer.transform(df)):
        names = list(imputer.get_feature_names_out())
        assert list(map(str, done.columns)) == names
        assert len(set(names)) == done.shape[1] == 4
        assert (done.iloc[:, 2:].to_numpy() == df.isna().to_numpy()).all()


def test_fault_1_3_names_given_for_arrays_may_clash_too():
    imputer = Imputer("mean", add_indicator=True).fit([[1.0, np.nan], [2.0, 3.0]])
    assert list(imputer.get_feature_names_out(["a", "b"])) == [
        "a",
        "b",
        "missingindicator_b",
    ]
    with pytest.raises(InvalidSpec, match="'missingindicator_b'"):
        imputer.get_feature_names_out(["missingindicator_b", "b"])


# ── lists and arrays of objects ──


@pytest.mark.parametrize("missing", [np.nan, None, pd.NA], ids=str)
@pytest.mark.parametrize(
    "given", [list, tuple, np.array], ids=["list", "tuple", "array"]
)
def test_fault_1_4_text_in_lists_may_be_missing(given, missing):
    rows = [["a", "b"], ["c", missing], ["a", "b"], ["c", "b"]]
    X = np.array(rows, dtype=object) if given is np.array else given(map(given, rows))
    imputer = Imputer("most_frequent")
    for done in (imputer.fit_transform(X), imputer.transform(X)):
        assert done.dtype == object
        assert done.tolist() == [["a", "b"], ["c", "b"], ["a", "b"], ["c", "b"]]


@pytest.mark.parametrize("dtype", ["U", "S"])
def test_fault_1_4_arrays_of_text_of_fixed_width_are_refused(dtype):
    X = np.array([["a", "b"], ["c", "nan"]], dtype=dtype)
    with pytest.raises(UnsupportedFrame, match="dtype=object"):
        Imputer("most_frequent").fit(X)
    fitted = Imputer("most_frequent").fit([["a", "b"], ["c", "d"]])
    with pytest.raises(UnsupportedFrame, match="dtype=object"):
        fitted.transform(X)


LATER = [
    np.array([[np.nan, np.nan, np.nan]], dtype=object),
    np.array([[np.nan, np.nan, np.nan]]),
    [[None, None, None]],
    [[pd.NA, np.nan, None]],
]


@pytest.mark.parametrize("later", LATER, ids=["objects", "floats", "list", "NA"])
@pytest.mark.parametrize(
    ("rows", "dtype", "right"),
    [
        ([["a", "b", "c"]] * 3, object, ["a", "b", "c"]),
        ([[True, False, True]] * 3, object, [True, False, True]),
        ([[True, False, True]] * 3, bool, [True, False, True]),
        ([["a", 1.5, True]] * 3, object, ["a", 1.5, True]),
        ([[1, 2, 3]] * 3, object, [1.0, 2.0, 3.0]),
        ([[1, 2, 3]] * 3, int, [1.0, 2.0, 3.0]),
        ([[2**60 + 1, 1, "a"]] * 3, object, [2**60 + 1, 1.0, "a"]),
        ([[Decimal("1.5"), Decimal(2), 3]] * 3, object, [1.5, 2.0, 3.0]),
        ([["2020-01-01", "2020-01-02", "2020-01-03"]] * 3, "M8[us]", None),
    ],
    ids=[
        "text",
        "bools",
        "bool",
        "mixed",
        "objects",
        "ints",
        "large",
        "decimals",
        "dates",
    ],
)
def test_fault_1_5_the_fit_decides_what_comes_out(rows, dtype, right, later):
    X = np.array(rows, dtype=dtype)
    imputer = Imputer("most_frequent").fit(X)
    done = imputer.transform(later)
    if right is None:
        assert done.dtype == X.dtype
        assert (done == X[:1]).all()
        return
    assert done.tolist() == [right]
    assert [type(v) for v in done[0].tolist()] == [type(v) for v in right]
    assert done.dtype == imputer.fit_transform(X).dtype


def test_fault_1_5_observed_objects_are_the_same_objects():
    X = np.array([["a", 1, True], [None, 2.5, False], ["a", pd.NA, None]], dtype=object)
    imputer = Imputer("most_frequent")
    for done in (imputer.fit_transform(X), imputer.transform(X)):
        for cell in zip(*np.nonzero(~pd.isna(X)), strict=True):
            assert done[cell] is X[cell]
    assert done[1, 0] == "a"


@pytest.mark.parametrize(
    "missing", [pd.NA, None, np.nan, pd.NaT, Decimal("NaN")], ids=repr
)
@pytest.mark.parametrize("kind", [int, float, Decimal, np.int16])
def test_fault_1_9_whatever_is_missing_the_mean_is_the_same(missing, kind):
    X = np.array([[1, 4], [2, 0], [3, 5]], dtype=object)
    X = np.array([[kind(int(v)) for v in row] for row in X.tolist()], dtype=object)
    X[1, 1] = missing
    imputer = Imputer("mean").fit(X)
    for done in (imputer.fit_transform(X), imputer.transform(X)):
        assert done.dtype == np.float64
        assert done.tolist() == [[1.0, 4.0], [2.0, 4.5], [3.0, 5.0]]


def test_rows_of_a_frame_may_follow_as_an_array():
    df = pd.DataFrame({"a": [1.0, 3.0, None], "b": [2.0, None, 4.0]})
    imputer = Imputer("mean").fit(df)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        done = imputer.transform(np.array([[np.nan, np.nan]]))
    assert done.tolist() == [[2.0, 3.0]]


# ── rows that are not there ──


@pytest.mark.parametrize("given", [pd.DataFrame, np.array], ids=["frame", "array"])
def test_fault_2_3_no_rows_are_an_empty_frame(given):
    X = given([[1.0, 2.0], [np.nan, 4.0]])
    imputer = Imputer("mean").fit(X)
    for call in (
        imputer.transform,
        imputer.fit_transform,
        imputer.fit,
        imputer.impute,
        imputer.impute_new,
    ):
        with pytest.raises(EmptyFrame, match="0 rows and 2 columns"):
            call(X[:0])


# ── columns without values, and text ──


@pytest.mark.parametrize("value", ["none", True, 3, 2.5], ids=repr)
@pytest.mark.parametrize("missing", [np.nan, None], ids=str)
@pytest.mark.parametrize("given", ["frame", "array"])
def test_fault_2_1_a_constant_fills_a_column_without_values(given, missing, value):
    dtype = object if missing is None else float
    df = pd.DataFrame(
        {"a": pd.Series([missing] * 3, dtype=dtype), "b": [1.0, 2.0, 3.0]}
    )
    X = df if given == "frame" else df.to_numpy()
    name = "a" if given == "frame" else "x0"
    imputer = Imputer("mean", methods={name: "constant"}, fill_value=value)
    for done in (imputer.fit_transform(X), imputer.transform(X)):
        first = done["a"] if given == "frame" else done[:, 0]
        assert first.tolist() == [value] * 3
    if given == "frame":
        made = imputer.impute(X, 1).complete()
        assert made["a"].tolist() == [value] * 3
        state = Imputer.from_state(imputer.to_state())
        assert state.transform(X)["a"].tolist() == [value] * 3


@pytest.mark.parametrize("value", ["none", 3.5], ids=repr)
def test_fault_2_1_a_column_of_nulls_in_polars_too(value):
    polars = pytest.importorskip("polars")
    df = polars.DataFrame({"a": [None, None], "b": [1.0, 2.0]})
    imputer = Imputer("mean", methods={"a": "constant"}, fill_value=value)
    assert imputer.fit_transform(df)["a"].to_list() == [value] * 2


def test_fault_2_1_a_column_with_values_has_a_type():
    for column in ([1.0, np.nan], pd.array([None, None], dtype="Int64")):
        with pytest.raises(InvalidSpec, match="'none' does not fit column 'a'"):
            Imputer("constant", fill_value="none").fit(pd.DataFrame({"a": column}))


NAMES = ["Ann", "Bob", "Bob", "Cy", *(f"p{k}" for k in range(60)), None]
TEXT = {
    "str": pd.Series(NAMES),
    "string": pd.Series(NAMES, dtype="string"),
    "arrow": pd.Series(NAMES, dtype="string[pyarrow]"),
    "objects": pd.Series(NAMES, dtype=object),
    "periods": pd.Series(
        pd.PeriodIndex(["2020-01", "2020-01", "2020-03", None], freq="M")
    ),
    "intervals": pd.Series(
        pd.arrays.IntervalArray.from_tuples([(0, 1), (0, 1), (1, 2), None])
    ),
    "complex": pd.Series([1j, 1j, 2.0, None], dtype=complex),
    "dates as objects": pd.Series(
        [pd.Timestamp("2020").date()] * 3 + [None], dtype=object
    ),
    "times": pd.Series([pd.Timestamp("2020").time()] * 3 + [None], dtype=object),
    "decimals": pd.Series([Decimal(1), Decimal(1), None], dtype=object),
    "bytes": pd.Series([b"a", b"a", None], dtype=object),
}


@pytest.mark.parametrize("kind", TEXT)
def test_fault_2_2_the_mode_fills_text_where_it_was_named(kind):
    df = pd.DataFrame({"who": TEXT[kind]})
    right = df["who"].mode()[0]
    for settings in (
        {"method": "most_frequent"},
        {"method": "mean", "methods": {"who": "most_frequent"}},
    ):
        imputer = Imputer(**settings)
        for done in (imputer.fit_transform(df), imputer.transform(df)):
            assert done["who"].iloc[-1] == right
            assert done["who"].dtype == df["who"].dtype
    with pytest.warns(ColumnLeftAlone):
        done = Imputer("auto").fit_transform(df.assign(x=1.0))
    assert done["who"].isna().sum() == 1


def test_fault_2_2_sparse_columns_take_no_values_and_say_so():
    df = pd.DataFrame({"s": pd.arrays.SparseArray([1.0, np.nan, 1.0])})
    with pytest.warns(ColumnLeftAlone, match="to_dense"):
        assert Imputer("most_frequent").fit_transform(df)["s"].isna().sum() == 1
    for method in ("most_frequent", "constant"):
        with pytest.raises(UnsupportedFrame, match="to_dense"):
            Imputer("mean", methods={"s": method}, fill_value=0).fit(df)
