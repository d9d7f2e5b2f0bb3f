"""Redis may vanish at any moment: nothing but progress ticks is lost."""

from __future__ import annotations

import os
import signal
import time

import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.stack import binaries
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S, until


@pytest.fixture
def own_redis(fresh):
    """A system whose Valkey the test may end and start again."""
    import subprocess
    import tempfile
    from pathlib import Path

    from pydantic import SecretStr

    with tempfile.TemporaryDirectory(prefix="jwr-") as folder:
        socket = Path(folder) / "v.sock"
        binary = binaries.valkey(fresh)

        def start():
            process = subprocess.Popen(
                [str(binary.path), "--port", "0", "--unixsocket", str(socket),
                 "--save", "", "--maxmemory-policy", "volatile-lru"],
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
            until(socket.exists)
            return process

        processes = [start()]
        settings = fresh.model_copy(
            update={"redis_url": SecretStr(f"unix://{socket}?db=0")}
        )
        system = System(settings, Path(folder))
        system.valkey = processes

        def stop():
            processes[-1].send_signal(signal.SIGKILL)
            processes[-1].wait()
            socket.unlink(missing_ok=True)

        system.stop_valkey = stop
        system.start_valkey = lambda: processes.append(start())
        system.tell_valkey = lambda how: os.kill(processes[-1].pid, how)
        try:
            yield system
        finally:
            system.close()
            stop()


def test_a_job_is_accepted_without_redis_and_runs_when_it_is_back(own_redis):
    own_redis.service()
    own_redis.worker()
    own_redis.stop_valkey()
    job = own_redis.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    health = own_redis.get("/health/ready")
    assert health.status_code == 503
    assert "Redis does not answer" in health.json()["checks"]["redis"]
    assert own_redis.get(f"/jobs/{job.id}").json()["state"] == "queued"
    own_redis.start_valkey()
    assert job.result(timeout=CEILING_S).df.notna().all(axis=None)


def test_a_heartbeat_hears_of_a_cancel_without_redis_whatever_else_it_asks(own_redis):
    """A part that nobody claims makes the worker ask Redis whether it is to blame."""
    own_redis.service()
    # what was sent counts as overlooked from half a minute before its lease ends
    worker = own_redis.worker(JUPYTER_WRANGLER_LEASE_S="60")
    client = own_redis.client()
    job = client.submit(
        incomplete_frame(3000, 10), ImputationSpec(max_iter=1000, n_imputations=1)
    )
    until(lambda: own_redis.runners(worker))
    own_redis.stop_valkey()
    other = client.submit(incomplete_frame(seed=1), ImputationSpec(method="mean"))
    own_redis.sql("UPDATE wrangler.job_part SET dispatch_after = now() + interval '1h'"
                  " WHERE job_id = :j", j=other.id)  # fmt: skip
    time.sleep(0.5)
    overlooked = """
        UPDATE wrangler.job_part
           SET state = 'dispatched', lease_until = now() + interval '30 s'
         WHERE job_id = :j AND stage = 0"""
    own_redis.sql(overlooked, j=other.id)
    time.sleep(1)
    begun = time.monotonic()
    job.cancel()
    until(lambda: job.refresh().state == "cancelled")
    assert time.monotonic() - begun < 8


def test_nobody_waits_for_a_redis_that_is_connected_and_says_nothing(own_redis):
    own_redis.service()
    worker = own_redis.worker()
    client = own_redis.client()
    # none of them may end by itself before all was looked at
    spec = ImputationSpec(max_iter=1000, n_imputations=1)
    data = incomplete_frame(20_000, 10)
    job = client.submit(data, spec)
    others = [
        client.submit(data, spec.model_copy(update={"random_state": seed}))
        for seed in range(1, 5)
    ]
    until(lambda: job.refresh().seen.progress and own_redis.runners(worker))
    late = own_redis.sql(
        "SELECT count(*) AS n FROM wrangler.job WHERE state = 'running'"
    )
    assert late[0].n > 1, "several jobs whose progress is asked for"
    own_redis.tell_valkey(signal.SIGSTOP)
    try:
        # as long as the pipe of a runner takes to fill, if nobody reads it
        for _ in range(8):
            begun = time.monotonic()
            assert own_redis.get("/jobs").status_code == 200
            assert time.monotonic() - begun < 4
            time.sleep(0.5)
        begun = time.monotonic()
        job.cancel()
        assert time.monotonic() - begun < 4
        until(lambda: job.refresh().state == "cancelled")
        assert time.monotonic() - begun < 8
        begun = time.monotonic()
        assert "Redis does not answer" in own_redis.get("/health/ready").text
        assert time.monotonic() - begun < 8
        # anyone who sends messages hangs, and who takes back what was lost does not
        (lost, *_) = until(lambda: own_redis.runners(worker))
        worker.send_signal(signal.SIGSTOP)
        expired = """
            SELECT 1 FROM wrangler.job_part WHERE state = 'queued' AND attempt = 1"""
        until(lambda: own_redis.sql(expired))
        worker.send_signal(signal.SIGCONT)
        until(lambda: lost not in own_redis.runners(worker))
    finally:
        own_redis.tell_valkey(signal.SIGCONT)
    for other in others:
        other.cancel()
    last = client.submit(incomplete_frame(seed=5), ImputationSpec(method="mean"))
    assert last.wait(timeout=CEILING_S), own_redis.logs()
    assert worker.poll() is None
    assert last.state == "succeeded"


def test_a_job_reaches_its_deadline_though_redis_says_nothing(own_redis):
    own_redis.service()
    worker = own_redis.worker(JUPYTER_WRANGLER_PART_TIMEOUT_S="4")
    spec = ImputationSpec(max_iter=1000, n_imputations=1)
    job = own_redis.client().submit(incomplete_frame(5000, 20), spec)
    until(lambda: own_redis.runners(worker))
    begun = time.monotonic()
    own_redis.tell_valkey(signal.SIGSTOP)
    try:
        until(lambda: job.refresh().state == "timed_out")
    finally:
        own_redis.tell_valkey(signal.SIGCONT)
    assert time.monotonic() - begun < 15
