"""The state machine of jobs, driven at random against a real PostgreSQL.

Whatever the order in which jobs are submitted, sent, claimed, renewed, finished, lost,
cancelled, tried again and reaped, also by workers that lost their leases long ago:
each job ends exactly once per life, and nothing is leased without an owner.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from jupyter_wrangler.contract import PRIORITIES
from jupyter_wrangler.contract.states import FINAL
from jupyter_wrangler.errors import Conflict, JobAlreadyFinished
from jupyter_wrangler.store.queue import events, expiry, jobs, parts, version_lease
from tests.waiting import until

ANY = st.integers(0, 1000)


class Machine(RuleBasedStateMachine):
    """Verbs in random order; `lives` is what has been promised so far."""

    world = None
    late = None

    def __init__(self) -> None:
        super().__init__()
        self.world.sql("DELETE FROM wrangler.job")
        self.world.sql("DELETE FROM wrangler.release")
        self.seed = 0
        self.version = "1"
        self.jobs = []
        #: Parts sent, and claims made, whether or not they still count.
        self.sent, self.claims = [], []
        #: (job, life) -> final state, once seen.
        self.ended: dict = {}
        self.lives: dict = {}
        #: Jobs and lives of which somebody was told that they are cancelled.
        self.cancelled: set = set()
        self.mark = self.world.database.run(events.horizon)
        self.reported: dict = {}

    def _pick(self, items, n):
        return items[n % len(items)] if items else None

    def _life(self, job):
        return job.id, self.lives[job.id]

    # ── what callers do ──

    @initialize()
    def begin(self):
        for m in (1, 3):
            self.submit(m, "normal")
        for n in range(3):
            self.work(4, n, late=False)

    @rule(m=st.integers(1, 3), priority=st.sampled_from(PRIORITIES))
    def submit(self, m, priority):
        self.seed += 1
        job = self.world.submit(m=m, seed=self.seed, priority=priority)
        self.jobs.append(job)
        self.lives[job.id] = 1

    @rule(n=ANY)
    def submit_again(self, n):
        job = self._pick(self.jobs, n)
        if job is None:
            return
        before = self.world.job(job)
        again = self.world.submit(m=job.spec.n_imputations, seed=job.spec.random_state)
        if again.id not in self.lives:
            assert before.state not in {"queued", "running", "succeeded"} or (
                self.version != "1"
            )
            self.jobs.append(again)
            self.lives[again.id] = 1

    @rule(n=ANY)
    def cancel(self, n):
        job = self._pick(self.jobs, n)
        if job is not None:
            with contextlib.suppress(JobAlreadyFinished):
                self.world.database.run(jobs.cancel, self.world.owner, job.id)
                self.cancelled.add(self._life(job))

    @rule(n=ANY)
    def retry(self, n):
        job = self._pick(self.jobs, n)
        if job is None:
            return
        before = self.world.job(job).state
        try:
            self.world.retry(job, app_version=self.version, key=job.spec.random_state)
        except Conflict:
            assert before == "succeeded" or before not in FINAL
        else:
            assert before in FINAL
            self.lives[job.id] += 1

    # ── what workers do ──

    @rule(limit=st.integers(1, 4), n=ANY, late=st.booleans())
    def work(self, limit, n, late):
        """Parts are sent; one that was sent, now or long ago, is claimed."""
        self.sent += self.world.dispatch(limit)
        # the newest most often: of the others many have ended
        part = self._pick(self.sent[::-1], min(n % 7, n % 13))
        if part is not None:
            claim = self.world.claim(
                part, uuid.uuid4(), lease_s=-1 if late else 30, version=self.version
            )
            if claim is not None:
                self.claims.append(claim)

    @rule(n=ANY, verb=st.sampled_from(["succeed", "fail", "lose", "release", "renew"]))
    def report(self, n, verb):
        """A worker reports, in time or long after its part went to another one."""
        claim = self._pick(self.claims[::-1], n % 4)
        if claim is None:
            self.work(4, n, late=False)
            return
        ticket, run = claim.ticket, self.world.database.run
        standing = self._ranked_method(ticket)
        self.late["in time" if standing else "late"] += 1
        if verb == "renew":
            found = run(parts.extend, ticket.worker_id, [ticket.part_id], lease_s=30)
            assert found == ({ticket.part_id: standing} if standing else {})
            return
        done = {
            "succeed": lambda: self.world.succeed(claim),
            "fail": lambda: self.world.fail(claim, ["failed", "timed_out"][n % 2]),
            "lose": lambda: run(parts.mark_lost, ticket, reason="SIGKILL", usage={}),
            "release": lambda: run(parts.release, ticket),
        }[verb]()
        assert done == (standing == "running"), "only who holds the lease has a say"
        if not done:
            stopped = run(parts.mark_cancelled, ticket, usage={})
            assert stopped == (standing == "cancelling")

    def _ranked_method(self, ticket) -> str | None:
        """State of a part, as long as it is this worker's."""
        rows = self.world.sql(
            "SELECT state FROM wrangler.job_part WHERE id = :p AND attempt = :a"
            " AND lease_owner = :w",
            p=ticket.part_id,
            a=ticket.attempt,
            w=ticket.worker_id,
        )
        return rows[0].state if rows else None

    # ── what time does ──

    @rule(everywhere=st.booleans())
    def reap(self, everywhere):
        """Leases and pauses run out, and the reaper comes by."""
        for what in ("lease_until", "dispatch_after"):
            self.world.sql(
                f"UPDATE wrangler.job_part SET {what} = now() - interval '1 s'"  # noqa: S608
                f" WHERE {what} IS NOT NULL AND (k = 0 OR :all)",
                all=everywhere,
            )
        self._reap()

    def _reap(self):
        for part, job in self.world.database.run(expiry.expired):
            self.world.database.run(expiry.reap, part, job)

    @rule(n=ANY)
    def deadline(self, n):
        job = self._pick(self.jobs, n)
        if job is not None and n % 5 == 0:
            self.world.sql(
                "UPDATE wrangler.job SET deadline_at = now() - interval '1 s'"
                " WHERE id = :j",
                j=job.id,
            )

    @rule(n=ANY)
    def upgrade(self, n):
        if n % 10 == 0:
            self.version = str(int(self.version) + 1)
            self.world.database.run(version_lease.take_charge, self.version)
        self.world.database.run(version_lease.adopt, self.version)

    # ── what must hold whenever one looks ──

    @invariant()
    def each_life_ends_once(self):
        rows = self.world.sql("SELECT id, state FROM wrangler.job")
        states = {row.id: row.state for row in rows}
        for job in self.jobs:
            state = states[job.id]
            if state in FINAL:
                assert self.ended.setdefault(self._life(job), state) == state
            else:
                assert self._life(job) not in self.ended
            if self._life(job) in self.cancelled:
                assert state in {"cancelling", "cancelled"}

    @invariant()
    def leases_attempts_and_results_are_in_order(self):
        wrong = self.world.sql("""
            SELECT p.id, p.state, p.attempt FROM wrangler.job_part p
              JOIN wrangler.job j ON j.id = p.job_id
             WHERE (p.state IN ('running', 'cancelling')) <> (lease_owner IS NOT NULL)
                OR p.attempt > p.max_attempts
                OR (p.stage = 0 AND p.state = 'succeeded') <> (result_sha IS NOT NULL)
                OR (j.state = 'succeeded' AND p.state <> 'succeeded')
                OR (j.finished_at IS NOT NULL AND p.finished_at IS NULL)
                OR (p.state = 'running' AND p.deadline_at IS NULL)
                OR (SELECT count(*) FROM wrangler.job_attempt a
                     WHERE a.part_id = p.id AND a.ended_at IS NULL)
                   <> (p.state IN ('running', 'cancelling'))::int""")
        assert wrong == []

    @invariant()
    def events_come_in_order(self):
        found = self.world.database.run(events.since, self.mark, limit=1000)
        for event in found:
            assert event.mark > self.mark
            self.mark = event.mark
            self.reported.setdefault(event.job_id, []).append(event.type)

    def _all_is_told(self) -> bool:
        """Whether each end was reported once; the database may be a moment late."""
        self.events_come_in_order()
        ends = {
            job.id: [kind for kind in self.reported.get(job.id, []) if kind in FINAL]
            for job in self.jobs
        }
        lives = {
            job.id: [
                self.ended[job.id, life] for life in range(1, self.lives[job.id] + 1)
            ]
            for job in self.jobs
        }
        return ends == lives

    def teardown(self):
        """Let all that is left run to its end: nothing may be stuck."""
        for _ in range(200):
            if all(self.world.job(job).state in FINAL for job in self.jobs):
                break
            self.world.sql(
                "UPDATE wrangler.job_part SET lease_until = now() - interval '1 s'"
                " WHERE lease_until IS NOT NULL"
            )
            self._reap()
            self.world.database.run(version_lease.adopt, self.version)
            self.world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
            for part in self.world.dispatch(20):
                claim = self.world.claim(part, version=self.version)
                if claim is not None:
                    self.world.succeed(claim)
        else:
            raise AssertionError("a job never ends")
        self.each_life_ends_once()
        self.leases_attempts_and_results_are_in_order()
        until(self._all_is_told)


def test_no_order_of_verbs_breaks_a_promise(world):
    late = Counter()
    kind = type("Bound", (Machine,), {"world": world, "late": late})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert min(late["in time"], late["late"]) > 5, "both must have been tried"
