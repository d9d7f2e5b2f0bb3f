"""The order of one owner's jobs: least work left first, and nobody starves."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from jupyter_wrangler.store.queue import fair_scheduling
from jupyter_wrangler.store.queue.due import LONGEST_S, work_s
from jupyter_wrangler.store.rls import for_system


def _jobs_of(world, sent):
    rows = world.sql("SELECT id, job_id FROM wrangler.job_part")
    jobs = {row.id: row.job_id for row in rows}
    return [jobs[part] for part in sent]


def test_a_short_job_passes_the_long_one_of_its_owner(world):
    long = world.submit(m=1000, seed=1, part_s=10.0)
    first = world.dispatch(2)
    assert _jobs_of(world, first) == [long.id] * 2
    short = world.submit(m=2, seed=2, part_s=10.0)
    assert _jobs_of(world, world.dispatch(5)) == [short.id] * 2 + [long.id]
    assert world.states(long)[:2] == ["dispatched"] * 2, "nothing that began is stopped"


def test_what_is_left_counts_and_not_what_there_was(world):
    """Of ten parts one is left: that is less than the two of the newer job."""
    old = world.submit(m=10, seed=1, part_s=10.0)
    for part in world.dispatch(9):
        world.succeed(world.claim(part))
    new = world.submit(m=2, seed=2, part_s=10.0)
    assert _jobs_of(world, world.dispatch(3)) == [old.id, new.id, new.id]


def test_nothing_passes_a_job_that_was_submitted_when_that_had_waited_its_work(world):
    old = world.submit(m=5, seed=1, part_s=60.0)
    _age(world, old, 301)
    new = world.submit(m=1, seed=2, part_s=1.0)
    assert _jobs_of(world, world.dispatch(1)) == [old.id]
    _age(world, old, -10)
    assert _jobs_of(world, world.dispatch(2)) == [new.id]


def test_no_estimate_lets_a_job_be_passed_for_more_than_six_hours(world):
    old = world.submit(m=1000, seed=1, part_s=1e9)
    _age(world, old, LONGEST_S + 1)
    world.submit(m=1, seed=2, part_s=0.1)
    assert _jobs_of(world, world.dispatch(1)) == [old.id]


def test_a_job_that_is_tried_again_counts_from_then(world):
    old = world.submit(m=3, seed=1, part_s=100.0)
    for part in world.dispatch(1):
        world.fail(world.claim(part))
    _age(world, old, 3600)
    world.retry(old, key=1)
    new = world.submit(m=1, seed=2, part_s=1.0)
    assert _jobs_of(world, world.dispatch(1)) == [new.id]


def test_priority_goes_before_the_least_work(world):
    small = world.submit(m=1, seed=1, part_s=1.0)
    large = world.submit(m=2, seed=2, part_s=99.0, priority="high")
    assert _jobs_of(world, world.dispatch(3)) == [large.id, large.id, small.id]


def test_the_order_within_an_owner_moves_nobody_before_another(world):
    bob = world.user("bob")
    theirs = world.submit(m=3, seed=1, owner=bob, version=world.dataset(bob), part_s=99)
    mine = [world.submit(m=1, seed=seed, part_s=0.1) for seed in (2, 3, 4)]
    sent = _jobs_of(world, world.dispatch(6))
    assert sent[::2] == [theirs.id] * 3, "turn by turn, bob was first"
    assert sent[1::2] == [job.id for job in mine]


def test_parts_that_pause_do_not_keep_the_next_job_waiting(world):
    paused = world.submit(m=2, seed=1)
    world.sql(
        "UPDATE wrangler.job_part SET dispatch_after = now() + interval '1 hour'"
        " WHERE job_id = :j",
        j=paused.id,
    )
    ready = world.submit(m=2, seed=2, part_s=99.0)
    assert _jobs_of(world, world.dispatch(4)) == [ready.id] * 2


def _age(world, job, seconds):
    world.sql(
        "UPDATE wrangler.job SET queued_at = queued_at - make_interval(secs => :s),"
        " due_at = due_at - make_interval(secs => :s) WHERE id = :j",
        s=seconds,
        j=job.id,
    )


#: Jobs that wait in the tests of plans; with 100 000 the plans are the same.
QUEUED = 10_000
#: (seconds since the one before, parts, seconds of a part) of jobs one after another.
ARRIVALS = st.lists(
    st.tuples(st.floats(0, 2000), st.integers(1, 50), st.floats(0.01, 1e6)),
    min_size=1,
    max_size=40,
)


@given(arrivals=ARRIVALS, slots=st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_no_job_is_passed_by_one_that_came_after_its_bound(arrivals, slots):
    """One owner, any arrivals: who begins a part was never passed beyond the bound.

    The rule of `due` as the dispatcher applies it: at each free slot the job with the
    earliest due, which is reckoned anew with the parts that are left.
    """
    at = list(itertools.accumulate(gap for gap, _, _ in arrivals))
    left = [parts for _, parts, _ in arrivals]
    free, now = [0.0] * slots, 0.0
    while any(left):
        free.sort()
        now = max(now, free[0])
        there = [i for i, n in enumerate(left) if n and at[i] <= now]
        if not there:
            now = min(at[i] for i, n in enumerate(left) if n)
            continue
        due = {i: at[i] + work_s(left[i], arrivals[i][2]) for i in there}
        chosen = min(there, key=lambda i: (due[i], i))
        for other in there:
            bound = at[other] + min(LONGEST_S, left[other] * arrivals[other][2])
            assert at[chosen] <= bound + 1e-6, "passed by one that came too late"
        left[chosen] -= 1
        free[0] = now + arrivals[chosen][2]


@pytest.mark.parametrize("owners", [1, 50])
def test_many_queued_jobs_are_no_burden(world, owners):
    """Not timed: the plan walks the order of the jobs, whoever has submitted them."""
    fill(world, owners=owners, jobs=QUEUED)
    params = {"ahead": 2, "large": "jw.large", "alive": 20, "s": 30, "max": 0}
    plan = explain(world, fair_scheduling.TURNS.text, **params)
    assert "ix_job_turn" in plan
    assert "Seq Scan on job " not in plan
    assert "Seq Scan on job_part" not in plan
    walked = [line for line in plan.splitlines() if "ix_job_turn" in line]
    most = max(float(line.split("rows=")[-1].split()[0]) for line in walked)
    assert most < 100, plan


def explain(world, statement: str, **params) -> str:
    """Run a statement as the dispatcher does, and return how that went."""

    @for_system
    def verb(c):
        fair_scheduling.walk_in_order(c)
        rows = c.execute(text(f"EXPLAIN ANALYZE {statement}"), params)
        return "\n".join(row[0] for row in rows)

    return world.database.run(verb)


def fill(world, *, owners: int, jobs: int) -> None:
    """Insert queued jobs of one part at once."""
    one = world.submit(m=1, seed=1)
    world.sql(
        """
        INSERT INTO wrangler."user" (kind, name)
        SELECT 'local', 'user-' || n FROM generate_series(2, :n) n""",
        n=owners,
    )
    copied = "kind, spec, brief, input_version_id, priority, app_version, n_parts"
    world.sql(
        f"""
        WITH people AS (SELECT id, row_number() OVER (ORDER BY id) AS n
                          FROM wrangler."user"),
             many AS (
        INSERT INTO wrangler.job (owner_id, {copied}, part_s, due_at)
        SELECT people.id, {copied}, 2, now() + make_interval(secs => g)
          FROM generate_series(1, :jobs) g
          JOIN people ON people.n = 1 + g % :owners, wrangler.job
         WHERE wrangler.job.id = :j
        RETURNING id, owner_id)
        INSERT INTO wrangler.job_part
               (job_id, owner_id, stage, k, state, queue, max_attempts)
        SELECT id, owner_id, 0, 0, 'queued', 'jw.small', 3 FROM many""",  # noqa: S608
        jobs=jobs,
        owners=owners,
        j=one.id,
    )
    world.sql("ANALYZE wrangler.job, wrangler.job_part")
