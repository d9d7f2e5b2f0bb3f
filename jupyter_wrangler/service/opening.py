"""A service that listens at once, and says why it cannot serve yet.

A JupyterHub ends when a service that it started does not listen within seconds, and a
migration can take minutes, or fail.  So what has to be done before is done behind the
open door: until then every request is answered with 503 and a word about the cause.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import Health
from jupyter_wrangler.errors import NotFound, ServiceStarting, WranglerError
from jupyter_wrangler.service.problems import problem_response

T = TypeVar("T")
log = logging.getLogger(__name__)

#: Seconds between two attempts to become ready.
RETRY_S = 10.0


class Opening:
    """ASGI app: another one, as soon as that can be made.

    Parameters
    ----------
    make : callable
        Does what has to be done before anything can be served, and returns the app.
        It may block, and raise; then it is called again after a while.
    base : str
        What all paths begin with.
    retry_s : float
        Seconds between two attempts.
    """

    def __init__(
        self, make: Callable[[], FastAPI], base: str, *, retry_s: float = RETRY_S
    ) -> None:
        self._make, self._base, self._retry_s = make, base, retry_s
        self._app: ASGIApp | None = None
        self._closing = asyncio.Event()
        self.fault = ServiceStarting(
            "The service has just been started, and the database schema is being "
            "looked at; wait a moment."
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say why that cannot be done yet."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        else:
            await self._answer(scope["path"])(scope, receive, send)

    def _answer(self, path: str) -> Response:
        if not path.startswith(f"{self._base}/"):
            # where a Hub looks whether its service is up: 503 would mean that it is not
            return problem_response(NotFound(f"There is nothing at {path}."))
        path = path.removeprefix(self._base)
        if path == "/health/live":
            return JSONResponse({"status": "ok"})
        if path != "/health/ready":
            return problem_response(self.fault)
        health = Health(
            status="down",
            version=__version__,
            checks={"start": self.fault.message},
            workers=0,
            slots=0,
            queued=0,
            running=0,
            idle_s=0,
            streams=0,
        )
        body, refused = health.model_dump(mode="json"), problem_response(self.fault)
        again = {"Retry-After": refused.headers["retry-after"]}
        return JSONResponse(body, refused.status_code, again)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        opening = asyncio.create_task(self._open())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._closing.set()
        await opening
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            while not await self._attempt(stack):
                if await self._closes_within(self._retry_s):
                    return
            log.info("the service is ready")
            await self._closing.wait()
        self._app = None

    async def _attempt(self, stack: contextlib.AsyncExitStack) -> bool:
        """Make the app and start it; return whether that was done."""
        try:
            app = await self._unless_closing(self._make)
            if app is None:
                return False
            await stack.enter_async_context(app.router.lifespan_context(app))
        except WranglerError as error:
            text = error.message
            log.error("the service cannot serve yet: %s", text)  # noqa: TRY400
        except OSError as error:
            text = f"{error.filename or 'the system'}: {error.strerror or error}."
            log.exception("the service cannot serve yet")
        except Exception as error:
            text = f"{type(error).__name__}, see the service's log."
            log.exception("the service cannot serve yet")
        else:
            self._app = app
            return True
        self.fault = ServiceStarting(
            f"The service cannot serve yet, and tries again every {self._retry_s:g} "
            f"seconds: {text}"
        )
        return False

    async def _unless_closing(self, work: Callable[[], T]) -> T | None:
        """Do blocking work in a thread that does not hold up the end of the process."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(settled: Callable[[], None]) -> None:
            if not done.done():
                settled()

        def run() -> None:
            try:
                found = work()
            except BaseException as error:  # noqa: BLE001  raised where it is waited for
                raised = error
                answer = lambda: settle(lambda: done.set_exception(raised))  # noqa: E731
            else:
                answer = lambda: settle(lambda: done.set_result(found))  # noqa: E731
            if not loop.is_closed():
                loop.call_soon_threadsafe(answer)

        threading.Thread(target=run, name="wrangler-opening", daemon=True).start()
        closing = asyncio.create_task(self._closing.wait())
        either: set[asyncio.Future[Any]] = {done, closing}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            return None
        closing.cancel()
        return done.result()

    async def _closes_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True
