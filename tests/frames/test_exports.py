"""Frames as files to take away."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.frames.exports import export

FORMULAS = ["=HYPERLINK(1)", "+cmd|x", "@sum", "-2+3", "\ttab"]


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "text": [*FORMULAS, "plain", None],
            "number": [-1.5, 2.0, None, 0.1, 5.0, 6.0, float("inf")],
            "whole": [1, 2, 3, 4, 5, 6, 2**60],
            "when": pd.date_range("2026-01-01", periods=7, tz="UTC"),
            "=name": pd.Categorical(["=a", "b", None, "b", "b", "b", "b"]),
        }
    )


def test_csv_holds_no_text_that_runs_as_a_formula(frame, tmp_path):
    export(frame, "csv", tmp_path / "x.csv")
    back = pd.read_csv(tmp_path / "x.csv")
    assert back["text"][:5].tolist() == [f"'{text}" for text in FORMULAS]
    assert back["text"][5] == "plain"
    assert back["number"].tolist()[:2] == [-1.5, 2.0]
    assert back["'=name"][0] == "'=a"


def test_parquet_is_exact(frame, tmp_path):
    export(frame, "parquet", tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "x.parquet"), frame)


def test_a_workbook_keeps_text_as_text_and_numbers_as_numbers(frame, tmp_path):
    export(frame, "xlsx", tmp_path / "x.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx").active.iter_rows())
    assert [cell.value for cell in rows[0]] == list(frame.columns)
    first = rows[1]
    assert [cell.data_type for cell in first] == ["s", "n", "n", "s", "s"]
    assert first[0].value == "=HYPERLINK(1)"
    assert rows[7][0].value is None
    # a workbook has floats only, which would round it
    assert rows[7][2].value == str(2**60)


def test_labels_of_rows_are_kept(tmp_path):
    df = pd.DataFrame({"a": [1, 2]}, index=["=x", "y"])
    for form in ("csv", "parquet", "xlsx"):
        export(df, form, tmp_path / f"x.{form}")
    assert pd.read_csv(tmp_path / "x.csv", index_col=0).index.tolist() == ["'=x", "y"]
    assert pd.read_parquet(tmp_path / "x.parquet").index.tolist() == ["=x", "y"]
    found = pd.read_excel(tmp_path / "x.xlsx", index_col=0)
    assert found.index.tolist() == ["=x", "y"]


def test_what_a_worksheet_cannot_hold_is_refused(tmp_path):
    wide = pd.DataFrame(0, index=range(1), columns=range(17_000))
    with pytest.raises(InvalidSpec, match="16,384 columns"):
        export(wide, "xlsx", tmp_path / "x.xlsx")
    long = pd.DataFrame({"essay": ["x" * 40_000]})
    with pytest.raises(InvalidSpec, match="'essay' has 40,000"):
        export(long, "xlsx", tmp_path / "x.xlsx")
