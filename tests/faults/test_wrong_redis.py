"""A Redis that would lose what is queued is refused before anything is served."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis

from jupyter_wrangler.stack import binaries
from jupyter_wrangler.stack.doctor import doctor
from tests.acceptance.system import System
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow


@pytest.fixture
def valkey(fresh):
    """A Valkey of one's own that evicts as it is reported: (folder, set policy)."""
    with tempfile.TemporaryDirectory(prefix="jwr-") as folder:
        path = Path(folder) / "v.sock"
        process = subprocess.Popen(
            [str(binaries.valkey(fresh).path), "--port", "0", "--unixsocket", str(path),
             "--save", "", "--maxmemory", "64mb"],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        until(path.exists)

        def evict(policy: str) -> None:
            with Redis(unix_socket_path=str(path)) as client:
                client.config_set("maxmemory-policy", policy)

        yield path, evict
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture
def system(fresh, valkey):
    path, _ = valkey
    with tempfile.TemporaryDirectory(prefix="jwr-") as folder:
        url = SecretStr(f"unix://{path}?db=0")
        found = System(fresh.model_copy(update={"redis_url": url}), Path(folder))
        yield found
        found.close()


def refused(system, what: str, **env: str) -> str:
    """Start something that must not start, and give what it says."""
    process = system.start(what, **env)
    assert process.wait(CEILING_S) != 0
    return system.logs()


def test_a_redis_that_may_evict_queues_is_refused_at_start(system, valkey):
    _, evict = valkey
    evict("volatile-lru")
    system.service()
    evict("allkeys-lfu")
    said = "Redis evicts with allkeys-lfu"
    assert said in refused(system, "worker")
    assert said in system.get("/health/ready").json()["checks"]["redis"]
    system.processes[0].kill()
    system.processes[0].wait()
    assert said in refused(system, "service")
    (check,) = [c for c in doctor(system.settings) if c.name == "Redis"]
    assert not check.ok
    assert check.fix.endswith("config set maxmemory-policy volatile-lru")


def test_one_that_never_evicts_is_warned_of(system, valkey):
    _, evict = valkey
    evict("noeviction")
    system.service()
    assert "maxmemory-policy is noeviction" in system.logs()
    assert system.get("/health/ready").json()["checks"]["redis"] == "ok"
    (check,) = [c for c in doctor(system.settings) if c.name == "Redis"]
    assert check.ok
    assert "noeviction" in check.found


def test_one_that_is_too_old_is_refused(system, valkey):
    """A newer one of which a proxy says that it is of another century."""
    path, evict = valkey
    evict("volatile-lru")
    old = path.with_name("old.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(old))
        listener.listen(16)
        threading.Thread(target=_lie, args=(listener, path), daemon=True).start()
        url = f"unix://{old}?db=0"
        said = refused(system, "service", JUPYTER_WRANGLER_REDIS_URL=url)
        assert "Redis is version 6.2.4, and 7 or newer is wanted" in said
        settings = system.settings.model_copy(update={"redis_url": SecretStr(url)})
        (check,) = [c for c in doctor(settings) if c.name == "Redis"]
        assert not check.ok
        assert "6.2.4" in check.found
        listener.shutdown(socket.SHUT_RDWR)


def _lie(listener: socket.socket, there: Path) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(there))
        for source, goal in ((near, far), (far, near)):
            threading.Thread(target=_pass_on, args=(source, goal), daemon=True).start()


def _pass_on(source: socket.socket, goal: socket.socket) -> None:
    with source, contextlib.suppress(OSError):
        while data := source.recv(65536):
            # as long as before, so that the protocol stays right
            goal.sendall(re.sub(rb"redis_version:7\.", b"redis_version:6.", data))
        goal.shutdown(socket.SHUT_WR)
