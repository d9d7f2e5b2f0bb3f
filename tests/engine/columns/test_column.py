import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.columns.levels import measure
from jupyter_wrangler.engine.columns.literal import literal
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.errors import InvalidSpec


def make(values, dtype):
    series = pd.Series(values, dtype=dtype)
    return column_of("x", series, measure(series).level)


@pytest.mark.parametrize("dtype", ["int8", "Int8", "int8[pyarrow]", "uint8", "UInt8"])
def test_integers_are_rounded_and_kept_within_their_range(dtype):
    column = make([1, 2], dtype)
    decoded = column.decode(np.array([-1e30, 0.5, 1.5, 1e30]))
    low, high = (0, 255) if "u" in dtype.lower() else (-128, 127)
    assert list(decoded) == [low, 0, 2, high]
    assert decoded.dtype == column.own.dtype


@pytest.mark.parametrize("dtype", ["int64", "Int64", "uint64"])
def test_the_largest_integers_do_not_overflow(dtype):
    (top,) = make([1], dtype).decode(np.array([1e300]))
    assert 0.999 * np.iinfo(dtype.lower()).max < int(top) <= np.iinfo(dtype.lower()).max


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["b", None, "a"], "str"),
        (["b", None, "a"], object),
        (["b", None, "a"], "category"),
        ([True, None, False], "boolean"),
        ([True, None, False], object),
    ],
)
def test_classes_are_coded_in_ascending_order_and_come_back(values, dtype):
    column = make(values, dtype)
    assert column.y.tolist() == [1, -1, 0]
    assert column.classes == 2
    back = column.decode(np.array([0, 1, 1]))
    assert back.dtype == column.own.dtype
    own = pd.Series(values, dtype=dtype)
    assert list(back) == [own[2], own[0], own[0]]


def test_codes_of_categories_follow_the_order_of_the_dtype():
    dtype = pd.CategoricalDtype(["z", "never", "a"], ordered=True)
    assert make(["a", "z", None], dtype).y.tolist() == [1, 0, -1]


def test_donated_integers_keep_digits_that_a_float_has_not():
    big = 2**62 + 1
    column = make([big, None], "Int64")
    assert column.take(np.array([0]))[0] == big


@pytest.mark.parametrize(
    ("values", "dtype", "value"),
    [
        ([1.5, None], "float32", 0),
        ([1, None], "Int8", 3),
        ([1, None], "int64[pyarrow]", 3.0),
        ([1, None], object, 3),
        ([True, None], "boolean", False),
        ([True, None], object, False),
        (["a", None], "str", "new"),
        (["a", None], object, "new"),
        (["a", None], "string[pyarrow]", "new"),
        (["2020-01-01", None], "datetime64[ns]", "1999-12-31"),
        (["2020-01-01", None], "datetime64[s, UTC]", "1999-12-31"),
        (["2020-01-01", None], "timestamp[ns][pyarrow]", "1999-12-31"),
        (["1h", None], "timedelta64[ns]", "2 days"),
        ([None, None], object, 4.5),
    ],
)
def test_a_constant_takes_the_dtype_of_its_column(values, dtype, value):
    series = pd.Series(values, dtype=dtype)
    held = literal("x", series, measure(series).level, value)
    assert len(held) == 1
    assert held.dtype == series.dtype
    filled = series.array.copy()
    filled[1] = held[0]
    assert not pd.isna(filled[1])


@pytest.mark.parametrize(
    ("values", "dtype", "value", "wanted"),
    [
        ([1.5, None], "float64", "x", "a finite number"),
        ([1.5, None], "float64", float("nan"), "a finite number"),
        ([1.5, None], "float64", True, "a finite number"),
        ([1, None], "Int8", 1.5, "a whole number"),
        ([1, None], "Int8", float("inf"), "a whole number"),
        ([1, None], "Int8", 1000, "within the range"),
        ([True, None], "boolean", 1, "True or False"),
        (["a", None], "str", 1, "a string"),
        (["a", None], "category", "b", "one of its categories"),
        (["2020-01-01", None], "datetime64[ns]", 3, "a datetime as a string"),
        (["2020-01-01", None], "datetime64[ns]", "soon", "within the range"),
        (["1h", None], "timedelta64[ns]", "long", "within the range"),
    ],
)
def test_a_constant_that_does_not_fit_is_refused(values, dtype, value, wanted):
    series = pd.Series(values, dtype=dtype)
    with pytest.raises(InvalidSpec, match="does not fit column 'x'") as caught:
        literal("x", series, measure(series).level, value)
    assert wanted in str(caught.value)


def test_objects_stay_python_objects():
    column = make([1, 2, None], object)
    decoded = column.decode(np.array([1.6, -3.0]))
    assert decoded.dtype == object
    assert decoded.tolist() == [2, -3]
    assert type(decoded[0]) is int
    assert column.series.dtype == object


