"""What a worker and its runners say to each other.

Kept apart from the runner so that the worker, which names it, does not load the
statistics: only the fork server does, once, for all runners.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

#: What asks a runner to stop, where a task would come.
CANCEL = b"cancel"


class Task(BaseModel):
    """What a runner is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: int
    k: int
    spec: dict[str, Any]
    data: str
    results: list[str]
    #: Part -> why it left nothing, where the job goes on without it.
    failures: dict[int, str]
    output: str
    max_columns: int
    #: What the owner may compute with.
    max_cells: int
    #: As `Settings.runner_memory`.
    memory: int | None
    #: Seconds of processor time, and bytes of one file.
    cpu_s: int
    file_bytes: int
