"""Callers who send too much, too slowly, or do not listen."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import socket
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest

from jupyter_wrangler.contract import ImputationSpec
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

LISTENERS = 1000
MOST_BYTES = 300 * 2**20


@pytest.fixture(scope="module")
def system(fresh_module):
    """A service that lets one user listen many times, and waits 2 s for a body."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(most[0], min(3 * LISTENERS, most[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most[1]))
    with tempfile.TemporaryDirectory(prefix="jwc-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            found.process = found.service(
                JUPYTER_WRANGLER_MAX_STREAMS=str(LISTENERS + 10),
                JUPYTER_WRANGLER_STALL_S="2",
            )
            yield found
        finally:
            found.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, most)


def files(system) -> int:
    return len(os.listdir(f"/proc/{system.process.pid}/fd"))  # noqa: PTH208


def memory(system) -> int:
    return psutil.Process(system.process.pid).memory_info().rss


def ask(system, head: str) -> socket.socket:
    """Begin a request by hand."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(30)
    sock.connect(str(system.socket))
    sock.sendall(f"{head}\r\nHost: w\r\n".encode())
    return sock


def listen(system, *, room: int = 0) -> socket.socket:
    sock = ask(system, "GET /v1/events HTTP/1.1")
    if room:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    sock.sendall(b"Accept: text/event-stream\r\n\r\n")
    return sock


def receive(sock: socket.socket, word: bytes, *, seconds: float = 30) -> None:
    end, heard = time.monotonic() + seconds, b""
    while word not in heard:
        assert time.monotonic() < end, f"{word!r} was not heard"
        heard = heard[-200:] + sock.recv(65536)


def test_a_thousand_listen_and_leave_nothing_behind(system):
    client = system.client()
    client.submit(incomplete_frame(), ImputationSpec(method="mean"))
    before = files(system)
    with contextlib.ExitStack() as open_sockets:
        socks: list[socket.socket] = []
        while len(socks) < LISTENERS:
            wave = [open_sockets.enter_context(listen(system)) for _ in range(50)]
            for sock in wave:
                receive(sock, b"event: job")
            socks += wave
        assert files(system) >= before + LISTENERS
        job = client.submit(incomplete_frame(seed=1), ImputationSpec(method="mean"))
        for sock in socks:
            receive(sock, str(job.id).encode())
    # the pool may have grown meanwhile
    until(lambda: files(system) <= before + 20, seconds=10)
    until(lambda: system.get("/health/ready").json()["streams"] == 0)


def test_who_does_not_read_keeps_nobody_from_hearing_and_fills_no_memory(system):
    client = system.client()
    with listen(system, room=1024), listen(system) as other:
        receive(other, b"event: ready")
        before = memory(system)
        for seed in range(60):
            job = client.submit(
                incomplete_frame(seed=2),
                ImputationSpec(method="mean", random_state=seed),
            )
            job.cancel()
        receive(other, str(job.id).encode())
        assert memory(system) < before + 50 * 2**20


def test_who_never_reads_is_hung_up_on(system):
    """Its files and its place are free again while it is still connected."""
    client = system.client()
    streams = lambda: system.get("/health/ready").json()["streams"]  # noqa: E731
    until(lambda: streams() == 0)
    before = files(system)
    seeds = itertools.count()

    def is_hung_up_on() -> bool:
        """Change more than fits into the buffers between, and look."""
        for seed in itertools.islice(seeds, 20):
            spec = ImputationSpec(method="mean", random_state=seed)
            client.submit(incomplete_frame(seed=2), spec, name="n" * 100).cancel()
        return streams() == 0

    with listen(system, room=1024):
        until(lambda: streams() == 1)
        until(is_hung_up_on)
        client.close()
        until(lambda: files(system) <= before + 20, seconds=15)
    (log,) = system.folder.glob("service-*.log")
    assert "Traceback" not in log.read_text("utf-8")


def test_a_body_that_trickles_is_given_up(system):
    """A byte now and then is no pause, and would take weeks."""
    with system.http() as http:
        begun = http.post("/uploads", json={"sha256": "1b" * 32, "size": 10**6})
    path = f"/v1/uploads/{begun.json()['id']}?offset=0"
    begun_at = time.monotonic()
    with ask(system, f"PUT {path} HTTP/1.1") as sock:
        sock.sendall(b"Content-Length: 1000000\r\n\r\n")
        sock.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() < begun_at + 20:
            with contextlib.suppress(OSError):
                sock.sendall(b"x" * 100)
            with contextlib.suppress(TimeoutError):
                answer = sock.recv(4096)
    assert b" 408 " in answer
    assert time.monotonic() - begun_at < 15


@pytest.mark.parametrize("head", [b"", b"GET /v1/me HTTP/1.1\r\nHost: w\r\nX-Slow: "])
def test_a_head_that_does_not_come_is_given_up(system, head):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(system.socket))
        sock.settimeout(20)
        sock.sendall(head)
        begun_at = time.monotonic()
        with contextlib.suppress(OSError):
            while head and time.monotonic() < begun_at + 10:
                sock.sendall(b"x")
                time.sleep(0.2)
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(100) == b""
        assert time.monotonic() - begun_at < 8


def test_a_body_that_stalls_is_given_up_while_others_are_served(system):
    upload = system.http()
    with upload:
        begun = upload.post("/uploads", json={"sha256": "ab" * 32, "size": 10**6})
    path = f"/v1/uploads/{begun.json()['id']}?offset=0"
    slow = []
    for _ in range(50):
        sock = ask(system, f"PUT {path} HTTP/1.1")
        sock.sendall(b"Content-Length: 1000000\r\n\r\nP")
        slow.append(sock)
    begun_at = time.monotonic()
    assert system.get("/me").status_code == 200
    assert time.monotonic() - begun_at < 10
    for sock in slow:
        with sock:
            assert b"408" in sock.recv(4096)


def test_ten_gigabytes_are_refused_before_they_are_taken(system):
    with system.http() as http:
        answer = http.post("/uploads", json={"sha256": "cd" * 32, "size": 10**10})
        assert (answer.status_code, answer.json()["code"]) == (413, "dataset_too_large")
        begun = http.post("/uploads", json={"sha256": "ef" * 32, "size": 10**8}).json()
    with ask(system, f"PUT /v1/uploads/{begun['id']}?offset=0 HTTP/1.1") as sock:
        sock.sendall(b"Content-Length: 10000000000\r\n\r\n")
        sent = threading.Thread(target=_pour, args=(sock,))
        sent.start()
        assert b"422" in sock.recv(4096)
        sock.shutdown(socket.SHUT_RDWR)
        sent.join(CEILING_S)
    assert memory(system) < MOST_BYTES


def _pour(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        for _ in range(200):
            sock.sendall(bytes(2**20))


@pytest.mark.parametrize("announced", [True, False])
def test_a_hundred_megabytes_of_json_are_not_read(system, announced):
    """Bodies are read before it is known who sends them."""
    before = memory(system)
    with ask(system, "POST /v1/jobs HTTP/1.1") as sock:
        sock.sendall(b"Content-Type: application/json\r\n")
        length = b"Content-Length: %d" % (100 * 2**20)
        sock.sendall((length if announced else b"Transfer-Encoding: chunked") + b"\r\n")
        sock.sendall(b"\r\n" if announced else b"\r\n%x\r\n" % (100 * 2**20))
        sent = threading.Thread(target=_pour, args=(sock,))
        sent.start()
        answer = b""
        while b"request_too_large" not in answer:
            answer += sock.recv(65536)
        assert answer.startswith(b"HTTP/1.1 413 ")
        sock.shutdown(socket.SHUT_RDWR)
        sent.join(CEILING_S)
    assert memory(system) < before + 30 * 2**20


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"priority": ' + b"1" * 100_000 + b"}",
        b'{"name": "\xff\xfe"}',
    ],
    ids=["lists", "objects", "digits", "no UTF-8"],
)
def test_json_that_no_parser_likes_is_refused(system, body):
    with system.http() as http:
        answer = http.post(
            "/jobs", content=body, headers={"Content-Type": "application/json"}
        )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_spec")
