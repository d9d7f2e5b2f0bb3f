"""Who gets a slot next: owners in turn, priorities within, large parts never all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading

import pytest

from jupyter_wrangler.store.queue import fair_scheduling
from tests.waiting import CEILING_S


def _owners(world, sent) -> list[str]:
    rows = world.sql(
        'SELECT p.id, u.name FROM wrangler.job_part p JOIN wrangler."user" u'
        " ON u.id = p.owner_id"
    )
    names = {row.id: row.name for row in rows}
    return [names[part] for part in sent]


def _other(world, name: str = "bob"):
    owner = world.user(name)
    return owner, world.dataset(owner)


def _bulk(world, count: int, m: int = 100) -> None:
    """Insert many queued parts at once, as `count` jobs of m parts."""
    for seed in range(1000, 1000 + count):
        world.submit(m=m, seed=seed)


def test_owners_take_turns(world):
    bob, version = _other(world)
    world.submit(m=4)
    world.submit(m=2, owner=bob, version=version)
    assert _owners(world, world.dispatch()) == [
        "alice", "bob", "alice", "bob", "alice", "alice"
    ]  # fmt: skip


def test_what_runs_already_counts_as_a_turn(world):
    bob, version = _other(world)
    world.submit(m=4)
    for part in world.dispatch(2):
        world.claim(part)
    world.submit(m=2, owner=bob, version=version)
    # two of alice's run: bob catches up before she has her third
    assert _owners(world, world.dispatch(2)) == ["bob", "bob"]


def test_a_new_owner_is_next_whatever_the_backlog(world):
    _bulk(world, 20)
    bob, version = _other(world)
    mine = world.submit(owner=bob, version=version)
    sent = world.dispatch(2)
    assert _owners(world, sent) == ["alice", "bob"]
    assert world.states(mine)[0] == "dispatched"


def test_priority_decides_within_an_owner_only(world):
    bob, version = _other(world)
    world.submit(m=1, seed=1, priority="low")
    urgent = world.submit(m=1, seed=2, priority="high")
    humble = world.submit(m=1, owner=bob, version=version, priority="low")
    first, second, _ = world.dispatch(3)
    found = world.sql(
        "SELECT id, job_id FROM wrangler.job_part WHERE id = ANY(:ids)",
        ids=[first, second],
    )
    job_of = {row.id: row.job_id for row in found}
    assert job_of[first] == urgent.id
    assert job_of[second] == humble.id


def test_large_parts_leave_a_slot_to_small_ones(world):
    world.register(slots=3)
    large = world.submit(m=5, seed=1, queue="jw.large")
    assert len(world.dispatch(0)) == 2, "three slots: two for large parts"
    assert world.states(large).count("dispatched") == 2
    world.submit(m=3, seed=2)
    ((_, queue),) = world.send(0)
    assert queue == "jw.small"
    assert world.dispatch(0) == []


def test_a_backlog_of_large_parts_does_not_hide_the_small_ones_behind(world):
    world.register(slots=2)
    world.submit(m=50, seed=1, queue="jw.large", priority="high")
    world.submit(m=1, seed=2)
    assert sorted(queue for _, queue in world.send(0)) == ["jw.large", "jw.small"]


def test_one_slot_is_for_large_parts_too(world):
    world.register(slots=1)
    world.submit(m=2, queue="jw.large")
    assert len(world.dispatch(0)) == 1


def test_no_more_is_sent_than_there_is_room_for(world):
    world.register(slots=2)
    world.submit(m=9)
    assert len(world.dispatch(1)) == 3
    assert world.dispatch(1) == []


@pytest.mark.parametrize(
    "gone", ["draining = true", "heartbeat_at = now() - interval '1 minute'"]
)
def test_what_runs_on_a_worker_that_leaves_takes_no_slot_of_the_others(world, gone):
    """A rolling upgrade: the old workers end what they run, the new ones begin."""
    old = world.register(slots=3)
    world.submit(m=6, queue="jw.large")
    world.submit(m=6, seed=1)
    for part in world.dispatch(0):
        world.claim(part, worker=old)
    assert world.dispatch(0) == []
    world.sql(f"UPDATE wrangler.worker SET {gone}")  # noqa: S608  from above
    new = world.register(slots=3)
    sent = world.send(0)
    assert sorted(queue for _, queue in sent) == ["jw.large", "jw.large", "jw.small"]
    assert world.dispatch(0) == []
    for part, _ in sent:
        world.claim(part, worker=new)
    assert world.dispatch(0) == [], "what runs on the new one does"


def test_an_owner_does_not_run_more_than_allowed(world):
    bob, version = _other(world)
    world.submit(m=5)
    world.submit(m=5, owner=bob, version=version)
    assert len(world.dispatch(max_running=2)) == 4
    assert world.dispatch(max_running=2) == []
    world.sql(
        "INSERT INTO wrangler.quota (owner_id, max_running) VALUES (:o, 3)", o=bob
    )
    assert _owners(world, world.dispatch(max_running=2)) == ["bob"]
    world.sql("INSERT INTO wrangler.quota (max_running) VALUES (4)")
    assert _owners(world, world.dispatch(max_running=2)) == ["alice", "alice"]


def test_one_who_may_run_no_more_keeps_no_place_from_others(world):
    """Large parts have less room, which was counted before what each may run."""
    world.register(slots=8)
    bob, version = _other(world)
    world.sql(
        "INSERT INTO wrangler.quota (owner_id, max_running) VALUES (:o, 1)",
        o=world.owner,
    )
    world.submit(m=10, queue="jw.large")
    assert len(world.dispatch(0)) == 1
    world.submit(m=20, queue="jw.large", owner=bob, version=version)
    assert _owners(world, world.dispatch(0)) == ["bob"] * 6


def test_dispatchers_at_the_same_time_do_not_send_more_than_fits(world):
    world.register(slots=4)
    for name in ("bob", "carol", "dave"):
        owner, version = _other(world, name)
        world.submit(m=10, owner=owner, version=version)
    sent, barrier = [], threading.Barrier(5)

    def go():
        barrier.wait()
        sent.extend(world.dispatch(1))

    threads = [threading.Thread(target=go) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == len(set(sent)) == 5
    names = _owners(world, sent)
    assert sorted(names.count(name) for name in set(names)) == [1, 2, 2]


#: Sends until nothing is left, a few at a time, so that others come in between.
SENDER = """
import sys
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.queue import fair_scheduling
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
database = SyncDatabase(sync_engine(Settings(), application="sender", size=1))
print("ready", flush=True)
sys.stdin.readline()
for ahead in range(25, 2025, 25):
    for part, _ in database.run(
        fair_scheduling.dispatch, ahead=ahead, large="jw.large", alive_s=20, lease_s=600
    ):
        print(part)
