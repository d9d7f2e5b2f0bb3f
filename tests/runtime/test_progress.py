"""How long a job still takes, by the clock of the database and by what this run did."""

from __future__ import annotations

import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime.progress import gather
from jupyter_wrangler.store.queue import jobs
from tests.acceptance.system import incomplete_frame
from tests.client.views.test_html import job as a_job
from tests.waiting import until


def _running(world, job, seconds: float):
    """The job, as if it had begun that long ago."""
    world.sql(
        "UPDATE wrangler.job SET started_at = now() - make_interval(secs => :s)"
        " WHERE id = :j",
        s=seconds,
        j=job.id,
    )
    return world.job(job)


def _half(k: int) -> dict[str, dict]:
    return {str(k): {"done": 5, "total": 10, "imputation": k}}


def test_what_is_left_goes_by_what_was_done(world):
    job = world.submit(m=4)
    first, second, *_ = world.dispatch()
    world.succeed(world.claim(first))
    world.claim(second)
    seen = _running(world, job, 30)
    assert seen.running_s == pytest.approx(30, abs=2)
    # one and a half of four in 30 s
    steps = {"0": {"done": 1, "total": 1, "imputation": 0}, **_half(1)}
    assert gather(seen, steps).eta_s == pytest.approx(50, rel=0.1)


def test_what_an_earlier_attempt_did_took_no_time_of_this_one(world):
    job = world.submit(m=4)
    parts = world.dispatch()
    for part in parts[:3]:
        world.succeed(world.claim(part))
    world.database.run(jobs.cancel, world.owner, job.id)
    world.sql("""
        UPDATE wrangler.job_part SET finished_at = now() - interval '1 hour'
         WHERE state = 'succeeded'""")
    world.retry(job)
    world.claim(world.dispatch()[0])
    seen = _running(world, job, 30)
    assert seen.parts_kept == 3
    # half of the one that was left in 30 s: as long again, and not 4 s
    assert gather(seen, _half(3)).fraction == pytest.approx(0.875)
    assert gather(seen, _half(3)).eta_s == pytest.approx(30, rel=0.1)
    assert gather(seen, {}).eta_s is None, "nothing of this run can be given yet"


def test_section_5_the_estimate_made_at_submission_steadies_the_time_left():
    """A first round that is slow says little of those that come."""
    estimated = []
    for done, seconds in ((1, 10.0), (4, 20.0), (10, 35.0), (16, 50.0)):
        seen = a_job(n_parts=2, parts_done=0, running_s=seconds, estimate_s=60.0)
        steps = {"0": {"done": done, "total": 20, "imputation": 0}}
        estimated.append(seconds + gather(seen, steps).eta_s)
    # by the first round alone it would be 200 s; it takes about 60
    assert estimated[0] == pytest.approx(10 + 19 / 0.2 * 0.95)
    assert max(estimated) / min(estimated) < 1.7
    assert estimated[-1] == pytest.approx(62, abs=2)


def test_how_often_a_job_was_found_again_is_counted(world):
    job = world.submit(idempotency_key="k")
    assert (job.reused, job.reuses) == (False, 0)
    same = world.submit(idempotency_key="k")
    assert (same.reused, same.reuses) == (False, 0), "a repetition is the same request"
    found = world.submit()
    assert (found.id, found.reused, found.reuses) == (job.id, True, 1)
    assert (world.job(job).reused, world.job(job).reuses) == (False, 1)


def test_a_user_sees_that_a_job_was_found_again(system):
    system.service()
    client, spec = system.client(), ImputationSpec(method="mean")
    assert "not known yet" in repr(client.submit(incomplete_frame(), spec))
    again = client.submit(incomplete_frame(), spec)
    assert "found again" in repr(again)
    until(lambda: client.job(again.id).seen.reuses == 1)
