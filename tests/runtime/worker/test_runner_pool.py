"""Runners that wait: for parts of one user, or for the first part of anybody."""

from __future__ import annotations

import uuid

import psutil
import pytest

from jupyter_wrangler.runtime.worker import runner_pool
from jupyter_wrangler.runtime.worker.runner_pool import RunnerPool
from jupyter_wrangler.runtime.worker.runner_process import Runner
from tests.runtime.worker.runners import last_word, rests
from tests.waiting import until

ALICE, BOB, CAROL = (uuid.UUID(int=n) for n in (1, 2, 3))


@pytest.fixture
def pool():
    found = RunnerPool()
    yield found
    found.close()


@pytest.fixture
def taken(pool):
    """Take runners, which end with the test."""
    found: list[Runner] = []

    def take(owner: uuid.UUID) -> Runner:
        found.append(pool.take(owner))
        return found[-1]

    yield take
    for one in found:
        one.close()


@pytest.fixture
def reserve(pool, taken) -> Runner:
    """The runner in reserve, which is there since two users have taken turns."""
    for owner in (ALICE, BOB):
        taken(owner).close()
    pool.refill()
    return pool._reserve.runner


def test_a_runner_that_is_kept_is_for_its_user_only(pool, taken):
    runner = taken(ALICE)
    pool.keep(ALICE, runner)
    other = taken(BOB)
    assert other is not runner
    assert taken(ALICE) is runner
    assert taken(ALICE) is not runner, "it is taken"


def test_nobody_gets_what_computed_for_another_be_it_in_need(pool, taken):
    """Neither where the reserve is empty nor where the one of the user has died."""
    runner = taken(ALICE)
    pool.keep(ALICE, runner)
    mine = taken(BOB)
    pool.keep(BOB, mine)
    psutil.Process(mine.pid).kill()
    until(lambda: not mine.is_alive())
    assert taken(BOB) is not runner
    assert taken(CAROL) is not runner


def test_no_more_are_kept_than_was_said(pool, taken):
    runners = {owner: taken(owner) for owner in (ALICE, BOB, CAROL)}
    pids = {owner: one.pid for owner, one in runners.items()}
    for owner, one in runners.items():
        pool.keep(owner, one)
    assert not psutil.pid_exists(pids[ALICE]), "the one that waited longest"
    assert taken(BOB) is runners[BOB]
    assert taken(CAROL) is runners[CAROL]


def test_a_runner_that_died_while_it_was_kept_is_no_loss(pool, taken, task):
    runner = taken(ALICE)
    pool.keep(ALICE, runner)
    psutil.Process(runner.pid).kill()
    until(lambda: not runner.is_alive())
    another = taken(ALICE)
    another.begin(task)
    assert last_word(another).t == "done"


def test_nobody_waits_in_reserve_for_a_single_user(pool, taken):
    for _ in range(2):
        taken(ALICE)
        pool.refill()
    assert pool._reserve is None


def test_a_runner_waits_in_reserve_and_another_one_is_for_the_next(
    pool, reserve, taken, task
):
    pool.refill()
    assert pool._reserve.runner is reserve
    assert taken(CAROL) is reserve
    assert taken(CAROL) is not reserve
    reserve.begin(task)
    assert last_word(reserve).t == "done"


def test_a_runner_in_reserve_warms_up_and_then_rests(reserve, taken, task):
    process = psutil.Process(reserve.pid)
    until(lambda: rests(process))
    found = taken(CAROL)
    found.begin(task)
    assert last_word(found).t == "done"


def test_a_runner_that_died_in_reserve_is_no_loss(reserve, taken, task):
    psutil.Process(reserve.pid).kill()
    until(lambda: not reserve.is_alive())
    found = taken(CAROL)
    found.begin(task)
    assert last_word(found).t == "done"


def test_what_waits_for_long_ends(pool, reserve, monkeypatch):
    runner = Runner()
    pool.keep(ALICE, runner)
    pids = [reserve.pid, runner.pid]
    pool.end_idle()
    assert all(map(psutil.pid_exists, pids)), "not at once"
    monkeypatch.setattr(runner_pool, "WAIT_S", 0.0)
    pool.end_idle()
    assert not any(map(psutil.pid_exists, pids))


def test_nothing_waits_after_the_end(pool, reserve):
    runner = Runner()
    pool.keep(ALICE, runner)
    late = Runner()
    pids = [reserve.pid, runner.pid, late.pid]
    pool.close()
    pool.keep(BOB, late)
    assert not any(map(psutil.pid_exists, pids))
    pool.refill()
    assert pool._reserve is None
