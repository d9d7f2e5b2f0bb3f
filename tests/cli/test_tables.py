"""Files in and out: what was observed is written as it stood."""

from __future__ import annotations

import contextlib

import pandas as pd
import pytest
from click.testing import CliRunner

import jupyter_wrangler as jw
from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.cli.tables import read
from jupyter_wrangler.errors import UnsupportedFrame


@pytest.fixture
def impute(stack_env, tmp_path):
    """The command over a file with this text: what it wrote."""
    assert stack_env

    def run(text: bytes, *words: str, name="in.csv", goal="out.csv") -> bytes:
        (tmp_path / name).write_bytes(text)
        at = tmp_path / goal
        call = ["impute", str(tmp_path / name), "-o", str(at), "--force", *words]
        done = CliRunner().invoke(wrangler, call, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return at.read_bytes()

    with contextlib.closing(jw.connect()):
        yield run


def test_what_was_observed_is_written_as_it_stood(impute):
    text = (
        b"id,code,note,x,flag\n"
        b'00000,007,NA,1.50,yes\n'
        b'00001,,None,2e0,no\n'
        b'00002,012,"a, ""b""\nc",,yes\n'
        b'00003,007,,1.50,\n'
        b'00004,007,d, 3 ,yes\n'
    )  # fmt: skip
    found = impute(text, "--method", "most_frequent", "--column", "code",
                   "--column", "x", "--column", "flag")  # fmt: skip
    assert found == (
        b"id,code,note,x,flag\n"
        b'00000,007,NA,1.50,yes\n'
        b'00001,007,None,2e0,no\n'
        b'00002,012,"a, ""b""\nc",1.50,yes\n'
        b'00003,007,,1.50,yes\n'
        b'00004,007,d, 3 ,yes\n'
    )  # fmt: skip


def test_imputed_whole_numbers_look_like_whole_numbers(impute):
    assert impute(b"a,b\n1,1.0\n3,\n,3.0\n", "--method", "mean") == (
        b"a,b\n1,1.0\n3,2.0\n2,3.0\n"
    )
    assert impute(b"a\tb\n1\t1\n\t2\n4\t3\n", "--method", "mean", name="in.tsv") == (
        b"a,b\n1,1\n2.5,2\n4,3\n"
    )


def test_the_names_are_written_as_they_stood_and_so_is_the_mark_of_utf_8(impute):
    text = "\ufeff,ä,\n1,2,5\n2,,5\n3,4,5\n".encode()
    assert impute(text, "--method", "mean") == text.replace(b"2,,5", b"2,3,5")


def test_a_parquet_file_gets_the_types_that_pandas_reads(impute, tmp_path):
    impute(b"a,b\n01,x\n,x\n03,\n", "--method", "median", goal="out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found.to_dict("list") == {"a": [1, 2, 3], "b": ["x", "x", "x"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # pandas takes the first column of these for an index, and it is gone
        (b"a,b\n0,2,\n1,,\n", "has 3 fields in line 2, but 2 in the lines before"),
        (b"a,b\nr1,1,2\nr2,,4\n", "Name every column (row names too)"),
        (b"a,b\n1,2\n3,4,5\n", "has 3 fields in line 3"),
        (b"a,b,a\n1,2,3\n", "several columns of the name 'a'; each needs"),
    ],
)
def test_a_file_of_which_columns_would_be_lost_is_refused(tmp_path, text, words):
    path = tmp_path / "in.csv"
    path.write_bytes(text)
    with pytest.raises(UnsupportedFrame) as caught:
        read(path)
    assert words in str(caught.value)
    assert "in.csv'" in str(caught.value)
