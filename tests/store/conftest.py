"""A database, an owner, a data set and jobs to play with."""

from __future__ import annotations

import uuid

import pytest

from jupyter_wrangler.contract import (
    ColumnInfo,
    DatasetRequest,
    ImputationSpec,
    JobRequest,
    Quota,
    SaveRequest,
)
from jupyter_wrangler.store import datasets, uploads, users
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.queue import (
    claims,
    fair_scheduling,
    jobs,
    parts,
    retry,
    submission,
    workers,
)
from jupyter_wrangler.store.results import saving
from jupyter_wrangler.store.rls import for_system

SHA = "ab" * 32


class World:
    """Short words for the state machine's tests."""

    def __init__(self, database: SyncDatabase) -> None:
        self.database = database
        self.worker = uuid.uuid4()
        self.quota = Quota(
            max_running=0,
            max_queued=1000,
            max_bytes=10**9,
            max_cells=10**9,
            max_streams=8,
            max_datasets=1000,
            max_jobs=100_000,
            max_parts=1_000_000,
            max_results=1000,
        )
        self.owner = self.user("alice")
        self.version = self.dataset(self.owner)

    def user(self, name: str) -> uuid.UUID:
        return self.database.run(users.ensure, "local", name)

    def dataset(self, owner: uuid.UUID, name: str = "frame", sha: str = SHA):
        raw = bytes.fromhex(sha)
        self.database.run(uploads.add_blob, owner, raw, 10, f"{owner}/{sha}")
        request = DatasetRequest(
            sha256=sha,
            name=name,
            n_rows=3,
            columns=(ColumnInfo(name="a", dtype="float64", missing=1),),
        )
        return self.database.run(datasets.add, owner, request, self.quota)[0]

    def submit(self, m: int = 1, *, owner=None, seed: int = 0, **more):
        methods = more.pop("methods", {})
        spec = ImputationSpec(n_imputations=m, random_state=seed, methods=methods)
        version = more.pop("version", self.version)
        queue = more.pop("queue", "jw.small")
        estimate_s = more.pop("estimate_s", None)
        part_s = more.pop("part_s", None)
        cache = more.pop("cache", seed)
        memory = more.pop("memory", 0)
        plan = [
            submission.PartPlan(stage=0, k=k, queue=queue, memory=memory)
            for k in range(m)
        ]
        plan.append(submission.PartPlan(stage=1, k=0, queue=queue))
        return self.database.run(
            submission.submit,
            owner or self.owner,
            JobRequest(dataset_version_id=version.id, spec=spec, **more),
            parts=plan,
            cache_key=f"{cache:032d}".encode(),
            app_version="1",
            max_attempts=3,
            quota=self.quota,
            estimate_s=estimate_s,
            part_s=part_s,
        )[0]

    def job(self, job, owner=None):
        return self.database.run(jobs.get, owner or self.owner, job.id)

    def dispatch(self, limit: int = 100, *, lease_s: float = 30, max_running: int = 0):
        return [part for part, _ in self.send(limit, lease_s, max_running)]

    def send(self, limit: int = 100, lease_s: float = 30, max_running: int = 0):
        """Dispatch `limit` parts beyond what the slots of `workers` allow."""
        return self.database.run(
            fair_scheduling.dispatch,
            ahead=limit,
            large="jw.large",
            alive_s=20,
            lease_s=lease_s,
            max_running=max_running,
        )

    def register(self, slots: int = 2, memory: int = 0) -> uuid.UUID:
        worker = uuid.uuid4()
        self.database.run(
            workers.register,
            worker,
            host="h",
            pid=1,
            boot_id="b",
            version="1",
            queues=["jw.small", "jw.large"],
            slots=slots,
            memory=memory,
        )
        return worker

    def claim(self, part, worker=None, lease_s: float = 30, version: str = "1"):
        return self.database.run(
            claims.claim,
            part,
            worker or self.worker,
            lease_s=lease_s,
            timeout_s=60,
            version=version,
        )

    def claim_last(self, ended):
        return self.database.run(
            claims.claim_last,
            ended,
            self.worker,
            lease_s=30,
            timeout_s=60,
            version="1",
        )

    def succeed(self, claim, sha: str = "cd" * 32, summary=None):
        raw = bytes.fromhex(sha)
        self.database.run(
            uploads.add_blob, claim.owner_id, raw, 5, f"{claim.owner_id}/{sha}"
        )
        return self.database.run(
            parts.succeed,
            claim.ticket,
            result_sha=None if claim.stage else raw,
            summary=summary,
            usage={"rss_peak_kb": 1, "cpu_s": 0.1},
        )

    def fail(self, claim, state="failed"):
        return self.database.run(
            parts.fail,
            claim.ticket,
            state=state,
            code="nothing_observed",
            message="Column 'a' has no observed value.",
            details={"column": "a"},
            usage={},
        )

    def retry(self, job, *, owner=None, app_version: str = "1", key: int = 0):
        return self.database.run(
            retry.retry,
            owner or self.owner,
            job.id,
            cache_key=f"{key:032d}".encode(),
            app_version=app_version,
            max_attempts=3,
            quota=self.quota,
        )

    def done(self, **more):
        """A job that has succeeded."""
        job = self.submit(**more)
        while parts_ := self.dispatch():
            for part in parts_:
                self.succeed(self.claim(part))
        return job

    def save(self, job, name="patients", *, owner=None, note=None, quota=None):
        """Save the result of a job; the version, and whether it is new."""
        return self.database.run(
            saving.save,
            owner or self.owner,
            SaveRequest(name=name, note=note, job_id=job.id),
            quota or self.quota,
        )

    def states(self, job) -> list[str]:
        rows = self.sql(
            "SELECT state FROM wrangler.job_part WHERE job_id = :j ORDER BY stage, k",
            j=job.id,
        )
        return [row.state for row in rows]

    def sql(self, query: str, **params):
        from sqlalchemy import text

        @for_system
        def verb(c):
            found = c.execute(text(query), params)
            return found.all() if found.returns_rows else []

        return self.database.run(verb)


@pytest.fixture
def world(fresh):
    database = SyncDatabase(sync_engine(fresh, application="tests", size=5))
    yield World(database)
    database.close()
