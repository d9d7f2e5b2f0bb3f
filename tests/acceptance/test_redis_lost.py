"""Redis may vanish at any moment: nothing but progress ticks is lost."""

from __future__ import annotations

import signal

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
