"""A Jupyter server with the extension, over a peer of ours or the real stack."""

import asyncio
import contextlib
import socket
import tempfile
import threading
from pathlib import Path

import pytest
import uvicorn
from pytest_jupyter.jupyter_server import *  # noqa: F403  fixtures of this folder only
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from traitlets.config import Config

from jupyter_wrangler.service.uds import UVICORN_OPTIONS, PeerProtocol, listen
from tests.waiting import CEILING_S

MIB = 1024 * 1024


class Download:
    """An answer of half a gigabyte, as an ASGI app: it sees who leaves."""

    def __init__(self, peer):
        self.peer = peer

    async def __call__(self, _scope, receive, send):
        async def produce():
            kind = (b"content-type", b"application/vnd.apache.parquet")
            begin = {"type": "http.response.start", "status": 200, "headers": [kind]}
            await send(begin)
            part = {"type": "http.response.body", "body": b"x" * MIB, "more_body": True}
            for _ in range(512):
                await send(part)
                self.peer.produced += 1

        producing = asyncio.create_task(produce())
        while (await receive())["type"] != "http.disconnect":
            pass
        self.peer.left.set()
        producing.cancel()


class Peer:
    """Says what reached it, and gives answers that show how they are passed on."""

    def __init__(self, path):
        self.path = path
        #: (method, path) of every request
        self.seen = []
        #: MiB handed out of the endless download
        self.produced = 0
        #: set when somebody left an answer before its end
        self.left = threading.Event()
        self.verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    async def echo(self, request: Request):
        self.seen.append((request.method, request.url.path))
        body = await request.body()
        reported = {
            "method": request.method,
            "path": request.url.path,
            "query": request.url.query,
            "headers": dict(request.headers),
            "bytes": len(body),
        }
        extra = {
            "Retry-After": "7",
            "ETag": '"e"',
            "Set-Cookie": "stolen=1",
            "Access-Control-Allow-Origin": "*",
        }
        return JSONResponse(reported, 202, extra)

    async def nothing(self, request: Request):
        self.seen.append((request.method, request.url.path))
        return JSONResponse(None, 204)

    async def events(self, request: Request):
        async def produce():
            try:
                yield f"id: {request.headers.get('last-event-id')}\n\n"
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                self.left.set()
                raise

        return StreamingResponse(produce(), media_type="text/event-stream")

    async def broken(self, _request: Request):
        async def produce():
            yield b"x" * 1000
            raise ConnectionAbortedError("on purpose")

        return StreamingResponse(produce(), media_type="application/octet-stream")

    @contextlib.contextmanager
    def serving(self, *, tcp=False):
        """Serve until `stop`, on the unix socket or a port of this machine."""
        app = Starlette(
            routes=[
                Route("/v1/events", self.events),
                Route("/v1/versions/{id}/content", Download(self)),
                Route("/v1/versions/{id}", self.broken),
                Route("/v1/jobs/{id}", self.nothing, methods=["DELETE"]),
                Route("/{rest:path}", self.echo, methods=self.verbs),
            ]
        )
        config = uvicorn.Config(
            app,
            http="h11" if tcp else PeerProtocol,
            log_level="critical",
            timeout_graceful_shutdown=1,
            **UVICORN_OPTIONS,
        )
        self.server = uvicorn.Server(config)
        sock = socket.create_server(("127.0.0.1", 0)) if tcp else listen(self.path)
        self.thread = threading.Thread(
            target=asyncio.run, args=(self.server.serve(sockets=[sock]),), daemon=True
        )
        self.thread.start()
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}" if tcp else None
        finally:
            self.stop()

    def stop(self):
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()
        self.path.unlink(missing_ok=True)


@pytest.fixture
def peer():
    """Stand at the other end of the extension's connection, and look at it."""
    # pytest's tmp_path is too long for a socket on some systems
    with tempfile.TemporaryDirectory(prefix="jw") as folder:
        peer = Peer(Path(folder) / "s")
        with peer.serving():
            yield peer


@pytest.fixture
def service_environment(monkeypatch, peer):
    """Point the extension at the peer; modules override this for a real stack."""
    for name in ("JUPYTERHUB_USER", "JUPYTERHUB_API_TOKEN", "JUPYTER_WRANGLER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_WRANGLER_URL", f"unix:{peer.path}")


@pytest.fixture
def authorizer():
    """Name the Authorizer of the server; modules override this."""
    return "jupyter_server.auth.authorizer.AllowAllAuthorizer"


@pytest.fixture
def jp_server_config(service_environment, authorizer):  # noqa: ARG001  environment
    return Config(
        {
            "ServerApp": {
                "jpserver_extensions": {
                    "jupyter_wrangler": True,
                    "jupyter_server_terminals": False,
                },
                "allow_unauthenticated_access": False,
                "authorizer_class": authorizer,
            }
        }
    )


class Talk:
    """One HTTP/1.1 exchange by hand: what arrives can be seen as it arrives."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.status = 0
        self.headers = {}

    async def begin(self):
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), CEILING_S)
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        pairs = (line.partition(":")[::2] for line in lines if line)
        self.headers = {name.lower(): value.strip() for name, value in pairs}
        return self

    async def close(self):
        self.writer.close()
        await self.writer.wait_closed()


@pytest.fixture
def talk(http_server, jp_http_port, jp_base_url, jp_auth_header):  # noqa: ARG001  served
    """Open a connection and send a request; the answer's body is left unread."""

    async def talk(path, method="GET", headers=None, body=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        given = {"Host": f"127.0.0.1:{jp_http_port}", **jp_auth_header}
        lines = [f"{method} {jp_base_url}api/wrangler/v1/{path} HTTP/1.1"]
        lines += [f"{k}: {v}" for k, v in (given | (headers or {})).items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        return await Talk(reader, writer).begin()

    return talk
