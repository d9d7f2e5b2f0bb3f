"""What a worker keeps in mind from one look to the next."""

from __future__ import annotations

import time

import pytest

from jupyter_wrangler.runtime.worker.supervisor import Supervisor
from jupyter_wrangler.runtime.worker.worker import Worker
from jupyter_wrangler.store.queue import parts
from tests.waiting import until


@pytest.fixture
def worker(fresh):
    """A worker that takes no messages; silent for 3 s, it would leave."""
    found = Worker(fresh.model_copy(update={"lease_s": 1.5, "slots": 2}))
    yield found
    found.end()


def overlooked(world, job, *, so: bool) -> None:
    """Let a part be sent long ago, or just now."""
    seconds = 0.1 if so else 1.5
    world.sql(
        "UPDATE wrangler.job_part SET state = 'dispatched',"
        " lease_until = now() + make_interval(secs => :s)"
        " WHERE job_id = :j AND stage = 0",
        j=job.id,
        s=seconds,
    )


def test_a_part_that_another_worker_took_is_no_sign_of_silence_later(world, worker):
    job = world.submit()
    overlooked(world, job, so=True)
    assert not worker._is_stalled()
    world.sql("UPDATE wrangler.job_part SET state = 'queued', lease_until = NULL"
              " WHERE job_id = :j AND stage = 0", j=job.id)  # fmt: skip
    assert not worker._is_stalled()
    time.sleep(3.2)
    overlooked(world, job, so=True)
    assert not worker._is_stalled(), "hours may lie in between"


def test_a_part_that_is_sent_again_and_again_is_one(world, worker):
    job = world.submit()

    def seen() -> bool:
        overlooked(world, job, so=False)
        assert not worker._is_stalled()
        overlooked(world, job, so=True)
        return worker._is_stalled()

    begun = time.monotonic()
    until(seen, pause=0.2)
    assert time.monotonic() - begun > 2.9


def test_a_supervisor_that_ends_late_leaves_its_successor_on_the_list(world, worker):
    """Else its lease would not be renewed, and the part computed once more."""
    world.submit()
    (part,) = world.dispatch()

    def supervise() -> Supervisor:
        claim = world.claim(part, worker.id)
        return Supervisor(
            worker.settings,
            worker.database,
            worker.pubsub,
            worker.blobs,
            claim,
        )

    first = supervise()
    world.database.run(parts.release, first.claim.ticket)
    second = supervise()
    worker.running[part] = first
    worker.running[part] = second
    worker._remove_supervisor(part, first)
    assert worker.running == {part: second}
    worker._remove_supervisor(part, second)
    assert worker.running == {}
