"""Redis may vanish at any moment: nothing but progress ticks is lost."""

from __future__ import annotations

import signal
import time

import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.stack import binaries
from tests.acceptance.system import System, holes, until


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
        try:
            yield system
        finally:
            system.close()
            stop()


def test_a_job_is_accepted_without_redis_and_runs_when_it_is_back(own_redis):
    own_redis.service()
    own_redis.worker()
    own_redis.stop_valkey()
    job = own_redis.client().submit(holes(), ImputationSpec(method="mean"))
    health = own_redis.get("/health/ready")
    assert health.status_code == 503
    assert "Redis does not answer" in health.json()["checks"]["redis"]
    assert own_redis.get(f"/jobs/{job.id}").json()["state"] == "queued"
    own_redis.start_valkey()
    assert job.result(timeout=60).df.notna().all(axis=None)


def test_a_heartbeat_hears_of_a_cancel_without_redis_whatever_else_it_asks(own_redis):
    """A part that nobody claims makes the worker ask Redis whether it is to blame."""
    own_redis.service()
    # what was sent counts as overlooked from half a minute before its lease ends
    worker = own_redis.worker(JUPYTER_WRANGLER_LEASE_S="60")
    client = own_redis.client()
    job = client.submit(holes(3000, 10), ImputationSpec(max_iter=1000, n_imputations=1))
    until(lambda: own_redis.runners(worker), seconds=40)
    other = client.submit(holes(seed=1), ImputationSpec(method="mean"))
    own_redis.sql("UPDATE wrangler.job_part SET dispatch_after = now() + interval '1h'"
                  " WHERE job_id = :j", j=other.id)  # fmt: skip
    own_redis.stop_valkey()
    overlooked = """
        UPDATE wrangler.job_part
           SET state = 'dispatched', lease_until = now() + interval '30 s'
         WHERE job_id = :j AND stage = 0"""
    own_redis.sql(overlooked, j=other.id)
    time.sleep(1)
    begun = time.monotonic()
    job.cancel()
    until(lambda: job.refresh().state == "cancelled")
    assert time.monotonic() - begun < 3.5
