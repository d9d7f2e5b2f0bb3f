"""The worker: Celery with a pool of threads, each supervising one runner.

Threads beside it renew the leases of all that runs, watch that (`heartbeat`), hear of
cancellations, send what waits, and look whether the worker is of any use.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import uuid
from typing import Any

from jupyter_wrangler._version import __version__
from jupyter_wrangler.errors import ServerUnreachable
from jupyter_wrangler.retrying import RetryPolicy, wait_until
from jupyter_wrangler.runtime import logging_setup
from jupyter_wrangler.runtime.celery_app import QUEUES, celery_app
from jupyter_wrangler.runtime.dispatcher import Dispatcher
from jupyter_wrangler.runtime.worker import registration
from jupyter_wrangler.runtime.worker.heartbeat import Heartbeat
from jupyter_wrangler.runtime.worker.runner_pool import RunnerPool
from jupyter_wrangler.runtime.worker.runner_process import Runner
from jupyter_wrangler.runtime.worker.stall_detector import StallDetector
from jupyter_wrangler.runtime.worker.supervisor import Supervisor
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.pubsub import PubSub
from jupyter_wrangler.store.queue import claims, parts, version_lease, workers

log = logging.getLogger(__name__)

#: Seconds in which a worker that starts must get itself on record.
REGISTER_S = 60.0


class Worker:
    """The state that the threads of one worker process share."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.id = uuid.uuid4()
        self.database = SyncDatabase(
            sync_engine(settings, application="wrangler-worker", size=settings.slots)
        )
        self.pubsub = PubSub(settings)
        self.blobs = open_blobs(settings, alone=True)
        self.app = celery_app(settings)
        self.dispatcher = Dispatcher(settings, self.database, self.app)
        self.runner_pool = RunnerPool(most=max(2, settings.slots))
        self.running: dict[uuid.UUID, Supervisor] = {}
        self.draining = threading.Event()
        self.stopped = threading.Event()
        #: Celery's, once it takes messages.
        self.consumer: Any = None
        self.heartbeat = Heartbeat(self)
        self.stall_detector = StallDetector(settings, self.database, self.pubsub)
        self._leaving = threading.Event()
        self._leave_lock = threading.Lock()

    # ── the task ──

    def run_part(self, part_id: uuid.UUID) -> None:
        """Claim a part and supervise it; do nothing if another worker has claimed it.

        If its end makes the last part of its job due, that is supervised here too.
        """
        if self.draining.is_set() or self.heartbeat.is_stale:
            # another worker may have it at once
            self.database.run(parts.requeue, part_id)
            return
        claim = self.database.run(claims.claim, part_id, self.id, **self._lease_terms)
        if claim is None:
            return
        supervisor: Supervisor | None = self._start_supervisor(claim)
        runner: Runner | None = None
        while supervisor is not None:
            supervisor, runner = self._supervise(supervisor, runner)
        if runner is not None:
            # all of them were parts of one job
            self.runner_pool.keep(claim.owner_id, runner)
        if not self.draining.is_set():
            # when there is time for it, rather than when a part waits for it
            self.runner_pool.refill()

    @property
    def _lease_terms(self) -> claims.Lease:
        return {
            "lease_s": self.settings.lease_s,
            "timeout_s": self.settings.part_timeout_s + 60,
            "version": __version__,
        }

    def _start_supervisor(self, claim: claims.Claim) -> Supervisor:
        """Have the lease of what was claimed renewed from now on."""
        supervisor = Supervisor(
            self.settings,
            self.database,
            self.pubsub,
            self.blobs,
            claim,
            lambda: self.runner_pool.take(claim.owner_id),
        )
        self.running[claim.ticket.part_id] = supervisor
        self.stall_detector.reset()
        self.pubsub.notify(claim.ticket.job_id, claim.owner_id)
        return supervisor

    def _supervise(
        self, supervisor: Supervisor, runner: Runner | None
    ) -> tuple[Supervisor | None, Runner | None]:
        """Supervise a part to its end; return the last one of its job if it is due.

        The runner goes from the one to the other, if it is fit for that.
        """
        ticket = supervisor.claim.ticket
        due: list[claims.Claim] = []
        kept, told = None, False

        def ended() -> None:
            nonlocal told
            with contextlib.suppress(ServerUnreachable):
                if not self.draining.is_set() and not self.heartbeat.is_stale:
                    last = self.database.run(
                        claims.claim_last,
                        supervisor.claim,
                        self.id,
                        **self._lease_terms,
                    )
                    due.extend([last] if last else [])
            told = True
            if not due:
                self.dispatcher.wake()

        try:
            with logging_setup.bound(
                job=ticket.job_id, part=ticket.part_id, attempt=ticket.attempt
            ):
                log.info("part begins")
                kept = supervisor.run(ended, runner)
                log.info("part ended")
        except Exception:
            # the lease runs out and the part is tried again; a MemoryError let out
            # would end the whole worker (celery's on_failure)
            log.exception("supervising failed")
        # in this order, or a worker that drains could end in between, without work
        following = self._start_supervisor(due[0]) if due else None
        self._remove_supervisor(ticket.part_id, supervisor)
        if not told:
            self.dispatcher.wake()
        return following, kept

    def _remove_supervisor(self, part_id: uuid.UUID, supervisor: Supervisor) -> None:
        """Forget a supervisor that has ended, but not its successor at that part."""
        if self.running.get(part_id) is supervisor:
            del self.running[part_id]

    # ── threads beside it ──

    def watch_self(self) -> None:
        """Look at oneself as often as the heart beats, but not so that it waits."""
        while not self.stopped.wait(self.settings.heartbeat_s):
            try:
                self.runner_pool.end_idle()
                self._check_self()
            except ServerUnreachable:
                # the heartbeat says so, or Redis is away and nobody is to blame
                continue
            except Exception:
                log.exception("the worker cannot look at itself; it tries again")

    def _check_self(self) -> None:
        """Leave if the service has another version, or if Celery has gone silent."""
        if self._leaving.is_set():
            return
        if not self.database.run(version_lease.fits, __version__):
            self.shut_down("the service has another version")
        elif (fault := self._storage_fault()) is not None:
            # a new one waits until it can
            self.shut_down(fault)
        elif self._is_stalled():
            self.shut_down("free slots, parts that wait, and no message")

    def _is_stalled(self) -> bool:
        if self.draining.is_set() or len(self.running) >= self.settings.slots:
            self.stall_detector.reset()
            return False
        return self.stall_detector.is_stalled()

    def shut_down(self, why: str) -> None:
        """Hand back what runs, and end, for a supervisor to start a new worker."""
        with self._leave_lock:
            if self._leaving.is_set():
                return
            self._leaving.set()
        log.error("%s; this worker leaves", why)
        self.stop_consuming()

        def go() -> None:
            self.drain()
            wait_until(lambda: not self.running, within_s=10)
            self.end()

        leaving = threading.Thread(target=go, name="wrangler-leave", daemon=True)

        def exit_at_last() -> None:
            # a half open link may hang whatever says goodbye
            leaving.join(self.settings.drain_s + 20)
            # not by Celery, which may be what hangs; runners die with their parent
            os._exit(os.EX_TEMPFAIL)

        leaving.start()
        threading.Thread(target=exit_at_last, daemon=True).start()

    def listen(self) -> None:
        """Hear of cancellations at once."""
        while not self.stopped.is_set():
            try:
                for job_id in self.pubsub.cancellations(timeout=1):
                    if self.stopped.is_set():
                        return
                    for supervisor in list(self.running.values()):
                        if supervisor.claim.ticket.job_id == job_id:
                            supervisor.cancelled.set()
            except (ServerUnreachable, ValueError):
                # a ValueError: the connection was closed while it was read
                self.stopped.wait(1)

    def stop_consuming(self) -> None:
        """Take no more parts, until the worker is started again."""
        if not self.draining.is_set():
            log.info("worker %s takes no more parts", self.id)
            self.draining.set()
            if self.consumer is not None:
                for queue in QUEUES:
                    self.consumer.call_soon(self.consumer.cancel_task_queue, queue)

    def drain(self) -> None:
        """Take no more parts, and give back after a while those that still run."""
        self.draining.set()
        wait_until(lambda: not self.running, within_s=self.settings.drain_s)
        for supervisor in list(self.running.values()):
            supervisor.released.set()

    # ── the place of the data ──

    def await_storage(self) -> None:
        """Wait until the data can be read, and let health checks hear why they cannot.

        A worker that took parts all the same would hand each back, over and over.
        """
        text = None
        while (fault := self._storage_fault()) is not None:
            if fault != text:
                log.error("the worker takes no parts: %s", fault)
                text = fault
            with contextlib.suppress(ServerUnreachable):
                self.database.run(workers.beat, self.id, draining=False)
                self.register()
                self.database.run(workers.note_storage, self.id, fault)
            time.sleep(self.settings.heartbeat_s)
        if text is not None:
            self.database.run(workers.note_storage, self.id, None)

    def _storage_fault(self) -> str | None:
        # None: the service keeps data in a bucket, or has not begun yet
        mark = self.database.run(version_lease.storage)
        return None if mark is None else self.blobs.fault(mark)

    # ── from start to end ──

    def start(self) -> None:
        """Register, then start the threads; end the process if it cannot be done.

        Celery swallows what is raised here, and would consume for a worker that nobody
        knows and that has no heartbeat.
        """

        def work() -> None:
            registration.reap_dead_of_host(self.database)
            self.register()

        def retry_if(error: Exception) -> bool:
            log.warning("the worker cannot register: %s", error)
            return not self.draining.is_set()

        try:
            RetryPolicy(first_s=1, patience_s=REGISTER_S).call(work, retry_if=retry_if)
        except Exception:
            log.exception("the worker cannot register, and ends")
            os._exit(os.EX_TEMPFAIL)
        for target in (
            self.heartbeat.beat,
            self.heartbeat.watch,
            self.listen,
            self.watch_self,
        ):
            threading.Thread(
                target=target, name=f"wrangler-{target.__name__}", daemon=True
            ).start()
        self.dispatcher.start()

    def register(self) -> None:
        """Insert the row of this worker."""
        registration.register(self.database, self.id, slots=self.settings.slots)

    def end(self) -> None:
        """Leave in good order."""
        self.stopped.set()
        self.dispatcher.stop()
        self.runner_pool.close()
        try:
            self.database.run(workers.deregister, self.id)
        except Exception as error:  # noqa: BLE001  whatever it is, the worker ends
            log.warning("could not sign off: %s", error)
        self.blobs.staging.close()
        self.pubsub.close()
        self.database.close()
