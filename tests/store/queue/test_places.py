"""The place of a queued job: what comes before it, why it waits, when it starts."""

from __future__ import annotations

import time

import pytest

from jupyter_wrangler.runtime.queue_places import places_of
from jupyter_wrangler.store.queue import places
from tests.store.queue.test_due import QUEUED, explain, fill


def _look(world, owner=None):
    return world.database.run(
        places.look,
        owner or world.owner,
        queues=("jw.small", "jw.large"),
        quota=world.quota,
        alive_s=20,
    )


def _place(world, job, owner=None):
    return places_of(_look(world, owner), [job.id])[job.id]


def _run(world, count: int) -> None:
    for part in world.dispatch(0)[:count]:
        world.claim(part)


def test_without_a_worker_that_is_why(world):
    place = _place(world, world.submit(part_s=3.0))
    assert (place.place, place.reason, place.starts_in_s) == (1, "no_worker", None)


def test_with_a_free_slot_it_is_about_to_start(world):
    world.register(slots=2)
    place = _place(world, world.submit(part_s=3.0))
    assert (place.reason, place.starts_in_s) == ("starting", 0.0)


def test_own_jobs_before_it_are_named(world):
    world.register(slots=1)
    long = world.submit(m=4, seed=1, part_s=10.0, name="long", priority="high")
    _run(world, 1)
    first = world.submit(m=2, seed=2, part_s=10.0, name="first")
    mine = world.submit(m=3, seed=3, part_s=10.0, name="mine")
    place = _place(world, mine)
    assert (place.place, place.reason, place.n_own) == (2, "behind_own_jobs", 2)
    assert [(one.id, one.name, one.state) for one in place.own] == [
        (long.id, "long", "running"), (first.id, "first", "queued")
    ]  # fmt: skip
    assert place.n_others == 0
    # one that runs, three of the same job, two of the first
    assert place.starts_in_s == pytest.approx(60.0, abs=2.0)


def test_of_others_there_is_a_number_and_no_more(world):
    world.register(slots=1)
    bob = world.user("bob")
    version = world.dataset(bob)
    world.submit(m=1, seed=1, owner=bob, version=version, part_s=30.0, name="secret")
    _run(world, 1)
    for seed in (2, 3, 4):
        world.submit(m=1, seed=seed, owner=bob, version=version, part_s=30.0)
    place = _place(world, world.submit(part_s=1.0))
    assert (place.reason, place.n_others, place.own) == ("behind_others", 1, ())
    assert place.place == 1, "bob has had his turn"
    assert place.starts_in_s == pytest.approx(30.0, abs=2.0)
    assert "secret" not in place.model_dump_json()
    later = _place(world, world.submit(seed=9, part_s=1.0))
    assert (later.place, later.n_own) == (3, 1), "one own, and one of bob's"


def test_who_runs_as_much_as_the_quota_allows_is_told(world):
    world.register(slots=4)
    world.sql("INSERT INTO wrangler.quota (max_running) VALUES (1)")
    world.submit(m=1, seed=1)
    _run(world, 1)
    assert _place(world, world.submit(seed=2)).reason == "quota"


def test_an_unknown_duration_before_it_leaves_the_start_unknown(world):
    world.register(slots=1)
    world.submit(m=1, seed=1)
    _run(world, 1)
    place = _place(world, world.submit(seed=2, part_s=1.0))
    assert (place.reason, place.starts_in_s) == ("behind_own_jobs", None)


@pytest.mark.parametrize("owners", [1, 50])
def test_many_queued_jobs_cost_no_more(world, owners):
    """The rows that are read do not depend on how many wait behind."""
    world.register(slots=2)
    fill(world, owners=owners, jobs=QUEUED)
    params = {"o": world.owner, "owners": 100, "parts": 50}
    plan = explain(world, places._OTHERS.text, **params)
    plan += explain(
        world, places._OWN.text, o=world.owner, queues=["jw.small"], most=1001
    )
    assert "Seq Scan on job " not in plan
    assert "Seq Scan on job_part" not in plan
    walked = [line for line in plan.splitlines() if "ix_job_turn" in line]
    assert walked
    most = max(float(line.split("rows=")[-1].split()[0]) for line in walked)
    assert most <= 1001, plan
    last = world.sql(
        "SELECT id FROM wrangler.job WHERE owner_id = :o ORDER BY due_at DESC LIMIT 1",
        o=world.owner,
    )[0].id
    begun = time.perf_counter()
    found = places_of(_look(world), [last])[last]
    print(f"{(time.perf_counter() - begun) * 1e3:.1f} ms")
    assert found.reason == "behind_own_jobs"
    assert found.place == (1000 if owners == 1 else pytest.approx(200 * 50, rel=1))
