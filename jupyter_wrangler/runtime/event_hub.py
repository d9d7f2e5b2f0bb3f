"""Watching jobs: durable events and passing progress, to any number of listeners.

One task follows `job_event` (woken by notifications, and each second anyway), one
follows the notifications, one sends progress at most four times a second per job, and
one the places of queued jobs at most once a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import Any

from jupyter_wrangler.contract import FINAL, Job, QueuePlace, QueueUpdate
from jupyter_wrangler.errors import DatabaseBusy, QuotaExceeded, ServerUnreachable
from jupyter_wrangler.runtime.job_service import MOST_PLACED, JobService
from jupyter_wrangler.runtime.listener import Listener, News
from jupyter_wrangler.store import quotas
from jupyter_wrangler.store.queue import events

log = logging.getLogger(__name__)

TICK_S, POLL_S = 0.25, 1.0
#: By how much the time until a start must change to be an event: seconds, and share.
_SMALL_S, _SMALL_SHARE = 5.0, 0.2
#: Events read at a time.
BATCH = 500


def _is_away(error: Exception) -> bool:
    """Whether nobody can be given, rather than the owner whose rows are locked."""
    return isinstance(error, ServerUnreachable) and not isinstance(error, DatabaseBusy)


def _is_news(reported: QueuePlace | None, place: QueuePlace) -> bool:
    """Whether a place is worth an event: a time that just runs down is not."""
    if reported is None:
        return True
    before, now = reported.starts_in_s, place.starts_in_s
    if reported.model_copy(update={"starts_in_s": now}) != place:
        return True
    if before is None or now is None:
        return before is not now
    return abs(before - now) > max(_SMALL_S, _SMALL_SHARE * before)


class EventHub:
    """The streams of one service process."""

    def __init__(self, job_service: JobService) -> None:
        self.job_service = job_service
        self._listeners: dict[uuid.UUID, set[Listener]] = defaultdict(set)
        self._dirty: dict[uuid.UUID, uuid.UUID] = {}
        self._notified = asyncio.Event()
        self._ticked = asyncio.Event()
        #: Owner -> queued jobs that listeners know of, with the place they were told.
        self._waiting: dict[uuid.UUID, dict[uuid.UUID, QueuePlace | None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._mark = events.Mark()
        #: Events that were reported though others can still come before them.
        self._sent_early: set[events.Mark] = set()

    @property
    def streams(self) -> int:
        """How many listeners there are."""
        return sum(map(len, self._listeners.values()))

    async def start(self) -> None:
        """Begin to follow."""
        self._mark = await self.job_service.database.run(events.horizon)
        self._tasks = [
            asyncio.create_task(loop(), name=f"wrangler-{loop.__name__}")
            for loop in (
                self._follow_events,
                self._follow_notifications,
                self._send_progress,
                self._send_places,
            )
        ]

    async def close(self) -> None:
        """End all streams."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for group in self._listeners.values():
            for listener in group:
                listener.cut_off()

    async def subscribe(self, owner: uuid.UUID) -> Listener:
        """Admit one more listener, until `unsubscribe`, or refuse."""
        quota = await self.job_service.database.run(
            quotas.effective, owner, self.job_service.quota
        )
        # nothing is waited for between the look and the place, so nobody slips in
        group = self._listeners[owner]
        if len(group) >= quota.max_streams:
            if not group:
                del self._listeners[owner]
            raise QuotaExceeded(
                "open event streams",
                quota.max_streams,
                "close a browser tab or a kernel",
                "JUPYTER_WRANGLER_MAX_STREAMS",
            )
        listener = Listener(owner)
        group.add(listener)
        return listener

    def unsubscribe(self, listener: Listener) -> None:
        """Give up a listener's place."""
        group = self._listeners.get(listener.owner, set())
        group.discard(listener)
        if not group:
            self._listeners.pop(listener.owner, None)
            self._waiting.pop(listener.owner, None)

    async def news(
        self, listener: Listener, last: str | None
    ) -> AsyncGenerator[News, None]:
        """Yield what happens to an owner's jobs, from a mark or from a snapshot."""
        # the listener was there before we look: nothing falls in between
        try:
            missed = await self._catch_up(listener.owner, last)
        except ServerUnreachable as error:
            # the answer has begun: all that can be said is an end, and they come back
            log.warning("a stream could not catch up: %s", error)
            return
        for news in missed:
            self._note_queued(listener.owner, news)
            yield news
        while (fresh := await listener.queue.get()) is not None:
            yield fresh

    async def _catch_up(self, owner: uuid.UUID, last: str | None) -> list[News]:
        mark = events.Mark.parse(last) if last else None
        # a place that was not reached yet is one of another database, before it was
        # restored or made again: silence would hide all that is in this one
        if mark is None or mark > await self.job_service.database.run(events.horizon):
            now = str(self._mark)
            recent = [News(job) for job in await self.job_service.recent(owner)]
            # with the last: who has heard less than all cannot go on from there
            return [*recent[:-1], *(News(news.view, now) for news in recent[-1:])]
        latest: dict[uuid.UUID, events.Mark] = {}
        while True:
            missed = await self.job_service.database.run(
                events.missed, owner, mark, limit=BATCH
            )
            latest |= {event.job_id: event.mark for event in missed}
            if len(missed) < BATCH:
                break
            mark = missed[-1].mark
        found = await self.job_service.several(owner, list(latest))
        found.sort(key=lambda job: latest[job.id])
        return [News(job, str(latest[job.id])) for job in found]

    async def _follow_events(self) -> None:
        """Pass on durable events."""
        # A notification may come while an older transaction hides the event: then look
        # again soon, but hear further notifications meanwhile.
        pauses = (0.02, 0.1, POLL_S)
        step = len(pauses) - 1
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._notified.wait(), pauses[step])
            notified = self._notified.is_set()
            self._notified.clear()
            found = 0
            try:
                found = await self._send_events()
            except ServerUnreachable:
                notified = False
            except Exception:
                # the stream must outlive a bug, or every panel would freeze
                log.exception("following events failed; it is tried again")
            calm = found or not notified
            step = min(step + 1, len(pauses) - 1) if calm else 0

    async def _send_events(self) -> int:
        found = await self.job_service.database.run(
            events.since, self._mark, limit=BATCH
        )
        if not found:
            await self._send_early()
            return 0
        await self._send_by_owner(found)
        self._mark = found[-1].mark
        if len(found) == BATCH:
            self._notified.set()
        return len(found)

    async def _send_early(self) -> None:
        """Tell of what a long transaction of somebody else holds up, without marks."""
        held_up = await self.job_service.database.run(
            events.held_up, after_s=POLL_S, limit=BATCH
        )
        fresh = [event for event in held_up if event.mark not in self._sent_early]
        if fresh:
            await self._send_by_owner(fresh, marked=False)
        self._sent_early = {event.mark for event in held_up}

    async def _send_by_owner(
        self, found: list[events.Event], *, marked: bool = True
    ) -> None:
        by_owner: dict[uuid.UUID, dict[uuid.UUID, events.Mark]] = defaultdict(dict)
        for event in found:
            if event.owner_id in self._listeners:
                by_owner[event.owner_id][event.job_id] = event.mark
        for owner, marks in by_owner.items():
            try:
                await self._send_to(owner, marks, marked=marked)
            except Exception as error:
                if _is_away(error):
                    # all of it is read and told again: twice does no harm, never would
                    raise
                log.exception("jobs of user %s could not be reported", owner)
                if not marked:
                    continue  # they are reported with their marks later
                # they come back with Last-Event-ID; nobody else waits for them
                for listener in self._listeners.get(owner, ()):
                    listener.cut_off()

    async def _send_to(
        self, owner: uuid.UUID, marks: dict[uuid.UUID, events.Mark], *, marked: bool
    ) -> None:
        """Tell an owner's listeners of jobs, in the order of their marks.

        Anyone who hears one mark and is then cut off has heard all before it.
        """
        jobs = await self.job_service.several(owner, list(marks))
        for job in sorted(jobs, key=lambda job: marks[job.id]):
            news = News(job, str(marks[job.id]) if marked else None)
            self._note_queued(owner, news)
            for listener in list(self._listeners.get(owner, ())):
                listener.deliver(news)

    async def _follow_notifications(self) -> None:
        """Follow the notifications of Redis."""
        while True:
            try:
                async for change in self.job_service.pubsub.changes():
                    self._handle_notification(change)
            except ServerUnreachable:
                await asyncio.sleep(POLL_S)
            except Exception:
                # the loop must outlive a bug, or no progress would be seen any more
                log.exception("following notifications failed; it is tried again")
                await asyncio.sleep(POLL_S)

    def _handle_notification(self, change: Any) -> None:
        try:
            if not change.get("tick"):
                self._notified.set()
                return
            owner, job = uuid.UUID(change["owner"]), uuid.UUID(change["job"])
        except (AttributeError, KeyError, TypeError, ValueError):
            # sent by somebody else: it must not end the notifications
            log.warning("a notification is not understood")
            return
        if owner in self._listeners:
            self._dirty[job] = owner
            self._ticked.set()

    async def _send_progress(self) -> None:
        """Send progress, many ticks in one."""
        while True:
            await self._ticked.wait()
            self._ticked.clear()
            dirty, self._dirty = self._dirty, {}
            by_owner: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
            for job_id, owner in dirty.items():
                by_owner[owner].append(job_id)
            for owner, ids in by_owner.items():
                try:
                    await self._send_progress_to(owner, ids)
                except ServerUnreachable:
                    continue  # the next tick tells more
                except Exception:
                    log.exception("sending progress failed; the next tick is tried")
            await asyncio.sleep(TICK_S)

    def _note_queued(self, owner: uuid.UUID, news: News) -> None:
        """Remember which queued jobs listeners have heard of."""
        if not isinstance(news.view, Job) or owner not in self._listeners:
            return
        known = self._waiting.setdefault(owner, {})
        known.pop(news.view.id, None)
        if news.view.state == "queued" and len(known) < MOST_PLACED:
            known[news.view.id] = news.view.queue
        if not known:
            del self._waiting[owner]

    async def _send_places(self) -> None:
        """Tell of new places in the queue, at most once in a second."""
        while True:
            await asyncio.sleep(POLL_S)
            for owner in list(self._waiting):
                try:
                    await self._send_places_to(owner)
                except ServerUnreachable:
                    continue  # the next second tells more
                except Exception:
                    log.exception("sending places failed; the next second is tried")

    async def _send_places_to(self, owner: uuid.UUID) -> None:
        found = await self.job_service.places(owner, list(self._waiting[owner]))
        known = self._waiting.get(owner, {})
        for job_id, place in found.items():
            # one that runs by now was reported, or is about to be
            if job_id in known and _is_news(known[job_id], place):
                known[job_id] = place
                news = News(QueueUpdate(job_id=job_id, queue=place))
                for listener in list(self._listeners.get(owner, ())):
                    listener.deliver(news)

    async def _send_progress_to(self, owner: uuid.UUID, ids: list[uuid.UUID]) -> None:
        for job in await self.job_service.several(owner, ids):
            if job.progress and job.state not in FINAL:
                news = News(job.progress)
                for listener in list(self._listeners.get(owner, ())):
                    listener.deliver(news)
