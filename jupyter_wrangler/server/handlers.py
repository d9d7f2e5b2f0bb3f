"""Handlers: one class per route, made from the route table.

Each verb is a function of its own, decorated with an explicit action and resource.
That matters: `jupyter_server.auth.authorized` called without them keeps the first
action and resource it sees, in the decorated function, for ever; a method shared
by two handlers would then be authorised as the first of them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_wrangler.contract import VERSION_HEADER
from jupyter_wrangler.errors import NotFound, WranglerError
from jupyter_wrangler.server.problems import PROBLEM_TYPE, problem_of
from jupyter_wrangler.server.routes import (
    MOUNT,
    RESOURCE,
    ROUTES,
    Action,
    Route,
)
from jupyter_wrangler.server.upstream import Upstream

#: A chunk of an upload is at most 8 MiB; twice that is refused unread.
MAX_BODY: Final = 16 * 1024 * 1024
_MIB: Final = 1024 * 1024

#: What travels to the service; cookies and tokens of the browser do not.
REQUEST_HEADERS: Final = (
    "Accept",
    "Content-Type",
    "If-None-Match",
    "Last-Event-ID",
    "Range",
    "X-Content-SHA256",
    "X-Request-ID",
)
#: What travels back; the rest (server, date, cookies) is the Jupyter server's own.
RESPONSE_HEADERS: Final = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Retry-After",
    "X-Request-ID",
    VERSION_HEADER,
)
#: Seconds after which a browser that takes nothing is taken for gone.
_TAKES_S: Final = 60.0
#: Arguments meant for the Jupyter server; the first is a secret.
_OWN_ARGUMENTS: Final = frozenset({"token", "_xsrf", "no_track_activity"})


@web.stream_request_body
class WranglerHandler(ExtensionHandlerMixin, APIHandler):
    """What all routes share: who may come in, and how errors look."""

    auth_resource = RESOURCE

    def initialize(self, name: str, upstream: Upstream | None = None) -> None:
        """Take what the extension hands to each handler."""
        super().initialize(name)
        self.upstream = upstream
        self._body = bytearray()
        self._pump: asyncio.Task[None] | None = None
        self._left = False
        # A panel that watches must not keep a Hub's server from being culled.
        self._track_activity = self.request.method != "GET"
        # tornado types it as the base class, which has none of what is used here
        self._connection: Any = self.request.connection

    async def prepare(self) -> None:  # type: ignore[override]
        """Know the user first, and read a body only then."""
        announced = int(self.request.headers.get("Content-Length") or 0)
        await super().prepare()
        self._refuse_strangers()
        if announced > MAX_BODY:
            raise web.HTTPError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The body has {announced / _MIB:.1f} MiB; at most "
                f"{MAX_BODY // _MIB} MiB are taken at once. Upload data in chunks of "
                "8 MiB.",
            )
        self._connection.set_max_body_size(MAX_BODY)

    def data_received(self, chunk: bytes) -> None:
        """Gather the body, which `set_max_body_size` keeps within bounds."""
        self._body += chunk

    def _refuse_strangers(self) -> None:
        """Refuse who is not logged in, and who is a guest on a Hub user's server.

        Guests (JupyterHub lets users share servers) would act as the owner.
        """
        if self.request.method == "OPTIONS":  # a preflight carries no credentials
            return
        user = self.current_user
        if not user:
            raise web.HTTPError(HTTPStatus.FORBIDDEN)
        owner = os.environ.get("JUPYTERHUB_USER")
        if not owner:
            return
        kind = getattr(user, "hub_user", {}).get("kind", "user")
        if user.username != owner or kind != "user":
            raise web.HTTPError(
                HTTPStatus.FORBIDDEN,
                f"This server belongs to {owner}, and {kind} {user.username} asked; "
                f"jobs run in {owner}'s name, so only {owner} may use Jupyter "
                "Wrangler here. Use your own server.",
            )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with a problem body that JupyterLab and our client can read."""
        # not `current_user`, which refuses to be read before `prepare`
        known = bool(getattr(self, "_jupyter_current_user", None))
        problem = problem_of(status_code, kwargs.get("exc_info"), known=known)
        self.set_status(problem.status)
        line = "%s %s: %d %s"
        facts = (self.request.method, self.request.path, problem.status, problem.code)
        self.log.warning(line, *facts)
        self.finish(problem.model_dump_json(), set_content_type=PROBLEM_TYPE)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a traceback for bugs only."""
        if not isinstance(value, WranglerError):
            super().log_exception(typ, value, tb)


class NotFoundHandler(WranglerHandler):
    """Whatever is not in the route table: a JSON 404, not Jupyter's HTML page."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse every verb; strangers learn not even what there is."""
        await super().prepare()
        raise NotFound(
            f"There is no {self.request.path}; see {MOUNT}/openapi.json for what "
            "there is."
        )


