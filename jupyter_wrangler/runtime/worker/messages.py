"""What a worker and its runners say to each other, through a pipe.

A worker sends tasks, and `CANCEL`.  A runner sends `StepReport` while it computes, then
one of `Done`, `Failed` and `Cancelled`.  This module loads no statistics, since the
worker imports it.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

#: Asks a runner to stop, where a task would come.
CANCEL = b"cancel"
#: Bytes of the longest message that is read: far above the largest summary.
MAX_MESSAGE = 256 * 1024 * 1024


class UnreadableMessage(Exception):
    """A runner has sent bytes that are no message."""


def _as_utf8(value: Any) -> Any:
    """Write what is no JSON as text, and halves of characters as `?`."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))


class _Message(BaseModel):
    # NaN is kept, so that the store refuses it with an error
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class Task(_Message):
    """One part of a job, for a runner to compute."""

    stage: int
    k: int
    spec: dict[str, Any]
    data: str
    results: list[str]
    #: Part -> why it left nothing, where the job goes on without it.
    failures: dict[int, str]
    output: str
    #: File for the models that are kept, and the most bytes of numbers in it.
    recipe_output: str
    max_model_bytes: int
    #: File of the models that a transform imputes by.
    recipe: str | None = None
    max_columns: int
    #: Cells that the owner may compute with.
    max_cells: int
    #: As `Settings.runner_memory`.
    memory: int | None
    #: Seconds of processor time, and bytes of one file.
    cpu_s: int
    file_bytes: int


class Usage(_Message):
    """What a part took."""

    rss_peak_kb: int
    cpu_s: float


class StepReport(_Message):
    """How far a part has come."""

    t: Literal["step"] = "step"
    done: float
    total: float
    message: str = ""
    round: int | None = None
    max_iter: int | None = None
    column: str | None = None


class Done(_Message):
    """A part has ended with a result."""

    t: Literal["done"] = "done"
    #: Whether there are bytes to store in the output file.
    stored: bool
    #: Whether there are models to store in their file, or why not.
    recipe: bool = False
    recipe_note: Annotated[str | None, BeforeValidator(_as_utf8)] = None
    #: Of the last stage, for the row of the job.
    summary: dict[str, Any] | None = None
    #: Of the last stage: parts of the first one that there are to be, and why.
    more_parts: int | None = None
    more_reason: Annotated[str, BeforeValidator(_as_utf8)] = ""
    usage: Usage | None = None


class Failed(_Message):
    """A part has ended with an error, and would again."""

    t: Literal["error"] = "error"
    state: Literal["failed", "timed_out"] = "failed"
    code: str
    message: Annotated[str, BeforeValidator(_as_utf8)]
    details: Annotated[dict[str, Any], BeforeValidator(_as_utf8)]
    usage: Usage | None = None


class Cancelled(_Message):
    """A part was stopped because it was asked to."""

    t: Literal["cancelled"] = "cancelled"
    usage: Usage | None = None


#: What a runner says when a part has ended, and what else it says.
Answer = Done | Failed | Cancelled
Report = Annotated[StepReport | Answer, Field(discriminator="t")]
_REPORT: TypeAdapter[StepReport | Answer] = TypeAdapter(Report)


def encode(message: StepReport | Answer) -> bytes:
    """Write a message."""
    return message.model_dump_json().encode()


def decode(data: bytes) -> StepReport | Answer:
    """Read a message of a runner.

    Raises
    ------
    UnreadableMessage
        If it is none.
    """
    try:
        return _REPORT.validate_json(data)
    except ValidationError as error:
        # without what was sent, which may quote the data
        raise UnreadableMessage(f"{len(data)} bytes that are no message") from error
