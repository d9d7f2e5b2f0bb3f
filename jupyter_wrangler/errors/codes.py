"""Errors as codes: how they cross a process border."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler.errors.base import WranglerError


def by_code(
    cls: type[WranglerError] = WranglerError,
) -> dict[str, type[WranglerError]]:
    """Give the class of each code, for an error and all that derive from it.

    Examples
    --------
    >>> from jupyter_wrangler.errors import NotAllowed
    >>> sorted(by_code(NotAllowed))
    ['not_allowed', 'not_authenticated']
    """
    found = {cls.code: cls}
    for child in cls.__subclasses__():
        found.update(by_code(child))
    return found


def from_code(code: str, message: str, details: dict[str, Any]) -> WranglerError:
    """Rebuild an error that crossed a process border.

    Examples
    --------
    >>> from_code("job_not_found", "There is no job 1.", {})
    JobNotFound('There is no job 1.')
    """
    cls = by_code().get(code, WranglerError)
    error = cls.__new__(cls)
    error.args = (message,)
    for name, value in details.items():
        if name.isidentifier() and not hasattr(cls, name):
            setattr(error, name, value)
    return error
