"""Whether the system works, judged by claims and queries."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import Health
from jupyter_wrangler.errors import ServerUnreachable
from jupyter_wrangler.runtime.dispatcher import Dispatcher
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import rls
from jupyter_wrangler.store.database import Database
from jupyter_wrangler.store.pubsub import AsyncPubSub
from jupyter_wrangler.store.queue import workers

#: Seconds after which somebody should have started a worker for a job that waits.
_STARTS_WITHIN_S = 60
AS_ROOT = (
    "The service runs as root, so that workers of another user cannot read its data; "
    "run it and its workers as one OS user that is not root, as docs/hub.md shows."
)


class Checkup:
    """Looks at what a service needs."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        pubsub: AsyncPubSub,
        dispatcher: Dispatcher,
    ) -> None:
        self._settings, self._database = settings, database
        self._pubsub, self._dispatcher = pubsub, dispatcher
        #: Whether row-level security binds our role; None: not asked yet.
        self._walled: bool | None = None
        self._of_hub = "JUPYTERHUB_API_TOKEN" in os.environ

    async def look(self, *, idle_s: float, streams: int) -> Health:
        """Say what works, from claims and queries rather than from processes."""
        checks = {"database": "ok", "redis": "ok", "workers": "ok"}
        load = workers.Load(
            known=0, workers=0, slots=0, queued=0, running=0, unclaimed_s=0
        )
        resting = False
        try:
            load = await self._database.run(
                workers.load, alive_s=self._settings.alive_s
            )
            if self._walled is None:
                self._walled = await self._database.run(rls.holds)
        except ServerUnreachable as error:
            checks["database"] = error.message
            checks["workers"] = "unknown while PostgreSQL does not answer"
        else:
            # one that was killed is still known; one that rests has signed off
            resting = bool(
                self._settings.rest_s
                and not load.known
                and load.unclaimed_s <= _STARTS_WITHIN_S
            )
            checks["workers"] = "ok" if resting else _of_workers(load)
        try:
            checks["redis"] = (await self._pubsub.ping()).fault or "ok"
        except ServerUnreachable as error:
            checks["redis"] = error.message
        if not self._dispatcher.is_alive() and threading.main_thread().is_alive():
            checks["dispatcher"] = "The dispatcher has stopped; restart the service."
        bad = [name for name, found in checks.items() if found != "ok"]
        status = "down" if "database" in bad else "degraded" if bad else "ok"
        return Health(
            status=status,
            version=__version__,
            checks=checks,
            warnings=tuple(self._warnings(load)),
            workers=load.workers,
            resting=resting,
            slots=load.slots,
            queued=load.queued,
            running=load.running,
            idle_s=idle_s,
            streams=streams,
        )

    def _warnings(self, load: workers.Load) -> Iterator[str]:
        if self._walled is False:
            yield rls.UNWALLED
        if load.slots:
            # others take the parts
            yield from load.storage_faults
        of_many = self._settings.service_socket is None and self._of_hub
        if of_many and os.geteuid() == 0:
            yield AS_ROOT


def _of_workers(load: workers.Load) -> str:
    """Say whether workers take what waits, as far as queries can tell."""
    if load.slots == 0 and load.workers and not load.storage_faults:
        return (
            "All workers are draining, so jobs wait. Start one: jupyter wrangler worker"
        )
    if load.slots == 0 and load.storage_faults:
        return " ".join(load.storage_faults)
    if load.slots == 0:
        return "No worker is alive, so jobs wait. Run: jupyter wrangler worker"
    if load.unclaimed_s > 60 and load.running == 0:
        return (
            f"Jobs have waited {load.unclaimed_s:.0f} s though workers are free. "
            "Restart them: jupyter wrangler down, then up"
        )
    if load.overlooked_s > 60 and load.free > 0:
        return (
            f"A part was sent, and has waited {load.overlooked_s:.0f} s though slots "
            f"are free ({load.free}); a worker may have lost its link to Redis. It "
            "restarts by itself; if not, restart the workers."
        )
    return "ok"
