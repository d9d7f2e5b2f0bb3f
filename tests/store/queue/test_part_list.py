"""The parts of a job, as its owner sees them."""

from __future__ import annotations

import uuid

import pytest

from jupyter_wrangler.errors import JobNotFound
from jupyter_wrangler.store.queue import part_list


def page(world, job_id, *, after=None, limit: int = 100, owner=None):
    return world.database.run(
        part_list.page, owner or world.owner, job_id, after=after, limit=limit
    )


def test_parts_are_listed_by_stage_and_number(world):
    job = world.submit(m=2)
    listed = page(world, job.id)
    assert listed.next is None
    assert [(p.stage, p.k, p.kind, p.state) for p in listed.items] == [
        (0, 0, "imputation", "queued"),
        (0, 1, "imputation", "queued"),
        (1, 0, "summary", "waiting"),
    ]
    for part in listed.items:
        assert (part.attempts, part.max_attempts) == (0, 3)
        assert part.started_at is part.finished_at is part.error is None


def test_a_part_says_when_it_ran_and_why_it_failed(world):
    job = world.submit(m=2)
    one, other = world.dispatch()
    world.succeed(world.claim(one))
    world.fail(world.claim(other))
    done, failed, last = page(world, job.id).items
    assert (done.state, done.attempts, done.error) == ("succeeded", 1, None)
    assert done.started_at <= done.finished_at
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert failed.error.code == "nothing_observed"
    assert failed.error.details == {"column": "a"}
    assert (last.state, last.started_at) == ("cancelled", None)


def test_pages_follow_each_other_across_stages(world):
    job = world.submit(m=11)
    whole = page(world, job.id).items
    assert len(whole) == 12
    seen, after = [], None
    while True:
        found = page(world, job.id, after=after, limit=4)
        seen += found.items
        assert len(found.items) == 4
        if found.next is None:
            break
        after = found.next
    assert seen == list(whole)
    assert page(world, job.id, after="1-0").items == ()


def test_only_the_owner_reads_them(world):
    job = world.submit()
    for job_id, owner in ((job.id, world.user("bob")), (uuid.uuid4(), None)):
        for after in (None, "1-0"):
            with pytest.raises(JobNotFound):
                page(world, job_id, after=after, owner=owner)
