"""Callers who begin to send something and do not go on."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Patience:
    """ASGI middleware that gives up a body which stalls.

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

        async def piece() -> Message:
            nonlocal whole
            if whole:
                # what comes now is that the caller leaves, whenever that is
                return await receive()
            try:
                async with asyncio.timeout(self._stall_s):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(
                    HTTPStatus.REQUEST_TIMEOUT,
                    f"The body paused for more than {self._stall_s:g} seconds; send "
                    "it again, a chunk of an upload by its offset",
                ) from None
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, piece, send)
