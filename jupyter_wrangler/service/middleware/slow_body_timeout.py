"""Callers who begin to send something and do not go on, or hardly."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes a second that a body must come in with, once `stall_s` is over: a chunk of
#: 8 MiB may take half an hour, and not days.
SLOWEST = 4096.0


class SlowBodyTimeout:
    """ASGI middleware that gives up a body which stalls, or trickles.

    Parameters
    ----------
    app : ASGIApp
        Whom to pass requests on to.
    stall_s : float
        Seconds between two pieces of a body.
    """

    def __init__(self, app: ASGIApp, stall_s: float) -> None:
        self._app, self._stall_s = app, stall_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and watch its body come in."""
        whole = scope["type"] != "http"
        taken, waited = 0, 0.0

        async def piece() -> Message:
            nonlocal whole, taken, waited
            if whole:
                # what comes now is that the caller leaves, whenever that is
                return await receive()
            # a pause is forgiven, but not one after each byte
            left = self._stall_s + taken / SLOWEST - waited
            begun = time.monotonic()
            try:
                async with asyncio.timeout(min(self._stall_s, left)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(
                    HTTPStatus.REQUEST_TIMEOUT,
                    f"The body paused for more than {self._stall_s:g} seconds, or came "
                    "too slowly; send it again, a chunk of an upload by its offset",
                ) from None
            waited += time.monotonic() - begun
            taken += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, piece, send)
