"""The process of a worker: Celery with a pool of threads, and a `Worker` beside it."""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery import signals

from jupyter_wrangler.contract import PartMessage
from jupyter_wrangler.runtime import logging_setup
from jupyter_wrangler.runtime.celery_app import QUEUES, TASK
from jupyter_wrangler.runtime.schema import require_redis, require_release
from jupyter_wrangler.runtime.worker.worker import Worker
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import migrate

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Run a worker until it is told to stop."""
    logging_setup.set_up(settings)
    migrate.require_current(settings, patience_s=60)
    require_release(settings)
    require_redis(settings)
    worker = Worker(settings)
    worker.await_storage()
    worker.blobs.prepare()

    @worker.app.task(name=TASK)
    def run_part(**message: Any) -> None:
        try:
            worker.run_part(PartMessage.model_validate(message).part)
        except MemoryError:
            # let out, it would end the whole worker (celery's on_failure)
            log.exception("out of memory while supervising")
        except Exception:
            # the lease runs out and the part is tried again
            log.exception("supervising failed")

    @signals.worker_ready.connect(weak=False)
    def ready(sender: Any, **_: Any) -> None:
        worker.consumer = sender
        worker.start()
        log.info("worker %s is ready with %d slots", worker.id, settings.slots)

    @signals.worker_shutting_down.connect(weak=False)
    def shutting_down(**_: Any) -> None:
        threading.Thread(target=worker.drain, daemon=True).start()

    @signals.worker_shutdown.connect(weak=False)
    def shutdown(**_: Any) -> None:
        worker.end()

    worker.app.worker_main(
        [
            "worker",
            f"--concurrency={settings.slots}",
            f"--queues={','.join(QUEUES)}",
            f"--hostname=wrangler-{worker.id.hex[:8]}@%h",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )
