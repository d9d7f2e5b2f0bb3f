"""The row of a worker, and the rows of those that were killed on its host."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path

from jupyter_wrangler._version import __version__
from jupyter_wrangler.runtime import memory
from jupyter_wrangler.runtime.celery_app import QUEUES
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.queue import workers


def register(database: SyncDatabase, worker_id: uuid.UUID, *, slots: int) -> None:
    """Insert the row of a worker that is this process."""
    database.run(
        workers.register,
        worker_id,
        host=socket.gethostname(),
        pid=os.getpid(),
        boot_id=_boot_id(),
        version=__version__,
        queues=list(QUEUES),
        slots=slots,
        memory=memory.for_runners(),
    )


def reap_dead_of_host(database: SyncDatabase) -> None:
    """End the leases of workers that were killed here, which nobody will renew."""
    host, boot_id = socket.gethostname(), _boot_id()
    rows = database.run(workers.on_host, host=host, boot_id=boot_id)
    dead = [row.id for row in rows if not _is_alive(row.pid)]
    database.run(workers.reap_dead, dead)


def any_alive_on_host(settings: Settings) -> bool:
    """Whether a worker of this host has sent a heartbeat lately."""
    database = SyncDatabase(sync_engine(settings, application="wrangler-check", size=1))
    try:
        return database.run(
            workers.any_alive,
            host=socket.gethostname(),
            boot_id=_boot_id(),
            alive_s=settings.heartbeat_s * 4,
        )
    finally:
        database.close()


def _boot_id() -> str:
    """Name this boot and process namespace, in which a pid means something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return f"{uuid.getnode():x}"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
