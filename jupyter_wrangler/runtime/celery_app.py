"""The Celery app: a doorbell, with settings chosen so that it may lose messages.

The row in PostgreSQL is the queue; a message only says "look at part x".  So
messages are acknowledged early, nothing is prefetched, no result is kept, and no
feature that redelivers (ETA, visibility timeouts, chords) is used.
"""

from __future__ import annotations

import os
import uuid

from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import OperationalError

from jupyter_wrangler.contract import PartMessage
from jupyter_wrangler.errors import RedisUnreachable
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.pubsub import url

TASK = "jupyter_wrangler.run_part"
QUEUES = ("jw.small", "jw.large")
#: Cells from which a job goes to the queue for large ones.
LARGE = 5_000_000
#: Seconds from which a part does, by what was learnt from earlier ones.
LARGE_S = 300.0


def celery_app(settings: Settings) -> Celery:
    """Make the app for these settings."""
    broker = url(settings)
    if broker.startswith("unix://"):
        # kombu spells the socket's path and the database number its own way
        rest, _, query = broker.removeprefix("unix://").partition("?")
        words = query.replace("db=", "virtual_host=")
        broker = f"redis+socket://{rest}" + (f"?{words}" if words else "")
    # Celery would prefer the variables of another program to what it is told
    for name in [name for name in os.environ if name.startswith("CELERY_")]:
        del os.environ[name]
    app = Celery("jupyter_wrangler", broker=broker, backend=None)
    app.conf.update(
        task_acks_late=False,
        task_reject_on_worker_lost=False,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        task_queues=[Queue(name) for name in QUEUES],  # type: ignore[no-untyped-call]
        task_default_queue=QUEUES[0],
        task_create_missing_queues=False,
        task_publish_retry=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0.1},
        worker_pool="jupyter_wrangler.runtime.worker.pool:TaskPool",
        worker_concurrency=settings.slots,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_send_task_events=False,
        worker_soft_shutdown_timeout=settings.drain_s + 5,
        worker_enable_soft_shutdown_on_idle=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_timeout=2,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 3600,
            "global_keyprefix": f"{settings.redis_prefix}:q:",
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "socket_keepalive": not broker.startswith("redis+socket"),
            "health_check_interval": 25,
            "retry_on_timeout": True,
        },
        enable_utc=True,
    )
    return app


def publish(app: Celery, part_id: uuid.UUID, queue: str) -> None:
    """Ring for one part."""
    message = PartMessage(part=part_id).model_dump(mode="json")
    try:
        app.send_task(TASK, kwargs=message, queue=queue)
    except (OperationalError, OSError) as error:
        raise RedisUnreachable(
            "Redis does not answer; the job is kept and starts when it is back."
        ) from error
