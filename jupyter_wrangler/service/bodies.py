"""JSON bodies: read for known callers only, and large ones beside the event loop.

A body is read into its model here, in a thread where it is large, and one large
body at a time: between two of them the service answers everybody else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from jupyter_wrangler.service.identity import known

#: Bytes from which a body is large: reading it takes more than a millisecond.
LARGE = 32 * 1024

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class BodyTooLarge(HTTPException):
    """A body of more bytes than its route takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.limit = limit


class NotUnderstood(HTTPException):
    """A body that is JSON, but not what its route wants."""

    def __init__(self, found: ValidationError) -> None:
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY)
        self.found = found


class BodyRoute(APIRoute):
    """A route whose JSON body is read into its model before FastAPI sees it."""

    def get_route_handler(self) -> Handler:
        """Return what handles a request of this route."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle
        model = cast("type[BaseModel]", self.body_field.field_info.annotation)

        async def read_and_handle(request: Request) -> Response:
            # FastAPI would read the bodies of strangers too
            await known(request)
            return await handle(_Reading(request, model))

        return read_and_handle


def router(**options: Any) -> APIRouter:
    """Make a router whose routes read bodies in this way."""
    return APIRouter(route_class=BodyRoute, **options)


class _Reading(Request):
    """A request whose JSON is an instance of a model."""

    def __init__(self, request: Request, model: type[BaseModel]) -> None:
        super().__init__(request.scope, request.receive)
        self._model = model

    async def json(self) -> Any:
        """Read the body.

        Raises
        ------
        json.JSONDecodeError
            If it is no JSON.
        NotUnderstood
            If it is JSON of another form.
        """
        data = await self.body()
        if len(data) < LARGE:
            return self._read(data)
        async with _turn(self.app):
            return await asyncio.to_thread(self._read, data)

    def _read(self, data: bytes) -> BaseModel:
        given = json.loads(data)
        try:
            return self._model.model_validate(given)
        except ValidationError as error:
            raise NotUnderstood(error) from None


def _turn(app: Any) -> asyncio.Lock:
    """Return the lock that one large body of an app holds at a time."""
    if not hasattr(app.state, "large_body"):
        app.state.large_body = asyncio.Lock()
    lock: asyncio.Lock = app.state.large_body
    return lock
