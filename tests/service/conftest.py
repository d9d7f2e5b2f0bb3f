"""The app, served on a socket to users whom a header names."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import httpx
import pytest
import uvicorn

from jupyter_wrangler.service.app import create_app
from jupyter_wrangler.service.identity import Principal
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from tests.waiting import CEILING_S, until


class ByHeader:
    """Believes a header: users are alice and bob, and ada is their administrator."""

    async def principal(self, request):
        name = request.headers.get("x-test-user", "ada")
        return Principal(
            kind="hub_user",
            name=name,
            admin=name == "ada",
            metrics=name == "prometheus",
            member=name != "prometheus",
            hub_id=request.headers.get("x-test-hub-id"),
        )


@pytest.fixture(scope="module")
def http(fresh_module):
    """The app, served on a socket, as a client sees it."""
    app = create_app(fresh_module, ByHeader())
    with tempfile.TemporaryDirectory(prefix="jwo-") as folder:
        socket = Path(folder) / "s.sock"
        config = uvicorn.Config(app, uds=str(socket), lifespan="on", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        until(lambda: server.started)
        transport = httpx.HTTPTransport(uds=str(socket))
        with httpx.Client(transport=transport, base_url="http://w/v1") as client:
            yield client
        server.should_exit = True
        thread.join(CEILING_S)


@pytest.fixture(scope="module")
def database(fresh_module):
    found = SyncDatabase(sync_engine(fresh_module, application="tests", size=1))
    yield found
    found.close()
