"""Finishing a job early: what is done is kept, and every race has one winner."""

from __future__ import annotations

import contextlib
import threading

import pytest

from jupyter_wrangler.contract import JobChange
from jupyter_wrangler.errors import (
    Conflict,
    JobAlreadyFinished,
    JobNotFound,
    NothingFinished,
)
from jupyter_wrangler.store.queue import changes, expiry, jobs, parts


def _finish(world, job, owner=None):
    return world.database.run(changes.finish, owner or world.owner, job.id)


def _begun(world, *, m: int = 5, done: int = 2, running: int = 2):
    """A job of which some parts have ended, some run and the others wait."""
    job = world.submit(m=m)
    claims = [world.claim(part) for part in world.dispatch(done + running)]
    for claim in claims[:done]:
        world.succeed(claim)
    return job, claims[done:]


def _sum_up(world):
    (part,) = world.dispatch()
    claim = world.claim(part)
    assert claim.stage == 1
    world.succeed(claim, summary=SUMMARY)
    return claim


SUMMARY = {
    "n_rows": 3, "n_columns": 1, "n_missing": 1, "n_imputed": 1, "columns": [],
}  # fmt: skip


def test_the_finished_imputations_become_a_succeeded_result(world):
    job, running = _begun(world)
    assert world.job(job).can_finish
    found = _finish(world, job)
    assert (found.state, found.finishing, found.can_finish) == ("running", True, False)
    assert world.states(job) == [
        "succeeded", "succeeded", "cancelling", "cancelling", "cancelled", "waiting"
    ]  # fmt: skip
    assert world.dispatch() == [], "the summary waits until nothing runs"
    for claim in running:
        assert not world.succeed(claim), "too late to count"
        assert world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    summing = _sum_up(world)
    assert len(summing.result_keys) == 2
    done = world.job(job)
    assert (done.state, done.partial, done.n_finished) == ("succeeded", True, 2)
    assert done.summary.n_imputed == 1
    assert not done.finishing


def test_nothing_finished_is_an_error_that_changes_nothing(world):
    job, _ = _begun(world, done=0)
    assert not world.job(job).can_finish
    before = world.states(job)
    with pytest.raises(NothingFinished, match=r"imputations .* cancel"):
        _finish(world, job)
    assert world.states(job) == before
    assert not world.job(job).finishing


def test_when_all_is_done_but_the_summary_it_ends_in_full(world):
    job, _ = _begun(world, m=2, done=2, running=0)
    assert not _finish(world, job).finishing
    _sum_up(world)
    assert not world.job(job).partial
    with pytest.raises(JobAlreadyFinished):
        _finish(world, job)


def test_asking_twice_is_asking_once(world):
    job, running = _begun(world)
    _finish(world, job)
    _finish(world, job)
    history = world.database.run(
        jobs.list_events, world.owner, job.id, after=0, limit=100
    )
    (event,) = [event for event in history.items if event.type == "finishing"]
    assert event.details == {"kept": 2, "stopped": 3}
    assert len(running) == 2


def test_a_cancel_after_it_wins_and_keeps_the_same(world):
    job, running = _begun(world)
    _finish(world, job)
    world.database.run(jobs.cancel, world.owner, job.id)
    for claim in running:
        world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    done = world.job(job)
    assert (done.state, done.partial, done.n_finished) == ("cancelled", False, 2)


def test_after_a_cancel_it_is_refused(world):
    job, _ = _begun(world)
    world.database.run(jobs.cancel, world.owner, job.id)
    with pytest.raises(Conflict, match="being cancelled"):
        _finish(world, job)


def test_after_an_error_it_is_refused(world):
    job, running = _begun(world)
    world.fail(running[0])
    with pytest.raises(Conflict, match="ended by an error"):
        _finish(world, job)
    world.database.run(parts.mark_cancelled, running[1].ticket, usage={})
    assert world.job(job).state == "failed"


