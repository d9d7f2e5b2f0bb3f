"""Calls of the public functions: misspelt keywords, and warnings at the right line."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any, TypeVar

from jupyter_wrangler.errors import UnknownArgument, WranglerWarning

#: Packages whose lines lie between what warns and the caller.
_BETWEEN = {__name__.split(".", maxsplit=1)[0], "sklearn"}

#: What has been warned of in this process.
_WARNED: set[tuple[str, type[WranglerWarning]]] = set()

Thing = TypeVar("Thing", bound="Callable[..., Any]")


def public(thing: Thing) -> Thing:
    """Refuse keywords that a function, or a public method of a class, does not have.

    Python's own message ends in the middle of our code and names no other keyword.

    Parameters
    ----------
    thing : function or class
        Of a class the constructor and all methods without an underscore are meant.

    Raises
    ------
    UnknownArgument
        By what is given back: it names the keyword, and those that are alike.

    Examples
    --------
    >>> @public
    ... def impute(df, method="pmm", donors=5):
    ...     return method
    >>> impute(None, method="knn")
    'knn'
    >>> impute(None, metod="knn")
    Traceback (most recent call last):
    jupyter_wrangler.errors.UnknownArgument: impute() takes no 'metod'; did you mean
    'method'? It takes df, method, donors.
    """
    if not isinstance(thing, type):
        checked: Thing = _checked(thing, thing.__name__)
        return checked
    for name, member in list(vars(thing).items()):
        if isinstance(member, FunctionType) and (
            name == "__init__" or not name.startswith("_")
        ):
            setattr(thing, name, _checked(member, "" if name == "__init__" else name))
    return thing


def warn(message: str, category: type[WranglerWarning]) -> None:
    """Warn at the line of the caller, and of the same thing once.

    Python's own "once" forgets what was shown whenever anybody uses
    `warnings.catch_warnings`, which the libraries that fit models do.  What users and
    tests ask of warnings goes first.
    """
    for action, text, kind, _, _ in warnings.filters:
        if issubclass(category, kind) and (text is None or _matches(text, message)):
            if kind is WranglerWarning and action == "once":
                if (message, category) in _WARNED:
                    return
                _WARNED.add((message, category))
            break
    warnings.warn(message, category, stacklevel=_callers())


def _matches(text: Any, message: str) -> bool:
    return bool(text.match(message))


def variable_of(value: object) -> str | None:
    """Find what the caller of this package calls a value; None if nothing."""
    frame = sys._getframe(1)  # noqa: SLF001  the stack is what is meant
    while frame.f_back is not None and _is_between(frame):
        frame = frame.f_back
    for scope in (frame.f_locals, frame.f_globals):
        for name, own in list(scope.items()):
            # names with an underscore are those of notebooks: _, _3, __
            plain = name.isidentifier() and not name.startswith("_")
            if own is value and plain:
                return name
    return None


def _is_between(frame: FrameType) -> bool:
    own = frame.f_globals.get("__name__", "")
    return bool(own.split(".")[0] in _BETWEEN)


def _callers() -> int:
    """Count the lines up to the caller of this package, as `stacklevel` does.

    Those of scikit-learn that lie between count too.
    """
    frame, level = sys._getframe(1), 1  # noqa: SLF001  the stack is what is meant
    while frame.f_back is not None and _is_between(frame):
        frame, level = frame.f_back, level + 1
    return level


def _checked(function: Any, called: str) -> Any:
    kinds = inspect.Parameter
    parameters = inspect.signature(function).parameters.values()
    if any(one.kind is kinds.VAR_KEYWORD for one in parameters):
        return function
    known = [
        one.name
        for one in parameters
        if one.kind in {kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY}
        and one.name != "self"
    ]
    names, refusal = frozenset({*known, "self"}), UnknownArgument

    def checked(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not names.issuperset(kwargs):
            what = called or args[0].__class__.__name__
            raise refusal(what, next(k for k in kwargs if k not in names), known)
        return function(*args, **kwargs)

    # With the globals of the function, so that it is still found in its module by what
    # looks for examples and sources; the code above uses none of its own.
    moved = FunctionType(
        checked.__code__, function.__globals__, function.__name__, None,
        checked.__closure__,
    )  # fmt: skip
    return functools.wraps(function)(moved)
