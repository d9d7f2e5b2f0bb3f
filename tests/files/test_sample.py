"""Samples of files: rows of all of it, the same each time, and types as in it."""

import contextlib
import gzip

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.files import sample
from jupyter_wrangler.files.sample import sample_of

N = 50_000


@pytest.fixture
def drawn():
    """Draw rows of a file, and close it."""
    with contextlib.ExitStack() as stack:

        def drawn(path, **how):
            return sample_of(
                path,
                lambda: stack.enter_context(path.open("rb")),
                how,
                lambda *_: None,
            )

        yield drawn


def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"at": np.arange(N), "x": rng.normal(size=N).round(3)})
    frame["word"] = rng.choice(["a", "two\nlines"], N)
    frame.loc[N // 2 :: 2, "x"] = np.nan
    return frame


WRITE = {
    "x.csv": lambda f, p: f.to_csv(p, index=False, sep=";", decimal=","),
    "x.csv.gz": lambda f, p: p.write_bytes(gzip.compress(f.to_csv().encode())),
    "x.parquet": lambda f, p: f.to_parquet(p, row_group_size=9_000),
    "x.feather": lambda f, p: f.to_feather(p, chunksize=9_000),
    "x.xlsx": lambda f, p: f[["at", "x"]].to_excel(p, index=False),
}


@pytest.mark.parametrize("name", WRITE)
def test_rows_are_drawn_from_all_of_a_file(drawn, tmp_path, monkeypatch, name):
    monkeypatch.setattr(sample, "ROWS", 2_000)
    path = tmp_path / name
    WRITE[name](table(), path)
    found = drawn(path)
    assert (len(found.frame), found.rows_seen, found.seen_all) == (2_000, N, True)
    at = found.frame["at"].to_numpy()
    # in their order, each at most once, and as many from each tenth
    assert (np.diff(at) > 0).all()
    counts = np.bincount(at // (N // 10))
    assert ((counts > 130) & (counts < 270)).all()
    # a quarter is missing, and none of it in the first half
    assert found.frame["x"].dtype == float
    assert found.frame["x"].isna().mean() == pytest.approx(0.25, abs=0.05)
    again = drawn(path)
    pd.testing.assert_frame_equal(found.frame, again.frame)


def test_all_rows_of_a_small_file_are_used(drawn, tmp_path):
    path = tmp_path / "x.csv"
    table().head(900).to_csv(path, index=False)
    found = drawn(path)
    assert (len(found.frame), found.rows_seen, found.seen_all) == (900, 900, True)


def test_wide_tables_have_fewer_rows_and_long_rows_too(drawn, tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    table().to_csv(path, index=False)
    monkeypatch.setattr(sample, "CELLS", 1_500)
    assert len(drawn(path).frame) == 500
    monkeypatch.setattr(sample, "_BYTES", 1_000)
    assert len(drawn(path).frame) == sample.FEW


def test_a_file_that_takes_too_long_is_drawn_from_as_far_as_it_was_read(
    drawn, tmp_path, monkeypatch
):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 3_000_000)
    monkeypatch.setattr(sample, "_SECONDS", -1.0)
    found = drawn(path)
    assert not found.seen_all
    assert len(found.frame) == sample.ROWS
    assert sample.ROWS < found.rows_seen < 3_000_000


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_of_many_pieces_some_are_read(drawn, tmp_path, kind):
    path = tmp_path / f"x.{kind}"
    frame = table()
    if kind == "parquet":
        frame.to_parquet(path, row_group_size=1_000)
    else:
        frame.to_feather(path, chunksize=1_000)
    found = drawn(path)
    assert (found.rows_seen, found.seen_all) == (16_000, False)
    assert found.frame["at"].max() > N / 2


def test_a_text_without_names_is_drawn_from(drawn, tmp_path):
    path = tmp_path / "x.csv"
    table().to_csv(path, index=False, header=False)
    found = drawn(path, header=False)
    assert found.rows_seen == N
    assert list(found.frame.columns) == ["column_1", "column_2", "column_3"]
