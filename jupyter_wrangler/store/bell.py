"""Redis: the bell that says something changed, and progress that may be lost.

Nothing here is the truth.  Each key has a time to live, so that `volatile-lru`
never has to touch the broker's queues; every call may fail, and then the rows in
PostgreSQL still say all that matters.
"""

from __future__ import annotations

import contextlib
import json
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import RedisError

from jupyter_wrangler.contract import RedisFacts
from jupyter_wrangler.errors import RedisUnreachable, ServiceNotConfigured
from jupyter_wrangler.settings import Settings

log = logging.getLogger(__name__)

PROGRESS_TTL_S = 3600


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
        self.events = settings.bell_channel
        #: Channel: a job should stop (payload: job).
        self.control = f"{self._prefix}:ctl"

    def progress(self, job_id: uuid.UUID) -> str:
        return f"{self._prefix}:p:{job_id}"


class Bell:
    """A worker's Redis: rings, writes progress, hears of cancellations."""

    def __init__(self, settings: Settings) -> None:
        self.keys = _Keys(settings)
        self.redis = redis.Redis.from_url(
            url(settings),
            socket_connect_timeout=5,
            socket_timeout=10,
            health_check_interval=25,
        )

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

    def ring(self, job_id: uuid.UUID, owner_id: uuid.UUID) -> None:
        """Say that a job's rows changed; losing this only delays the view."""
        with contextlib.suppress(RedisError, OSError):
            self.redis.publish(
                self.keys.events,
                json.dumps({"job": str(job_id), "owner": str(owner_id)}),
            )

    def progress(
        self, job_id: uuid.UUID, owner_id: uuid.UUID, k: str, step: dict[str, Any]
    ) -> None:
        """Store where a part stands and say so; losing this loses one tick."""
        key = self.keys.progress(job_id)
        with contextlib.suppress(RedisError, OSError):
            pipe = self.redis.pipeline(transaction=False)
            pipe.hset(key, k, json.dumps(step))
            pipe.expire(key, PROGRESS_TTL_S)
            pipe.publish(
                self.keys.events,
                json.dumps({"job": str(job_id), "owner": str(owner_id), "tick": True}),
            )
            pipe.execute()

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
        """Close the connections."""
        self.redis.close()


class AsyncBell:
    """The service's Redis."""

    def __init__(self, settings: Settings) -> None:
        self.keys = _Keys(settings)
        self.redis = redis.asyncio.Redis.from_url(
            url(settings),
            socket_connect_timeout=2,
            socket_timeout=5,
            health_check_interval=25,
        )

    async def ping(self) -> RedisFacts:
        """Return what it is; raise RedisUnreachable without an answer."""
        with outages():
            # the sections that older ones know as well: they are to be told apart
            return RedisFacts.model_validate(await self.redis.info())

    async def cancel(self, job_id: uuid.UUID) -> None:
        """Tell the workers to look; a heartbeat finds out anyway."""
        with contextlib.suppress(RedisError, OSError):
            await self.redis.publish(self.keys.control, str(job_id))

    async def ring(self, job_id: uuid.UUID, owner_id: uuid.UUID) -> None:
        """Say that a job's rows changed."""
        with contextlib.suppress(RedisError, OSError):
            await self.redis.publish(
                self.keys.events,
                json.dumps({"job": str(job_id), "owner": str(owner_id)}),
            )

    async def progress(self, job_id: uuid.UUID) -> dict[str, dict[str, Any]]:
        """Return part -> step for a job; nothing if Redis is away."""
        with contextlib.suppress(RedisError, OSError, ValueError):
            raw: dict[Any, Any] = await self.redis.hgetall(self.keys.progress(job_id))
            return {k.decode(): json.loads(v) for k, v in raw.items()}
        return {}

    async def forget(self, job_id: uuid.UUID) -> None:
        """Drop the steps of earlier attempts."""
        with contextlib.suppress(RedisError, OSError):
            await self.redis.delete(self.keys.progress(job_id))

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what the bell says, until the connection breaks."""
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
