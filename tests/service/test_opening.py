"""A service of a Hub listens at once, and says why it cannot serve yet."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import psutil
import pytest
import uvicorn
from alembic import command
from fastapi import FastAPI
from sqlalchemy import text

from jupyter_wrangler.errors import DatabaseUnreachable, StackFailed
from jupyter_wrangler.service import listening
from jupyter_wrangler.service.opening import Opening
from jupyter_wrangler.store import migrate
from jupyter_wrangler.store.engines import schema_engine
from tests.waiting import until

#: Takes the place of systemd: hands over the socket with the number that is named.
SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), "1"
os.execv(sys.executable, [sys.executable, "-m", "jupyter_wrangler", "service"])
"""
PREFIX = "/services/wrangler"


class HubService:
    """A service as a Hub (or systemd beside one) starts it."""

    def __init__(self, folder, **env):
        with socket.create_server(("127.0.0.1", 0)) as sock:
            self.port = sock.getsockname()[1]
        self.log = folder / "service.log"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "JUPYTER_WRANGLER_HOME": str(folder / "home"),
            "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
            "JUPYTERHUB_API_TOKEN": "a" * 32,
            "JUPYTERHUB_SERVICE_NAME": "wrangler",
            "JUPYTERHUB_SERVICE_PREFIX": f"{PREFIX}/",
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{self.port}{PREFIX}/",
            **env,
        }
        self.process = None

    def start(self, sock=None):
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "jupyter_wrangler", "service"]
            if sock is not None:
                command = [sys.executable, "-c", SYSTEMD, str(sock.fileno())]
                self.port = sock.getsockname()[1]
            self.process = subprocess.Popen(
                command,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[sock.fileno()] if sock else [],
            )
        return self.process

    def get(self, path):
        """Ask; None while nobody listens."""
        try:
            return httpx.get(
                f"http://127.0.0.1:{self.port}{PREFIX}/v1{path}", timeout=30
            )
        except httpx.ConnectError:
            return None

    def answers(self, path):
        def asked():
            assert self.process.poll() is None, self.log.read_text()
            return self.get(path)

        return until(asked)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def hub_service(tmp_path):
    begun = []

    def make(settings=None, **env):
        if settings is not None:
            env = {
                "JUPYTER_WRANGLER_DATABASE_URL": (
                    settings.database_url.get_secret_value()
                ),
                "JUPYTER_WRANGLER_MIGRATION_URL": (
                    settings.migration_url.get_secret_value()
                ),
                "JUPYTER_WRANGLER_REDIS_URL": settings.redis_url.get_secret_value(),
                "JUPYTER_WRANGLER_NAMESPACE": settings.namespace,
                **env,
            }
        begun.append(HubService(tmp_path, **env))
        return begun[-1]

    yield make
    for one in begun:
        one.stop()


def refused(answer):
    """The sentence of an answer that says that it cannot be served yet."""
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "service_starting"
    return answer.json()["message"]


def test_fault_4_4_a_service_that_waits_for_a_migration_answers(fresh, hub_service):
    engine = schema_engine(fresh, application="tests")
    with engine.connect() as connection:
        command.downgrade(migrate.config(connection), "0001")
        connection.commit()
        # another one upgrades, and takes its time
        connection.execute(text(f"SELECT pg_advisory_lock({migrate._LOCK})"))
        connection.commit()
        service = hub_service(fresh)
        service.start()
        assert service.answers("/health/live").status_code == 200
        for path in ("/jobs", "/me", "/metrics", "/nowhere"):
            assert "schema" in refused(service.get(path))
        # a Hub looks here, and takes 503 for a service that is not up
        root = httpx.get(f"http://127.0.0.1:{service.port}{PREFIX}/", timeout=30)
        assert root.status_code == 404
        ready = service.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "down")
        assert "schema" in ready.json()["checks"]["start"]
        assert int(ready.headers["retry-after"]) > 0
        connection.execute(text(f"SELECT pg_advisory_unlock({migrate._LOCK})"))
        connection.commit()
        until(lambda: service.get("/me").status_code == 401)
        assert "start" not in service.get("/health/ready").json()["checks"]
    engine.dispose()


def test_fault_4_4_a_migration_that_fails_is_reported_and_tried_again(
    fresh, hub_service
):
    engine = schema_engine(fresh, application="tests")
    with engine.connect() as connection:
        command.downgrade(migrate.config(connection), "0001")
        connection.commit()
    engine.dispose()
    service = hub_service(fresh, JUPYTER_WRANGLER_MIGRATE="false")
    service.start()
    service.answers("/health/live")
    said = until(lambda: (m := refused(service.get("/me"))) and "older" in m and m)
    assert "jupyter wrangler migrate" in said
    assert service.get("/health/ready").json()["checks"]["start"] == said
    migrate.upgrade(fresh)
    until(lambda: service.get("/me").status_code == 401)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"JUPYTER_WRANGLER_DATABASE_URL_FILE": "/nowhere/url"}, "/nowhere/url"),
        (
            {
                "JUPYTER_WRANGLER_LEASE_S": "-1",
                "JUPYTER_WRANGLER_DATABASE_URL": "postgresql://a:s3cret@b/c",
                "JUPYTER_WRANGLER_REDIS_URL": "redis://:s3cret@b/0",
            },
            "JUPYTER_WRANGLER_LEASE_S",
        ),
        ({}, "JUPYTER_WRANGLER_REDIS_URL|JUPYTER_WRANGLER_DATABASE_URL"),
        (
            {
                "JUPYTER_WRANGLER_DATABASE_URL": "mysql://a@b/c",
                "JUPYTER_WRANGLER_REDIS_URL": "redis://127.0.0.1:1/0",
            },
            "mysql",
        ),
    ],
)
def test_fault_4_4_a_wrong_setting_does_not_end_the_hub(hub_service, env, said):
    service = hub_service(**env)
    service.start()
    assert service.answers("/health/live").status_code == 200
    until(lambda: any(word in refused(service.get("/me")) for word in said.split("|")))
    assert service.process.poll() is None
    # what was set is nobody's business
    assert "s3cret" not in service.get("/me").text


