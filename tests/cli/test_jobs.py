"""`jupyter wrangler cancel`, `retry` and `result`."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import jupyter_wrangler as jw
from jupyter_wrangler.cli.commands import wrangler
from tests.acceptance.system import incomplete_frame
from tests.waiting import until


def run(*words):
    return CliRunner().invoke(wrangler, words)


@pytest.fixture
def connected(stack_env):
    assert stack_env
    with contextlib.closing(jw.connect()):
        yield


@pytest.mark.usefixtures("connected")
def test_fault_3_17_a_job_is_cancelled_and_tried_again():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(5000, 12))).rename(columns=str)
    job = jw.impute(df.mask(df > 1), max_iter=1000, n_imputations=9, force=True)
    short = job.id[:8]
    done = run("cancel", short)
    assert done.exit_code == 0, done.output
    assert f"Job {short} is cancel" in done.output
    until(lambda: job.refresh().state == "cancelled")
    again = run("cancel", short)
    assert again.exit_code == 1
    assert "already ended (cancelled)" in again.output
    # its result is not there, and the message says how to get it
    late = run("result", short, "-o", "x.csv")
    assert late.exit_code == 1
    assert f"jupyter wrangler retry {short}" in late.output
    small = jw.impute(incomplete_frame(30, 3), "mean", force=True)
    small.result(timeout=120)
    # a job that has its result cannot be tried again
    assert isinstance(run("retry", small.id).exception, jw.errors.Conflict)


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "csv.gz"])
def test_fault_3_17_a_result_is_written(tmp_path, ending):
    job = jw.impute(incomplete_frame(60, 3), "pmm", n_imputations=2, random_state=0)
    goal = tmp_path / f"out.{ending}"
    done = run("result", job.id[:8], "-o", str(goal))
    assert done.exit_code == 0, done.output
    for k in (1, 2):
        path = tmp_path / f"out-{k}.{ending}"
        found = (
            pd.read_parquet(path)
            if ending == "parquet"
            else pd.read_csv(path, sep="\t" if ending == "tsv" else ",")
        )
        pd.testing.assert_frame_equal(found, job.result().complete(k - 1))
    taken = run("result", job.id[:8], "-o", str(goal))
    assert (taken.exit_code, "--force" in taken.output) == (2, True)
    assert run("result", job.id[:8], "-o", str(goal), "--force").exit_code == 0


@pytest.mark.usefixtures("connected")
def test_fault_3_17_a_document_is_written_as_json(tmp_path):
    with contextlib.closing(jw.connect()):
        job = jw.compare(incomplete_frame(60, 3), methods=["mean", "median"], repeats=1)
    goal = tmp_path / "board.json"
    wrong = run("result", job.id, "-o", str(tmp_path / "x.csv"))
    assert (wrong.exit_code, ".json" in wrong.output) == (2, True)
    done = run("result", job.id, "-o", str(goal))
    assert done.exit_code == 0, done.output
    assert json.loads(goal.read_text())


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("words", [("cancel",), ("retry",), ("result", "-o", "x.csv")])
def test_fault_3_17_an_unknown_job_is_named(words):
    done = run(words[0], "00000000", *words[1:])
    assert isinstance(done.exception, jw.errors.JobNotFound)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("impute", "in.csv", "-o", "o.csv", "-m", "0"), "0 is not in the range 1<=x"),
        (("impute", "in.csv", "-o", "o.csv", "-m", "some"), "'some' is not a valid"),
        (("impute", "in.csv", "-o", "o.csv", "--seed", "-1"), "-1 is not in the range"),
        (("impute", "in.csv", "-o", "o.csv", "--sep", ",", "--decimal", ","), "both"),
        (("gc", "--days", "nan"), "a number of days is wanted"),
        (("gc", "--days", "inf"), "inf is not in the range 0<=x<=36500"),
        (("gc", "--days", "1e20"), "is not in the range 0<=x<=36500"),
    ],
)
def test_fault_3_17_what_cannot_be_asked_for_is_a_wrong_call(
    tmp_path, monkeypatch, words, said
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("a,b\n1,2\n,3\n")
    done = run(*words)
    assert done.exit_code == 2, done.exception
    assert said in done.output


@pytest.mark.usefixtures("connected")
def test_fault_3_17_any_number_of_jobs_may_be_asked_for():
    assert run("jobs", "--limit", "9" * 20).exit_code == 0
    assert isinstance(jw.jobs(limit=10**30, state="failed"), list)
