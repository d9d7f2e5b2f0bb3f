"""Starting the service: on a unix socket for one user, or for a Hub."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from jupyter_wrangler.errors import ServiceStarting, WranglerError
from jupyter_wrangler.runtime import logging_setup
from jupyter_wrangler.runtime.schema import make_ready, require_redis
from jupyter_wrangler.service import listening
from jupyter_wrangler.service.app import create_app
from jupyter_wrangler.service.identity import identity_for
from jupyter_wrangler.service.opening import Opening
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
# the app's answers hold long-lived streams, so the end is not waited for
_COMMON: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "timeout_graceful_shutdown": GRACE_S,
    "lifespan": "on",
    "ws": "none",
    **UVICORN_OPTIONS,
}
log = logging.getLogger(__name__)


def run(load: Callable[[], Settings] = Settings) -> None:
    """Serve until told to stop: one user on a unix socket, or a Hub over TCP."""
    try:
        settings = load()
    except Exception as error:
        # a Hub that starts us would end with us; so it hears on request what is wrong
        if not os.environ.get("JUPYTERHUB_SERVICE_URL"):
            raise
        log.exception("the settings cannot be used")
        _serve_hub(None, load, _unusable(error))
        return
    logging_setup.set_up(settings)
    if settings.service_socket is None:
        _serve_hub(settings, load)
    else:
        _serve_owner(settings, settings.service_socket)


def _serve_owner(settings: Settings, path: Path) -> None:
    """Serve on a unix socket; whatever is wrong is raised to the caller."""
    identity = identity_for(settings)
    require_redis(settings)
    make_ready(settings)
    app = create_app(settings, identity, _prefix())
    _calm_the_collector()
    config = uvicorn.Config(app, http=_with(PeerProtocol, settings.stall_s), **_COMMON)
    sock = listen(path)
    sock.listen(128)
    try:
        asyncio.run(uvicorn.Server(config).serve(sockets=[sock]))
    finally:
        path.unlink(missing_ok=True)


def _serve_hub(
    settings: Settings | None,
    load: Callable[[], Settings],
    fault: ServiceStarting | None = None,
) -> None:
    """Listen at once, and serve when the schema and all else are as they should be."""
    host, port = _address(settings)
    sock = listening.handed() or listening.bind(host, port)
    prefix = _prefix()

    def make() -> FastAPI:
        try:
            found = settings or load()
        except Exception as error:
            raise _unusable(error) from error
        identity = identity_for(found)
        require_redis(found)
        make_ready(found)
        return create_app(found, identity, prefix)

    app = Opening(make, f"{prefix.rstrip('/')}/v1")
    app.fault = fault or app.fault
    stall_s = settings.stall_s if settings else 30.0
    config = uvicorn.Config(app, http=_with(PatientProtocol, stall_s), **_COMMON)
    _calm_the_collector()
    asyncio.run(uvicorn.Server(config).serve(sockets=[sock]))


def _unusable(error: Exception) -> ServiceStarting:
    """Say what is wrong with settings, and none of their values."""
    if isinstance(error, WranglerError):
        text = error.message
    elif isinstance(error, ValidationError):
        text = "; ".join(
            f"{'.'.join(map(str, one['loc']))} {one['msg']}".strip()
            for one in error.errors(include_input=False, include_url=False)
        )
    elif isinstance(error, OSError):
        text = f"{error.filename} cannot be read ({error.strerror})"
    else:
        text = f"{type(error).__name__}, see the service's log"
    return ServiceStarting(f"The settings cannot be used: {text}")


def _calm_the_collector() -> None:
    """Let it leave alone what was loaded, and look at old objects rarely."""
    # without a look before: what loads leaves next to nothing, and a tenth of a second
    # is a tenth of the start
    gc.freeze()
    gc.enable()
    gc.set_threshold(*COLLECT)


def _with(protocol: type[PatientProtocol], stall_s: float) -> type[PatientProtocol]:
    return type("Protocol", (protocol,), {"head_s": stall_s})


def _prefix() -> str:
    """Return the path that the Hub serves this service below; empty without a Hub."""
    return os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "")


def _address(settings: Settings | None) -> tuple[str, int]:
    """Return (host, port), as configured or as the Hub says."""
    given = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", ""))
    chosen = settings.model_fields_set if settings else set()
    fields = Settings.model_fields
    host = settings.service_host if settings else fields["service_host"].default
    if given.hostname and "service_host" not in chosen:
        host = given.hostname
    port = settings.service_port if settings else fields["service_port"].default
    if given.port and "service_port" not in chosen:
        port = given.port
    return host, port
