"""Requests made of what people typed; what is wrong with it is said in our words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from jupyter_wrangler.contract.base import Request
from jupyter_wrangler.errors import InvalidSpec, shown

RequestT = TypeVar("RequestT", bound=Request)
#: Characters of a value that are shown.
_SHOWN = 60
#: How pydantic says what a value has to be; what follows a comma is about the value.
_SHOULD = re.compile(r"^\w+ should (.*?)(?:, (?:unable|got) .*)?$")
#: What it says by a pattern, which few people read.
_PATTERN = "string_pattern_mismatch"


def build_request(model: type[RequestT], **fields: Any) -> RequestT:
    """Make a request.

    Raises
    ------
    InvalidSpec
        If a field has a value that it cannot have.

    Examples
    --------
    >>> from jupyter_wrangler.contract import ImputationSpec
    >>> build_request(ImputationSpec, n_imputations=0)
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InvalidSpec: n_imputations=0 cannot be asked for: it should
    be greater than or equal to 1. Change it and try again.
    """
    try:
        return model(**fields)
    except ValidationError as error:
        wrong: dict[str, list[str]] = {}
        for found in error.errors(include_url=False):
            name = str(found["loc"][0]) if found["loc"] else "it"
            wrong.setdefault(name, []).append(_wanted(found["type"], found["msg"]))
        problems = "; ".join(
            f"{name}={_short(fields.get(name))} cannot be asked for: it "
            f"{_either(dict.fromkeys(text))}"
            for name, text in wrong.items()
        )
        raise InvalidSpec(f"{problems}. Change it and try again.") from None


def _wanted(kind: str, message: str) -> str:
    """Say what a value should do, as what follows "it".

    Examples
    --------
    >>> _wanted("float_parsing", "Input should be a valid number, unable to parse ...")
    'should be a valid number'
    >>> _wanted("string_too_long", "String should have at most 255 characters")
    'should have at most 255 characters'
    """
    if kind == _PATTERN:
        return "should hold no control characters"
    if kind == "missing":
        return "is missing"
    found = _SHOULD.match(message)
    return f"should {found[1]}" if found else f"is refused ({message})"


def _either(wanted: Iterable[str]) -> str:
    """Join what is wanted, each word said once.

    Examples
    --------
    >>> _either(["should be a valid number", "should be a valid dictionary"])
    'should be a valid number or a valid dictionary'
    """
    first, *others = wanted
    for other in others:
        shared = "should be " if first.startswith("should be ") else ""
        first += f" or {other.removeprefix(shared)}"
    return first


def _short(value: Any) -> str:
    text = shown(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
