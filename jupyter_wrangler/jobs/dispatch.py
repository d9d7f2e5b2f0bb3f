"""The dispatcher and the reaper: one thread, in every worker and in the service.

It sends no more parts than there are free slots (and two), so that the broker's
queue stays short and order, fairness and cancellation remain questions of SQL.
Any number of these threads may run: they take turns in the database.
"""

from __future__ import annotations

import logging
import threading
import time

from celery import Celery

from jupyter_wrangler._version import __version__
from jupyter_wrangler.errors import RedisUnreachable, ServerUnreachable
from jupyter_wrangler.jobs import journal
from jupyter_wrangler.jobs.app import QUEUES, publish
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import parts, release, turns
from jupyter_wrangler.store.database import SyncDatabase

log = logging.getLogger(__name__)

#: Seconds after which the queue is looked at even if nobody rang.
POLL_S = 1.0
#: Messages sent ahead of free slots, to keep slots busy between two looks.
AHEAD = 2


class Dispatcher(threading.Thread):
    """Sends queued parts to workers and takes back what was lost."""

    def __init__(self, settings: Settings, database: SyncDatabase, app: Celery) -> None:
        super().__init__(name="wrangler-dispatcher", daemon=True)
        self.settings, self.database, self.app = settings, database, app
        self._wake = threading.Event()
        self._ended = threading.Event()

    def wake(self) -> None:
        """Look at the queue now: something was queued or a slot became free."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self._wake.set()

    def run(self) -> None:
        """Dispatch at each ring, and at least each second; reap in between."""
        next_reap = time.monotonic()
        away = False
        last = time.time()
        while not self._ended.is_set():
            self._wake.wait(POLL_S)
            self._wake.clear()
            if time.time() - last > self.settings.lease_s:
                # the machine slept, and with it the workers: let them renew their
                # leases first, or every nap would cost an attempt
                next_reap = time.monotonic() + 2 * self.settings.heartbeat_s
            last = time.time()
            try:
                if time.monotonic() >= next_reap:
                    next_reap = time.monotonic() + self.settings.reap_s
                    self.reap()
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
            turns.dispatch,
            ahead=AHEAD,
            large=QUEUES[1],
            alive_s=self.settings.heartbeat_s * 4,
            lease_s=self.settings.lease_s,
            max_running=self.settings.max_running,
        )
        for n, (part_id, queue) in enumerate(taken):
            try:
                publish(self.app, part_id, queue)
            except RedisUnreachable:
                for unsent, _ in taken[n:]:
                    self.database.run(parts.undispatch, unsent)
                raise
        return len(taken)

    def reap(self) -> int:
        """Deal with expired leases and deadlines; return how many."""
        count = self.database.run(release.adopt, __version__)
        if count:
            log.info("%d jobs of an earlier version begin anew", count)
        for part_id, job_id in self.database.run(parts.expired):
            done = self.database.run(parts.reap, part_id, job_id)
            if done:
                part = {"part": part_id} if part_id.int else {}
                with journal.bound(job=job_id, **part):
                    what = "lease of a part" if part else "deadline of a job"
                    log.info("the %s ran out: %s", what, done)
                count += 1
        return count
