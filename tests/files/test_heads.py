"""Heads of files: few rows of what may have any size."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jupyter_wrangler.files import heads
from jupyter_wrangler.files.heads import ROWS, read_head


def head_of(path, **how):
    with path.open("rb") as file:
        return read_head(path, file, **how)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("limit", range(300, 312))
def test_a_head_may_end_within_a_character(tmp_path, monkeypatch, codec, limit):
    sign = "é" if codec == "cp1252" else "\N{GRINNING FACE}"
    text = "a,b\n" + "".join(f"{k},{sign}\n" for k in range(200))
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(codec))
    monkeypatch.setattr(heads, "BYTES", limit)
    found = head_of(path)
    frame = found.table.frame
    assert list(frame.columns) == ["a", "b"]
    assert set(frame["b"]) == {sign}
    assert frame["a"].tolist() == list(range(len(frame)))
    assert 10 < len(frame) < 200
    assert not found.whole
    assert found.n_rows is None
    assert found.about_rows == pytest.approx(200, rel=0.3)


def test_lines_within_quotes_belong_together(tmp_path):
    path = tmp_path / "x.csv"
    cell = '"one\ntwo, ""three""\n"'
    path.write_text("a,b\n" + "".join(f"{k},{cell}\n" for k in range(3000)))
    found = head_of(path)
    assert len(found.table.frame) == ROWS
    assert set(found.table.frame["b"]) == {'one\ntwo, "three"\n'}


def test_the_encoding_is_that_of_all_that_was_read(tmp_path):
    path = tmp_path / "x.csv"
    # beyond the rows that are shown
    text = "a\n" + "1\n" * 2 * ROWS + "é\n"
    path.write_bytes(text.encode("cp1252"))
    assert head_of(path).table.dialect.encoding == "cp1252"


@pytest.mark.parametrize("kind", ["parquet", "feather", "xlsx"])
def test_a_typed_file_tells_how_many_rows_it_has(tmp_path, kind):
    frame = pd.DataFrame({"a": np.arange(2500), "b": "x"})
    path = tmp_path / f"x.{kind}"
    if kind == "xlsx":
        frame.to_excel(path, index=False)
    else:
        getattr(frame, f"to_{kind}")(path)
    found = head_of(path)
    pd.testing.assert_frame_equal(found.table.frame, frame[:ROWS], check_dtype=False)
    # a workbook would have to be read to its end
    assert found.n_rows == (None if kind == "xlsx" else 2500)
    assert not found.whole


def test_labels_of_rows_stay_labels(tmp_path):
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.Index(["x", "y"], name="key"))
    frame.to_parquet(tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(head_of(tmp_path / "x.parquet").table.frame, frame)


def test_a_file_without_rows_has_columns(tmp_path):
    pq.write_table(
        pa.schema([("a", pa.float64())]).empty_table(), tmp_path / "x.parquet"
    )
    found = head_of(tmp_path / "x.parquet")
    assert (list(found.table.frame.columns), found.n_rows) == (["a"], 0)


def test_a_sheet_is_chosen_by_its_name(tmp_path):
    path = tmp_path / "x.xlsx"
    with pd.ExcelWriter(path) as book:
        for name in ("one", "two"):
            pd.DataFrame({name: [1]}).to_excel(book, sheet_name=name, index=False)
    assert head_of(path).sheet == "one"
    found = head_of(path, sheet="two")
    assert (found.sheets, found.sheet) == (("one", "two"), "two")
    assert list(found.table.frame.columns) == ["two"]
    with pytest.raises(ValueError, match="has no sheet 'three'; it has 'one', 'two'"):
        head_of(path, sheet="three")


def test_no_more_is_read_than_is_shown(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n" + b"1,2\n" * 2_000_000)
        file.truncate(2**31)

    class Counted(io.FileIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            Counted.taken += len(data)
            return data

    with Counted(path) as file:
        found = read_head(Path(path), file)
    assert Counted.taken <= heads.BYTES + 1
    assert len(found.table.frame) == ROWS
    assert found.about_rows == pytest.approx(path.stat().st_size / 4, rel=0.01)
