import asyncio
import contextlib
import os
import pwd
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.service.uds import UVICORN_OPTIONS, PeerProtocol, listen, peer

# Started as root and become nobody afterwards, since nobody may not be able to reach
# this Python (a virtual environment under /root).
NOBODY = "import os, pwd, socket, sys; os.setuid(pwd.getpwnam('nobody').pw_uid);"
ASK = """
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"GET /who HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n")
while data := s.recv(65536):
    sys.stdout.write(data.decode())
"""
ACCEPT = """
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
print("up", flush=True)
c, _ = s.accept()
print(peer(c)[0], flush=True)
"""


def make_app():
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request):
        return request.client

    return app


@contextlib.contextmanager
def serving(app, path):
    config = uvicorn.Config(
        app, http=PeerProtocol, log_level="warning", **UVICORN_OPTIONS
    )
    server = uvicorn.Server(config)
    sock = listen(path)
    thread = threading.Thread(
        target=asyncio.run, args=(server.serve(sockets=[sock]),), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def folder():
    # pytest's tmp_path is too long for a socket on some systems
    with tempfile.TemporaryDirectory(prefix="jw") as name:
        yield Path(name)


def ask(path, **headers):
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
        return client.get("http://wrangler/who", headers=headers)


def test_the_kernel_says_who_connected(folder):
    with serving(make_app(), folder / "s"):
        assert ask(folder / "s").json() == [f"uid:{os.geteuid()}", os.getpid()]


def test_no_header_changes_who_connected(folder, monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with serving(make_app(), folder / "s"):
        answer = ask(folder / "s", **{"X-Forwarded-For": "uid:4711"})
    assert answer.json() == [f"uid:{os.geteuid()}", os.getpid()]


def test_only_the_owner_may_open_the_socket_file(folder):
    with listen(folder / "s") as sock:
        assert stat.S_IMODE((folder / "s").stat().st_mode) == 0o600
        assert sock.family == socket.AF_UNIX


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_another_user_is_refused_even_where_the_folder_lets_them_in(folder):
    nobody = pwd.getpwnam("nobody")
    with serving(make_app(), folder / "s"):
        folder.chmod(0o755)
        command = [sys.executable, "-c", NOBODY + ASK, str(folder / "s")]
        first = subprocess.run(command, capture_output=True, text=True, check=False)
        (folder / "s").chmod(0o666)
        second = subprocess.run(command, capture_output=True, text=True, check=True)
        assert ask(folder / "s").status_code == 200
    assert "PermissionError" in first.stderr
    assert second.stdout.startswith("HTTP/1.1 403 ")
    assert '"code": "not_allowed"' in second.stdout
    assert f"uid {nobody.pw_uid} asked" in second.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_root_is_let_in_by_a_service_of_another_user(folder):
    folder.chmod(0o777)
    path = folder / "s"
    importing = "from jupyter_wrangler.service.uds import peer;"
    with (
        subprocess.Popen(
            [sys.executable, "-c", importing + NOBODY + ACCEPT, str(path)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
        socket.socket(socket.AF_UNIX) as client,
    ):
        assert process.stdout.readline() == "up\n"
        client.connect(str(path))
        assert process.stdout.readline() == "0\n"


def test_a_stale_socket_is_replaced_and_a_living_one_is_not(folder):
    path = folder / "s"
    listen(path).close()
    assert path.exists()
    with serving(make_app(), path):
        ask(path).raise_for_status()
        with pytest.raises(StackFailed, match=r"listens on .* already"):
            listen(path)
        ask(path).raise_for_status()


def test_a_file_in_the_way_is_left_alone(folder):
    path = folder / "s"
    path.write_text("mine")
    with pytest.raises(StackFailed, match="is no socket"):
        listen(path)
    assert path.read_text() == "mine"


def test_a_path_too_long_is_named(folder):
    with pytest.raises(StackFailed, match="under 100 characters"):
        listen(folder / ("x" * 120))


def test_peer_of_a_closed_socket_is_an_error():
    here, there = socket.socketpair(socket.AF_UNIX)
    there.close()
    here.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        peer(here)
