"""The heartbeat of a worker: it renews the leases of what runs, and is watched.

One UPDATE renews them all, and hears in its answer which parts are to stop or no longer
ours.  A worker that cannot reach PostgreSQL long enough to lose its leases stops its
own runners, and leaves.
"""

from __future__ import annotations

import logging
import threading
import uuid
from typing import Any, Protocol

from jupyter_wrangler.errors import ServerUnreachable
from jupyter_wrangler.runtime.worker.awake_clock import AwakeClock
from jupyter_wrangler.runtime.worker.supervisor import Supervisor
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.outages import is_away
from jupyter_wrangler.store.queue import parts, workers
from jupyter_wrangler.store.rls import for_system

log = logging.getLogger(__name__)

#: Seconds between two looks at the heartbeat.
WATCH_S = 0.5


class Host(Protocol):
    """The worker whose heart this is."""

    settings: Settings
    id: uuid.UUID
    database: SyncDatabase
    running: dict[uuid.UUID, Supervisor]
    draining: threading.Event
    stopped: threading.Event

    def register(self) -> None:
        """Insert the row of this worker."""

    def stop_consuming(self) -> None:
        """Take no more parts."""

    def shut_down(self, why: str) -> None:
        """Hand back what runs, and end; called again, it changes nothing."""


class Heartbeat:
    """Renews leases, and ends what runs without one."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lease_s = host.settings.lease_s
        self._awake = AwakeClock(2 * WATCH_S)
        #: When the leases were renewed last, in seconds awake.  What has slept together
        #: with its leases must not give up its work: it renews them, if it still can.
        self._renewed = 0.0
        #: Seconds awake since the heartbeat last came round, be it to hear that
        #: PostgreSQL is away.
        self._unheard_s = 0.0

    @property
    def is_stale(self) -> bool:
        """Whether leases may end before they are renewed again."""
        return self._awake.tick() - self._renewed > self._lease_s * 2 / 3

    def beat(self) -> None:
        """Renew leases until the worker ends."""
        self._renewed = self._awake.tick()
        while not self._host.stopped.wait(self._host.settings.heartbeat_s):
            try:
                self._renew_leases()
            except ServerUnreachable as error:
                if is_away(error):
                    # it will come back, and a new worker could not reach it either
                    self._unheard_s = 0
                log.warning("no heartbeat: %s", error)
            except Exception:
                # the thread must outlive whatever it is: a worker without it would go
                # on claiming what others then take away
                log.exception("no heartbeat; it is tried again")

    def _renew_leases(self) -> None:
        host = self._host
        held = dict(host.running)
        in_time = [part_id for part_id, one in held.items() if one.has_time]
        begun = 0.0

        @for_system
        def extend(c: Any) -> dict[uuid.UUID, str]:
            # at the latest attempt: leases are counted from the begin of a transaction
            nonlocal begun
            begun = self._awake.tick()
            return parts.extend(
                c, host.id, list(held), lease_s=self._lease_s, in_time=in_time
            )

        states = host.database.run(extend)
        self._renewed, self._unheard_s = begun, 0
        # at once, whatever else there is to do, and a runner that does not answer
        for part_id, supervisor in held.items():
            state = states.get(part_id)
            if state == "cancelling":
                supervisor.cancelled.set()
            elif state is None and host.running.get(part_id) is supervisor:
                supervisor.lost.set()
        registered = host.database.run(
            workers.beat, host.id, draining=host.draining.is_set()
        )
        if registered is None:
            log.warning("worker %s was not on record any more", host.id)
            host.register()
        elif registered:
            host.stop_consuming()

    def watch(self) -> None:
        """Watch the heartbeat, which may hang where a link is half open.

        Runners are stopped before their leases end and another worker takes over.  A
        worker whose heartbeat fails or hangs for longer than a lease leaves, for a new
        one to begin.
        """
        last = self._awake.tick()
        while not self._host.stopped.wait(WATCH_S):
            if self.is_stale:
                for supervisor in list(self._host.running.values()):
                    supervisor.lost.set()
            passed, last = self._awake.tick() - last, self._awake.seconds
            self._unheard_s += passed
            if self._unheard_s > self._lease_s:
                self._host.shut_down("no heartbeat for longer than a lease")
