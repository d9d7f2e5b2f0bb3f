"""One runner for a small part and for the summary of its job, and no longer."""

from __future__ import annotations

import multiprocessing
import os
import time

import numpy as np
import pandas as pd
import psutil
import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime.worker import runner
from jupyter_wrangler.runtime.worker import supervisor as supervise
from jupyter_wrangler.runtime.worker.messages import CANCEL, Answer, StepReport, Task
from jupyter_wrangler.runtime.worker.runner_pool import Runner, RunnerDied, WarmPool
from jupyter_wrangler.runtime.worker.supervisor import Supervisor
from jupyter_wrangler.runtime.worker.warmup import warm_up
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.pubsub import PubSub
from tests.acceptance.system import incomplete_frame
from tests.waiting import until


@pytest.fixture
def task(tmp_path) -> Task:
    data = tmp_path / "data"
    data.write_bytes(frames.to_parquet(incomplete_frame(30, 3)).data)
    return Task(
        stage=0,
        k=0,
        spec=ImputationSpec(method="mean").model_dump(mode="json"),
        data=str(data),
        results=[],
        failures={},
        output=str(tmp_path / "output"),
        recipe_output=str(tmp_path / "recipe"),
        max_columns=10,
        max_model_bytes=1 << 20,
        max_cells=1000,
        memory=0,
        cpu_s=60,
        file_bytes=2**20,
    )


@pytest.fixture
def started():
    found = Runner()
    yield found
    found.close()


def rests(process: psutil.Process) -> bool:
    """Whether it has loaded and warmed up, and takes no time now."""
    before = sum(process.cpu_times()[:2])
    time.sleep(0.5)
    return 0.05 < before == sum(process.cpu_times()[:2])


def last_word(of: Runner) -> Answer:
    def look():
        return [m for m in of.messages() if not isinstance(m, StepReport)]

    return until(look)[0]


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


@pytest.fixture
def reserve():
    found = WarmPool()
    yield found
    found.close()


def test_a_runner_waits_in_reserve_and_another_one_is_for_the_next(reserve, task):
    reserve.refill()
    reserve.refill()
    waiting = reserve._ready
    taken, other = reserve.take(), reserve.take()
    try:
        assert taken is waiting
        assert other.pid != taken.pid
        taken.begin(task)
        assert last_word(taken).t == "done"
    finally:
        taken.close()
        other.close()


def test_a_runner_leads_a_group_of_its_own_when_it_computes(started, task):
    assert os.getpgid(started.pid) != started.pid
    assert started.age_s == 0.0
    started.begin(task)
    assert last_word(started).t == "done"
    assert os.getpgid(started.pid) == started.pid
    assert started.age_s > 0


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


def test_a_runner_in_reserve_warms_up_and_then_rests(reserve, task):
    reserve.refill()
    process = psutil.Process(reserve._ready.pid)

    until(lambda: rests(process))
    taken = reserve.take()
    taken.begin(task)
    assert last_word(taken).t == "done"
    taken.close()


def test_warming_up_ends_as_soon_as_there_is_work():
    asked = []
    warm_up(lambda: asked.append(None) or len(asked) == 3)
    assert len(asked) == 3
    asked.clear()
    warm_up(lambda: asked.append(None))
    assert len(asked) > 10, "after every step of a whole part"


def test_a_runner_that_died_in_reserve_is_no_loss(reserve, task):
    reserve.refill()
    psutil.Process(reserve._ready.pid).kill()
    until(lambda: not reserve._ready.is_alive())
    taken = reserve.take()
    try:
        taken.begin(task)
        assert last_word(taken).t == "done"
    finally:
        taken.close()


def test_nothing_waits_after_the_end(reserve):
    reserve.refill()
    pid = reserve._ready.pid
    reserve.close()
    assert not psutil.pid_exists(pid)
    reserve.refill()
    assert reserve._ready is None


@pytest.fixture
def supervise_next(world, fresh, monkeypatch):
    """Supervise the next part with the given runner; return the runner it leaves."""
    # a runner of these tests loads all libraries first, which may take a slow host long
    monkeypatch.setattr(supervise, "KEEP_S", 60.0)
    pubsub, blobs = PubSub(fresh), open_blobs(fresh)
    blobs.prepare()

    def run(*, given=None, follows=True, meanwhile=lambda _: None):
        (part,) = world.dispatch(1)
        supervisor = Supervisor(fresh, world.database, pubsub, blobs, world.claim(part))
        key = supervisor.claim.input_key
        supervisor.blobs.path(key).parent.mkdir(parents=True, exist_ok=True)
        data = frames.to_parquet(incomplete_frame(30, 3)).data
        supervisor.blobs.path(key).write_bytes(data)

        def ended() -> bool:
            meanwhile(supervisor)
            return follows

        return supervisor.run(ended, given)

    yield run
    pubsub.close()


def test_the_summary_is_computed_where_the_part_was(world, supervise_next):
    job = world.submit()
    kept = supervise_next()
    assert kept.is_alive()
    pid = kept.pid
    assert supervise_next(given=kept, follows=False) is None
    assert not psutil.pid_exists(pid)
    done = world.job(job)
    assert (done.state, done.attempts) == ("succeeded", 1)
    assert done.summary.n_imputed > 0


@pytest.mark.parametrize("reported", ["cancelled", "lost", "released"])
def test_a_runner_is_not_kept_when_something_was_said(world, supervise_next, reported):
    world.submit()
    assert supervise_next(meanwhile=lambda s: getattr(s, reported).set()) is None


def test_a_runner_is_not_kept_when_nothing_follows(world, supervise_next):
    world.submit()
    assert supervise_next(follows=False) is None


def test_a_runner_is_not_kept_after_a_long_part(world, supervise_next, monkeypatch):
    monkeypatch.setattr(supervise, "KEEP_S", 0.0)
    world.submit()
    assert supervise_next() is None


def test_a_runner_that_was_kept_and_dies_costs_an_attempt_of_its_part(
    world, supervise_next
):
    job = world.submit()
    kept = supervise_next()
    psutil.Process(kept.pid).kill()
    until(lambda: not kept.is_alive())
    assert supervise_next(given=kept, follows=False) is None
    parts = world.sql(
        "SELECT stage, state, attempt FROM wrangler.job_part"
        " WHERE job_id = :j ORDER BY stage",
        j=job.id,
    )
    assert [(p.stage, p.state) for p in parts] == [(0, "succeeded"), (1, "queued")]
