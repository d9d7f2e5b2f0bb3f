"""A worker on another host, and packets between the two that are lost without a word.

The other host is a network namespace of Linux with a cable of its own; PostgreSQL and
Valkey listen on this end of it.  The cable is pulled at this end, so that the other
one sends into nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, paths, postgres, server_user, valkey
from jupyter_wrangler.stack.child import Child
from jupyter_wrangler.stack.processes import as_user
from jupyter_wrangler.store import migrate
from tests.faults.cluster import Cluster
from tests.faults.invariants import check
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

PORT = 7741


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True, kw_only=True)
class Cable:
    """A network namespace, and both ends of the cable that leads there."""

    space: str
    end: str
    here: str
    there: str

    def pull(self) -> None:
        _ip("link", "set", self.end, "down")

    def plug(self) -> None:
        _ip("link", "set", self.end, "up")


@contextlib.contextmanager
def _cable() -> Iterator[Cable]:
    number = os.getpid() % 60_000
    net = f"10.{213 + number // 250 % 40}.{number % 250}"
    found = Cable(
        space=f"jw{number}", end=f"jwv{number}", here=f"{net}.1", there=f"{net}.2"
    )
    inside = ("-n", found.space)
    try:
        _ip("netns", "add", found.space)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("wants network namespaces: root, and Debian's iproute2")
    try:
        far = f"{found.end}b"
        pair = ("type", "veth", "peer", "name", far, "netns", found.space)
        _ip("link", "add", found.end, *pair)
        _ip("addr", "add", f"{found.here}/24", "dev", found.end)
        found.plug()
        _ip(*inside, "addr", "add", f"{found.there}/24", "dev", far)
        for name in (far, "lo"):
            _ip(*inside, "link", "set", name, "up")
        yield found
    finally:
        # the namespace may live on in a process that has just ended; the cable not
        subprocess.run(["ip", "link", "del", found.end], check=False)
        _ip("netns", "del", found.space)


@contextlib.contextmanager
def _started(child: Child, *more: str) -> Iterator[None]:
    """Run a server of the private stack, with more options than it has there."""
    child.prepare()
    process = subprocess.Popen(
        [*child.command, *more],
        env=dict(child.env),
        cwd=child.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_user(child.user),
    )
    try:
        until(child.ready)
        child.on_ready()
        yield
    finally:
        process.send_signal(child.stop[0][0])
        process.wait(CEILING_S)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A service here, and servers that listen on the cable too."""
    home = Path(tempfile.mkdtemp(prefix="jwo-"))
    home.chmod(0o711)
    stack = Settings(home=home / "home", runtime_dir=home / "run")
    place = paths.locate(stack)
    try:
        with _cable() as cable:
            launch.ensure(stack, components=("postgres", "valkey"), timeout=CEILING_S)
            launch.stop(stack)
            for folder in (place.runtime, place.postgres_sockets):
                folder.mkdir(exist_ok=True)
            user = server_user.server_user(stack)
            rules = home / "hba.conf"
            rules.write_text(
                "local all all peer map=wrangler\n"
                f"host all wrangler_app {cable.there}/32 trust\n"
            )
            rules.chmod(0o644)
            book = postgres.child(
                place, server_user.postgres_for(stack, place.home, user), user
            )
            valkey_child = valkey.child(
                place, server_user.valkey_for(stack, place.home, user), user
            )
            listen = ("-c", f"listen_addresses={cable.here}", "-c", f"hba_file={rules}")
            bind = ("--bind", cable.here, "--port", str(PORT), "--protected-mode", "no")
            settings = stack.model_copy(
                update={
                    "database_url": SecretStr(place.database_url),
                    "migration_url": SecretStr(place.migration_url),
                    "redis_url": SecretStr(place.redis_url),
                    "namespace": "hosts",
                }
            )
            with (
                _started(book, *listen),
                _started(valkey_child, *bind),
                tempfile.TemporaryDirectory(prefix="jwo-") as folder,
            ):
                migrate.upgrade(settings)
                found = Cluster(settings, Path(folder))
                found.cable = cable
                try:
                    found.service()
                    yield found
                finally:
                    cable.plug()
                    found.close()
    finally:
        shutil.rmtree(home)


def far_worker(cluster: Cluster) -> subprocess.Popen:
    """A worker at the other end of the cable, which it alone can use."""
    here = cluster.cable.here
    return cluster.worker(
        under=("ip", "netns", "exec", cluster.cable.space),
        JUPYTER_WRANGLER_DATABASE_URL=(
            f"postgresql+psycopg://wrangler_app@{here}:5432/wrangler"
        ),
        JUPYTER_WRANGLER_REDIS_URL=f"redis://{here}:{PORT}/0",
    )


def test_a_worker_whose_packets_are_lost_is_replaced_and_comes_back(cluster):
    far = far_worker(cluster)
    job = cluster.submit_long()
    runners = until(lambda: cluster.runners(far))
    cluster.cable.pull()
    pulled = time.monotonic()
    near = cluster.worker()
    assert job.wait(timeout=CEILING_S), cluster.logs()
    assert job.state == "succeeded", job.error
    assert time.monotonic() - pulled < 60
    # it cannot say that it lives, so it must not go on computing
    until(lambda: not set(runners) & set(cluster.runners(far)))
    near.terminate()
    near.wait(CEILING_S)
    waiting = cluster.submit()
    time.sleep(2)
    assert not waiting.done(), "nobody is there to do it"
    cluster.cable.plug()
    plugged = time.monotonic()

    def done() -> bool:
        nonlocal far
        # as systemd does; it may have decided to leave just before the cable is back
        if far.poll() is not None:
            far = far_worker(cluster)
        return waiting.done()

    until(done)
    assert time.monotonic() - plugged < 60, cluster.logs()
    assert waiting.state == "succeeded", waiting.error
    check(cluster)
