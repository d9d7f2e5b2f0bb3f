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
    return {str(k): _step(5, 10, k=k)}


def _step(
    done: float, total: float, *, k: int = 0, s: float = 20.0, half: float = 10.0
):
    """What a part reports: how far it is, for how long it runs, and when half that."""
    return {
        "done": done, "total": total, "imputation": k, "seconds": s, "half_s": half
    }  # fmt: skip


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
        steps = {"0": _step(done, 20)}
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


@pytest.mark.parametrize(
    ("half", "steady"),
    [
        (None, False),
        (2.0, False),
        (7.0, True),
        (10.0, True),
        (13.0, True),
        (15.0, False),
    ],
)
def test_time_left_is_told_once_the_pace_is_steady(half, steady):
    """Of 20 s: the second half took between half and twice as long as the first."""
    seen = a_job(n_parts=2, parts_done=0, n_finished=0, running_s=20.0)
    found = gather(seen, {"0": _step(4, 10, s=20.0, half=half)})
    assert (found.eta_s is not None) == steady
    if steady:
        assert found.eta_s == pytest.approx(30.0)


def test_when_a_part_has_ended_in_this_run_the_pace_is_known():
    seen = a_job(n_parts=3, parts_done=1, n_finished=1, running_s=20.0)
    steps = {
        "0": {"done": 1, "total": 1, "imputation": 0},
        "1": _step(0, 9, k=1, half=None),
    }
    assert gather(seen, steps).eta_s == pytest.approx(20.0)


@pytest.mark.parametrize(("ran", "told"), [(2.0, False), (3.0, True)])
def test_jobs_of_less_than_five_seconds_tell_no_time(ran, told):
    seen = a_job(n_parts=2, parts_done=0, n_finished=0, running_s=ran)
    found = gather(seen, {"0": _step(5, 10, s=ran, half=ran / 2)})
    assert (found.eta_s is not None) == told


def test_each_running_part_is_told_in_words():
    seen = a_job(n_parts=6, parts_done=1, n_finished=1)
    said = {"message": "round 6 of 10, column 'chol'", "round": 6, "max_iter": 10}
    steps = {str(k): _step(5, 10, k=k) | said | {"column": "chol"} for k in (2, 1)}
    found = gather(seen, steps)
    assert [part.message for part in found.parts] == [
        "imputation 2 of 5, round 6 of 10, column 'chol'",
        "imputation 3 of 5, round 6 of 10, column 'chol'",
    ]
    assert [(part.k, part.fraction, part.column) for part in found.parts] == [
        (1, 0.5, "chol"), (2, 0.5, "chol")
    ]  # fmt: skip
    assert found.message == found.parts[-1].message


def test_a_job_that_finishes_says_what_it_keeps():
    seen = a_job(n_parts=6, parts_done=2, n_finished=2, finishing=True)
    found = gather(seen, {"2": _step(5, 10, k=2)})
    assert found.message == "finishing with 2 of 5 imputations"
