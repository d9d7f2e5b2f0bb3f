"""Parts are claimed by workers of the version in charge, and by no other."""

from __future__ import annotations

import pytest

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.store.queue import jobs, version_lease


def _charge(world, version):
    world.database.run(version_lease.take_charge, version)


def test_a_worker_of_another_version_is_refused_and_learns_what_to_do(world):
    world.database.run(version_lease.require, "1")
    _charge(world, "2")
    with pytest.raises(StackFailed, match=r"pip install jupyter-wrangler==2"):
        world.database.run(version_lease.require, "1")
    world.database.run(version_lease.require, "2")
    _charge(world, "1")
    world.database.run(version_lease.require, "1")


def test_a_worker_claims_parts_of_its_own_version_only(world):
    world.submit()
    (part,) = world.dispatch()
    assert world.claim(part, version="2") is None
    assert world.claim(part, version="1").ticket.attempt == 1


def test_what_an_earlier_version_left_unfinished_begins_again(world):
    job = world.submit(m=2, seed=7)
    first, second = world.dispatch()
    world.succeed(world.claim(first))
    assert world.database.run(version_lease.adopt, "2") == 0, "it is not in charge"
    _charge(world, "2")
    assert world.database.run(version_lease.adopt, "1") == 0
    assert world.database.run(version_lease.adopt, "2") == 1
    assert world.states(job) == ["queued", "queued", "waiting"]
    assert world.claim(second, version="1") is None
    while sent := world.dispatch():
        for part in sent:
            world.succeed(world.claim(part, version="2"))
    assert world.job(job).state == "succeeded"
    assert world.submit(seed=7).id != job.id, "its numbers are those of version 2"


def test_a_part_that_still_runs_may_end_first(world):
    job = world.submit()
    claim = world.claim(world.dispatch()[0])
    _charge(world, "2")
    assert world.database.run(version_lease.adopt, "2") == 0
    assert world.succeed(claim)
    assert world.database.run(version_lease.adopt, "2") == 1
    assert world.states(job) == ["queued", "waiting"]


def test_what_has_ended_or_is_being_stopped_is_left_alone(world):
    done = world.done()
    stopping = world.submit(seed=1)
    claim = world.claim(world.dispatch()[0])
    world.database.run(jobs.cancel, world.owner, stopping.id)
    _charge(world, "2")
    assert world.database.run(version_lease.adopt, "2") == 0
    assert world.states(done) == ["succeeded", "succeeded"]
    assert claim.ticket.job_id == stopping.id
