"""One user's ten thousand parts, another user's job, and strange messages, at work.

The order of turns is proven in `tests/store/queue/test_fair_scheduling.py`; here a
worker runs them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import pickle
import time
from pathlib import Path

import pytest
from kombu import Connection

from jupyter_wrangler import frames
from jupyter_wrangler.contract import (
    DatasetRequest,
    ImputationSpec,
    JobRequest,
    UploadRequest,
)
from jupyter_wrangler.runtime.celery_app import QUEUES, TASK, celery_app
from jupyter_wrangler.runtime.job_service import JobService
from tests.acceptance.system import incomplete_frame
from tests.faults.invariants import check_book
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

#: Parts of some hundred milliseconds, in ten jobs of the most that one may have.
PARTS = ImputationSpec(n_imputations=1000, max_iter=10)


async def _crowd(job_service: JobService, jobs: int) -> None:
    """Queue parts in the name of somebody who is not there."""
    owner = await job_service.user("hub_user", "bob")
    packed = frames.to_parquet(incomplete_frame(500, 5))
    sha = hashlib.sha256(packed.data).hexdigest()
    upload = await job_service.begin_upload(
        owner, UploadRequest(sha256=sha, size=len(packed.data))
    )
    await job_service.add_chunk(
        owner, upload.id, offset=0, data=packed.data, sha256=None
    )
    await job_service.complete_upload(owner, upload.id)
    asked = DatasetRequest(sha256=sha, n_rows=packed.n_rows, columns=packed.columns)
    version, _ = await job_service.add_dataset(owner, asked)
    for seed in range(jobs):
        spec = PARTS.model_copy(update={"random_state": seed})
        await job_service.submit(
            owner, JobRequest(dataset_version_id=version.id, spec=spec)
        )


def _queue(system, jobs: int) -> None:
    async def go() -> None:
        job_service = JobService(system.settings)
        job_service.blobs.prepare()
        try:
            await _crowd(job_service, jobs)
        finally:
            await job_service.database.close()
            await job_service.pubsub.close()

    asyncio.run(go())


def test_another_user_is_next_behind_ten_thousand_parts(system):
    system.service()
    worker = system.worker(JUPYTER_WRANGLER_SLOTS="1")
    _queue(system, jobs=10)
    done = "SELECT count(*) AS n FROM wrangler.job_part WHERE state = 'succeeded'"
    until(lambda: system.sql(done)[0].n >= 3)
    queued = "SELECT count(*) AS n FROM wrangler.job_part WHERE state = 'queued'"
    assert system.sql(queued)[0].n > 9_900
    # the time of one slot: what bob's parts take, one after the other
    (slot,) = system.sql("""
        SELECT max(extract(epoch FROM ended_at - started_at)) AS s
          FROM wrangler.job_attempt WHERE exit = 'succeeded'""")
    before = system.sql(done)[0].n
    begun = time.monotonic()
    job = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    until(lambda: job.refresh().seen.started_at, pause=0.01)
    waited = time.monotonic() - begun
    # what ran, and what had been sent ahead to keep the slot busy
    assert system.sql(done)[0].n - before <= 5
    assert waited < 4 * float(slot.s) + 2, (waited, slot.s)
    assert job.wait(timeout=CEILING_S).state == "succeeded"
    assert worker.poll() is None
    system.sql("DELETE FROM wrangler.job WHERE spec->>'n_imputations' = '1000'")


class Bomb:
    """Makes a file when somebody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickled_message_is_thrown_away_and_the_worker_lives(system):
    """Anyone who can write to Redis still cannot make a worker run code."""
    system.service()
    worker = system.worker()
    goal = system.folder / "exploded"
    app = celery_app(system.settings)
    with app.connection_for_write() as connection:
        assert isinstance(connection, Connection)
        producer = app.amqp.Producer(connection)
        for serial, body in (
            ("pickle", pickle.dumps(([], {"part": Bomb(goal)}, {}))),
            ("json", b"{"),
            ("json", b'[[], {"part": "no uuid"}, {}]'),
            ("json", b"[[], {}, {}]"),
        ):
            for queue in QUEUES:
                producer.publish(
                    body,
                    routing_key=queue,
                    exchange="",
                    content_type={
                        "pickle": "application/x-python-serialize",
                        "json": "application/json",
                    }[serial],
                    content_encoding="binary" if serial == "pickle" else "utf-8",
                    headers={"task": TASK, "id": "7", "lang": "py"},
                )
    app.close()
    job = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    assert job.wait(timeout=CEILING_S).state == "succeeded"
    assert not goal.exists()
    assert worker.poll() is None
    (log,) = system.folder.glob("worker-*.log")
    assert "untrusted content of type pickle" in log.read_text("utf-8")
    check_book(system)
