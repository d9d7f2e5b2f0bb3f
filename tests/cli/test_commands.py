from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.stack import launch
from tests.waiting import CEILING_S


def run(*words, env=None):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "jupyter_wrangler", *words],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def env(settings):
    return {
        "JUPYTER_WRANGLER_HOME": str(settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(settings.runtime_dir),
    }


def test_every_command_says_what_it_does():
    said = run("--help").stdout
    commands = "up down status doctor service worker migrate demo jobs impute admin"
    for name in commands.split(" "):
        assert f"  {name} " in said
        assert run(name, "--help").returncode == 0


@pytest.mark.parametrize("words", [("jobs",), ("admin", "jobs")])
def test_a_list_of_fewer_than_one_is_a_wrong_call(words):
    for limit in ("0", "-3"):
        said = run(*words, "--limit", limit)
        assert (said.returncode, said.stdout) == (2, "")
        assert "--limit" in said.stderr


def test_up_status_down(env):
    nothing = run("status", env=env)
    assert nothing.returncode == 3
    assert "Nothing runs" in nothing.stdout
    assert run("down", env=env).stdout == "Nothing was running.\n"
    up = run("up", env=env)
    assert up.returncode == 0, up.stderr
    assert up.stdout.startswith("Started in ")
    assert run("up", env=env).stdout.startswith("Running already, on ")
    status = run("status", env=env)
    assert status.returncode == 0
    for name in ("supervisor", "service", "worker", "valkey", "postgres"):
        assert name in status.stdout
    first = run("up", "--restart", env=env)
    assert first.stdout.startswith("Started in ")
    assert run("doctor", env=env).returncode == 0
    assert run("down", env=env).stdout == "Stopped.\n"


def test_the_doctor_says_by_its_exit_code_that_something_is_wrong(env, home):
    found = run("doctor", env={**env, "JUPYTER_WRANGLER_POSTGRES_BIN": str(home)})
    assert found.returncode == 1
    assert "fix it with:  unset JUPYTER_WRANGLER_POSTGRES_BIN" in found.stdout


def test_an_error_of_ours_is_one_message_without_traceback(env, home):
    said = run(
        "up", env={**env, "JUPYTER_WRANGLER_RUNTIME_DIR": str(home / ("r" * 90))}
    )
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("Error: The socket path ")
    assert "Traceback" not in said.stderr
    assert "private one is migrated" in run("migrate", env=env).stderr


def test_impute_fills_a_file_through_the_stack(stack_env, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("a,b\n1,2\n2,\n3,6\n4,8\n,10\n6,12\n")
    goal = tmp_path / "out.parquet"
    done = run(
        "impute", str(source), "-o", str(goal), "--method", "mean", env=stack_env
    )
    assert done.returncode == 0, done.stderr
    assert f"{goal}: 2 values imputed." in done.stdout
    found = pd.read_parquet(goal)
    assert found["a"].tolist() == [1, 2, 3, 4, 3.2, 6]
    assert found["b"].tolist() == [2, 7.6, 6, 8, 10, 12]
    again = run("impute", str(source), "-o", str(goal), env=stack_env)
    assert again.returncode == 2
    assert "add --force" in again.stderr
    line = next(
        line
        for line in run("jobs", env=stack_env).stdout.splitlines()
        if "in.csv" in line
    )
    reported = run("jobs", "history", line.split()[0], env=stack_env).stdout
    assert [word for word in reported.split() if word in {"queued", "succeeded"}] == [
        "queued", "succeeded"
    ]  # fmt: skip


def test_what_is_left_alone_is_reported_in_a_sentence(stack_env, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("a,note\n1,x\n,\n3,y\n")
    done = run("impute", str(source), "-o", str(tmp_path / "o.csv"), env=stack_env)
    assert done.returncode == 0, done.stderr
    assert "Note: Column 'note' keeps its 1 missing value" in done.stderr
    assert "jw.impute" not in done.stderr, "no line of our code"


def test_impute_writes_one_file_per_imputation(stack_env, tmp_path):
    source = tmp_path / "in.csv"
    rows = "\n".join(f"{i},{i * 2 if i % 4 else ''}" for i in range(40))
    source.write_text(f"a,b\n{rows}\n")
    done = run(
        "impute", str(source), "-o", str(tmp_path / "out.csv"), "-m", "2", env=stack_env
    )
    assert done.returncode == 0, done.stderr
    for k in (1, 2):
        assert pd.read_csv(tmp_path / f"out-{k}.csv")["b"].notna().all()


def test_impute_writes_as_many_files_as_auto_wants(stack_env, tmp_path):
    source = tmp_path / "in.csv"
    rows = "\n".join(f"{i},{i * 2 if i % 4 else ''}" for i in range(40))
    source.write_text(f"a,b\n{rows}\n")
    call = ("impute", str(source), "-o", str(tmp_path / "out.csv"), "-m", "auto")
    done = run(*call, env=stack_env)
    assert done.returncode == 0, done.stderr
    made = sorted(tmp_path.glob("out-*.csv"))
    assert len(made) >= 10
    assert done.stdout.count("values imputed") == len(made)
    again = run(*call, env=stack_env)
    assert (again.returncode, "out-1.csv is there" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("in.ods", "'.ods'; .csv, .tsv, .parquet, .feather and .xlsx are known"),
        ("empty.csv", "0 rows"),
    ],
)
def test_files_that_cannot_be_read_are_reported(stack_env, tmp_path, name, words):
    source = tmp_path / name
    source.write_text("a,b\n")
    said = run("impute", str(source), "-o", str(tmp_path / "out.csv"), env=stack_env)
    assert (said.returncode, words in said.stderr) == (1, True), said.stderr
    assert "Traceback" not in said.stderr


def test_ctrl_c_says_that_the_job_goes_on_and_how_to_come_back(stack_env, tmp_path):
    source = tmp_path / "in.csv"
    x = np.random.default_rng(3).normal(size=(5000, 12))
    pd.DataFrame(x).mask(x > 1).to_csv(source, index=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_wrangler", "impute", str(source), "-o",
         str(tmp_path / "out.csv"), "-m", "9", "--max-iter", "1000"],
        env={**os.environ, **stack_env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert "%" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=CEILING_S)
    assert process.returncode == 130
    with contextlib.closing(jw.connect()):
        (job, *_) = jw.jobs()
        assert f'the job goes on. Come back to it with jw.job("{job.id[:8]}").' in said
        assert f"jupyter wrangler jobs history {job.id[:8]}\n" in said
        assert "Aborted" not in said
        assert job.cancel()
        assert job.wait(CEILING_S).cancelled()


def test_the_demo_runs_shows_and_leaves_nothing(env, settings):
    said = run("demo", env=env)
    assert said.returncode == 0, said.stderr
    for words in ("penguins: 344 rows", "airquality: 153 rows", "NA -> *", "Measured:"):
        assert words in said.stdout
    assert "0 still missing" in said.stdout
    assert "Nothing is left running" in said.stdout
    assert launch.running(settings) is None
    assert not (settings.home / "stack.json").exists()


def test_the_demo_leaves_a_stack_that_ran_before(stack, stack_env, stack_settings):
    said = run("demo", env=stack_env)
    assert said.returncode == 0, said.stderr
    assert launch.running(stack_settings) == stack
