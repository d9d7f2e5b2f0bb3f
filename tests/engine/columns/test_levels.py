import datetime as dt
import decimal

import pandas as pd
import pytest

from jupyter_wrangler.engine.columns.levels import measure


@pytest.mark.parametrize(
    ("values", "dtype", "level"),
    [
        ([1.0, None], "float64", "continuous"),
        ([1.0, None], "float32", "continuous"),
        ([1, None], "Float64", "continuous"),
        ([1.5, None], "double[pyarrow]", "continuous"),
        ([1, 2], "int8", "integer"),
        ([1, None], "UInt16", "integer"),
        ([1, None], "int64[pyarrow]", "integer"),
        ([True, False], "bool", "boolean"),
        ([True, None], "boolean", "boolean"),
        ([True, None], "bool[pyarrow]", "boolean"),
        ([True, None], object, "boolean"),
        ([1, None], object, "integer"),
        ([1, 2.5], object, "continuous"),
        (["a", "a"], "category", "nominal"),
        (["a", "a", None], "str", "nominal"),
        (["a", "a", None], "string", "nominal"),
        (["a", "a", None], "string[pyarrow]", "nominal"),
        (["a", "a", None], "large_string[pyarrow]", "nominal"),
        (["a", "a", None], object, "nominal"),
        (["2020-01-01", None], "datetime64[ns]", "datetime"),
        (["2020-01-01", None], "datetime64[s, UTC]", "datetime"),
        (["2020-01-01", None], "timestamp[ns][pyarrow]", "datetime"),
        (["1h", None], "timedelta64[ns]", "timedelta"),
        ([None, None], object, "text"),
        ([decimal.Decimal(1), decimal.Decimal(2)], object, "text"),
        ([dt.date(2020, 1, 1), dt.date(2020, 1, 1)], object, "text"),
        ([1 + 2j, 2], "complex128", "text"),
        ([0.0, None], "Sparse[float]", "text"),
        ([print, None], object, "text"),
    ],
)
def test_level_follows_from_dtype_and_values(values, dtype, level):
    found = measure(pd.Series(values, dtype=dtype))
    assert found.level == level
    assert bool(found.reason) == (level == "text")


def test_ordered_categories_are_ordered():
    dtype = pd.CategoricalDtype(["lo", "hi"], ordered=True)
    assert measure(pd.Series(["hi", None], dtype=dtype)).level == "ordered"


@pytest.mark.parametrize(
    ("distinct", "rows", "level"),
    [
        (1, 1, "nominal"),
        (2, 2, "text"),
        (2, 3, "nominal"),
        (20, 21, "nominal"),
        (21, 41, "text"),
        (21, 42, "nominal"),
        (50, 100, "nominal"),
        (51, 1000, "text"),
    ],
)
def test_strings_are_nominal_when_few(distinct, rows, level):
    values = [f"v{k % distinct}" for k in range(rows)]
    assert measure(pd.Series([*values, None])).level == level


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ([dt.date(2020, 1, 1), dt.date(1900, 2, 1)], "datetime"),
        (list(pd.to_datetime(["2020-01-01 05:00", "2021-02-01 00:00"])), "datetime"),
        ([dt.timedelta(days=1), dt.timedelta(hours=3)], "timedelta"),
        ([decimal.Decimal("1.5"), decimal.Decimal(2)], "continuous"),
    ],
)
def test_fault_2_5_objects_are_converted_as_the_advice_says(values, level):
    df = pd.DataFrame({"d": pd.Series([*values, None], dtype=object)})
    said = measure(df["d"]).reason
    how = said[said.index("df[") :].removesuffix(".")
    exec(how, {"pd": pd, "df": df})  # noqa: S102  the advice is tried as it is given
    assert measure(df["d"]).level == level
    assert df["d"].isna().tolist() == [False, False, True]
