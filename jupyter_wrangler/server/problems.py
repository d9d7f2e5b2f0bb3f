"""Problem bodies (RFC 9457) for what goes wrong in the Jupyter server itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from jupyter_wrangler.contract import Problem
from jupyter_wrangler.errors import (
    Conflict,
    Internal,
    InvalidData,
    InvalidSpec,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    ServerUnreachable,
    WranglerError,
)

PROBLEM_TYPE: Final = "application/problem+json"

#: Error class -> status; the first that fits counts.
_STATUS: Final[tuple[tuple[type[WranglerError], HTTPStatus], ...]] = (
    # 403 also for strangers, as all Jupyter APIs answer
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (InvalidSpec, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidData, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ServerUnreachable, HTTPStatus.SERVICE_UNAVAILABLE),
    (Internal, HTTPStatus.INTERNAL_SERVER_ERROR),
)

#: Status that the Jupyter server chose -> the error it stands for, and a sentence
#: for where it gave none.
_MEANING: Final[dict[int, tuple[type[WranglerError], str]]] = {
    HTTPStatus.FORBIDDEN: (NotAllowed, "You may not do this on this server."),
    # the origin check answers so
    HTTPStatus.NOT_FOUND: (NotFound, "Requests of other web sites are not answered."),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        WranglerError,
        "This path does not know this verb; openapi.json tells which it knows.",
    ),
}


def problem_of(status: int, exc_info: Any, *, known: bool) -> Problem:
    """Describe a refusal or a failure.

    Parameters
    ----------
    status : int
        What tornado would answer.
    exc_info : tuple or None
        The exception behind it, as `sys.exc_info` gives it.
    known : bool
        Whether somebody is logged in.

    Returns
    -------
    Problem
        With the status to answer, which differs from `status` for our own errors.

    Examples
    --------
    >>> problem_of(403, None, known=False).code
    'not_authenticated'
    """
    error = exc_info[1] if exc_info else None
    if not isinstance(error, WranglerError):
        error = _meaning(status, getattr(error, "log_message", None), known=known)
    else:
        status = next((s for cls, s in _STATUS if isinstance(error, cls)), status)
    return Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=error.message,
        message=error.message,
        code=error.code,
        details=error.details,
    )


def _meaning(status: int, message: str | None, *, known: bool) -> WranglerError:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # what was said is for the log, it may quote anything
        return Internal(
            "The Jupyter Wrangler extension failed at this request; the log of the "
            "Jupyter server says why. Please report it."
        )
    if status == HTTPStatus.FORBIDDEN and not known:
        return NotAuthenticated(
            message
            or "Nobody is logged in; log in to the Jupyter server, or send the header "
            "'Authorization: token ...'."
        )
    cls, sentence = _MEANING.get(status, (InvalidData, HTTPStatus(status).phrase))
    return cls(message or sentence)