def test_a_service_that_cannot_serve_yet_ends_on_request(hub_service):
    service = hub_service(
        JUPYTER_WRANGLER_DATABASE_URL="postgresql://a@127.0.0.1:1/c",
        JUPYTER_WRANGLER_REDIS_URL="redis://127.0.0.1:1/0",
    )
    process = service.start()
    service.answers("/health/live")
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) in {0, -signal.SIGTERM}
    assert time.monotonic() - begun < 15


@contextlib.contextmanager
def served(app):
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    sock = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([sock],))
    thread.start()
    with httpx.Client(
        base_url=f"http://127.0.0.1:{sock.getsockname()[1]}/v1", timeout=30
    ) as client:
        yield client
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DatabaseUnreachable("PostgreSQL is away."), "PostgreSQL is away."),
        (ZeroDivisionError("secret"), "ZeroDivisionError"),
        (PermissionError(13, "Permission denied", "/srv/blobs"), "/srv/blobs: Perm"),
    ],
)
def test_fault_4_4_whatever_fails_is_reported_until_it_works(error, said):
    may, tried, closed = threading.Event(), [], []

    @contextlib.asynccontextmanager
    async def lifespan(_app):
        yield
        closed.append(True)

    def make():
        tried.append(1)
        if not may.is_set():
            raise error
        app = FastAPI(lifespan=lifespan)

        @app.get("/v1/me")
        async def me():
            return "me"

        return app

    with served(Opening(make, "/v1", retry_s=0.02)) as http:
        until(lambda: said in refused(http.get("/me")))
        assert "secret" not in http.get("/health/ready").text
        until(lambda: len(tried) > 3)
        may.set()
        until(lambda: http.get("/me").status_code == 200)
        assert http.get("/me").json() == "me"
    assert closed == [True]


# ── the port ──


def test_fault_4_8_a_port_that_systemd_holds_is_never_free(fresh, hub_service):
    service = hub_service(fresh)
    with socket.create_server(("127.0.0.1", 0)) as held:
        for _ in range(2):
            process = service.start(held)
            until(lambda: service.answers("/me").status_code == 401)
            # it serves on the socket that it was given, and on no other
            ports = {
                c.laddr.port
                for c in psutil.Process(process.pid).net_connections("tcp")
                if c.status == psutil.CONN_LISTEN
            }
            assert ports == {service.port}
            service.stop()
            # nobody else gets the port while the service is down
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with pytest.raises(OSError, match="in use"):
                    other.bind(("127.0.0.1", service.port))
        # a caller that comes meanwhile is served when the service is back
        early = socket.create_connection(("127.0.0.1", service.port), timeout=120)
        with early:
            early.sendall(
                f"GET {PREFIX}/v1/health/live HTTP/1.1\r\nHost: a\r\n\r\n".encode()
            )
            service.start(held)
            assert early.recv(15) == b"HTTP/1.1 200 OK"


def test_fault_4_8_a_port_that_another_process_has_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(StackFailed, match=f"127.0.0.1:{port}.*tokens"):
            listening.bind("127.0.0.1", port)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, None),
        ({"LISTEN_FDS": "1"}, None),
        ({"LISTEN_PID": "me", "LISTEN_FDS": "0"}, None),
        ({"LISTEN_PID": "me", "LISTEN_FDS": "x"}, None),
        ({"LISTEN_PID": "me", "LISTEN_FDS": "2"}, "2 sockets"),
    ],
)
def test_what_systemd_hands_over_is_for_one_process(monkeypatch, env, said):
    for name, value in env.items():
        monkeypatch.setenv(name, str(os.getpid()) if value == "me" else value)
    expectation = (
        pytest.raises(StackFailed, match=said) if said else contextlib.nullcontext()
    )
    with expectation:
        assert listening.handed() is None
    # and no child takes it for its own
    assert not any(name.startswith("LISTEN_") for name in os.environ)


@pytest.mark.parametrize("kind", ["connected", "file"])
def test_what_systemd_hands_over_must_listen(tmp_path, kind):
    here, there = socket.socketpair()
    with here, there, (tmp_path / "f").open("w") as file:
        fd = (here if kind == "connected" else file).fileno()
        code = SYSTEMD.replace(
            'os.execv(sys.executable, [sys.executable, "-m", "jupyter_wrangler", '
            '"service"])',
            "from jupyter_wrangler.service import listening; listening.handed()",
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(fd)],
            pass_fds=[fd],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "StackFailed" in done.stderr
    assert "ListenStream=" in done.stderr
