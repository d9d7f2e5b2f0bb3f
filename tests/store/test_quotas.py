"""Nobody uses more than allowed, also not by asking twice at the same time."""

from __future__ import annotations

import threading

import pytest

from jupyter_wrangler.contract import QuotaPatch
from jupyter_wrangler.errors import QuotaExceeded, StorageFull, StorageQuotaExceeded
from jupyter_wrangler.store import jobs, quotas, uploads


def _limit(world, owner, **limits):
    world.database.run(quotas.change, owner, QuotaPatch(**limits))


def _quota(world, owner=None):
    return world.database.run(
        quotas.effective, owner or world.owner, world.quota
    ).model_dump()


def _begin(world, size: int, digit: int = 0):
    sha = bytes([digit]) * 32
    return world.database.run(uploads.begin, world.owner, sha, size, quota=world.quota)


def test_ones_own_row_comes_before_that_of_all_and_that_before_the_settings(world):
    bob = world.user("bob")
    defaults = world.quota.model_dump()
    assert _quota(world) == defaults
    _limit(world, None, max_queued=7, max_running=3)
    _limit(world, bob, max_queued=9)
    assert _quota(world) == {**defaults, "max_queued": 7, "max_running": 3}
    assert _quota(world, bob) == {**defaults, "max_queued": 9, "max_running": 3}
    _limit(world, bob, max_queued=None)
    assert _quota(world, bob)["max_queued"] == 7


def test_one_job_too_many_is_refused_and_says_what_to_do(world):
    _limit(world, world.owner, max_queued=2)
    first = world.submit(seed=1)
    world.submit(seed=2)
    with pytest.raises(QuotaExceeded, match=r"\(2\); wait until some have ended"):
        world.submit(seed=3)
    assert world.submit(seed=1).reused, "what is there already costs nothing"
    world.database.run(jobs.cancel, world.owner, first.id)
    third = world.submit(seed=3)
    with pytest.raises(QuotaExceeded):
        world.retry(first)
    world.database.run(jobs.cancel, world.owner, third.id)
    assert world.retry(first).state == "queued"


def test_somebody_elses_jobs_do_not_count(world):
    bob = world.user("bob")
    version = world.dataset(bob)
    _limit(world, None, max_queued=1)
    world.submit()
    assert world.submit(owner=bob, version=version).state == "queued"


def test_jobs_submitted_at_the_same_time_cannot_exceed_a_quota(world):
    _limit(world, world.owner, max_queued=5)
    said, barrier = [], threading.Barrier(12)

    def go(seed):
        barrier.wait()
        try:
            said.append(world.submit(seed=seed).state)
        except QuotaExceeded:
            said.append("refused")

    threads = [threading.Thread(target=go, args=(seed,)) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["queued"] * 5 + ["refused"] * 7
    assert world.database.run(quotas.usage, world.owner).queued == 5


def test_bytes_are_counted_before_they_are_sent(world):
    _limit(world, world.owner, max_bytes=100)  # ten are stored already
    assert _begin(world, 60, 1).received == 0
    assert _begin(world, 60, 1).size == 60, "resuming asks for no more room"
    with pytest.raises(StorageQuotaExceeded, match=r"70 bytes of the 100.* 31 more"):
        _begin(world, 31, 2)
    _begin(world, 30, 2)
    assert world.database.run(quotas.usage, world.owner).bytes == 100


def test_uploads_begun_at_the_same_time_cannot_exceed_a_quota(world):
    _limit(world, world.owner, max_bytes=10 + 3 * 20)
    said, barrier = [], threading.Barrier(8)

    def go(digit):
        barrier.wait()
        try:
            said.append(_begin(world, 20, digit).received)
        except StorageQuotaExceeded:
            said.append(-1)

    threads = [threading.Thread(target=go, args=(digit,)) for digit in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [-1] * 5 + [0] * 3


def test_who_keeps_too_much_submits_nothing_but_keeps_results(world):
    claim_of = world.submit()
    claim = world.claim(world.dispatch()[0])
    _limit(world, world.owner, max_bytes=10)
    assert world.succeed(claim), "what was computed is kept whatever the quota"
    assert world.states(claim_of)[0] == "succeeded"
    with pytest.raises(StorageFull, match="Delete data sets and jobs"):
        world.submit(seed=5)


def test_usage_is_what_runs_waits_and_lies_there(world):
    world.submit(m=3)
    world.claim(world.dispatch(2)[0])
    used = world.database.run(quotas.usage, world.owner)
    assert used.model_dump() == {"running": 2, "queued": 1, "bytes": 10}
