"""The state machine of parts and jobs, against a real PostgreSQL."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from jupyter_wrangler.errors import (
    Conflict,
    JobAlreadyFinished,
    JobNotFound,
    KeyUsedAlready,
)
from jupyter_wrangler.store.queue import expiry, job_results, jobs, parts, workers
from jupyter_wrangler.store.rls import for_system


def test_a_job_runs_its_imputations_then_its_summary(world):
    job = world.submit(m=2)
    assert world.states(job) == ["queued", "queued", "waiting"]
    first, second = world.dispatch()
    a, b = world.claim(first), world.claim(second)
    assert world.job(job).state == "running"
    assert (a.k, b.k, a.stage, a.n_parts) == (0, 1, 0, 2)
    assert world.succeed(a)
    assert world.states(job) == ["succeeded", "running", "waiting"]
    assert world.succeed(b, sha="ef" * 32)
    assert world.states(job) == ["succeeded", "succeeded", "queued"]
    (last,) = world.dispatch()
    summary = world.claim(last)
    assert summary.stage == 1
    assert [key[-2:] for key in summary.result_keys] == ["cd", "ef"]
    assert world.succeed(
        summary,
        summary={"n_rows": 3, "n_columns": 1, "n_missing": 1, "n_imputed": 1,
                 "columns": []},
    )  # fmt: skip
    done = world.job(job)
    assert (done.state, done.parts_done, done.summary.n_imputed) == ("succeeded", 3, 1)
    assert done.finished_at is not None


def test_the_worker_of_the_last_imputation_goes_on_with_the_summary(world):
    job = world.submit(m=2)
    first, second = (world.claim(part) for part in world.dispatch())
    world.succeed(first)
    assert world.claim_last(first) is None
    world.succeed(second)
    summary = world.claim_last(second)
    assert (summary.stage, summary.ticket.attempt) == (1, 1)
    assert world.states(job) == ["succeeded", "succeeded", "running"]
    assert world.dispatch() == []
    assert world.claim_last(second) is None


def test_a_summary_that_was_sent_already_is_left_to_whom_it_was_sent(world):
    job = world.submit()
    (part,) = world.dispatch()
    claim = world.claim(part)
    world.succeed(claim)
    (last,) = world.dispatch()
    assert world.claim_last(claim) is None
    assert world.claim(last).stage == 1
    assert world.states(job) == ["succeeded", "running"]


def test_a_part_is_claimed_once(world):
    world.submit()
    (part,) = world.dispatch()
    claims = []
    barrier = threading.Barrier(8)

    def grab():
        barrier.wait()
        claims.append(world.claim(part, worker=uuid.uuid4()))

    threads = [threading.Thread(target=grab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([c for c in claims if c]) == 1


def test_two_dispatchers_never_take_the_same_part(world):
    for seed in range(10):
        world.submit(m=5, seed=seed)
    taken = []
    threads = [
        threading.Thread(target=lambda: taken.extend(world.dispatch(limit=30)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 30, "one sees what the other sent"


def test_an_unknown_part_is_not_claimed(world):
    assert world.claim(uuid.uuid4()) is None


def test_cancelling_a_queued_job_is_immediate(world):
    job = world.submit(m=3)
    assert world.database.run(jobs.cancel, world.owner, job.id).state == "cancelled"
    assert set(world.states(job)) == {"cancelled"}
    with pytest.raises(JobAlreadyFinished, match="already ended"):
        world.database.run(jobs.cancel, world.owner, job.id)


def test_a_dispatched_part_of_a_cancelled_job_is_not_claimed(world):
    job = world.submit()
    (part,) = world.dispatch()
    world.database.run(jobs.cancel, world.owner, job.id)
    assert world.claim(part) is None


def test_after_a_cancel_a_job_never_succeeds(world):
    job = world.submit()
    claim = world.claim(world.dispatch()[0])
    assert world.database.run(jobs.cancel, world.owner, job.id).state == "cancelling"
    assert not world.succeed(claim)
    assert world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    assert world.job(job).state == "cancelled"


def test_cancel_and_finish_at_the_same_time_agree(world):
    for seed in range(30):
        job = world.submit(seed=seed)
        part, *_ = world.dispatch()
        claim = world.claim(part)
        reported = []

        def cancel(job=job, reported=reported):
            reported.append(world.database.run(jobs.cancel, world.owner, job.id).state)

        thread = threading.Thread(target=cancel)
        thread.start()
        finished = world.succeed(claim)
        thread.join()
        if not finished:
            assert world.database.run(parts.mark_cancelled, claim.ticket, usage={})
        # stage 1 was still to come, so the cancel always came in time
        assert reported[0] in {"cancelling", "cancelled"}
        assert world.job(job).state == "cancelled"


def _fail(world, once, ticket):
    del world
    words = {"code": "internal", "message": "", "details": {}, "usage": {}}
    assert once(parts.fail, ticket, state="failed", **words)


def _quarantine(world, once, ticket):
    world.sql(
        "UPDATE wrangler.job_part SET max_attempts = attempt WHERE id = :p",
        p=ticket.part_id,
    )
    assert once(parts.mark_lost, ticket, reason="SIGKILL", usage={})


def _reap(world, once, ticket):
    world.sql(
        "UPDATE wrangler.job_part SET deadline_at = now() WHERE id = :p",
        p=ticket.part_id,
    )
    assert once(expiry.reap, ticket.part_id, ticket.job_id) == "timed_out"


def _reap_dead(world, once, ticket):
    del ticket
    once(workers.reap_dead, [world.worker])


@pytest.mark.parametrize("end", [_fail, _quarantine, _reap, _reap_dead])
def test_ends_and_heartbeats_never_wait_for_each_other(world, end):
    """Else PostgreSQL would end one of the two, and with it a heartbeat or a result."""
    # not `run`, which would try a deadlock again and say nothing of it
    once = world.database.run_once
    stop, died = threading.Event(), []
    held: list[uuid.UUID] = []

    def beat():
        while not stop.is_set():
            try:
                once(parts.extend, world.worker, list(held), lease_s=30)
            except DBAPIError as error:
                died.append(error)

    threads = [threading.Thread(target=beat) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for seed in range(15):
            world.submit(m=16, seed=seed)
            tickets = [world.claim(part).ticket for part in world.dispatch(1000)]
            tickets.sort(key=lambda ticket: ticket.part_id)
            held[:] = [ticket.part_id for ticket in tickets]
            # the heartbeats hold the others' rows by the time they come to this one
            end(world, once, tickets[-1])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not died


def test_a_heartbeat_passes_over_what_a_silent_transaction_holds(world):
    """Else one part whose end hangs would cost all others their leases."""
    world.submit(m=2)
    a, b = (world.claim(part, lease_s=5).ticket for part in world.dispatch())
    leases = (
        "SELECT id, lease_until FROM wrangler.job_part WHERE lease_until IS NOT NULL"
    )
    before = dict(world.sql(leases))

    @for_system
    def be_silent(c):
        c.execute(
            text("SELECT 1 FROM wrangler.job_part WHERE id = :p FOR UPDATE"),
            {"p": a.part_id},
        ).one()
        ids = [a.part_id, b.part_id]
        return world.database.run_once(parts.extend, world.worker, ids, lease_s=60)

    held = world.database.run_once(be_silent)
    assert held == {a.part_id: "running", b.part_id: "running"}
    after = dict(world.sql(leases))
    assert after[a.part_id] == before[a.part_id]
    assert after[b.part_id] > before[b.part_id]


def test_the_end_of_a_part_reads_no_other_parts(world):
    """Else ten thousand parts would read a hundred million rows."""
    job = world.submit(m=60)
    claims = [world.claim(part) for part in world.dispatch(100)]
    rows: list[tuple[int, str]] = []

    def note(_c, cursor, statement, *_):
        rows.append((cursor.rowcount, statement))

    event.listen(world.database.engine, "after_cursor_execute", note)
    for claim in claims[:-1]:
        world.succeed(claim)
    assert max(rows)[0] == 1, max(rows)
    world.fail(claims[-1])
    event.remove(world.database.engine, "after_cursor_execute", note)
    assert world.job(job).state == "failed"


def test_cancel_and_the_end_of_the_last_part_agree(world):
    """The end of the summary is the success of the job, or it comes too late."""
    rng = random.Random(1)  # noqa: S311  when the two meet
    ends = Counter()
    # how much later the cancel begins: on any host each of the two is often first
    behind = 0.0
    for seed in range(300):
        job = world.submit(seed=seed)
        world.succeed(world.claim(world.dispatch()[0]))
        last = world.claim(world.dispatch()[0])
        reported, meet = [], threading.Barrier(2)
        pause = max(0.0, behind) + rng.random() * 0.004

        def cancel(job=job, reported=reported, meet=meet, pause=pause):
            meet.wait()
            time.sleep(pause)
            try:
                reported.append(
                    world.database.run(jobs.cancel, world.owner, job.id).state
                )
            except JobAlreadyFinished:
                reported.append("late")

        thread = threading.Thread(target=cancel)
        thread.start()
        meet.wait()
        time.sleep(max(0.0, -behind) + rng.random() * 0.004)
        finished = world.succeed(last)
        behind += -0.0005 if finished else 0.0005
        thread.join()
        assert reported == (["late"] if finished else ["cancelling"])
        if not finished:
            assert world.database.run(parts.mark_cancelled, last.ticket, usage={})
        state = world.job(job).state
        assert state == ("succeeded" if finished else "cancelled")
        ends[state] += 1
    assert min(ends["succeeded"], ends["cancelled"]) > 20, ends
    twice = world.sql("""
        SELECT job_id FROM wrangler.job_event WHERE type IN ('succeeded', 'cancelled')
         GROUP BY job_id HAVING count(*) <> 1""")
    assert not twice


def test_finished_imputations_of_a_cancelled_job_are_kept(world):
    job = world.submit(m=2)
    first, second = world.dispatch()
    world.succeed(world.claim(first))
    claim = world.claim(second)
    world.database.run(jobs.cancel, world.owner, job.id)
    world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    kept = world.database.run(job_results.results, world.owner, job.id)
    assert [(p.imputation, p.sha256[:2]) for p, _ in kept] == [(0, "cd")]


def test_one_failed_part_fails_the_job_and_stops_the_others(world):
    job = world.submit(m=3)
    first, second, _third = world.dispatch()
    a, b = world.claim(first), world.claim(second)
    assert world.fail(a)
    assert world.states(job) == ["failed", "cancelling", "cancelled", "cancelled"]
    assert world.job(job).state == "running", "one runner still has to stop"
    world.database.run(parts.mark_cancelled, b.ticket, usage={})
    done = world.job(job)
    assert (done.state, done.error.code) == ("failed", "nothing_observed")
    assert done.error.details == {"column": "a"}


def test_a_lost_runner_is_tried_again_and_then_quarantined(world):
    job = world.submit()
    for attempt in (1, 2, 3):
        world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
        claim = world.claim(world.dispatch()[0])
        assert claim.ticket.attempt == attempt
        assert world.database.run(
            parts.mark_lost, claim.ticket, reason="ended by SIGKILL", usage={}
        )
    done = world.job(job)
    assert (done.state, done.attempts) == ("quarantined", 3)
    assert "lost 3 times (ended by SIGKILL)" in done.error.message
    exits = world.sql("SELECT exit FROM wrangler.job_attempt ORDER BY attempt")
    assert [row.exit for row in exits] == ["ended by SIGKILL"] * 3


def test_a_lost_part_waits_before_it_is_tried_again(world):
    world.submit()
    claim = world.claim(world.dispatch()[0])
    world.database.run(parts.mark_lost, claim.ticket, reason="x", usage={})
    assert world.dispatch() == []
    (row,) = world.sql(
        "SELECT extract(epoch FROM dispatch_after - now()) AS s FROM wrangler.job_part"
        " WHERE state = 'queued'"
    )
    assert 1.0 < row.s < 2.5


def test_an_expired_lease_gives_the_part_to_another_worker(world):
    job = world.submit()
    claim = world.claim(world.dispatch()[0], lease_s=-1)
    ((part, of),) = world.database.run(expiry.expired)
    assert (part, of) == (claim.ticket.part_id, job.id)
    assert world.database.run(expiry.reap, part, of) == "requeued"
    world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
    second = world.claim(world.dispatch()[0], worker=uuid.uuid4())
    assert second.ticket.attempt == 2
    assert not world.succeed(claim), "the first worker no longer has a say"
    assert not world.fail(claim)
    assert world.succeed(second)


def test_an_unclaimed_message_is_sent_again_without_spending_an_attempt(world):
    world.submit()
    (part,) = world.dispatch(lease_s=-1)
    ((expired, job),) = world.database.run(expiry.expired)
    assert world.database.run(expiry.reap, expired, job) == "queued"
    assert world.dispatch() == [part]
    assert world.claim(part).ticket.attempt == 1


def test_a_lease_that_was_renewed_is_not_reaped(world):
    world.submit()
    claim = world.claim(world.dispatch()[0], lease_s=-1)
    ticket = claim.ticket
    ((part, job),) = world.database.run(expiry.expired)
    held = world.database.run(parts.extend, world.worker, [ticket.part_id], lease_s=30)
    assert held == {ticket.part_id: "running"}
    assert world.database.run(expiry.reap, part, job) is None


def test_a_heartbeat_answers_what_is_to_stop_and_what_is_lost(world):
    job = world.submit(m=2)
    a, b = (world.claim(part) for part in world.dispatch())
    ids = [a.ticket.part_id, b.ticket.part_id]
    world.database.run(jobs.cancel, world.owner, job.id)
    world.database.run(parts.mark_cancelled, a.ticket, usage={})
    held = world.database.run(parts.extend, world.worker, ids, lease_s=30)
    assert held == {b.ticket.part_id: "cancelling"}


def test_a_cancelled_part_whose_worker_died_ends(world):
    job = world.submit()
    world.claim(world.dispatch()[0], lease_s=-1)
    world.database.run(jobs.cancel, world.owner, job.id)
    ((part, of),) = world.database.run(expiry.expired)
    assert world.database.run(expiry.reap, part, of) == "cancelled"
    assert world.job(job).state == "cancelled"


def test_draining_gives_a_part_back_unspent(world):
    world.submit()
    claim = world.claim(world.dispatch()[0])
    assert world.database.run(parts.release, claim.ticket)
    assert world.claim(world.dispatch()[0]).ticket.attempt == 1


def test_a_part_that_waits_for_something_pauses_unspent_and_says_for_what(world):
    job = world.submit()
    claim = world.claim(world.dispatch()[0])
    world.sql("UPDATE wrangler.job_part SET started_at = now() - interval '20 s'"
              " WHERE k = 0 AND stage = 0")  # fmt: skip
    assert world.database.run(
        parts.release, claim.ticket, waits_for="The disk\0 is full."
    )
    assert world.dispatch() == []
    query = """
        SELECT extract(epoch FROM dispatch_after - now()) AS s, attempt, error_message
          FROM wrangler.job_part WHERE job_id = :j AND stage = 0"""
    (row,) = world.sql(query, j=job.id)
    assert (row.attempt, row.error_message) == (0, "The disk is full.")
    assert 7 < row.s < 13, "half of what it has waited"
    world.sql("UPDATE wrangler.job SET deadline_at = now() - interval '1 s'")
    world.database.run(expiry.reap, uuid.UUID(int=0), job.id)
    done = world.job(job)
    assert done.state == "timed_out"
    assert "it waited for this: The disk is full." in done.error.message


def test_a_deadline_that_passed_in_sleep_is_put_off_while_the_worker_has_time(world):
    """The clock on the wall goes on while a laptop sleeps, and nothing computes."""
    slept, hung = world.submit(seed=1), world.submit(seed=2)
    tickets = {
        claim.ticket.job_id: claim.ticket
        for claim in map(world.claim, world.dispatch(2))
    }
    world.sql("UPDATE wrangler.job_part SET deadline_at = now() - interval '6 hours'")
    world.database.run(
        parts.extend,
        world.worker,
        [ticket.part_id for ticket in tickets.values()],
        lease_s=30,
        in_time=[tickets[slept.id].part_id],
    )
    for job_id, ticket in tickets.items():
        world.database.run(expiry.reap, ticket.part_id, job_id)
    assert world.job(hung).state == "timed_out"
    assert world.job(slept).state == "running"


def test_no_job_outlives_its_deadline(world):
    job = world.submit(m=2)
    claim = world.claim(world.dispatch(limit=1)[0])
    world.sql("UPDATE wrangler.job SET deadline_at = now() - interval '1 s'")
    ((part, of),) = world.database.run(expiry.expired)
    assert world.database.run(expiry.reap, part, of) == "timed_out"
    assert world.states(job) == ["cancelling", "cancelled", "cancelled"]
    world.database.run(parts.mark_cancelled, claim.ticket, usage={})
    assert world.job(job).state == "timed_out"
    assert world.database.run(expiry.expired) == []


def test_the_same_work_is_one_job(world):
    job = world.submit(seed=7)
    again = world.submit(seed=7)
    assert (again.id, again.reused, job.reused) == (job.id, True, False)
    assert world.submit(seed=8).id != job.id
    assert world.submit(seed=7, owner=world.owner, force=True).id != job.id


def test_a_cancelled_job_is_not_reused(world):
    job = world.submit(seed=7)
    world.database.run(jobs.cancel, world.owner, job.id)
    assert world.submit(seed=7).id != job.id


def test_the_same_key_is_one_job_also_at_the_same_time(world):
    found = []
    barrier = threading.Barrier(6)

    def go(cache):
        barrier.wait()
        found.append(world.submit(cache=cache, idempotency_key="k").id)

    threads = [threading.Thread(target=go, args=(cache,)) for cache in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"priority": "high"}, {"name": "x"}, {"force": True}]
)
def test_a_key_that_comes_with_another_request_is_refused(world, other):
    job = world.submit(idempotency_key="k")
    assert world.submit(idempotency_key="k").id == job.id
    with pytest.raises(KeyUsedAlready, match=str(job.id)):
        world.submit(idempotency_key="k", **other)
    bob = world.user("bob")
    theirs = world.submit(
        idempotency_key="k", owner=bob, version=world.dataset(bob), **other
    )
    assert theirs.id != job.id, "keys of another user are other keys"


def test_the_key_of_a_request_that_found_an_earlier_job_is_kept(world):
    """The answer may be lost, and the job computed again, before it is repeated."""
    job = world.submit()
    assert world.submit(idempotency_key="k").id == job.id
    assert world.submit(force=True).id != job.id
    again = world.submit(idempotency_key="k")
    assert (again.id, again.reused) == (job.id, True)
    with pytest.raises(KeyUsedAlready):
        world.submit(seed=1, idempotency_key="k")


def test_nobody_sees_or_touches_somebody_elses_job(world):
    job = world.submit()
    bob = world.user("bob")
    for verb in (jobs.get, jobs.cancel, jobs.delete):
        with pytest.raises(JobNotFound):
            world.database.run(verb, bob, job.id)
    assert world.database.run(jobs.several, bob, [job.id]) == []
    assert world.database.run(job_results.results, bob, job.id) == []
    page = world.database.run(jobs.page, bob, after=None, limit=5, state=None)
    assert page.items == ()


def test_jobs_page_by_key_newest_first(world):
    made = [world.submit(seed=seed).id for seed in range(5)]
    one = world.database.run(jobs.page, world.owner, after=None, limit=3, state=None)
    two = world.database.run(
        jobs.page, world.owner, after=uuid.UUID(one.next), limit=3, state=None
    )
    assert [j.id for j in (*one.items, *two.items)] == made[::-1]
    assert two.next is None


def test_only_a_finished_job_can_be_forgotten(world):
    job = world.submit()
    with pytest.raises(Conflict, match="cancel it first"):
        world.database.run(jobs.delete, world.owner, job.id)
    world.database.run(jobs.cancel, world.owner, job.id)
    world.database.run(jobs.delete, world.owner, job.id)
    with pytest.raises(JobNotFound):
        world.job(job)
    assert world.sql("SELECT 1 FROM wrangler.job_part") == []


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE wrangler.job_part SET state = 'running'",
        "UPDATE wrangler.job_part SET state = 'nonsense'",
        "UPDATE wrangler.job_part SET lease_until = now()",
        "UPDATE wrangler.job SET state = 'succeeded'",
        "UPDATE wrangler.job SET state = 'cancelled', finished_at = now()",
        "UPDATE wrangler.job SET priority = 10",
        "DELETE FROM wrangler.blob",
        "DELETE FROM wrangler.dataset",
        "DELETE FROM wrangler.dataset_version",
    ],
)
def test_the_database_refuses_impossible_rows(world, lie):
    world.submit()
    with pytest.raises(IntegrityError):
        world.sql(lie)
