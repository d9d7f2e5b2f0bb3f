"""Bases and words that all models of the contract share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

#: Bytes that a request may hold, but for a chunk of an upload.
MAX_BODY = 4 * 1024 * 1024

#: Any text but one with a NUL, which PostgreSQL cannot store.
Label = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
#: A JSON scalar, as used for constants that fill holes.
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


class Request(BaseModel):
    """Base of what a caller sends: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class View(BaseModel):
    """Base of what the service answers: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
