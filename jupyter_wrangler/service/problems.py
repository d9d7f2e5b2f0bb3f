"""Errors as RFC 9457 problem bodies: one table maps a class to a status."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from jupyter_wrangler.contract import MAX_ERRORS, Problem
from jupyter_wrangler.errors import (
    Conflict,
    DatasetTooLarge,
    Internal,
    InvalidData,
    InvalidSpec,
    JobFailed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    QuotaExceeded,
    RequestTooLarge,
    ServerUnreachable,
    StorageFull,
    WranglerError,
)
from jupyter_wrangler.service.bodies import BodyTooLarge, NotUnderstood
from jupyter_wrangler.service.request_id import request_id

log = logging.getLogger(__name__)

#: The first class along an error's ancestry that stands here decides.
STATUS: dict[type[WranglerError], int] = {
    DatasetTooLarge: 413,
    RequestTooLarge: 413,
    InvalidData: 422,
    InvalidSpec: 422,
    NotFound: 404,
    Conflict: 409,
    JobFailed: 409,
    NotAuthenticated: 401,
    NotAllowed: 403,
    QuotaExceeded: 429,
    ServerUnreachable: 503,
    StorageFull: 507,
    Internal: 500,
}
_RETRY_AFTER_S = "5"
#: Characters of a place and of a sentence about it that are shown.
_SHOWN = 300

_BODY = {"model": Problem, "content": {"application/problem+json": {}}}
#: For the OpenAPI document: every error of every route has the same body.
RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {**_BODY, "description": "The request was not understood."},
    "4XX": {**_BODY, "description": "The caller can fix it."},
    "5XX": {**_BODY, "description": "The caller cannot fix it."},
}


def status_of(error: WranglerError) -> int:
    """Return the HTTP status of an error."""
    return next((STATUS[cls] for cls in type(error).__mro__ if cls in STATUS), 500)


def _answer(
    status: int,
    code: str,
    message: str,
    *,
    details: dict[str, Any] | None = None,
    errors: list[dict[str, Any]] | None = None,
    request_id: str | None = None,
) -> JSONResponse:
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=message,
        message=message,
        code=code,
        details=json.loads(json.dumps(details or {}, default=str)),
        errors=errors or [],
        request_id=request_id,
    )
    return JSONResponse(
        problem.model_dump(mode="json"),
        status_code=status,
        media_type="application/problem+json",
        headers={"Retry-After": _RETRY_AFTER_S} if status in {429, 503, 507} else None,
    )


def too_large(limit: int) -> JSONResponse:
    """Answer a body of more than `limit` bytes, which is not read."""
    return problem_response(RequestTooLarge(limit))


def problem_response(error: WranglerError) -> JSONResponse:
    """Answer with an error."""
    return _answer(status_of(error), error.code, error.message, details=error.details)


async def _wrangler_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, WranglerError):
        raise error
    return problem_response(error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, NotUnderstood):
        found = error.found.errors(
            include_url=False, include_context=False, include_input=False
        )
        body: tuple[str, ...] = ("body",)
    elif isinstance(error, RequestValidationError):
        found, body = list(error.errors()), ()
    else:
        raise error
    errors = [
        {
            "where": _short(".".join(map(str, (*body, *e["loc"])))),
            "message": _short(e["msg"]),
        }
        for e in found[:MAX_ERRORS]
    ]
    first = errors[0]
    more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
    return _answer(
        422,
        InvalidSpec.code,
        f"The request was not understood: {first['where']}: {first['message']}{more}.",
        errors=errors,
    )


def _short(text: str) -> str:
    """Cut what quotes the caller: names and values may be megabytes long."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error, BodyTooLarge):
        return too_large(error.limit)
    if error.status_code == 400:
        # FastAPI says so of what the parser gave up at
        return problem_response(
            InvalidSpec(
                "The body cannot be read as JSON: it is nested too deeply, holds a "
                "number of too many digits, or is no UTF-8. Send a plain object."
            )
        )
    code = NotFound.code if error.status_code == 404 else "http_error"
    answer = _answer(error.status_code, code, f"{error.detail}.")
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        # Starlette names the verbs of the first route of that path only
        answer.headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return answer


def _allowed(request: Request) -> set[str]:
    """Return the verbs that any route takes for the path of a request."""
    return {
        verb
        for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        for route in request.app.routes
        if route.matches({**request.scope, "method": verb})[0] is Match.FULL
    }


async def _bug(request: Request, error: Exception) -> JSONResponse:
    reference = request_id(request.scope)
    log.error(
        "error %s in %s %s",
        reference,
        request.method,
        request.url.path,
        exc_info=error,
    )
    return _answer(
        500,
        Internal.code,
        "The service failed by a mistake of ours; nothing that was accepted is lost. "
        f"Please report reference {reference}, which is in the service's log.",
        request_id=reference,
    )


def install(app: FastAPI) -> None:
    """Make an app answer every error with a problem body."""
    app.add_exception_handler(WranglerError, _wrangler_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotUnderstood, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)
