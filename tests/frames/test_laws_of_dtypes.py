"""Laws that hold for columns of every dtype, over its whole range, in every method.

Frames are drawn, imputed by the `Imputer` and by the code that a job runs: Parquet, the
engine, imputed cells as Parquet, and the completed frame.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.frames.cells import cells_from_parquet, cells_to_parquet, complete
from jupyter_wrangler.frames.parquet import from_parquet, to_parquet

UNITS = ["s", "ms", "us", "ns"]
LAST = np.iinfo(np.int64).max


def whole(dtype, kind):
    """Whole numbers over the whole range of their dtype."""
    limits = np.iinfo(kind)
    numbers = st.integers(int(limits.min), int(limits.max)) | st.sampled_from(
        [int(limits.min), int(limits.max), 0]
    )
    return numbers, lambda values: pd.Series(pd.array(values, dtype=dtype))


def floats(dtype, most):
    numbers = st.floats(-most, most, allow_nan=False) | st.sampled_from([most, -most])
    return numbers, lambda values: pd.Series(values, dtype="float64").astype(dtype)


def dates(kind, unit, finish=lambda series: series, most=None):
    """Dates or spans over the whole range of their unit, or up to so many days."""
    ticks = st.integers(-LAST, LAST) | st.sampled_from([-LAST, LAST, 0, LAST - 1])
    if most is not None:
        ticks = st.integers(-most, most).map(lambda days: 86_400 * days)
    nothing = np.iinfo(np.int64).min

    def made(values):
        own = [nothing if value is None else value for value in values]
        return finish(pd.Series(np.array(own, dtype=np.int64).view(f"{kind}8[{unit}]")))

    return ticks, made


def zoned(series):
    return series.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")


def labels(dtype, values="abc"):
    return st.sampled_from(values), lambda own: pd.Series(own, dtype=dtype)


DTYPES = {
    "float64": floats("float64", 1e130),
    "float32": floats("float32", float(np.finfo("f4").max)),
    "float16": floats("float16", 65504.0),
    "Float64": floats("Float64", 1e130),
    "Float32": floats("Float32", float(np.finfo("f4").max)),
    "float[pyarrow]": floats("float[pyarrow]", float(np.finfo("f4").max)),
    **{
        name: whole(name, name.lower())
        for name in ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt32", "UInt64")
    },
    "int64[pyarrow]": whole("int64[pyarrow]", "i8"),
    "uint64[pyarrow]": whole("uint64[pyarrow]", "u8"),
    "boolean": labels("boolean", [True, False]),
    "bool[pyarrow]": labels("bool[pyarrow]", [True, False]),
    "object of bool": labels(object, [True, False]),
    "object of int": labels(object, [1, 2**62 + 1, -3]),
    "object of str": labels(object),
    "string": labels("string"),
    "string[pyarrow]": labels("string[pyarrow]"),
    "category": labels(pd.CategoricalDtype(["never", "b", "a", "c", "nan", ""])),
    "category of dates": labels(
        pd.CategoricalDtype(pd.to_datetime(["2020-01-01", "2020-01-02"])),
        list(pd.to_datetime(["2020-01-01", "2020-01-02"])),
    ),
    "category of numbers": labels(pd.CategoricalDtype([3, 1, 2.5]), [3, 1, 2.5]),
    "ordered": labels(pd.CategoricalDtype(["c", "b", "a"], ordered=True)),
    "periods": (
        st.sampled_from(["2020-01", "2020-02"]),
        lambda own: pd.Series(pd.PeriodIndex(own, freq="M")),
    ),
    "intervals": (
        st.sampled_from([(0, 1), (1, 2)]),
        lambda own: pd.Series(pd.arrays.IntervalArray.from_tuples(own)),
    ),
    "date32": dates("M", "s", lambda s: s.astype("date32[pyarrow]"), most=719_000),
    **{f"M8[{unit}]": dates("M", unit) for unit in UNITS},
    **{f"m8[{unit}]": dates("m", unit) for unit in UNITS},
    **{f"zone[{unit}]": dates("M", unit, zoned) for unit in UNITS},
    **{
        f"timestamp[{unit}]": dates(
            "M", unit, lambda s, unit=unit: s.astype(f"timestamp[{unit}][pyarrow]")
        )
        for unit in UNITS
    },
    **{
        f"duration[{unit}]": dates(
            "m", unit, lambda s, unit=unit: s.astype(f"duration[{unit}][pyarrow]")
        )
        for unit in UNITS
    },
}
#: Columns that no model takes: they keep their missing values, and it is reported.
REPORTED = {"periods", "intervals"}
FITTING = [name for name in METHODS if name != "constant"]


@st.composite
def frames(draw):
    """Frames of up to four columns of any dtype, with missing values anywhere."""
    n = draw(st.integers(3, 14), label="rows")
    kinds = draw(
        st.lists(st.sampled_from(sorted(DTYPES)), min_size=1, max_size=4), label="kinds"
    )
    columns = {}
    for k, kind in enumerate(kinds):
        values, made = DTYPES[kind]
        own = draw(st.lists(st.none() | values, min_size=n, max_size=n), label=kind)
        columns[f"{kind} {k}"] = made(own)
    index = draw(st.permutations(range(n)), label="index")
    return pd.DataFrame(columns).set_axis(pd.Index(index, name="row"), axis=0)


def same(found, given):
    """Whether two columns hold the same bits."""
    if isinstance(given.dtype, pd.ArrowDtype):
        return pa.array(found.array).equals(pa.array(given.array))
    pd.testing.assert_series_equal(found, given, check_exact=True)
    return True


def obeys(done, df, reported):
    """Check what holds for every completed frame."""
    assert done.dtypes.equals(df.dtypes)
    pd.testing.assert_index_equal(done.index, df.index)
    pd.testing.assert_index_equal(done.columns, df.columns)
    for name in df:
        kept = df[name].notna()
        assert same(done[name][kept], df[name][kept])
        if done[name].isna().any():
            assert name in reported
        if df[name].dtype.kind == "f":
            assert np.isfinite(done[name].dropna().astype("float64")).all()


def reported(events):
    return {event.column for event in events}


def quick(method):
    """Settings under which every method is soon done."""
    return {"method": method, "max_iter": 1, "n_estimators": 2, "random_state": 3}


@pytest.mark.filterwarnings("ignore::jupyter_wrangler.errors.WranglerWarning")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(df=frames(), method=st.sampled_from(FITTING))
def test_issue_10_the_laws_hold_for_every_dtype_and_method(df, method):
    before = df.copy(deep=True)
    imputer = Imputer(**quick(method))
    done = imputer.fit_transform(df)
    obeys(done, df, reported(imputer.events_))
    obeys(imputer.transform(df), df, reported(imputer.events_))
    for name in df:
        assert same(df[name], before[name])
    again = Imputer(**quick(method)).fit_transform(df)
    # what a runner does with the file of a job
    read = from_parquet(to_parquet(df).data, labels=False)
    for name in df:
        assert same(read[name], df[name])
    one = finish(impute(read, ImputationSpec(**quick(method)), 0), df.size)
    sent = cells_to_parquet(one.values, one.rows, events=[])
    of_job = complete(df, cells_from_parquet(sent))
    obeys(of_job, df, reported(one.events))
    for name in df:
        assert same(again[name], done[name])
        assert same(of_job[name], done[name])