"""


def test_four_processes_send_two_thousand_parts_once_each(world, fresh):
    _bulk(world, 20)
    env = {
        "JUPYTER_WRANGLER_DATABASE_URL": fresh.database_url.get_secret_value(),
        "JUPYTER_WRANGLER_HOME": str(fresh.home),
    }
    senders = [
        subprocess.Popen(
            [sys.executable, "-c", SENDER],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert {sender.stdout.readline() for sender in senders} == {"ready\n"}
    for sender in senders:
        sender.stdin.write("go\n")
        sender.stdin.flush()
    sent = [sender.communicate(timeout=CEILING_S)[0].split() for sender in senders]
    every = [part for one in sent for part in one]
    assert len(every) == len(set(every)) == 2000
    assert sum(1 for one in sent if one) > 1, "nobody sent all"
    left = world.sql("SELECT 1 FROM wrangler.job_part WHERE state = 'queued'")
    assert not left


def test_ten_thousand_queued_parts_and_many_finished_ones_are_no_burden(world):
    """Not timed: the plan must walk the index, not sort all that is queued."""
    _bulk(world, 100)
    world.sql("ANALYZE wrangler.job_part")
    params = {"ahead": 2, "large": "jw.large", "alive": 20, "s": 30, "max": 0}
    found = world.sql(f"EXPLAIN {fair_scheduling.TURNS.text}", **params)
    plan = "\n".join(row[0] for row in found)
    assert re.search(r"Index Scan using ix_job_part_queued on job_part p", plan)
    assert len(world.dispatch(4)) == 4


GIB = 2**30


def test_fault_3_14_two_large_parts_do_not_exceed_the_machine(world):
    """Each may take 80 % of the memory; both together must not run."""
    worker = world.register(slots=4, memory=8 * GIB)
    first = world.submit(seed=1, memory=5 * GIB)
    second = world.submit(seed=2, memory=5 * GIB)
    small = [world.submit(seed=seed) for seed in (3, 4)]
    sent = world.dispatch(2)
    assert len(sent) == 3, "one large one, and those that take little"
    assert [world.states(job)[0] for job in (first, second, *small)] == [
        "dispatched",
        "queued",
        "dispatched",
        "dispatched",
    ]
    claims = [world.claim(part, worker) for part in sent]
    assert world.dispatch(2) == [], "not while the first runs"
    large = next(claim for claim in claims if claim.ticket.job_id == first.id)
    world.succeed(large)
    assert world.states(second)[0] == "queued"
    world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
    # the summary of the first takes as much, and is in the same queue
    for _ in range(4):
        taken = world.sql("""
            SELECT coalesce(sum(memory), 0) AS n FROM wrangler.job_part
             WHERE state IN ('dispatched', 'running')""")[0].n
        assert taken <= 8 * GIB
        for part in world.dispatch(4):
            claim = world.claim(part, worker)
            if claim is not None:
                world.succeed(claim)
    assert world.states(second) == ["succeeded", "succeeded"]


def test_fault_3_14_what_is_larger_than_the_machine_runs_alone(world):
    worker = world.register(slots=2, memory=8 * GIB)
    job = world.submit(seed=1, memory=100 * GIB)
    other = world.submit(seed=2, memory=GIB)
    (part,) = world.dispatch(2)
    assert world.states(job)[0] == "dispatched"
    claim = world.claim(part, worker)
    assert claim is not None
    assert world.dispatch(2) == []
    world.succeed(claim)
    assert world.dispatch(2)
    assert "queued" not in world.states(other)[:1] or "queued" not in world.states(job)


def test_fault_3_14_each_worker_looks_at_its_own_memory(world):
    """Of two machines either may hear of a part; the full one leaves it."""
    full, free = (world.register(slots=4, memory=8 * GIB) for _ in range(2))
    for seed in (1, 2):
        world.submit(seed=seed, memory=5 * GIB)
    one, two = world.dispatch(4)
    assert world.claim(one, full)
    assert world.claim(two, full) is None
    (row,) = world.sql(
        "SELECT state, lease_until FROM wrangler.job_part WHERE id = :p", p=two
    )
    assert tuple(row) == ("queued", None)
    assert world.claim(two, free)


def test_fault_3_14_two_threads_of_a_worker_look_one_after_the_other(world):
    worker = world.register(slots=4, memory=8 * GIB)
    for seed in range(6):
        world.submit(seed=seed, memory=3 * GIB)
    # sent, as if there were other workers that have gone since
    world.sql("""
        UPDATE wrangler.job_part SET state = 'dispatched', lease_until = now()
         WHERE stage = 0""")
    sent = [row.id for row in world.sql(
        "SELECT id FROM wrangler.job_part WHERE stage = 0")]  # fmt: skip
    barrier, claimed = threading.Barrier(len(sent)), []

    def go(part):
        barrier.wait()
        if world.claim(part, worker):
            claimed.append(part)

    threads = [threading.Thread(target=go, args=(part,)) for part in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 2


def test_fault_3_14_a_worker_that_does_not_say_takes_as_before(world):
    world.register(slots=4)
    for seed in (1, 2):
        world.submit(seed=seed, memory=500 * GIB)
    assert len(world.dispatch(2)) == 2
