"""One worker under odd circumstances: hung and poisoned runners, a wrong clock."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jupyter_wrangler import errors
from jupyter_wrangler.contract import ImputationSpec
from tests.acceptance.system import System, incomplete_frame
from tests.faults.invariants import check_book
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

LONG = ImputationSpec(max_iter=500, n_imputations=1)
#: Seconds that a part may take.
LIMIT_S = 9
#: Read by every Python process at its start: its clock is an hour ahead.
CLOCK = """
import time
_right = time.time
time.time = lambda: _right() + 3600
time.time_ns = lambda: int(time.time() * 1e9)
"""


@pytest.fixture(scope="module")
def system(fresh_module):
    """A service whose only worker lives an hour ahead, and may not take long."""
    with tempfile.TemporaryDirectory(prefix="jww-") as folder:
        ahead = Path(folder) / "ahead"
        ahead.mkdir()
        (ahead / "sitecustomize.py").write_text(CLOCK)
        found = System(fresh_module, Path(folder))
        root = Path(__file__).parents[2]
        try:
            found.service()
            found.first = found.worker(
                PYTHONPATH=f"{ahead}{os.pathsep}{root}",
                JUPYTER_WRANGLER_PART_TIMEOUT_S=str(LIMIT_S),
            )
            yield found
        finally:
            found.close()


def attempts(system, job) -> int:
    query = "SELECT max(attempt) AS n FROM wrangler.job_part WHERE job_id = :j"
    return system.sql(query, j=job.id)[0].n


def test_no_lease_ends_because_a_worker_is_an_hour_ahead(system):
    """Only the database's clock counts."""
    spec = ImputationSpec(max_iter=40, n_imputations=2)
    job = system.client().submit(incomplete_frame(3000, 10), spec)
    assert job.wait(timeout=CEILING_S)
    assert job.state == "succeeded"
    assert attempts(system, job) == 1
    (worker,) = system.sql("""
        SELECT abs(extract(epoch FROM now() - heartbeat_at)) AS off
          FROM wrangler.worker""")
    assert worker.off < 30
    (log,) = system.folder.glob("worker-*.log")
    reported = re.search(r"^20[-0-9]+ [:0-9]+", log.read_text("utf-8"), re.MULTILINE)[0]
    check_book(system)
    assert datetime.fromisoformat(reported) - datetime.now() > timedelta(minutes=55)  # noqa: DTZ005  as logged


def test_a_runner_that_hangs_keeps_its_lease_until_its_deadline(system):
    """Nothing that computes can keep a heartbeat from being sent."""
    job = system.client().submit(incomplete_frame(3000, 10), LONG)
    (runner, *_) = until(lambda: system.runners(system.first))
    os.kill(runner, signal.SIGSTOP)
    # the worker goes on for longer than the lease of 5 s
    beats = "SELECT now() AS now, heartbeat_at AS last FROM wrangler.worker"
    begun = system.sql(beats)[0].now
    until(lambda: (system.sql(beats)[0].last - begun).total_seconds() > 6)
    assert job.refresh().state == "running"
    assert attempts(system, job) == 1
    assert isinstance(job.exception(timeout=CEILING_S), errors.JobTimedOut)
    until(lambda: not system.runners(system.first))
    assert system.first.poll() is None
    check_book(system)


def test_a_job_that_kills_its_runner_each_time_is_put_in_quarantine(system):
    """Three attempts, and then it is out of the way; others never notice."""
    client = system.client()
    poison = client.submit(
        incomplete_frame(3000, 10, seed=1), LONG.model_copy(update={"random_state": 9})
    )
    seen: set[int] = set()

    def killed() -> bool:
        for runner in system.runners(system.first):
            if runner not in seen:
                seen.add(runner)
                os.kill(runner, signal.SIGKILL)
        return len(seen) >= 3

    until(killed)
    error = poison.exception(timeout=CEILING_S)
    assert isinstance(error, errors.JobQuarantined), error
    assert "SIGKILL" in str(error)
    assert attempts(system, poison) == 3
    history = poison.history()
    lost = history[history["event"] == "lost"]
    assert lost["attempt"].tolist() == [1, 2, 3]
    assert lost["reason"].str.contains("SIGKILL").all()
    assert lost["then"].tolist() == ["queued", "queued", "quarantined"]
    assert history["event"].iloc[-1] == "quarantined"
    other = client.submit(incomplete_frame(), ImputationSpec(method="mean"))
    assert other.result(timeout=CEILING_S).df.notna().all(axis=None)
    assert system.first.poll() is None
    check_book(system)
