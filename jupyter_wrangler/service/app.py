"""The FastAPI app, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from jupyter_wrangler.runtime.event_hub import EventHub
from jupyter_wrangler.runtime.job_service import JobService
from jupyter_wrangler.service import problems
from jupyter_wrangler.service.context import Activity
from jupyter_wrangler.service.identity import Identity
from jupyter_wrangler.service.middleware.body_limit import BodyLimit
from jupyter_wrangler.service.middleware.metrics import (
    MetricsMiddleware,
    RequestMetrics,
)
from jupyter_wrangler.service.middleware.slow_body_timeout import SlowBodyTimeout
from jupyter_wrangler.service.routes import APP_OPTIONS, include_routes
from jupyter_wrangler.settings import Settings


def create_app(settings: Settings, identity: Identity, prefix: str = "") -> FastAPI:
    """Make the app: everything below `<prefix>/v1`.

    Parameters
    ----------
    settings : Settings
        With database and Redis configured.
    identity : Identity
        Tells who calls.
    prefix : str, default=""
        Path at which a proxy mounts the service, for example
        ``/services/wrangler``.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        job_service = JobService(settings)
        event_hub = EventHub(job_service)
        app.state.job_service, app.state.event_hub = job_service, event_hub
        job_service.start()
        await event_hub.start()
        try:
            yield
        finally:
            await event_hub.close()
            await job_service.close()

    base = f"{prefix.rstrip('/')}/v1"
    app = FastAPI(
        **APP_OPTIONS,
        lifespan=lifespan,
        openapi_url=f"{base}/openapi.json",
        docs_url=None,
        redoc_url=None,
        # a redirect of `/jobs/` would go to whatever host the caller named
        redirect_slashes=False,
    )
    app.state.identity = identity
    app.state.activity = Activity()
    app.state.metrics = RequestMetrics()
    app.state.stall_s = settings.stall_s
    app.add_middleware(SlowBodyTimeout, stall_s=settings.stall_s)
    app.add_middleware(BodyLimit, base=base)
    app.add_middleware(MetricsMiddleware, metrics=app.state.metrics, base=base)
    include_routes(app, base)
    problems.install(app)
    return app
