"""Starting the service: on a unix socket for one user, or for a Hub."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from jupyter_wrangler.jobs import journal
from jupyter_wrangler.jobs.schema import make_ready, require_redis
from jupyter_wrangler.service.app import create_app
from jupyter_wrangler.service.identity import identity_for
from jupyter_wrangler.service.uds import (
    UVICORN_OPTIONS,
    PatientProtocol,
    PeerProtocol,
    listen,
)
from jupyter_wrangler.settings import Settings

#: Seconds that open requests may take after SIGTERM; event streams end at once.
GRACE_S = 3
#: When the garbage collector looks at young, middle and old objects.  To look at the
#: old ones of 1 000 open streams takes a quarter of a second, in which nobody hears
#: anything; Python's own numbers do it every few seconds.
COLLECT = (5_000, 20, 100)


def run(settings: Settings) -> None:
    """Serve until told to stop."""
    journal.set_up(settings)
    identity = identity_for(settings)
    require_redis(settings)
    make_ready(settings)
    prefix, host, port = _address(settings)
    app = create_app(settings, identity, prefix)
    _calm_the_collector()
    # the app's answers hold long-lived streams, so the end is not waited for
    common: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "timeout_graceful_shutdown": GRACE_S,
        "lifespan": "on",
        "ws": "none",
        **UVICORN_OPTIONS,
    }
    if settings.service_socket is None:
        config = uvicorn.Config(
            app, host=host, port=port, http=_with(PatientProtocol, settings), **common
        )
        uvicorn.Server(config).run()
        return
    config = uvicorn.Config(app, http=_with(PeerProtocol, settings), **common)
    sock = listen(settings.service_socket)
    sock.listen(128)
    try:
        asyncio.run(uvicorn.Server(config).serve(sockets=[sock]))
    finally:
        settings.service_socket.unlink(missing_ok=True)


def _calm_the_collector() -> None:
    """Let it leave alone what was loaded, and look at old objects rarely."""
    # without a look before: what loads leaves next to nothing, and a tenth of a second
    # is a tenth of the start
    gc.freeze()
    gc.enable()
    gc.set_threshold(*COLLECT)


def _with(protocol: type[PatientProtocol], settings: Settings) -> type[PatientProtocol]:
    return type("Protocol", (protocol,), {"head_s": settings.stall_s})


def _address(settings: Settings) -> tuple[str, str, int]:
    """Return (prefix, host, port), as configured or as the Hub says."""
    prefix = settings.service_prefix or os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    given = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", ""))
    chosen = settings.model_fields_set
    host = settings.service_host
    if given.hostname and "service_host" not in chosen:
        host = given.hostname
    port = settings.service_port
    if given.port and "service_port" not in chosen:
        port = given.port
    return prefix, host, port