class ForwardHandler(WranglerHandler):
    """A route of the table, forwarded as it comes."""

    route: Route

    async def forward(self) -> None:
        """Send the request on and stream the answer back."""
        if self._left:
            return
        self._pump = asyncio.create_task(self._stream())
        try:
            await self._pump
        except asyncio.CancelledError:
            if not self._pump.cancelled() or not self._connection.stream.closed():
                raise

    def on_connection_close(self) -> None:
        """Let go of the service when the browser leaves."""
        self._left = True
        if self._pump is not None:
            self._pump.cancel()
        super().on_connection_close()

    async def _stream(self) -> None:
        assert self.upstream is not None  # noqa: S101  routes are made with one
        async with self.upstream.send(
            str(self.request.method),
            self._target(),
            headers=dict(self._passed_on()),
            body=bytes(self._body),
            endless=self.route.endless,
        ) as answer:
            self._begin(answer)
            try:
                await self._handed_over()
                async for chunk in answer.aiter_raw():
                    self.write(chunk)
                    # waits while the browser is slower than the service
                    await self._handed_over()
            except StreamClosedError:
                return
            except TimeoutError:
                # Not every connection that is gone is reported as closed.
                self.log.info("The browser took nothing for %g s", _TAKES_S)
                self._connection.stream.close()
            except httpx.TransportError as error:
                # The status is sent already: only a broken connection can still
                # tell the browser that this is not the whole answer.
                self.log.warning("The service left in mid-answer: %r", error)
                self._connection.stream.close()

    async def _handed_over(self) -> None:
        """Wait until the browser has taken what was written.

        Raises
        ------
        TimeoutError
            If it takes nothing of an endless stream for a minute.
        """
        if self.route.endless:
            await asyncio.wait_for(self.flush(), _TAKES_S)
        else:
            await self.flush()

    def _target(self) -> str:
        mount = f"{self.base_url}{MOUNT}/"
        path = self.request.path.removeprefix(mount)
        query = [
            pair
            for pair in parse_qsl(self.request.query, keep_blank_values=True)
            if pair[0] not in _OWN_ARGUMENTS and not _against_caches(*pair)
        ]
        return f"{path}?{urlencode(query)}" if query else path

    def _passed_on(self) -> Iterator[tuple[str, str]]:
        # Bytes are passed through as they are, so none may be packed on the way.
        yield "Accept-Encoding", "identity"
        for name in REQUEST_HEADERS:
            value = self.request.headers.get(name)
            if value is not None:
                yield name, value

    def _begin(self, answer: httpx.Response) -> None:
        self.set_status(answer.status_code, answer.reason_phrase or None)
        self.clear_header("Content-Type")
        for name in RESPONSE_HEADERS:
            value = answer.headers.get(name)
            if value is not None:
                self.set_header(name, value)
        if self.route.endless:
            self.set_header("Cache-Control", "no-cache")
            # nginx in front of a Hub would hold events back
            self.set_header("X-Accel-Buffering", "no")


def _verb(action: Action) -> Callable[..., Awaitable[None] | None]:
    """Make one verb of one route; never share the result between two."""

    @web.authenticated
    @authorized(action=action, resource=RESOURCE)
    async def verb(self: ForwardHandler) -> None:
        await self.forward()

    return verb


def _handler(route: Route) -> type[ForwardHandler]:
    verbs = {verb.lower(): _verb(action) for verb, action in route.verbs.items()}
    return type(
        "ForwardHandler",
        (ForwardHandler,),
        {"route": route, **verbs},
    )


def handlers(upstream: Upstream) -> list[tuple[str, type[web.RequestHandler], Any]]:
    """Make the handlers of the whole table, and the one for everything else.

    Parameters
    ----------
    upstream : Upstream
        Where they forward to.

    Returns
    -------
    list of (pattern, handler class, its keyword arguments)
        As `ExtensionApp.handlers` wants it.
    """
    passed = {"upstream": upstream}
    table: list[tuple[str, type[web.RequestHandler], Any]] = [
        (f"/{MOUNT}/{route.pattern}", _handler(route), passed) for route in ROUTES
    ]
    above = MOUNT.rpartition("/")[0]
    return [*table, (rf"/{above}(?:/.*)?", NotFoundHandler, {})]


def _against_caches(name: str, value: str) -> bool:
    """Whether an argument is the time that JupyterLab adds against caches."""
    return name.isdecimal() and value == ""
