"""The dispatcher and the reaper: threads in every worker and in the service.

It sends no more parts than there are free slots (and two), so that the broker's
queue stays short and order, fairness and cancellation remain questions of SQL.
Any number of these threads may run: they take turns in the database.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable

from celery import Celery

from jupyter_wrangler._version import __version__
from jupyter_wrangler.errors import RedisUnreachable, ServerUnreachable
from jupyter_wrangler.runtime import logging_setup
from jupyter_wrangler.runtime.celery_app import QUEUES, publish
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.queue import expiry, fair_scheduling, parts, version_lease

log = logging.getLogger(__name__)

#: Seconds after which the queue is looked at even if nobody rang.
POLL_S = 1.0
#: Messages sent ahead of free slots, to keep slots busy between two looks.
AHEAD = 2


class Dispatcher(threading.Thread):
    """Sends queued parts to workers; its reaper takes back what was lost."""

    def __init__(self, settings: Settings, database: SyncDatabase, app: Celery) -> None:
        super().__init__(name="wrangler-dispatcher", daemon=True)
        self.settings, self.database, self.app = settings, database, app
        self._wake = threading.Event()
        self._ended = threading.Event()
        self.reaper = Reaper(settings, database, wake=self.wake, ended=self._ended)

    def wake(self) -> None:
        """Look at the queue now: something was queued or a slot became free."""
        self._wake.set()

    def start(self) -> None:
        """Begin to dispatch, and to reap."""
        self.reaper.start()
        super().start()

    def stop(self) -> None:
        """End both threads."""
        self._ended.set()
        self._wake.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for both to end."""
        super().join(timeout)
        self.reaper.join(timeout)

    def is_alive(self) -> bool:
        """Whether both go on."""
        return super().is_alive() and self.reaper.is_alive()

    def run(self) -> None:
        """Dispatch at each notification, and at least each second."""
        away = False
        while not self._ended.is_set():
            self._wake.wait(POLL_S)
            self._wake.clear()
            try:
                self.dispatch()
            except ServerUnreachable as error:
                if not away:
                    log.warning("dispatching pauses: %s", error)
                away = True
            except Exception:
                # the thread must outlive a bug: without it no job would ever start
                log.exception("dispatching failed; it is tried again")
            else:
                away = False

    def dispatch(self) -> int:
        """Send as many queued parts as slots are free; return how many."""
        taken = self.database.run(
            fair_scheduling.dispatch,
            ahead=AHEAD,
            large=QUEUES[1],
            alive_s=self.settings.alive_s,
            lease_s=self.settings.lease_s,
            max_running=self.settings.max_running,
        )
        for n, (part_id, queue) in enumerate(taken):
            try:
                publish(self.app, part_id, queue)
            except RedisUnreachable:
                for unsent, _ in taken[n:]:
                    self.database.run(parts.requeue, unsent)
                raise
        return len(taken)


class Reaper(threading.Thread):
    """Takes back what was lost, and ends what is late.

    Beside the dispatcher and not in it: a Redis that is silent holds up the sender.
    """

    def __init__(
        self,
        settings: Settings,
        database: SyncDatabase,
        *,
        wake: Callable[[], None],
        ended: threading.Event,
    ) -> None:
        super().__init__(name="wrangler-reaper", daemon=True)
        self.settings, self.database = settings, database
        self._wake, self._ended = wake, ended

    @property
    def _longest_s(self) -> float:
        """Seconds between two looks from which on nobody was awake.

        In good order they are a second and the time of a reaping apart.  A lease has at
        least its length less two heartbeats left, so a shorter pause harms nobody.
        """
        return max(POLL_S, self.settings.lease_s - 2 * self.settings.heartbeat_s)

    def run(self) -> None:
        """Reap until told to end."""
        next_reap = time.monotonic()
        last = time.time()
        while not self._ended.wait(min(POLL_S, self.settings.heartbeat_s)):
            if time.time() - last > self._longest_s:
                # the machine slept, or everything was stopped (SIGSTOP, docker pause),
                # and with it the workers: let them renew their leases first, or every
                # nap would cost an attempt
                next_reap = time.monotonic() + self.settings.lease_s
            last = time.time()
            if time.monotonic() < next_reap:
                continue
            next_reap = time.monotonic() + self.settings.heartbeat_s
            try:
                if self.reap():
                    self._wake()
            except ServerUnreachable:
                # the dispatcher says so already
                continue
            except Exception:
                log.exception("reaping failed; it is tried again")

    def reap(self) -> int:
        """Deal with expired leases and deadlines; return how many."""
        count = self.database.run(version_lease.adopt, __version__)
        if count:
            log.info("%d jobs of an earlier version begin again", count)
        for part_id, job_id in self.database.run(expiry.expired):
            try:
                count += self._reap_one(part_id, job_id)
            except ServerUnreachable:
                raise
            except Exception:
                # such as a kind of job of a newer version: the others go on
                log.exception("reaping failed for job %s", job_id)
        return count

    def _reap_one(self, part_id: uuid.UUID, job_id: uuid.UUID) -> bool:
        """Deal with one expired lease or deadline; return whether that did anything."""
        done = self.database.run(
            expiry.reap,
            part_id,
            job_id,
            alive_s=self.settings.alive_s,
            lease_s=self.settings.lease_s,
        )
        if not done or done == "waits":
            return False
        part = {"part": part_id} if part_id.int else {}
        with logging_setup.bound(job=job_id, **part):
            what = "lease of a part" if part else "deadline of a job"
            log.info("the %s ran out: %s", what, done)
        return True
