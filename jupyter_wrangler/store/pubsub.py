"""Redis: notifications that something changed, and progress that may be lost.

Nothing here is the truth.  Each key has a time to live, so that `volatile-lru`
never has to touch the broker's queues; every call may fail, and then the rows in
PostgreSQL still say all that matters.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from jupyter_wrangler.contract import RedisFacts
from jupyter_wrangler.errors import RedisUnreachable, ServiceNotConfigured
from jupyter_wrangler.settings import Settings

T = TypeVar("T")

log = logging.getLogger(__name__)

PROGRESS_TTL_S = 3600
#: A Redis that is connected and says nothing is given up after this many seconds, and
#: then left alone for as long as that.
ANSWER_S, BRIEF_S, QUIET_S = 2.0, 0.5, 3.0


def url(settings: Settings) -> str:
    """Return the configured Redis URL, or say what is missing."""
    if settings.redis_url is None:
        raise ServiceNotConfigured(
            "No Redis is configured; set JUPYTER_WRANGLER_REDIS_URL to a Redis 7+ or "
            "Valkey URL such as redis://host:6379/0, or start the private stack with: "
            "jupyter wrangler up"
        )
    return settings.redis_url.get_secret_value()


@contextlib.contextmanager
def outages() -> Iterator[None]:
    """Turn a lost Redis into an error that says what to do."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise RedisUnreachable(
            "Redis does not answer; jobs are kept and start when it is back, but "
            "progress cannot be shown. Run: jupyter wrangler doctor"
        ) from error


class _Keys:
    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.redis_prefix
        #: Channel: a job changed (payload: owner and job).
        self.events = settings.notify_channel
        #: Channel: a job should stop (payload: job).
        self.control = f"{self._prefix}:ctl"

    def progress(self, job_id: uuid.UUID) -> str:
        return f"{self._prefix}:p:{job_id}"

    def kept(self, name: str) -> str:
        return f"{self._prefix}:{name}"


class PubSub:
    """A worker's Redis: rings, writes progress, hears of cancellations.

    What it says is sent by a thread of its own, so that nobody waits for a Redis that
    is slow or silent; of what could not be sent in time only the latest counts.
    """

    def __init__(self, settings: Settings) -> None:
        self.keys = _Keys(settings)
        self.redis = redis.Redis.from_url(
            url(settings),
            socket_connect_timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            # once more, for a connection that broke while nobody looked
            retry=Retry(NoBackoff(), 1),
            health_check_interval=25,
        )
        self._news: dict[tuple[Any, ...], Callable[[Any], object]] = {}
        self._lock = threading.Lock()
        self._queued = threading.Event()
        self._closed = threading.Event()
        self._messenger = threading.Thread(
            target=self._send, name="wrangler-pubsub", daemon=True
        )
        self._messenger.start()

    def ping(self) -> None:
        """Raise RedisUnreachable unless Redis answers."""
        with outages():
            self.redis.ping()

    def check(self) -> None:
        """Refuse a Redis that loses messages; one that is away is waited for.

        Raises
        ------
        ServiceNotConfigured
            If it is too old, or may evict what is queued.
        """
        try:
            with outages():
                facts = RedisFacts.model_validate(self.redis.info())
        except RedisUnreachable as error:
            log.warning("%s", error)
            return
        if facts.fault:
            raise ServiceNotConfigured(facts.fault)
        if facts.remark:
            log.warning("Redis %s: %s", facts.redis_version, facts.remark)

    def notify(self, job_id: uuid.UUID, owner_id: uuid.UUID) -> None:
        """Say that a job's rows changed; losing this only delays the view."""
        news = json.dumps({"job": str(job_id), "owner": str(owner_id)})
        self._enqueue((job_id,), lambda pipe: pipe.publish(self.keys.events, news))

    def progress(
        self, job_id: uuid.UUID, owner_id: uuid.UUID, k: str, step: dict[str, Any]
    ) -> None:
        """Store where a part stands and say so; losing this loses one tick."""
        key = self.keys.progress(job_id)
        news = json.dumps({"job": str(job_id), "owner": str(owner_id), "tick": True})

        def write(pipe: Any) -> None:
            pipe.hset(key, k, json.dumps(step))
            pipe.expire(key, PROGRESS_TTL_S)
            pipe.publish(self.keys.events, news)

        self._enqueue((job_id, k), write)

    def cancel(self, job_id: uuid.UUID) -> None:
        """Tell all workers to stop the parts of a job; a heartbeat finds out anyway."""
        news = str(job_id)
        self._enqueue((job_id, ""), lambda pipe: pipe.publish(self.keys.control, news))

    def _enqueue(self, about: tuple[Any, ...], write: Callable[[Any], object]) -> None:
        with self._lock:
            self._news[about] = write
        self._queued.set()

    def _send(self) -> None:
        while not self._closed.is_set():
            self._queued.wait()
            self._queued.clear()
            with self._lock:
                news, self._news = self._news, {}
            if not news:
                continue
            pipe = self.redis.pipeline(transaction=False)
            for write in news.values():
                write(pipe)
            try:
                pipe.execute()
            except (RedisError, OSError):
                self._closed.wait(QUIET_S)

    def cancellations(self, *, timeout: float) -> Iterator[uuid.UUID | None]:
        """Yield the jobs that should stop; None whenever `timeout` passes."""
        with outages(), contextlib.closing(self._pubsub()) as pubsub:
            pubsub.subscribe(self.keys.control)
            while True:
                message = pubsub.get_message(
                    ignore_subscribe_messages=True, timeout=timeout
                )
                job = None
                if message is not None:
                    with contextlib.suppress(ValueError):
                        job = uuid.UUID(message["data"].decode())
                yield job

    def _pubsub(self) -> redis.client.PubSub:
        found: redis.client.PubSub = self.redis.pubsub()  # type: ignore[no-untyped-call]
        return found

    def close(self) -> None:
        """Send what is left, and close the connections."""
        self._closed.set()
        self._queued.set()
        self._messenger.join(ANSWER_S)
        self.redis.close()


