"""When a supervisor hands its runner on, and what becomes of it."""

from __future__ import annotations

import psutil
import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.runtime.worker import supervisor as supervise
from jupyter_wrangler.runtime.worker.runner_process import Runner
from jupyter_wrangler.runtime.worker.supervisor import Supervisor
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.pubsub import PubSub
from tests.acceptance.system import incomplete_frame
from tests.waiting import until


@pytest.fixture
def supervise_next(world, fresh, monkeypatch):
    """Supervise the next part with the given runner; return the runner it leaves."""
    # a runner of these tests loads all libraries first, which may take a slow host long
    monkeypatch.setattr(supervise, "KEEP_S", 60.0)
    pubsub, blobs = PubSub(fresh), open_blobs(fresh)
    blobs.prepare()

    kept: list[Runner] = []

    def run(*, given=None, meanwhile=lambda _: None):
        (part,) = world.dispatch(1)
        supervisor = Supervisor(fresh, world.database, pubsub, blobs, world.claim(part))
        key = supervisor.claim.input_key
        supervisor.blobs.path(key).parent.mkdir(parents=True, exist_ok=True)
        data = frames.to_parquet(incomplete_frame(30, 3)).data
        supervisor.blobs.path(key).write_bytes(data)

        found = supervisor.run(lambda: meanwhile(supervisor), given)
        kept.extend([found] if found else [])
        return found

    yield run
    for one in set(kept):
        one.close()
    pubsub.close()


def test_the_summary_is_computed_where_the_part_was(world, supervise_next):
    job = world.submit()
    kept = supervise_next()
    assert kept.is_alive()
    assert supervise_next(given=kept) is kept
    assert kept.parts == 2
    done = world.job(job)
    assert (done.state, done.attempts) == ("succeeded", 1)
    assert done.summary.n_imputed > 0


@pytest.mark.parametrize("reported", ["cancelled", "lost", "released"])
def test_a_runner_is_not_kept_when_something_was_said(world, supervise_next, reported):
    world.submit()
    assert supervise_next(meanwhile=lambda s: getattr(s, reported).set()) is None


@pytest.mark.parametrize("limit", ["KEEP_S", "KEEP_KIB", "KEEP_PARTS"])
def test_a_runner_is_not_kept_after_what_is_long_large_or_one_too_many(
    world, supervise_next, monkeypatch, limit
):
    monkeypatch.setattr(supervise, limit, 0)
    world.submit()
    assert supervise_next() is None


def test_a_runner_that_was_kept_and_dies_costs_an_attempt_of_its_part(
    world, supervise_next
):
    job = world.submit()
    kept = supervise_next()
    psutil.Process(kept.pid).kill()
    until(lambda: not kept.is_alive())
    assert supervise_next(given=kept) is None
    parts = world.sql(
        "SELECT stage, state, attempt FROM wrangler.job_part"
        " WHERE job_id = :j ORDER BY stage",
        j=job.id,
    )
    assert [(p.stage, p.state) for p in parts] == [(0, "succeeded"), (1, "queued")]
