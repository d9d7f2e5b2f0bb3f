"""Four workers over the same queue: each part is one's, and moves on when it must."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime.celery_app import QUEUES, celery_app, publish
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

LONG = ImputationSpec(max_iter=300, n_imputations=1)


@pytest.fixture(scope="module")
def fleet(fresh_module):
    """A service and four workers with a slot each."""
    with tempfile.TemporaryDirectory(prefix="jwf-") as folder:
        found = System(fresh_module, Path(folder))
        found.env["JUPYTER_WRANGLER_SLOTS"] = "1"
        found.env["JUPYTER_WRANGLER_PRELOAD"] = "light"
        try:
            found.service()
            found.workers = [found.worker() for _ in range(4)]
            yield found
        finally:
            found.close()


def running_where(fleet, job):
    """The row of the part that runs, with the process id of its worker."""
    rows = fleet.sql(
        """
        SELECT p.id, p.attempt, w.pid FROM wrangler.job_part p
          JOIN wrangler.worker w ON w.id = p.lease_owner
         WHERE p.job_id = :j AND p.stage = 0 AND p.state = 'running'""",
        j=job.id,
    )
    return rows[0] if rows else None


def attempts(fleet, job):
    return fleet.sql(
        """
        SELECT a.* FROM wrangler.job_attempt a
          JOIN wrangler.job_part p ON p.id = a.part_id
         WHERE p.job_id = :j AND p.stage = 0 ORDER BY a.attempt""",
        j=job.id,
    )


def test_a_hundred_messages_for_a_part_are_claimed_once(fleet):
    """Whoever else gets one does nothing, whether the part waits, runs or has ended."""
    job = fleet.client().submit(incomplete_frame(3000, 10), LONG)
    (part,) = fleet.sql(
        "SELECT id FROM wrangler.job_part WHERE job_id = :j AND stage = 0", j=job.id
    )
    app = celery_app(fleet.settings)
    with app.connection_for_write():
        for _ in range(100):
            publish(app, part.id, QUEUES[0])
    app.close()
    assert job.wait(timeout=CEILING_S), fleet.logs()
    assert job.state == "succeeded"
    assert [row.exit for row in attempts(fleet, job)] == ["succeeded"]
    begun = sum(
        log.read_text("utf-8").count(f"part begins job={job.id} part={part.id}")
        for log in fleet.folder.glob("worker-*.log")
    )
    assert begun == 1


def test_a_worker_that_hangs_loses_its_part_and_has_no_say_when_it_wakes(fleet):
    job = fleet.client().submit(incomplete_frame(3000, 10, seed=1), LONG)
    first = until(lambda: running_where(fleet, job))
    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = until(
            lambda: (row := running_where(fleet, job)) and row.attempt == 2 and row,
            seconds=40,
        )
        assert second.pid != first.pid
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert job.wait(timeout=CEILING_S), fleet.logs()
    assert job.state == "succeeded"
    lost, done = attempts(fleet, job)
    assert (lost.exit, done.exit) == ("lease expired", "succeeded")
    assert lost.worker_id != done.worker_id
    reported = fleet.sql(
        "SELECT type FROM wrangler.job_event WHERE job_id = :j AND type = 'succeeded'",
        j=job.id,
    )
    assert len(reported) == 1
    (hung,) = (w for w in fleet.workers if w.pid == first.pid)
    assert hung.poll() is None


def test_the_death_of_a_runner_is_noticed_within_a_second(fleet):
    noticed = []
    for seed in range(3):
        job = fleet.client().submit(incomplete_frame(3000, 10, seed=2 + seed), LONG)
        row = until(lambda j=job: running_where(fleet, j))
        (worker,) = (w for w in fleet.workers if w.pid == row.pid)
        (runner,) = until(lambda w=worker: fleet.runners(w))
        begun = time.monotonic()
        os.kill(runner, signal.SIGKILL)
        until(lambda j=job: attempts(fleet, j)[0].ended_at, pause=0.01)
        noticed.append(time.monotonic() - begun)
        assert "SIGKILL" in attempts(fleet, job)[0].exit
        assert job.wait(timeout=CEILING_S)
        assert job.state == "succeeded"
    # a machine that does much else may be late once
    assert min(noticed) < 1, noticed
