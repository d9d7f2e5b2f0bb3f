"""Pages of files: any rows, the same as of the whole file, and bounded memory."""

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files import index
from jupyter_wrangler.files.pages import pages_of
from jupyter_wrangler.files.tables import read

N = 6_000
ALL = slice(0, 100)


def table(n=N):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"{k:06d}" for k in range(n)],
            "value": rng.normal(size=n).round(3),
            "word": rng.choice(["x", "é", 'say "hi"', "two\nlines", "a;b"], n),
        }
    )
    frame.loc[::7, "value"] = np.nan
    frame.loc[::11, "word"] = None
    return frame


def zipped(data):
    goal = io.BytesIO()
    with zipfile.ZipFile(goal, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", data)
    return goal.getvalue()


PACK = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    ".zip": zipped,
}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Let small files have many pieces, and more marks than are kept."""
    monkeypatch.setattr(index, "PIECE", 2**14)
    monkeypatch.setattr(index, "_STRIDE", 50)
    monkeypatch.setattr(index, "_MARKS", 40)


@pytest.fixture
def opened():
    """Look at a file page by page, and close it."""
    with contextlib.ExitStack() as stack:

        def opened(path, **how):
            return pages_of(path, lambda: stack.enter_context(path.open("rb")), how)

        yield opened


def expected(path, **how):
    found = read(path, **how)
    cells = found.frame if found.text is None else found.text
    gone = found.frame.isna().to_numpy(bool)
    return [
        tuple(None if gone[at, k] else str(cell)[:200] for k, cell in enumerate(row))
        for at, row in enumerate(cells.itertuples(index=False, name=None))
    ]


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_any_page_of_a_text_is_that_of_the_whole(opened, tmp_path, packing, codec):
    path = tmp_path / f"x.csv{packing}"
    text = table().to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    path.write_bytes(PACK[packing](text.encode(codec)))
    whole = expected(path)
    pages = opened(path)
    # also backwards, and over the edges of pieces
    for first in (0, 5_950, 40, 3_000, 2_990, 3_050, N - 1):
        assert list(pages.cells(first, 100, ALL)) == whole[first : first + 100]
    assert pages.cells(N, 100, ALL) == ()
    assert list(pages.cells(10, 2, slice(1, 2))) == [row[1:2] for row in whole[10:12]]
    found = pages.count(60)
    assert (found.n_rows, found.whole, found.share) == (N, True, 1.0)


def test_rows_are_counted_on_as_far_as_asked(opened, tmp_path):
    path = tmp_path / "x.csv"
    table(50_000).to_csv(path, index=False)
    pages = opened(path)
    pages.cells(0, 100, ALL)
    some = pages.count(0)
    assert 100 <= some.n_rows < 50_000
    assert 0 < some.share < 1
    assert not some.whole
    assert pages.count(60).n_rows == 50_000


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_an_only_column_keeps_its_empty_lines(opened, tmp_path, end, header):
    path = tmp_path / "x.csv"
    path.write_text("\n" + "1\n\n3\n" * 400 + "4" + end)
    whole = expected(path, header=header)
    pages = opened(path, header=header)
    assert list(pages.cells(0, 400, ALL)) == whole[:400]
    assert list(pages.cells(1150, 100, ALL)) == whole[1150:]
    assert pages.count(60).n_rows == len(whole)


@pytest.mark.parametrize("header", [True, False])
def test_gaps_between_lines_are_no_rows(opened, tmp_path, header):
    path = tmp_path / "x.tsv"
    path.write_text("\n \na\tb\n" + "1\t2\n\n  \n3\t\n" * 300)
    whole = expected(path, header=header)
    pages = opened(path, header=header)
    assert list(pages.cells(500, 200, ALL)) == whole[500:700]
    assert pages.count(60).n_rows == len(whole)


@pytest.mark.parametrize("kind", ["parquet", "feather", "xlsx"])
def test_any_page_of_a_typed_file_is_that_of_the_whole(opened, tmp_path, kind):
    path = tmp_path / f"x.{kind}"
    frame = table()
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N), "h")
    if kind == "parquet":
        frame.to_parquet(path, row_group_size=2_500)
    elif kind == "feather":
        frame.to_feather(path, chunksize=700)
    else:
        frame.to_excel(path, index=False)
    whole = expected(path)
    pages = opened(path)
    for first in (0, 2_450, N - 50, 100, 699):
        assert list(pages.cells(first, 100, ALL)) == whole[first : first + 100]
    assert list(pages.cells(5, 2, slice(1, 3))) == [row[1:3] for row in whole[5:7]]
    assert pages.count(0).n_rows == N
    assert pages.count(0).whole


def test_the_index_of_a_frame_is_no_column_and_whole_numbers_stay_whole(
    opened, tmp_path
):
    path = tmp_path / "x.parquet"
    frame = pd.DataFrame({"k": pd.array([1, None, 3], "Int64")}, index=list("abc"))
    frame.to_parquet(path)
    assert opened(path).cells(0, 10, ALL) == (("1",), (None,), ("3",))


def test_what_is_wrong_further_down_is_said_where_it_is(opened, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,2\n" * 5_000 + "1,2,3\n" + "1,2\n" * 50)
    pages = opened(path)
    assert pages.cells(4_000, 100, ALL)
    with pytest.raises(UnsupportedFrame, match=r"Rows 4,951 to 5,050.* 3 fields"):
        pages.cells(4_950, 100, ALL)


def test_an_open_quote_is_refused_when_it_is_too_long(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(index, "LONGEST", 2**16)
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,2\n" * 5_000 + '"open,2\n' + "1,2\n" * 50_000)
    pages = opened(path)
    assert pages.cells(4_000, 100, ALL)
    with pytest.raises(UnsupportedFrame, match="every quote is closed"):
        pages.count(60)


def test_a_codec_whose_lines_cannot_be_told_apart_is_said(opened, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("a,b\n1,あ\n".encode("iso2022_jp"))
    with pytest.raises(UnsupportedFrame, match="Only the first rows"):
        opened(path, encoding="iso2022_jp")


def test_bytes_that_are_not_text_are_said(opened, tmp_path):
    path = tmp_path / "x.csv"
    good = "a,b\n" + "1,é\n" * 400_000
    path.write_bytes(good.encode() + b"1,\xff\n" + "1,é\n".encode() * 99)
    with pytest.raises(UnsupportedFrame, match="is in UTF-8 but for"):
        opened(path).cells(399_950, 100, ALL)
