"""What the supervisor needs to know of a process that it keeps running."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Child:
    """One server of the stack: how to start it, to ask it, to stop it."""

    name: str
    command: tuple[str | Path, ...]
    env: Mapping[str, str]
    cwd: Path
    #: What it gets when the supervisor dies without having stopped it.
    death_signal: signal.Signals
    #: Signals that ask it to end, politest first, each with its seconds of grace.
    stop: tuple[tuple[signal.Signals, float], ...]
    #: Whom it runs as: uid and gid, or None for us.
    user: tuple[int, int] | None = None
    #: Called before each start: makes data, removes a dead server's sockets.
    prepare: Callable[[], None] = field(default=lambda: None)
    #: Whether it answers.
    ready: Callable[[], bool] = field(default=lambda: True)
    #: Called once per start, as soon as it answers.
    on_ready: Callable[[], None] = field(default=lambda: None)
