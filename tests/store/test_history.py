"""The history of a job: what happened to it, also to attempts that were lost."""

from __future__ import annotations

import pytest

from jupyter_wrangler.errors import JobNotFound
from jupyter_wrangler.store import audit, datasets
from jupyter_wrangler.store.queue import expiry, jobs, parts, version_lease


def history(world, job, *, after: int = 0, limit: int = 100, owner=None):
    return world.database.run(
        jobs.list_events, owner or world.owner, job.id, after=after, limit=limit
    )


def reported(world, job) -> list[tuple]:
    """Events but the first, as (type, details)."""
    return [(e.type, e.details) for e in history(world, job).items[1:]]


def _run_out(world) -> list[str | None]:
    world.sql("""
        UPDATE wrangler.job_part SET lease_until = now() - interval '1 s'
         WHERE lease_until IS NOT NULL""")
    return [
        world.database.run(expiry.reap, part, job)
        for part, job in world.database.run(expiry.expired)
    ]


def test_a_lost_attempt_is_reported_with_its_worker_and_the_reason(world):
    job = world.submit()
    part = world.dispatch()[0]
    claim = world.claim(part)
    world.database.run(parts.mark_lost, claim.ticket, reason="SIGKILL", usage={})
    where = {"stage": 0, "k": 0, "worker": str(world.worker)}
    first = {**where, "attempt": 1, "reason": "SIGKILL", "then": "queued"}
    assert reported(world, job) == [("running", {}), ("lost", first), ("part", {})]
    for attempt in (2, 3):
        assert world.claim(part).ticket.attempt == attempt
        assert _run_out(world) == ["requeued"]
    silent = {**where, "attempt": 3, "reason": "the worker stopped answering"}
    assert ("lost", {**silent, "then": "quarantined"}) in reported(world, job)
    assert reported(world, job)[-1] == ("quarantined", {})


def test_a_part_that_nobody_claimed_is_reported(world):
    job = world.submit()
    world.dispatch()
    assert _run_out(world) == ["queued"]
    why = {"stage": 0, "k": 0, "attempt": 0, "reason": "no worker has claimed it"}
    assert reported(world, job) == [("requeued", why)]
    for _ in range(5):
        world.dispatch()
        assert _run_out(world) == ["queued"]
    assert reported(world, job) == [("requeued", why)], "no news every 30 seconds"


def _late(world) -> list[str | None]:
    """Let the leases of what was sent, and not claimed, run out."""
    world.sql("""
        UPDATE wrangler.job_part SET lease_until = now() - interval '1 s'
         WHERE state = 'dispatched'""")
    return [
        world.database.run(expiry.reap, part, job)
        for part, job in world.database.run(expiry.expired)
    ]


def test_fault_3_9_a_part_sent_ahead_to_a_busy_worker_is_no_news(world):
    worker = world.register(slots=1)
    job = world.submit(m=3)
    first, *_ = world.dispatch()
    claim = world.claim(first, worker)
    for _ in range(3):
        assert _late(world) == ["waits", "waits"]
    assert world.states(job) == ["running", "dispatched", "dispatched", "waiting"]
    assert reported(world, job) == [("running", {})]
    # with a slot free somebody should have taken it: the message is lost
    world.succeed(claim)
    assert _late(world) == ["queued", "queued"]
    assert [kind for kind, _ in reported(world, job)][-2:] == ["requeued", "requeued"]


def test_fault_3_9_workers_that_drain_or_are_silent_are_not_waited_for(world):
    worker = world.register(slots=1)
    world.submit(m=2)
    first, *_ = world.dispatch()
    world.claim(first, worker)
    assert _late(world) == ["waits"]
    world.sql("UPDATE wrangler.worker SET draining = true")
    assert _late(world) == ["queued"]
    world.dispatch()
    world.sql("""UPDATE wrangler.worker SET draining = false,
                        heartbeat_at = now() - interval '1 hour'""")  # fmt: skip
    assert _late(world) == ["queued"]


def test_a_part_that_was_handed_back_is_reported(world):
    job = world.submit()
    claim = world.claim(world.dispatch()[0])
    world.database.run(parts.release, claim.ticket)
    where = {"stage": 0, "k": 0, "attempt": 1, "worker": str(world.worker)}
    assert reported(world, job) == [("running", {}), ("released", where)]


def test_a_retry_is_reported_and_so_is_another_version(world):
    job = world.submit()
    world.database.run(jobs.cancel, world.owner, job.id, by="ada")
    world.retry(job)
    world.database.run(version_lease.take_charge, "2")
    assert world.database.run(version_lease.adopt, "2") == 1
    assert reported(world, job) == [
        ("cancelling", {"by": "ada"}),
        ("cancelled", {}),
        ("retried", {"was": "cancelled", "parts": 1}),
        ("adopted", {"version": "2"}),
    ]


def test_pages_follow_each_other_and_only_the_owner_reads_them(world):
    job = world.done(m=3)
    whole = history(world, job).items
    seen, after = [], 0
    while True:
        page = history(world, job, after=after, limit=2)
        seen += page.items
        if page.next is None:
            break
        after = int(page.next)
    assert seen == list(whole)
    assert [e.seq for e in whole] == sorted({e.seq for e in whole})
    assert history(world, job, after=whole[-1].seq).items == ()
    with pytest.raises(JobNotFound):
        history(world, job, owner=world.user("bob"))


def test_what_is_cancelled_or_deleted_stays_on_record(world):
    job = world.submit()
    world.database.run(jobs.cancel, world.owner, job.id, by="ada")
    world.database.run(jobs.delete, world.owner, job.id)
    world.database.run(datasets.delete, world.owner, world.version.dataset_id)
    page = world.database.run(audit.page, after=None, limit=2)
    assert [(e.action, e.subject, e.subject_id, e.by) for e in page.items] == [
        ("delete", "dataset", world.version.dataset_id, "alice"),
        ("delete", "job", job.id, "alice"),
    ]
    rest = world.database.run(audit.page, after=int(page.next), limit=2)
    assert [(e.action, e.by, e.owner) for e in rest.items] == [
        ("cancel", "ada", "alice")
    ]
    assert rest.next is None
