"""Watching jobs: durable events and passing progress, to any number of listeners.

One task follows `job_event` (woken by the bell, and each second anyway), one
follows the bell, one sends progress at most four times a second per job.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from jupyter_wrangler.contract import FINAL, Job, Progress
from jupyter_wrangler.errors import QuotaExceeded, ServerUnreachable
from jupyter_wrangler.jobs.desk import Desk
from jupyter_wrangler.store import events, quotas

log = logging.getLogger(__name__)

TICK_S, POLL_S = 0.25, 1.0
#: Unread messages that a listener may leave before it is cut off.
BACKLOG = 256
#: Events read at a time.
BATCH = 500


@dataclass(frozen=True)
class News:
    """One thing to tell a listener; `mark` is set for durable ones."""

    view: Job | Progress
    mark: str | None = None


class _Listener:
    def __init__(self, owner: uuid.UUID) -> None:
        self.owner = owner
        self.queue: asyncio.Queue[News | None] = asyncio.Queue(BACKLOG)

    def tell(self, news: News) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self.queue.put_nowait(news)
            return
        if news.mark is None:
            return  # progress may be dropped
        # a slow reader is cut off, and resumes where it was by Last-Event-ID
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Watch:
    """The streams of one service process."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._listeners: dict[uuid.UUID, set[_Listener]] = defaultdict(set)
        self._dirty: dict[uuid.UUID, uuid.UUID] = {}
        self._rung = asyncio.Event()
        self._ticked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._mark = events.Mark()

    @property
    def streams(self) -> int:
        """How many listeners there are."""
        return sum(map(len, self._listeners.values()))

    async def start(self) -> None:
        """Begin to follow."""
        self._mark = await self.desk.database.run(events.horizon)
        self._tasks = [
            asyncio.create_task(loop(), name=f"wrangler-{loop.__name__}")
            for loop in (self._follow, self._listen, self._flush)
        ]

    async def close(self) -> None:
        """End all streams."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for group in self._listeners.values():
            for listener in group:
                while not listener.queue.empty():
                    listener.queue.get_nowait()
                listener.queue.put_nowait(None)

    async def check_room(self, owner: uuid.UUID) -> None:
        """Refuse one stream too many."""
        quota = await self.desk.database.run(quotas.effective, owner, self.desk.quota)
        if len(self._listeners.get(owner, ())) >= quota.max_streams:
            raise QuotaExceeded(
                "open event streams",
                quota.max_streams,
                "close a browser tab or a kernel",
            )

    async def subscribe(
        self, owner: uuid.UUID, last: str | None
    ) -> AsyncGenerator[News, None]:
        """Yield what happens to an owner's jobs, from a mark or from a snapshot."""
        group = self._listeners[owner]
        listener = _Listener(owner)
        group.add(listener)  # first subscribe, then look: nothing falls in between
        try:
            for news in await self._catch_up(owner, last):
                yield news
            while (fresh := await listener.queue.get()) is not None:
                yield fresh
        finally:
            group.discard(listener)
            if not group:
                self._listeners.pop(owner, None)

    async def _catch_up(self, owner: uuid.UUID, last: str | None) -> list[News]:
        mark = events.Mark.parse(last) if last else None
        if mark is None:
            now = str(self._mark)
            return [News(job, now) for job in await self.desk.recent(owner)]
        latest: dict[uuid.UUID, events.Mark] = {}
        while True:
            missed = await self.desk.database.run(
                events.missed, owner, mark, limit=BATCH
            )
            latest |= {event.job_id: event.mark for event in missed}
            if len(missed) < BATCH:
                break
            mark = missed[-1].mark
        found = await self.desk.several(owner, list(latest))
        found.sort(key=lambda job: latest[job.id])
        return [News(job, str(latest[job.id])) for job in found]

    async def _follow(self) -> None:
        """Pass on durable events."""
        # A bell may ring while an older transaction still hides the event: then look
        # again soon, but hear further bells meanwhile.
        pauses = (0.02, 0.1, POLL_S)
        patience = len(pauses) - 1
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), pauses[patience])
            rung = self._rung.is_set()
            self._rung.clear()
            found = 0
            try:
                found = await self._pass_on()
            except ServerUnreachable:
                rung = False
            except Exception:
                # the stream must outlive a bug, or every panel would freeze
                log.exception("following events failed; it is tried again")
            calm = found or not rung
            patience = min(patience + 1, len(pauses) - 1) if calm else 0

    async def _pass_on(self) -> int:
        found = await self.desk.database.run(events.since, self._mark, limit=BATCH)
        if not found:
            return 0
        self._mark = found[-1].mark
        by_owner: dict[uuid.UUID, dict[uuid.UUID, str]] = defaultdict(dict)
        for event in found:
            if event.owner_id in self._listeners:
                by_owner[event.owner_id][event.job_id] = str(event.mark)
        for owner, marks in by_owner.items():
            for job in await self.desk.several(owner, list(marks)):
                for listener in list(self._listeners.get(owner, ())):
                    listener.tell(News(job, marks[job.id]))
        if len(found) == BATCH:
            self._rung.set()
        return len(found)

    async def _listen(self) -> None:
        """Hear the bell."""
        while True:
            try:
                async for change in self.desk.bell.changes():
                    if change.get("tick"):
                        owner = uuid.UUID(change["owner"])
                        if owner in self._listeners:
                            self._dirty[uuid.UUID(change["job"])] = owner
                            self._ticked.set()
                    else:
                        self._rung.set()
            except ServerUnreachable:
                await asyncio.sleep(POLL_S)
            except (KeyError, ValueError):
                log.warning("the bell said something that is not understood")

    async def _flush(self) -> None:
        """Send progress, many ticks in one."""
        while True:
            await self._ticked.wait()
            self._ticked.clear()
            dirty, self._dirty = self._dirty, {}
            by_owner: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
            for job_id, owner in dirty.items():
                by_owner[owner].append(job_id)
            for owner, ids in by_owner.items():
                with contextlib.suppress(ServerUnreachable):
                    for job in await self.desk.several(owner, ids):
                        if job.progress and job.state not in FINAL:
                            for listener in list(self._listeners.get(owner, ())):
                                listener.tell(News(job.progress))
            await asyncio.sleep(TICK_S)
