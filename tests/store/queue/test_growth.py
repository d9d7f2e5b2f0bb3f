"""A job whose last part asks for more parts."""

from __future__ import annotations

import pytest

from jupyter_wrangler.contract import ImputationSpec, JobRequest
from jupyter_wrangler.errors import QuotaExceeded
from jupyter_wrangler.store import quotas
from jupyter_wrangler.store.queue import changes, jobs, parts, submission
from jupyter_wrangler.store.queue.growth import More

MORE = More(parts=5, reason="It wants more.")


def _looked(world, m: int = 2):
    """A job whose first parts have ended, and the claim of its last part."""
    job = world.submit(m=m)
    for part in world.dispatch():
        assert world.succeed(world.claim(part))
    (last,) = world.dispatch()
    return job, world.claim(last)


def _grow(world, claim, more=MORE) -> bool:
    return world.database.run(
        parts.succeed,
        claim.ticket,
        result_sha=None,
        summary={"kind": "imputation", "sentences": ["It was looked at."]},
        usage={},
        more=more,
    )


def _states(world, job):
    return [
        (row.stage, row.k, row.state)
        for row in world.sql(
            "SELECT stage, k, state FROM wrangler.job_part WHERE job_id = :j"
            " ORDER BY stage, k",
            j=job.id,
        )
    ]


def test_the_last_part_waits_for_the_new_ones_and_looks_again(world):
    job, claim = _looked(world)
    assert _grow(world, claim)
    seen = world.job(job)
    assert (seen.state, seen.n_parts, seen.n_finished) == ("running", 6, 2)
    assert _states(world, job) == [
        (0, 0, "succeeded"),
        (0, 1, "succeeded"),
        (0, 2, "queued"),
        (0, 3, "queued"),
        (0, 4, "queued"),
        (1, 0, "waiting"),
    ]
    for part in world.dispatch():
        assert world.succeed(world.claim(part))
    (last,) = world.dispatch()
    again = world.claim(last)
    assert (again.stage, again.n_parts, len(again.result_keys)) == (1, 5, 5)
    assert world.succeed(again)
    assert world.job(job).state == "succeeded"


def test_the_history_says_why(world):
    job, claim = _looked(world)
    _grow(world, claim)
    found = [one for one in _events(world, job) if one.type == "growing"]
    assert [one.payload for one in found] == [
        {"from": 2, "to": 5, "reason": "It wants more."}
    ]


def _events(world, job):
    return world.sql(
        "SELECT type, payload FROM wrangler.job_event WHERE job_id = :j ORDER BY seq",
        j=job.id,
    )


def test_who_lost_the_lease_adds_nothing(world):
    job, claim = _looked(world)
    world.sql("UPDATE wrangler.job_part SET attempt = attempt + 1 WHERE stage = 1")
    assert not _grow(world, claim)
    assert world.job(job).n_parts == 3
    assert len(_states(world, job)) == 3


def test_asked_twice_it_grows_once(world):
    job, claim = _looked(world)
    assert _grow(world, claim)
    assert not _grow(world, claim)
    assert world.job(job).n_parts == 6


def test_a_look_is_no_failed_attempt(world):
    """A part may be begun three times; looks that went well do not count."""
    job, claim = _looked(world)
    assert _grow(world, claim)
    for part in world.dispatch():
        world.succeed(world.claim(part))
    for _ in range(2):
        world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
        (last,) = world.dispatch()
        world.database.run(
            parts.mark_lost, world.claim(last).ticket, reason="SIGKILL", usage={}
        )
    world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
    (last,) = world.dispatch()
    assert world.succeed(world.claim(last))
    assert world.job(job).state == "succeeded"


def test_a_job_that_is_to_finish_adds_none(world):
    job, claim = _looked(world, m=5)
    world.sql(
        "UPDATE wrangler.job SET spec = spec || '{\"se_cv\": 0.05}' WHERE id = :j",
        j=job.id,
    )
    seen = world.database.run(changes.finish, world.owner, job.id)
    assert seen.finishing
    assert _grow(world, claim, More(parts=9, reason=""))
    done = world.job(job)
    assert (done.state, done.n_parts, done.partial) == ("succeeded", 6, False)
    assert done.summary is not None


def test_a_job_that_is_cancelled_adds_none(world):
    job, claim = _looked(world)
    world.database.run(jobs.cancel, world.owner, job.id)
    assert not _grow(world, claim)
    assert world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    assert world.job(job).state == "cancelled"
    assert len(_states(world, job)) == 3


def test_finished_early_between_the_two_it_keeps_what_is_done(world):
    job, claim = _looked(world)
    _grow(world, claim)
    first, *_ = world.dispatch(1)
    assert world.succeed(world.claim(first))
    world.database.run(changes.finish, world.owner, job.id)
    (last,) = world.dispatch()
    again = world.claim(last)
    assert (len(again.result_keys), sorted(again.failures)) == (3, [3, 4])
    assert world.succeed(again)
    assert world.job(job).partial


def test_a_retry_keeps_the_parts_that_were_added(world):
    job, claim = _looked(world)
    _grow(world, claim)
    world.database.run(jobs.cancel, world.owner, job.id)
    assert world.job(job).state == "cancelled"
    world.retry(job)
    for part in world.dispatch():
        world.succeed(world.claim(part))
    (last,) = world.dispatch()
    assert len(world.claim(last).result_keys) == 5


def test_the_quota_must_leave_room_for_all_that_there_may_be(world):
    quota = world.quota.model_copy(update={"max_parts": 150})
    request = JobRequest(
        dataset_version_id=world.version.id,
        spec=ImputationSpec.model_validate({"n_imputations": "auto"}),
    )
    plan = [submission.PartPlan(stage=0, k=k, queue="jw.small") for k in range(10)]
    with pytest.raises(QuotaExceeded, match="parts of jobs"):
        world.database.run(
            submission.submit,
            world.owner,
            request,
            parts=plan,
            cache_key=b"0" * 32,
            app_version="1",
            max_attempts=3,
            quota=quota,
            most_parts=request.spec.most_parts(1) + 1,
        )
    assert world.database.run(quotas.usage, world.owner).jobs == 0