class AsyncPubSub:
    """The service's Redis."""

    def __init__(self, settings: Settings) -> None:
        self.keys = _Keys(settings)
        self.redis = redis.asyncio.Redis.from_url(
            url(settings),
            socket_connect_timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            retry=AsyncRetry(NoBackoff(), 1),
            health_check_interval=25,
        )
        self._quiet_until = 0.0

    async def ping(self) -> RedisFacts:
        """Return what it is; raise RedisUnreachable without an answer."""
        with outages():
            # the sections that older ones know as well: they are to be distinguished
            async with asyncio.timeout(ANSWER_S):
                return RedisFacts.model_validate(await self.redis.info())

    async def cancel(self, job_id: uuid.UUID) -> None:
        """Tell the workers to look; a heartbeat finds out anyway."""
        news = str(job_id)
        await self._briefly(lambda: self.redis.publish(self.keys.control, news))

    async def notify(self, job_id: uuid.UUID, owner_id: uuid.UUID) -> None:
        """Say that a job's rows changed."""
        news = json.dumps({"job": str(job_id), "owner": str(owner_id)})
        await self._briefly(lambda: self.redis.publish(self.keys.events, news))

    async def progress(
        self, job_ids: list[uuid.UUID]
    ) -> dict[uuid.UUID, dict[str, dict[str, Any]]]:
        """Return part -> step of each job; nothing if Redis is away."""
        if not job_ids:
            return {}
        pipe = self.redis.pipeline(transaction=False)
        for job_id in job_ids:
            pipe.hgetall(self.keys.progress(job_id))
        found = await self._briefly(pipe.execute) or []
        with contextlib.suppress(ValueError):
            return {
                job_id: {k.decode(): json.loads(v) for k, v in raw.items()}
                for job_id, raw in zip(job_ids, found, strict=False)
            }
        return {}

    async def delete_progress(self, job_id: uuid.UUID) -> None:
        """Drop the steps of earlier attempts."""
        await self._briefly(lambda: self.redis.delete(self.keys.progress(job_id)))

    async def load(self, name: str) -> bytes | None:
        """Return what was kept under a name; None if it is gone, or Redis is away."""
        found = await self._briefly(lambda: self.redis.get(self.keys.kept(name)))
        return found if isinstance(found, bytes) else None

    async def keep(self, name: str, data: bytes, ttl_s: int) -> None:
        """Keep bytes for a while; they may be lost at any moment."""
        await self._briefly(lambda: self.redis.set(self.keys.kept(name), data, ttl_s))

    async def _briefly(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Ask what may be lost; a Redis that was silent is not asked for a while."""
        if time.monotonic() < self._quiet_until:
            return None
        try:
            async with asyncio.timeout(BRIEF_S):
                return await ask()
        except (TimeoutError, RedisTimeout):
            self._quiet_until = time.monotonic() + QUIET_S
        except (RedisError, OSError):
            pass
        return None

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        """Yield notifications, until the connection breaks."""
        with outages():
            async with self.redis.pubsub() as pubsub:
                await pubsub.subscribe(self.keys.events)
                while True:
                    message = await pubsub.get_message(
                        ignore_subscribe_messages=True, timeout=5
                    )
                    if message is not None:
                        with contextlib.suppress(ValueError):
                            yield json.loads(message["data"])

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
