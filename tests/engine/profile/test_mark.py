"""Sentinel values become missing values, and nothing else changes."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.profile.mark import mark
from jupyter_wrangler.errors import DuplicateColumns, InvalidSpec, UnknownColumn

DAYS = pd.to_datetime(["1900-01-01", "2024-05-01", "2024-05-02"])
#: Values, what stands for a missing value, dtype afterwards.
COLUMNS = {
    "float": (pd.Series([-999.0, 1.5, np.nan]), -999, "float64"),
    "single": (pd.Series([-999.0, 1.5], dtype="float32"), -999, "float32"),
    "int": (pd.Series([255, 1]), 255, "float64"),
    "byte": (pd.Series([255, 1], dtype="uint8"), 255, "float64"),
    "keys": (pd.Series([-1, 2**60 + 1]), -1, "Int64"),
    "large keys": (pd.Series([0, 2**63 + 1], dtype="uint64"), 0, "UInt64"),
    "Int64": (pd.Series([255, None, 2], dtype="Int64"), 255, "Int64"),
    "arrow": (pd.Series([255, None, 2], dtype="int64[pyarrow]"), 255, "int64[pyarrow]"),
    "infinite": (pd.Series([-np.inf, 1.0]), "-inf", "float64"),
    "bool": (pd.Series([True, False]), False, "boolean"),
    "str": (pd.Series(["?", "a", None]), "?", None),
    "arrow str": (pd.Series(["?", "a"], dtype="string[pyarrow]"), "?", "string"),
    "objects": (pd.Series(["?", 3, None, [1]], dtype=object), "?", "object"),
    "numbers as objects": (pd.Series([-9, 3.5, "-9"], dtype=object), -9, "object"),
    "category": (pd.Series(pd.Categorical(["?", "a"])), "?", "category"),
    "numbers as categories": (pd.Series(pd.Categorical([9, 1])), 9, "category"),
    "moments": (pd.Series(DAYS), "1900-01-01", None),
    "moments as such": (pd.Series(DAYS), pd.Timestamp("1900-01-01"), None),
    "zone": (pd.Series(DAYS).dt.tz_localize("Asia/Tokyo"), "1900-01-01T00:00:00", None),
    "arrow moments": (pd.Series(DAYS).astype("timestamp[us][pyarrow]"), "1900-01-01",
                      "timestamp[us][pyarrow]"),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_one_value_becomes_missing_and_the_others_stay(name):
    series, value, dtype = COLUMNS[name]
    df = pd.DataFrame({"x": series, "other": 1})
    before = df.copy(deep=True)
    marked = mark(df, {"x": value})
    pd.testing.assert_frame_equal(df, before)
    assert marked.counts == {"x": {repr(value): 1}}
    assert marked.n == 1
    after = marked.frame["x"]
    wanted = series.isna()
    place = 1 if name == "bool" else int(np.flatnonzero(~wanted)[0])
    wanted[place] = True
    assert after.isna().tolist() == wanted.tolist()
    kept = ~wanted
    assert after[kept].tolist() == series[kept].tolist()
    assert str(after.dtype) == (dtype or str(series.dtype))
    assert marked.frame["other"].equals(df["other"])


def test_a_category_that_marks_missing_values_is_gone():
    df = pd.DataFrame({"x": pd.Categorical(["?", "b", "a"], ordered=True)})
    after = mark(df, {"x": "?"}).frame["x"]
    assert after.cat.categories.tolist() == ["a", "b"]
    assert after.cat.ordered


def test_labels_and_index_stay():
    df = pd.DataFrame({3: [9, 1], ("a", 1): [9, 9]}, index=["p", "q"])
    after = mark(df, {3: 9}).frame
    assert after.columns.tolist() == df.columns.tolist()
    assert after.index.tolist() == ["p", "q"]


def test_what_is_not_there_is_counted_as_none():
    df = pd.DataFrame({"x": [1, 2]})
    marked = mark(df, {"x": [7, 8]})
    assert marked.counts == {"x": {"7": 0, "8": 0}}
    assert str(marked) == "0 cells became missing: x 7 (0), x 8 (0)."
    pd.testing.assert_frame_equal(marked.frame, df)
    assert str(mark(df, {})) == "0 cells became missing."
    assert str(mark(df, {"x": 1})) == "1 cell became missing: x 1 (1)."


@pytest.mark.parametrize(
    ("values", "value", "wanted"),
    [
        (
            [1.0],
            "?",
            (
                "'?' cannot stand for missing values in column 'x', which is "
                "float64; a num"
            ),
        ),
        (DAYS, "never", "a moment, for example '1900-01-01', is wanted"),
        (["a"], 3, "a string is wanted"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(values, value, wanted):
    df = pd.DataFrame({"x": pd.Series(values)})
    if isinstance(values, list) and isinstance(values[0], str):
        df = df.astype("string")
    with pytest.raises(InvalidSpec, match=wanted.replace("?", r"\?")):
        mark(df, {"x": value})


def test_unknown_and_double_columns_are_refused():
    with pytest.raises(UnknownColumn, match="'why'"):
        mark(pd.DataFrame({"x": [1]}), {"why": 1})
    with pytest.raises(DuplicateColumns):
        mark(pd.DataFrame([[1, 2]], columns=["x", "x"]), {"x": 1})
