"""One process for parts of one user, one after the other."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime.worker import runner
from jupyter_wrangler.runtime.worker.messages import CANCEL, Task
from jupyter_wrangler.runtime.worker.runner_process import Runner, RunnerDied
from jupyter_wrangler.runtime.worker.warmup import warm_up
from tests.acceptance.system import incomplete_frame
from tests.runtime.worker.runners import last_word, rests
from tests.waiting import until


def test_a_runner_takes_one_part_after_the_other(started, task, tmp_path):
    for name in ("one", "two"):
        output = tmp_path / name
        started.begin(task.model_copy(update={"output": str(output)}))
        assert last_word(started).t == "done"
        assert frames.cells_from_parquet(output.read_bytes()).rows
    assert started.is_alive()


def test_each_part_reports_its_own_processor_time(started, task):
    long = ImputationSpec(max_iter=300).model_dump(mode="json")
    started.begin(task.model_copy(update={"spec": long}))
    first = last_word(started).usage.cpu_s
    started.begin(task)
    second = last_word(started).usage.cpu_s
    assert 0 < second < first


def test_a_cancellation_that_comes_too_late_is_not_for_the_next_part(task):
    ours, theirs = multiprocessing.Pipe()
    ours.send_bytes(CANCEL)
    ours.send_bytes(CANCEL)
    ours.send_bytes(task.model_dump_json().encode())
    assert runner._next_task(theirs) == task
    ours.close()
    assert runner._next_task(theirs) is None


def test_a_runner_ends_with_its_pipe(started):
    started._pipe.close()
    until(lambda: not started.is_alive())


def test_the_death_of_a_runner_is_reported(started):
    psutil.Process(started.pid).kill()
    with pytest.raises(RunnerDied):
        until(started.messages)
    assert "SIGKILL" in started.how_it_ended()


def test_a_runner_leads_a_group_of_its_own_while_it_computes(started, task):
    own = lambda: os.getpgid(started.pid) == started.pid  # noqa: E731
    assert not own()
    assert started.busy_s == 0.0
    long = ImputationSpec(max_iter=1000, tol=0).model_dump(mode="json")
    started.begin(task.model_copy(update={"spec": long}))
    until(own)
    assert started.busy_s > 0
    assert last_word(started).t == "done"
    until(lambda: not own())
    started.begin(task)
    assert last_word(started).t == "done"


@pytest.mark.parametrize("method", ["pmm", "rf", "knn", "em", "auto"])
def test_a_part_is_the_same_whatever_its_runner_has_computed_before(
    started, task, tmp_path, method
):
    spec = ImputationSpec(method=method, random_state=3).model_dump(mode="json")
    other = tmp_path / "other"
    df = incomplete_frame(300, 6, seed=9).assign(word=["x", "y", None] * 100)
    other.write_bytes(frames.to_parquet(df).data)
    part = task.model_copy(update={"spec": spec})
    before = part.model_copy(
        update={
            "data": str(other),
            "output": str(tmp_path / "before"),
            "k": 2,
            "max_cells": 10**4,
        }
    )
    started.begin(before)
    assert last_word(started).t == "done"
    started.begin(part)
    assert last_word(started).t == "done"
    second = Path(part.output).read_bytes()
    fresh = Runner()
    fresh.begin(part)
    assert last_word(fresh).t == "done"
    fresh.close()
    assert Path(part.output).read_bytes() == second


def test_a_part_that_failed_changes_nothing_for_the_next(started, task, tmp_path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"no Parquet")
    started.begin(task.model_copy(update={"data": str(broken)}))
    assert last_word(started).t == "error"
    started.begin(task)
    assert last_word(started).t == "done"


@pytest.fixture
def large(task, tmp_path) -> Task:
    path = tmp_path / "large"
    noise = np.random.default_rng(0).normal(size=(1_000_000, 20))
    noise[0, 0] = np.nan
    path.write_bytes(frames.to_parquet(pd.DataFrame(noise).rename(columns=str)).data)
    return task.model_copy(update={"data": str(path), "max_cells": 10**8})


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_runner_keeps_neither_data_nor_files(started, task, large):
    process = psutil.Process(started.pid)
    until(lambda: rests(process))
    started.begin(task)
    first = last_word(started).usage
    until(lambda: rests(process))
    before, files = process.memory_info().rss, process.num_fds()
    started.begin(large.model_copy(update={"max_columns": 100}))
    # the frame takes 160 MB
    assert last_word(started).usage.rss_peak_kb > first.rss_peak_kb + 100_000
    until(lambda: process.memory_info().rss < before + 2**26)
    assert process.num_fds() == files
    assert large.data not in {one.path for one in process.memory_maps()}
    started.begin(task)
    again = last_word(started).usage
    assert again.rss_peak_kb < first.rss_peak_kb + 2**16, "its own peak"


@pytest.mark.skipif(sys.platform != "linux", reason="reads another process's limits")
def test_the_limits_are_set_anew_for_each_part(started, task):
    limits = []
    for cpu_s in (60, 600):
        started.begin(task.model_copy(update={"cpu_s": cpu_s}))
        assert last_word(started).t == "done"
        process = psutil.Process(started.pid)
        used = sum(process.cpu_times()[:2])
        soft, hard = process.rlimit(psutil.RLIMIT_CPU)
        assert cpu_s <= soft <= cpu_s + used + 1
        limits.append(hard)
        assert process.rlimit(psutil.RLIMIT_FSIZE) == (2**20, 2**20)
    assert limits[0] == limits[1] < 10_000, "the first part has the least to say"


def test_processor_time_counts_for_each_part_by_itself(started, task, tmp_path):
    endless = ImputationSpec(max_iter=1000, tol=0, method="pmm")
    data = tmp_path / "long"
    data.write_bytes(frames.to_parquet(incomplete_frame(5000, 10)).data)
    started.begin(task)
    assert last_word(started).t == "done"
    more = {"spec": endless.model_dump(mode="json"), "data": str(data), "cpu_s": 1}
    started.begin(task.model_copy(update={**more, "max_cells": 10**6}))
    with pytest.raises(RunnerDied):
        until(lambda: [m for m in started.messages() if not m])
    assert started.overspent()


def test_no_memory_to_map_a_file_is_no_mistake_of_ours(started, task, tmp_path):
    large = tmp_path / "large"
    noise = np.random.default_rng(0).normal(size=(1_000_000, 10))
    large.write_bytes(frames.to_parquet(pd.DataFrame(noise).rename(columns=str)).data)
    process = psutil.Process(started.pid)
    until(lambda: rests(process))
    # room for what the process has, and for less than the file
    room = process.memory_info().vms + 2**25
    limit = {"memory": room, "data": str(large), "max_cells": 10**8}
    started.begin(task.model_copy(update=limit))
    assert last_word(started).code == "out_of_memory"


def test_warming_up_ends_as_soon_as_there_is_work():
    asked = []
    warm_up(lambda: asked.append(None) or len(asked) == 3)
    assert len(asked) == 3
    asked.clear()
    warm_up(lambda: asked.append(None))
    assert len(asked) > 10, "after every step of a whole part"
