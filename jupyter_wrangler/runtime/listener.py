"""One open stream of events, and what it has not been sent yet."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass
from functools import cached_property

from jupyter_wrangler.contract import Job, Progress, QueueUpdate

#: Unread messages that a listener may leave before it is cut off.
BACKLOG = 256


@dataclass(frozen=True)
class News:
    """One thing to tell a listener; `mark` is set for durable ones."""

    view: Job | Progress | QueueUpdate
    mark: str | None = None

    @cached_property
    def text(self) -> str:
        """What happened, as JSON; written once for all who listen."""
        return self.view.model_dump_json()


class Listener:
    """One open stream, and what it has not been sent yet."""

    def __init__(self, owner: uuid.UUID) -> None:
        self.owner = owner
        self.queue: asyncio.Queue[News | None] = asyncio.Queue(BACKLOG)

    def deliver(self, news: News) -> None:
        """Send something soon."""
        with contextlib.suppress(asyncio.QueueFull):
            self.queue.put_nowait(news)
            return
        if news.mark is None:
            return  # progress may be dropped
        # a slow reader
        self.cut_off()

    def cut_off(self) -> None:
        """End the stream; who reads it resumes where it was by Last-Event-ID."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)
