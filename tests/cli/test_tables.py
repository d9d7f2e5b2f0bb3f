"""Files in and out: what was observed is written as it stood."""

from __future__ import annotations

import contextlib
import re

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


def refusal(path, text) -> str:
    path.write_bytes(text)
    with pytest.raises(UnsupportedFrame) as caught:
        read(path)
    assert repr(str(path)) in str(caught.value)
    return str(caught.value)


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


def test_line_ends_stay_those_of_the_file(impute):
    text = b'a,b\r\n1,"x\ry"\r\n,"x\r\ny"\r\n3,z\r\n'
    found = impute(text, "--method", "mean", "--column", "a")
    assert found == text.replace(b"\r\n,", b"\r\n2,")


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
    assert words in refusal(tmp_path / "in.csv", text)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("in.csv", b"", "is empty; a line of names"),
        ("in.csv", "a,b\nJosé,1\n".encode("latin-1"), "holds the byte 0xe9"),
        ("in.csv", b'a,b\n"x,2\n', "Check that every quote is closed."),
        ("in.parquet", b"a,b\n1,2\n", "cannot be read as .parquet: "),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name, text, words):
    assert words in refusal(tmp_path / name, text)


def test_the_ending_of_a_name_may_be_in_capitals(impute):
    assert impute(b"a\n1\nNA\n3\n", "--method", "mean", name="A.CSV", goal="B.Csv") == (
        b"a\n1\n2\n3\n"
    )


def test_an_output_that_cannot_be_written_costs_no_result(stack_env, tmp_path):
    assert stack_env
    source = tmp_path / "in.csv"
    source.write_text("a,b\n1,2\n,4\n5,6\n7,8\n")
    call = ["impute", str(source), "--method", "mean", "--force", "-o"]
    # told before there is a job
    with contextlib.closing(jw.connect()):
        there = len(jw.jobs())
        done = CliRunner().invoke(wrangler, [*call, str(tmp_path / "no" / "out.csv")])
        assert (done.exit_code, len(jw.jobs())) == (2, there)
        assert f"There is no folder '{tmp_path / 'no'}'" in done.output
        full = tmp_path / "full.csv"
        full.symlink_to("/dev/full")
        done = CliRunner().invoke(wrangler, [*call, str(full)])
        assert done.exit_code == 1
        assert "full.csv' cannot be written: No space left on device." in done.output
        job_id = re.search(r'jw\.job\("(.*?)"\)', done.output)[1]
        assert not jw.job(job_id).result().df.isna().any(axis=None)