def test_the_death_of_the_workers_does_not_hold_it_up(world):
    job, running = _begun(world)
    _finish(world, job)
    world.sql(
        "UPDATE wrangler.job_part SET lease_until = now() - interval '1 second'"
        " WHERE state = 'cancelling'"
    )
    for claim in running:
        assert world.database.run(
            expiry.reap, claim.ticket.part_id, claim.ticket.job_id
        ) == "cancelled"  # fmt: skip
    lost = world.claim(*world.dispatch())
    assert lost.stage == 1
    assert world.database.run(
        parts.mark_lost, lost.ticket, reason="killed", usage={}
    ), "the summary is tried again"
    world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
    _sum_up(world)
    assert world.job(job).partial


def test_the_same_work_is_computed_in_full_the_next_time(world):
    job, running = _begun(world)
    _finish(world, job)
    for claim in running:
        world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    _sum_up(world)
    again = world.submit(m=5)
    assert again.id != job.id
    assert not again.reused


def test_a_retry_computes_what_was_left_out(world):
    job, running = _begun(world)
    _finish(world, job)
    for claim in running:
        world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    _sum_up(world)
    world.retry(job)
    assert world.states(job)[:2] == ["succeeded"] * 2
    assert world.states(job)[2:] == ["queued"] * 3 + ["waiting"]
    for part in world.dispatch():
        world.succeed(world.claim(part))
    _sum_up(world)
    done = world.job(job)
    assert (done.state, done.partial, done.n_finished) == ("succeeded", False, 5)


def test_another_users_job_is_not_there(world):
    job, _ = _begun(world)
    bob = world.user("bob")
    with pytest.raises(JobNotFound):
        _finish(world, job, bob)
    with pytest.raises(JobNotFound):
        world.database.run(changes.change, bob, job.id, JobChange(priority="high"))


def test_finish_cancel_and_the_ends_of_parts_at_once_have_one_outcome(world):
    """Each round all meet at a barrier; whoever comes first decides."""
    for n in range(12):
        job = world.submit(m=4, seed=100 + n)
        first, *running = [world.claim(part) for part in world.dispatch(4)]
        world.succeed(first)
        barrier = threading.Barrier(len(running) + 2)

        def end(claim, barrier=barrier):
            barrier.wait()
            if not world.succeed(claim):
                world.database.run(parts.mark_cancelled, claim.ticket, usage={})

        def ask(verb, job=job, barrier=barrier):
            barrier.wait()
            with contextlib.suppress(Conflict):
                world.database.run(verb, world.owner, job.id)

        cancels = n % 2
        verbs = (changes.finish, jobs.cancel if cancels else changes.finish)
        threads = [threading.Thread(target=end, args=(claim,)) for claim in running]
        threads += [threading.Thread(target=ask, args=(verb,)) for verb in verbs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for part in world.dispatch(4):
            world.succeed(world.claim(part), summary=SUMMARY)
        done = world.job(job)
        states = world.states(job)
        assert done.state == ("cancelled" if cancels else "succeeded")
        assert done.n_finished == states[:4].count("succeeded") >= 1
        if not cancels:
            assert done.partial == (done.n_finished < 4)
            assert done.summary is not None


def test_priority_can_be_changed_while_a_job_waits(world):
    first = world.submit(m=1, seed=1)
    second = world.submit(m=1, seed=2)
    found = world.database.run(
        changes.change, world.owner, second.id, JobChange(priority="high")
    )
    assert found.priority == "high"
    (sent,) = world.dispatch(1)
    assert world.claim(sent).ticket.job_id == second.id
    done = world.done(seed=3)
    with pytest.raises(JobAlreadyFinished):
        world.database.run(
            changes.change, world.owner, done.id, JobChange(priority="low")
        )
    assert world.job(first).priority == "normal"


def test_a_job_can_be_renamed_also_after_its_end(world):
    done = world.done(seed=1)
    found = world.database.run(
        changes.change, world.owner, done.id, JobChange(name=" baseline ")
    )
    assert (found.name, found.state) == ("baseline", "succeeded")
    assert found.priority == done.priority
    with pytest.raises(JobAlreadyFinished):
        world.database.run(
            changes.change,
            world.owner,
            done.id,
            JobChange(name="other", priority="low"),
        )
    assert world.job(done).name == "baseline"
    with pytest.raises(JobNotFound):
        world.database.run(
            changes.change, world.user("bob"), done.id, JobChange(name="mine")
        )


def test_a_change_of_nothing_is_refused():
    with pytest.raises(ValueError, match="should hold name or priority"):
        JobChange()
