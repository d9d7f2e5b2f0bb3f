"""A job tried again computes what is missing, and nothing else."""

from __future__ import annotations

import threading

import pytest

from jupyter_wrangler.errors import Conflict, JobAlreadyFinished, JobNotFound
from jupyter_wrangler.store.queue import expiry, job_results, jobs, parts


def _half_failed(world, **more):
    """A job of two imputations of which the first is done and the second failed."""
    job = world.submit(m=2, **more)
    first, second = world.dispatch()
    world.succeed(world.claim(first))
    world.fail(world.claim(second))
    assert world.job(job).state == "failed"
    return job


def test_only_parts_without_a_result_run_again(world):
    job = _half_failed(world)
    again = world.retry(job)
    assert (again.id, again.state, again.error) == (job.id, "queued", None)
    assert world.states(job) == ["succeeded", "queued", "waiting"]
    claim = world.claim(world.dispatch()[0])
    assert (claim.k, claim.ticket.attempt) == (1, 2)
    world.succeed(claim, sha="ef" * 32)
    summary = world.claim(world.dispatch()[0])
    assert [key[-2:] for key in summary.result_keys] == ["cd", "ef"]
    world.succeed(summary)
    assert world.job(job).state == "succeeded"


def test_a_summary_that_failed_is_all_that_runs_again(world):
    job = world.submit()
    world.succeed(world.claim(world.dispatch()[0]))
    world.fail(world.claim(world.dispatch()[0]), state="timed_out")
    assert world.job(job).state == "timed_out"
    world.retry(job)
    assert world.states(job) == ["succeeded", "queued"]


def test_a_quarantined_part_gets_new_attempts_and_is_fenced_from_old_ones(world):
    job = world.submit()
    for _ in range(3):
        world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
        old = world.claim(world.dispatch()[0])
        world.database.run(parts.mark_lost, old.ticket, reason="x", usage={})
    assert world.job(job).state == "quarantined"
    world.retry(job)
    new = world.claim(world.dispatch()[0])
    assert new.ticket.attempt == 4
    assert not world.succeed(old)
    for _ in range(3):
        world.database.run(parts.mark_lost, new.ticket, reason="x", usage={})
        world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
        for part in world.dispatch():
            new = world.claim(part)
    assert world.job(job).state == "quarantined"
    assert new.ticket.attempt == 6


def test_a_cancelled_job_goes_on_where_it_was(world):
    job = world.submit(m=2)
    first, _second = world.dispatch()
    world.succeed(world.claim(first))
    world.database.run(jobs.cancel, world.owner, job.id)
    world.retry(job)
    assert world.states(job) == ["succeeded", "queued", "waiting"]
    world.database.run(jobs.cancel, world.owner, job.id)
    assert world.job(job).state == "cancelled"


def test_the_same_work_finds_the_job_that_is_tried_again(world):
    job = world.submit(seed=7)
    world.database.run(jobs.cancel, world.owner, job.id)
    world.retry(job, key=7)
    assert world.submit(seed=7).id == job.id


def test_a_job_submitted_meanwhile_keeps_the_key(world):
    old = world.submit(seed=7)
    world.database.run(jobs.cancel, world.owner, old.id)
    new = world.submit(seed=7)
    assert world.retry(old, key=7).state == "queued"
    assert world.submit(seed=7).id == new.id


def test_results_of_another_version_are_not_mixed_in(world):
    job = _half_failed(world)
    world.retry(job, app_version="2")
    assert world.states(job) == ["queued", "queued", "waiting"]
    assert world.database.run(job_results.results, world.owner, job.id) == []


def test_what_has_not_failed_is_not_tried_again(world):
    job = world.submit()
    with pytest.raises(Conflict, match="cancel it first"):
        world.retry(job)
    world.succeed(world.claim(world.dispatch()[0]))
    world.succeed(world.claim(world.dispatch()[0]))
    with pytest.raises(JobAlreadyFinished, match="force=True"):
        world.retry(job)
    failed = _half_failed(world, seed=1)
    with pytest.raises(JobNotFound):
        world.retry(failed, owner=world.user("bob"))


def test_two_who_retry_at_once_agree(world):
    job = _half_failed(world)
    said = []

    def go():
        try:
            said.append(world.retry(job).state)
        except Conflict:
            said.append("refused")

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["queued", "refused", "refused", "refused"]
    (row,) = world.sql("SELECT max_attempts FROM wrangler.job_part WHERE k = 1")
    assert row.max_attempts == 4


def test_a_part_that_its_worker_does_not_stop_times_out(world):
    job = world.submit(m=2)
    claims = [world.claim(part) for part in world.dispatch()]
    world.sql(
        "UPDATE wrangler.job_part SET deadline_at = now() - interval '1 s' WHERE k = 1"
        " AND stage = 0"
    )
    ((part, of),) = world.database.run(expiry.expired)
    assert world.database.run(expiry.reap, part, of) == "timed_out"
    assert not world.succeed(claims[1])
    assert world.states(job) == ["cancelling", "timed_out", "cancelled"]
    world.database.run(parts.mark_cancelled, claims[0].ticket, usage={})
    assert (world.job(job).state, world.job(job).error.code) == (
        "timed_out", "job_timed_out"
    )  # fmt: skip


def test_a_cancelled_part_that_never_stops_has_a_deadline_too(world):
    job = world.submit()
    world.claim(world.dispatch()[0])
    world.database.run(jobs.cancel, world.owner, job.id)
    (row,) = world.sql(
        "SELECT extract(epoch FROM deadline_at - now()) AS s FROM wrangler.job_part"
        " WHERE state = 'cancelling'"
    )
    assert row.s <= 60
    world.sql("UPDATE wrangler.job_part SET deadline_at = now() WHERE stage = 0")
    ((part, of),) = world.database.run(expiry.expired)
    assert world.database.run(expiry.reap, part, of) == "cancelled"
    assert world.job(job).state == "cancelled"


def _comparison(world, *, failed: int):
    """A comparison of three trials that has succeeded, of which some have no score."""
    job = world.submit(m=3)
    world.sql("UPDATE wrangler.job SET kind = 'comparison' WHERE id = :j", j=job.id)
    trials = world.dispatch()
    for n, part in enumerate(trials):
        claim = world.claim(part)
        (world.fail if n < failed else world.succeed)(claim)
    world.succeed(world.claim(world.dispatch()[0]))
    (row,) = world.sql("SELECT state FROM wrangler.job WHERE id = :j", j=job.id)
    assert row.state == "succeeded"
    return job


def _state(world, job) -> str:
    return world.sql("SELECT state FROM wrangler.job WHERE id = :j", j=job.id)[0].state


def test_the_trials_of_a_comparison_that_failed_run_again(world):
    job = _comparison(world, failed=2)
    assert world.retry(job).state == "queued"
    assert world.states(job) == ["queued", "queued", "succeeded", "waiting"]
    for part in world.dispatch():
        world.succeed(world.claim(part), sha="ef" * 32)
    last = world.claim(world.dispatch()[0])
    assert (last.stage, last.failures, len(last.result_keys)) == (1, {}, 3)
    world.succeed(last)
    assert _state(world, job) == "succeeded"


def test_a_comparison_without_gaps_is_not_tried_again(world):
    job = _comparison(world, failed=0)
    with pytest.raises(JobAlreadyFinished, match="force=True"):
        world.retry(job)
    assert _state(world, job) == "succeeded"
