"""Bases and words that all models of the contract share."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

#: Bytes that a request may hold, but for a chunk of an upload.
MAX_BODY = 4 * 1024 * 1024
#: Entries of one mapping or list in a request: ten times as many as columns usually.
MAX_ENTRIES = 100_000
#: Errors of one request that are reported.
MAX_ERRORS = 20

#: Any text but one with a NUL, which PostgreSQL cannot store.
Label = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
#: A JSON scalar, as used for constants that fill missing values.
Scalar = bool | int | float | Label
#: Lower-case hexadecimal SHA-256 of the bytes.
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
#: A name that people give: data, never a path.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    ),
]


def _in_pieces(given: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Validate a mapping or a list by pieces; the first piece with errors ends it.

    Pydantic collects every error: a mapping of 300 000 wrong values would take
    seconds, and the answer would be six times as large as the request.
    """
    if not isinstance(given, dict | list | tuple) or len(given) <= MAX_ERRORS:
        return validate(given)
    if len(given) > MAX_ENTRIES:
        raise PydanticCustomError(
            "too_many_entries",
            "Input should have at most {most} entries, got {found}",
            {"most": MAX_ENTRIES, "found": len(given)},
        )
    if isinstance(given, dict):
        rest, mapping = iter(given.items()), dict[Any, Any]()
        while piece := dict(islice(rest, MAX_ERRORS)):
            mapping |= validate(piece)
        return mapping
    items: list[Any] = []
    for at in range(0, len(given), MAX_ERRORS):
        items += validate(given[at : at + MAX_ERRORS])
    return tuple(items)


#: Marks a mapping or a list of a request: its size and its errors are bounded.
Bounded = WrapValidator(_in_pieces)


class Request(BaseModel):
    """Base of what a caller sends: frozen, unknown fields refused.

    A field that holds many values is marked `Bounded`, so that a request of any kind
    has a bounded number of errors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_unknown_fields(cls, given: Any) -> Any:
        """Refuse many unknown fields with one error instead of one for each."""
        fields = cls.model_fields
        if isinstance(given, dict) and len(given) > MAX_ERRORS + len(fields):
            unknown = [name for name in given if name not in fields]
            raise PydanticCustomError(
                "extra_forbidden",
                "{count} fields are unknown, for example {name}",
                {"count": len(unknown), "name": repr(str(unknown[0])[:60])},
            )
        return given


class View(BaseModel):
    """Base of what the service answers: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


#: Measurement level of a column.
Level = Literal[
    "continuous",
    "integer",
    "boolean",
    "nominal",
    "ordered",
    "datetime",
    "timedelta",
    "text",
]