@pytest.mark.parametrize("method", ["mean", "median", "interpolate"])
@pytest.mark.parametrize("dtype", ["Int64", "object", "int64[pyarrow]"])
@pytest.mark.parametrize("values", [[1, 3], [101, 103], [-3, -1]])
def test_what_lies_between_large_whole_numbers_stays_between(method, dtype, values):
    low, high = (int(np.sign(v)) * 2**60 + v for v in values)
    y = pd.Series([low, None, high, low], dtype="object").astype(dtype)
    done = Imputer(method).fit_transform(pd.DataFrame({"n": y}))["n"]
    assert done.dtype == y.dtype
    assert low <= done[1] <= high


@pytest.mark.parametrize("method", ["mean", "median", "interpolate"])
@pytest.mark.parametrize("dtype", ["UInt64", "object", "uint64[pyarrow]"])
def test_fault_1_2_unsigned_numbers_work_over_their_whole_range(method, dtype):
    top = 2**64 - 1
    y = pd.Series([top, None, top, top], dtype="object").astype(dtype)
    done = Imputer(method).fit_transform(pd.DataFrame({"n": y}))["n"]
    assert done.dtype == y.dtype
    assert int(done[1]) == top


BIG = 2**60


@pytest.mark.parametrize("dtype", ["Int64", "UInt64", "int64[pyarrow]", object])
@pytest.mark.parametrize(
    ("method", "values", "right"),
    [
        ("most_frequent", [BIG + 3, BIG + 1, BIG + 2, BIG + 1, BIG], BIG + 1),
        ("median", [BIG - 5, BIG + 1, BIG + 9], BIG + 1),
        ("median", [BIG - 5, BIG + 1, BIG + 3, BIG + 9], BIG + 2),
        ("mean", [BIG + 1, BIG + 2, BIG + 6], BIG + 3),
    ],
)
def test_fault_1_2_whole_numbers_beyond_floats_are_distinguished(
    method, values, right, dtype
):
    df = pd.DataFrame({"n": pd.Series([*values, None], dtype=dtype), "g": "a"})
    for group in (None, "g"):
        done = Imputer(method, group=group).fit_transform(df)
        assert done["n"].tolist() == [*values, right]


@pytest.mark.parametrize("method", ["mean", "median", "interpolate"])
def test_fault_1_2_the_largest_floats_have_a_middle(method):
    x = [1.7e308, np.nan, 1.5e308]
    done = Imputer(method).fit_transform(pd.DataFrame({"x": x}))
    assert done["x"][1] == pytest.approx(1.6e308)
    x = [-1.7e308, np.nan, 1.7e308]
    assert Imputer(method).fit_transform(pd.DataFrame({"x": x}))["x"][1] == 0.0


@pytest.mark.parametrize(
    ("dtype", "top"),
    [
        ("float16", 65504.0),
        ("float32", np.finfo("f4").max),
        ("Float32", np.finfo("f4").max),
        ("float[pyarrow]", np.finfo("f4").max),
        ("halffloat[pyarrow]", 65504.0),
    ],
)
def test_fault_1_2_imputed_floats_stay_within_their_dtype(dtype, top):
    t = np.arange(20.0)
    x = pd.Series(t / 19 * 0.99 * float(top)).astype("float64")
    x[[18, 19]] = np.nan
    df = pd.DataFrame({"x": x.astype(dtype), "t": np.where(t > 17, t + 4, t)})
    done = Imputer("norm", sample_posterior=False).fit_transform(df)
    assert done["x"].dtype == df["x"].dtype
    assert done["x"].astype("float64").iloc[-1] == float(top)


@pytest.mark.parametrize(
    ("observed", "least", "most"),
    [
        ([2**62 + 1, -3, 1], -(2**63), 2**63 - 1),
        ([2**63 + 5, 3, 1], 0, 2**64 - 1),
    ],
)
def test_fault_1_2_imputed_objects_can_be_stored_where_the_observed_ones_can(
    observed, least, most
):
    column = column_of("n", pd.Series([*observed, None], dtype=object), "integer")
    for value in [1e30, -1e30, 2.0**63, 2.5]:
        (found,) = column.decode(np.array([value]))
        assert type(found) is int
        assert least <= found <= most
        assert found == pytest.approx(np.clip(value, least, most), rel=1e-15, abs=0.5)
    beyond = pd.Series([*observed, 2**70, -1, None], dtype=object)
    far = column_of("n", beyond, "integer").decode(np.array([1e30]))
    assert far.tolist() == [int(1e30)]


def test_fault_1_4_a_constant_of_too_many_digits_is_refused_in_words():
    series = pd.Series([1.0, None])
    with pytest.raises(InvalidSpec, match="a finite number is wanted"):
        literal("x", series, "continuous", 10**400)
