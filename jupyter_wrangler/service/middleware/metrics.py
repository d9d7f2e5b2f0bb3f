"""Counting requests, and giving each an id that its log lines and answer carry."""

from __future__ import annotations

import logging
import re
import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import VERSION_HEADER
from jupyter_wrangler.runtime import logging_setup
from jupyter_wrangler.runtime.metrics import Snapshot
from jupyter_wrangler.service.request_id import assign_request_id

log = logging.getLogger(__name__)

#: The job that a path is about; only what looks like an id goes to a log.
_JOB = re.compile(r"/jobs/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")
#: Asked all the time by machines, and told only when everything is.
_QUIET = ("/health/", "/metrics")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestMetrics:
    """Requests of this process, as Prometheus counts them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        # memory, open files and processor time of this process
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "wrangler_http_requests",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "wrangler_http_request_seconds",
            "Seconds until an answer began; a stream may go on for hours.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        # callers invent words, and each would be kept for ever
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self, snapshot: Snapshot) -> bytes:
        """Write everything in Prometheus' text format."""
        rows = CollectorRegistry()
        rows.register(snapshot)
        return generate_latest(self._registry) + generate_latest(rows)


class MetricsMiddleware:
    """ASGI middleware that names, counts and logs requests.

    A request keeps the ``X-Request-ID`` that a proxy gave it.

    Parameters
    ----------
    app : ASGIApp
        Whom to pass requests on to.
    metrics : RequestMetrics
        Where to count.
    base : str
        What all paths begin with; left out of the names of routes.
    """

    def __init__(self, app: ASGIApp, metrics: RequestMetrics, base: str) -> None:
        self._app, self._metrics, self._base = app, metrics, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = assign_request_id(scope)
        begun = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = name
                headers[VERSION_HEADER] = __version__
                self._note(scope, status, time.perf_counter() - begun)
            await send(message)

        about = _JOB.search(scope["path"])
        facts = {"request": name, **({"job": about[1]} if about else {})}
        with logging_setup.bound(**facts):
            try:
                await self._app(scope, receive, answer)
            finally:
                if not status:
                    # a bug, which is answered further out, or a caller who left
                    self._note(scope, 500, time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # newer versions of FastAPI leave out the prefix, older ones do not
        path: str = getattr(scope.get("route"), "path", "unmatched")
        route = path.removeprefix(self._base)
        self._metrics.note(scope["method"], route, status, seconds)
        quiet = route.startswith(_QUIET)
        log.log(
            logging.DEBUG if quiet else logging.INFO,
            "%s %s: %d in %.0f ms",
            scope["method"],
            route,
            status,
            seconds * 1000,
        )
