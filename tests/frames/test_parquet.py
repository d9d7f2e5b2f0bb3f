"""A frame comes back as it went in, and the same frame is the same bytes."""

import datetime as dt
import decimal
import io
import subprocess
import sys
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as hpd
from pandas.testing import assert_frame_equal

from jupyter_wrangler import errors, frames

S = pd.Series
DATES = pd.to_datetime(["2020-01-01", None])
SERIES = {
    "int64": S([1, 2]),
    "uint64": S([2**64 - 1, 0], dtype="uint64"),
    "float64": S([1.5, None]),
    "infinite and signed zero": S([np.inf, -0.0]),
    "float16": S([1.5, 2], dtype="float16"),
    "float32": S([1.5, None], dtype="float32"),
    "bool": S([True, False]),
    "big endian": S(np.array([1, 2], dtype=">i4")),
    "Int8": S([1, None], dtype="Int8"),
    "Int64": S([2**62 + 1, None], dtype="Int64"),
    "boolean": S([True, None], dtype="boolean"),
    "Float32": S([1.5, None], dtype="Float32"),
    "str": S(["a", None]),
    "string": S(["a", None], dtype="string"),
    "string of Python": S(["a", None], dtype=pd.StringDtype("python")),
    "str of Python": S(["a", None], dtype=pd.StringDtype("python", na_value=np.nan)),
    "object text": S(["a", None], dtype=object),
    "object int": S([2**62 + 1, None], dtype=object),
    "object bool": S([True, None], dtype=object),
    "object date": S([dt.date(2020, 1, 1), None], dtype=object),
    "object datetime": S([dt.datetime(2020, 1, 1), None], dtype=object),  # noqa: DTZ001
    "object decimal": S([decimal.Decimal("1.5"), None], dtype=object),
    "object bytes": S([b"a", None], dtype=object),
    "object nothing": S([None, None], dtype=object),
    "category text, one unused": S(pd.Categorical(["a", None], ["z", "a"])),
    "category ordered": S(pd.Categorical(["a", "b"], ["b", "a"], ordered=True)),
    "category int": S([1, None], dtype="category"),
    "category bool": S([True, None], dtype="category"),
    "category date": S(DATES).astype("category"),
    "category interval": pd.cut(S([1.0, 2.0, None]), 2),
    "category empty": S([None, None], dtype="category"),
    "datetime s": S(DATES).dt.as_unit("s"),
    "datetime ns": S(DATES).dt.as_unit("ns"),
    "datetime UTC": S(DATES).dt.tz_localize("UTC"),
    "datetime Berlin s": S(DATES).dt.as_unit("s").dt.tz_localize("Europe/Berlin"),
    "datetime +02:00": S(DATES).dt.tz_localize("+02:00"),
    "timedelta s": S(pd.to_timedelta([1, None], unit="s")).dt.as_unit("s"),
    "period": S(pd.period_range("2020", periods=2, freq="M")),
    "interval": S(pd.interval_range(0, 2)),
    "arrow int": S([1, None], dtype="int64[pyarrow]"),
    "arrow double": S([1.5, None], dtype="double[pyarrow]"),
    "arrow bool": S([True, None], dtype="bool[pyarrow]"),
    "arrow string": S(["a", None], dtype=pd.ArrowDtype(pa.string())),
    "arrow decimal": S([1, None], dtype=pd.ArrowDtype(pa.decimal128(10, 2))),
    "arrow time": S([1, None], dtype=pd.ArrowDtype(pa.time32("s"))),
    "arrow timestamp s": S(DATES).astype(pd.ArrowDtype(pa.timestamp("s"))),
    "arrow list": S([[1], None], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
    "arrow dictionary": S(
        ["a", None], dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    ),
}
if int(pa.__version__.split(".")[0]) >= 20:  # before, Arrow knew no UUID
    SERIES["object uuid"] = S([uuid.UUID(int=1), uuid.UUID(int=2)], dtype=object)
INDEXES = {
    "range": pd.RangeIndex(3, 9, 2, name="x"),
    "text": pd.Index(["a", "b", "b"], name="k"),
    "text with a missing value": pd.Index(["a", "b", None], dtype=object),
    "int twice": pd.Index([1, 1, 5]),
    "named by a number": pd.Index([1, 2, 3], name=3),
    "named by a tuple": pd.Index([1, 2, 3], name=("a", 1)),
    "named as the column": pd.Index([1, 2, 3], name="a"),
    "months in UTC": pd.date_range("2020", periods=3, freq="MS", tz="UTC"),
    "periods": pd.period_range("2020", periods=3, freq="M"),
    "hours": pd.timedelta_range(0, periods=3, freq="h"),
    "intervals": pd.interval_range(0, 3),
    "categories": pd.CategoricalIndex(["x", "y", "x"], ["y", "x", "z"], ordered=True),
    "levels": pd.MultiIndex.from_tuples(
        [("a", 1), ("b", 2), ("b", 2)], names=["k", None]
    ),
    "levels of categories": pd.MultiIndex.from_arrays(
        [pd.Categorical(["a", "b", "a"], ordered=True), pd.to_datetime([0, 1, 2])]
    ),
}
LABELS = {
    "numbers": pd.Index([7, 3]),
    "range": pd.RangeIndex(2),
    "mixed": pd.Index([1, "a"], dtype=object),
    "fractions": pd.Index([1.5, 2.5]),
    "objects": pd.Index(["a", "b"], dtype=object, name="n"),
    "nothing": pd.Index([None, "a"], dtype=object),
    "levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
    "dates": pd.DatetimeIndex(["2020-01-01", "2020-03-05"]),
    "categories": pd.CategoricalIndex(["x", "y"]),
}

#: Rows of which three columns are too many cells for a reader to take at once.
LARGE = 70_000
PANDAS_3 = int(pd.__version__.split(".")[0]) >= 3


def back(df, **options):
    return frames.from_parquet(frames.to_parquet(df).data, **options)


@pytest.mark.parametrize("name", SERIES)
def test_each_dtype_comes_back(name):
    df = pd.DataFrame({name: SERIES[name]})
    found = back(df)
    assert_frame_equal(found, df, check_exact=True)
    assert found.dtypes.equals(df.dtypes)


# pandas takes no rows of foreign byte order
@pytest.mark.parametrize("name", [name for name in SERIES if name != "big endian"])
def test_each_dtype_comes_back_from_a_frame_that_is_read_column_by_column(name):
    """Beside it stand names that a reader of nested columns takes for parts of it."""
    long = SERIES[name].iloc[np.arange(LARGE) % 2].reset_index(drop=True)
    df = pd.DataFrame({name: long, f"{name}.left": np.arange(LARGE), "": long})
    assert_frame_equal(back(df), df, check_exact=True)


def test_a_large_frame_is_held_once_while_it_is_read(tmp_path):
    """In a process of its own, where Arrow's count of bytes begins at nothing."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100_000, 20))
    x[rng.random(x.shape) < 0.1] = np.nan
    path = tmp_path / "data"
    path.write_bytes(frames.to_parquet(pd.DataFrame(x)).data)
    code = (
        "import sys; import pyarrow as pa; from jupyter_wrangler import frames; "
        "df = frames.from_parquet(sys.argv[1]); "
        "print(pa.default_memory_pool().max_memory() / df.memory_usage().sum())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, check=True
    )
    assert 0 < float(said.stdout) < 1.3


@pytest.mark.parametrize("name", SERIES)
def test_no_rows_come_back_with_their_dtypes(name):
    df = pd.DataFrame({name: SERIES[name]}).iloc[:0]
    assert_frame_equal(back(df), df, check_exact=True)


@pytest.mark.parametrize("name", INDEXES)
def test_each_index_comes_back(name):
    df = pd.DataFrame({"a": [1.0, None, 3.0]}, index=INDEXES[name])
    found = back(df)
    assert_frame_equal(found, df, check_index_type="exact", check_freq=True)
    assert type(found.index) is type(df.index)


@pytest.mark.parametrize("name", LABELS)
def test_labels_of_any_kind_come_back(name):
    df = pd.DataFrame([[1, 2.0], [3, None]])
    df.columns = LABELS[name]
    assert_frame_equal(back(df), df, check_column_type="exact")


def test_labels_can_be_left_as_the_names_that_specs_use():
    df = pd.DataFrame({7: [1], "b": [2]})
    assert list(back(df, labels=False)) == ["7", "b"]


def test_what_comes_back_can_be_written_to():
    df = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    found = back(df)
    found.loc[0, "a"] = 9.0
    found["a"].to_numpy(copy=True)[0] = 1.0
    assert found.loc[0, "a"] == 9.0


def frames_of_many_kinds():
    """Frames of columns that analysts have, with missing values."""
    text = st.one_of(st.none(), st.text(max_size=5))
    return hpd.data_frames(
        [
            hpd.column("x", elements=st.floats(allow_nan=True, width=64)),
            hpd.column("n", dtype=np.int64),
            hpd.column("yes", dtype=bool),
            hpd.column("s", dtype=object, elements=text),
            hpd.column("t", dtype="datetime64[ns]"),
        ],
        index=st.one_of(
            hpd.range_indexes(max_size=20),
            # before pandas 3, hypothesis cannot fill columns beside a repeated label
            hpd.indexes(dtype=np.int64, max_size=20, unique=not PANDAS_3),
        ),
    )


@given(frames_of_many_kinds())
@settings(max_examples=60, deadline=None)
def test_any_frame_comes_back(df):
    assert_frame_equal(back(df), df)


# pandas 2 warns when it looks whether a float is a whole number
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@given(frames_of_many_kinds(), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_the_same_frame_is_the_same_bytes_however_it_lies_in_memory(df, pad):
    df = df.convert_dtypes(dtype_backend="pyarrow").reset_index(drop=True)
    padded = pd.concat([df.iloc[:pad], df])  # in pieces, and then a slice of them
    slice_ = padded.iloc[min(pad, len(df)) :].reset_index(drop=True)
    assert frames.to_parquet(slice_).sha256 == frames.to_parquet(df).sha256


def test_other_data_are_other_bytes():
    df = pd.DataFrame({"a": [1.0, 2.0]})
    others = [
        pd.DataFrame({"a": [1.0, 3.0]}),
        pd.DataFrame({"b": [1.0, 2.0]}),
        pd.DataFrame({"a": [1.0, 2.0]}, index=["x", "y"]),
        pd.DataFrame({"a": [1.0, 2.0]}, dtype="float32"),
        pd.DataFrame({"a": [1.0, 2.0]}, dtype="Float64"),
    ]
    digests = {frames.to_parquet(other).sha256 for other in [df, *others]}
    assert len(digests) == 6


def test_attrs_do_not_change_the_bytes():
    df = pd.DataFrame({"a": [1.0]})
    with_attrs = df.copy()
    with_attrs.attrs["source"] = "clinic"
    assert frames.to_parquet(with_attrs).data == frames.to_parquet(df).data


def test_columns_are_described():
    df = pd.DataFrame({"a": [1.0, None], 2: ["x", "y"]})
    packed = frames.to_parquet(df)
    described = [(c.name, c.dtype, c.missing) for c in packed.columns]
    assert described == [("a", "float64", 1), ("2", str(df[2].dtype), 0)]


@pytest.mark.parametrize("name", ["range", "text", "levels", "hours"])
def test_pandas_reads_the_file_by_itself(name):
    df = pd.DataFrame(
        {"a": [1.0, None, 3.0], "s": ["x", None, "z"]}, index=INDEXES[name]
    )
    df["c"] = pd.Categorical(["u", None, "v"])
    found = pd.read_parquet(io.BytesIO(frames.to_parquet(df).data))
    assert_frame_equal(found, df, check_freq=False)


def test_many_categories_fit_into_the_file():
    names = [f"patient {i}" for i in range(200_000)]
    df = pd.DataFrame({"id": pd.Categorical(names[:3], names)})
    assert_frame_equal(back(df), df)


def test_mixed_types_are_named_with_examples():
    df = pd.DataFrame({"dose": pd.Series([1, "a", None, 2.5], dtype=object)})
    with pytest.raises(errors.MixedTypes) as caught:
        frames.to_parquet(df)
    assert caught.value.column == "dose"
    assert caught.value.found == ["float", "int", "str"]
    assert caught.value.examples == ["1", "'a'", "2.5"]


@pytest.mark.parametrize(
    ("series", "words"),
    [
        (S([[1], [2]]), "of type list, for example [1]"),
        (S([{"a": 1}]), "of type dict"),
        (S([1j]), "complex128"),
        (S([1.0, None], dtype="Sparse[float64]"), ".sparse.to_dense()"),
        (S([2**70], dtype=object), "too large"),
    ],
)
def test_what_cannot_be_stored_is_named_with_a_way_out(series, words):
    with pytest.raises(errors.UnsupportedFrame, match="'dose'") as caught:
        frames.to_parquet(pd.DataFrame({"dose": series}))
    assert words in str(caught.value)


def test_an_index_of_mixed_types_is_refused_with_a_way_out():
    df = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.Index([1, "a"], dtype=object))
    with pytest.raises(errors.UnsupportedFrame, match="reset_index"):
        frames.to_parquet(df)


@pytest.mark.parametrize("labels", [["a", "a"], [1, "1"]])
def test_two_columns_of_one_name_are_refused(labels):
    df = pd.DataFrame([[1, 2]])
    df.columns = pd.Index(labels, dtype=object)
    with pytest.raises(errors.DuplicateColumns):
        frames.to_parquet(df)


def test_foreign_parquet_is_refused_with_a_way_out():
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), sink)
    with pytest.raises(errors.UnsupportedFrame, match="read_parquet"):
        frames.from_parquet(sink.getvalue())


def test_large_columns_come_back_whether_compressed_or_not():
    rng = np.random.default_rng(0)
    noise, steps = rng.normal(size=200_000), np.arange(200_000) // 1000
    noise[::7] = np.nan
    df = pd.DataFrame({"noise": noise, "steps": steps, "flag": steps % 2 == 0})
    packed = frames.to_parquet(df)
    used = {
        chunk.path_in_schema: chunk.compression
        for chunk in map(
            pq.ParquetFile(io.BytesIO(packed.data)).metadata.row_group(0).column,
            range(3),
        )
    }
    assert used == {"noise": "UNCOMPRESSED", "steps": "ZSTD", "flag": "ZSTD"}
    back = frames.from_parquet(packed.data)
    assert_frame_equal(back, df)
    back.loc[0, "noise"] = 1.0  # nothing is lent read-only
    assert frames.to_parquet(df).sha256 == packed.sha256
