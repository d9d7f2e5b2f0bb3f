"""Killed processes and lost servers: every accepted job still has one result."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest

from jupyter_wrangler import errors
from jupyter_wrangler.contract import ImputationSpec
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until

#: Takes some seconds, in many small steps.
LONG = ImputationSpec(max_iter=150, n_imputations=4)


def _one_result(system, job, *, imputations: int) -> None:
    """The invariant that closes every bad day."""
    parts = system.sql(
        "SELECT stage, state, result_sha FROM wrangler.job_part WHERE job_id = :j"
        " ORDER BY stage, k",
        j=job.id,
    )
    assert [row.state for row in parts] == ["succeeded"] * (imputations + 1)
    assert len([row for row in parts if row.result_sha]) == imputations
    events = system.sql(
        "SELECT count(*) AS n FROM wrangler.job_event"
        " WHERE job_id = :j AND type = 'succeeded'",
        j=job.id,
    )
    assert events[0].n == 1
    assert len(job.result(timeout=CEILING_S).datasets) == imputations
    staged = list((system.settings.home / "blobs" / "staging").iterdir())
    assert staged == []


def _attempts(system, job) -> int:
    query = "SELECT max(attempt) AS n FROM wrangler.job_part WHERE job_id = :j"
    return system.sql(query, j=job.id)[0].n


def test_kill_9_of_the_worker_ends_in_exactly_one_result(running):
    job = running.client().submit(incomplete_frame(3000, 10), LONG)
    until(lambda: running.runners(running.first_worker))
    runners = running.runners(running.first_worker)
    running.first_worker.kill()
    running.first_worker.wait()
    until(lambda: not any(map(_alive, runners)))
    running.worker()
    assert job.wait(timeout=CEILING_S)
    _one_result(running, job, imputations=4)
    assert _attempts(running, job) == 2


def test_kill_9_of_a_runner_is_tried_again(running):
    job = running.client().submit(incomplete_frame(3000, 10), LONG)
    (runner, *_) = until(lambda: running.runners(running.first_worker))
    os.kill(runner, signal.SIGKILL)
    assert job.wait(timeout=CEILING_S)
    _one_result(running, job, imputations=4)
    exits = running.sql("SELECT exit FROM wrangler.job_attempt WHERE attempt = 1")
    assert any("SIGKILL" in row.exit for row in exits)
    assert running.first_worker.poll() is None


def test_a_stopped_worker_hands_its_parts_back_unspent(running):
    job = running.client().submit(
        incomplete_frame(3000, 10), ImputationSpec(max_iter=250, n_imputations=3)
    )
    until(lambda: running.runners(running.first_worker))
    second = running.worker()
    running.first_worker.send_signal(signal.SIGTERM)
    running.first_worker.wait(CEILING_S)
    assert job.wait(timeout=CEILING_S)
    _one_result(running, job, imputations=3)
    assert _attempts(running, job) == 1
    assert second.poll() is None


def test_kill_9_of_the_service_loses_nothing(running):
    job = running.client().submit(incomplete_frame(3000, 10), LONG)
    service = running.processes[0]
    service.kill()
    service.wait()
    running.service()
    found = running.client().job(job.id)
    assert len(found.result(timeout=CEILING_S).datasets) == 4
    _one_result(running, found, imputations=4)


def test_without_a_worker_the_job_waits_and_health_says_so(system):
    system.service()
    job = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    health = system.get("/health/ready")
    assert health.status_code == 503
    assert "No worker is alive" in health.json()["checks"]["workers"]
    with pytest.raises(TimeoutError):
        job.result(timeout=1)
    system.worker()
    assert job.result(timeout=CEILING_S).df.notna().all(axis=None)


def test_a_runner_has_no_credentials_and_no_way_to_the_servers(running):
    running.client().submit(incomplete_frame(3000, 10), LONG)
    (runner, *_) = until(lambda: running.runners(running.first_worker))
    environ = Path(f"/proc/{runner}/environ").read_text("utf-8")
    assert "WRANGLER" not in environ
    assert "postgresql" not in environ
    links = _open_files(runner)
    assert links, "the runner still lives"
    pipes = [link for link in links if link.startswith("socket:")]
    assert len(pipes) <= 2, "its pipe to the supervisor, and nothing else"


def _open_files(pid: int) -> list[str]:
    """What the descriptors of a process point to; one may be closed meanwhile."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(str(descriptor.readlink()))
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_too_little_memory_fails_with_advice_and_spares_the_worker(system):
    system.service()
    worker = system.worker(JUPYTER_WRANGLER_RUNNER_MEMORY=str(1200 * 2**20))
    job = system.client().submit(
        incomplete_frame(200_000, 100), ImputationSpec(max_iter=3)
    )
    error = job.exception(timeout=CEILING_S)
    assert isinstance(error, errors.OutOfMemory), error
    assert "JUPYTER_WRANGLER_RUNNER_MEMORY" in str(error)
    assert worker.poll() is None
    small = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    assert small.result(timeout=CEILING_S)


def test_a_full_disk_refuses_the_data_and_keeps_what_is_there(system):
    system.service(room="3m")
    client = system.client()
    small = client.submit(incomplete_frame(), ImputationSpec(method="mean"))
    with pytest.raises(errors.StorageFull, match="no room left"):
        client.submit(incomplete_frame(100_000, 10), ImputationSpec(method="mean"))
    assert client.job(small.id).state == "queued"
    found = system.sql("SELECT count(*) AS n FROM wrangler.dataset_version")
    assert found[0].n == 1
    another = client.submit(incomplete_frame(seed=5), ImputationSpec(method="mean"))
    assert another.state == "queued", "there is room for small data again"


def test_a_part_that_takes_too_long_is_stopped(system):
    system.service()
    system.worker(JUPYTER_WRANGLER_PART_TIMEOUT_S="1")
    job = system.client().submit(
        incomplete_frame(5000, 20), ImputationSpec(max_iter=1000, n_imputations=1)
    )
    error = job.exception(timeout=CEILING_S)
    assert isinstance(error, errors.JobTimedOut)
    assert job.refresh().state == "timed_out"
