"""The state machine of jobs, driven at random against a real PostgreSQL.

Whatever the order in which jobs are submitted, sent, claimed, renewed, finished, lost,
cancelled, tried again and reaped, also by workers that lost their leases long ago:
each job ends exactly once per life, and nothing is leased without an owner.
"""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from jupyter_wrangler.errors import Conflict, JobAlreadyFinished
from jupyter_wrangler.store import events, jobs, parts, release
from jupyter_wrangler.store.models import JOB_FINAL
from tests.acceptance.system import until

ANY = st.integers(0, 1000)


class Machine(RuleBasedStateMachine):
    """Verbs in random order; `lives` is what has been promised so far."""

    world = None

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
        self.told: dict = {}

    def _pick(self, items, n):
        return items[n % len(items)] if items else None

    def _life(self, job):
        return job.id, self.lives[job.id]

    # ── what callers do ──

    @rule(m=st.integers(1, 3), priority=st.integers(0, 9))
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
            assert before == "succeeded" or before not in JOB_FINAL
        else:
            assert before in JOB_FINAL
            self.lives[job.id] += 1

    # ── what workers do ──

    @rule(limit=st.integers(1, 4))
    def dispatch(self, limit):
        self.sent += self.world.dispatch(limit)

    @rule(n=ANY, late=st.booleans())
    def claim(self, n, late):
        part = self._pick(self.sent, n)
        if part is not None:
            claim = self.world.claim(
                part, lease_s=-1 if late else 30, version=self.version
            )
            if claim is not None:
                self.claims.append(claim)

    @rule(n=ANY)
    def renew(self, n):
        claim = self._pick(self.claims, n)
        if claim is not None:
            ticket = claim.ticket
            self.world.database.run(
                parts.extend, ticket.worker_id, [ticket.part_id], lease_s=30
            )

    @rule(n=ANY)
    def succeed(self, n):
        claim = self._pick(self.claims, n)
        if claim is not None and not self.world.succeed(claim):
            self.world.database.run(parts.stop, claim.ticket, usage={})

    @rule(n=ANY, state=st.sampled_from(["failed", "timed_out"]))
    def fail(self, n, state):
        claim = self._pick(self.claims, n)
        if claim is not None and not self.world.fail(claim, state):
            self.world.database.run(parts.stop, claim.ticket, usage={})

    @rule(n=ANY)
    def lose(self, n):
        claim = self._pick(self.claims, n)
        if claim is not None:
            self.world.database.run(
                parts.lose, claim.ticket, reason="SIGKILL", usage={}
            )

    @rule(n=ANY)
    def hand_back(self, n):
        claim = self._pick(self.claims, n)
        if claim is not None:
            self.world.database.run(parts.release, claim.ticket)

    # ── what time does ──

    @rule()
    def reap(self):
        for part, job in self.world.database.run(parts.expired):
            self.world.database.run(parts.reap, part, job)

    @rule(n=ANY, what=st.sampled_from(["lease_until", "dispatch_after"]))
    def time_passes(self, n, what):
        self.world.sql(
            f"UPDATE wrangler.job_part SET {what} = now() - interval '1 s'"  # noqa: S608
            f" WHERE {what} IS NOT NULL AND k = :k",
            k=n % 3,
        )

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
            self.world.database.run(release.take_charge, self.version)
        self.world.database.run(release.adopt, self.version)

    # ── what must hold whenever one looks ──

    @invariant()
    def each_life_ends_once(self):
        for job in self.jobs:
            state = self.world.job(job).state
            if state in JOB_FINAL:
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
            self.told.setdefault(event.job_id, []).append(event.type)

    def _all_is_told(self) -> bool:
        """Whether each end was told once; the database may hold events for a moment."""
        self.events_come_in_order()
        ends = {
            job.id: [kind for kind in self.told.get(job.id, []) if kind in JOB_FINAL]
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
            if all(self.world.job(job).state in JOB_FINAL for job in self.jobs):
                break
            self.world.sql(
                "UPDATE wrangler.job_part SET lease_until = now() - interval '1 s'"
                " WHERE lease_until IS NOT NULL"
            )
            self.reap()
            self.world.database.run(release.adopt, self.version)
            self.world.sql("UPDATE wrangler.job_part SET dispatch_after = now()")
            for part in self.world.dispatch(20):
                claim = self.world.claim(part, version=self.version)
                if claim is not None:
                    self.world.succeed(claim)
        else:
            raise AssertionError("a job never ends")
        self.each_life_ends_once()
        self.leases_attempts_and_results_are_in_order()
        until(self._all_is_told, seconds=20)


def test_no_order_of_verbs_breaks_a_promise(world):
    kind = type("Bound", (Machine,), {"world": world})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
