"""Trying again, and waiting for something: one policy for all rooms.

Transports try their connections again by themselves (httpx, redis-py, psycopg's pool).
Loops that go on at a steady pace, such as heartbeats, are none of this either.

Notes
-----
tenacity and stamina do more, of which nothing is needed here, and callers would be no
shorter.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often, and after which pauses, something is tried again.

    Parameters
    ----------
    first_s : float
        Seconds before the second try.
    factor : float, default=1
        Each pause is so many times as long as the one before.
    longest_s : float, optional
        Seconds of the longest pause.
    tries : int, optional
        Tries at most, the first one among them; without it there is no bound.
    patience_s : float, optional
        Seconds since the first try after whose failure none follows.
    jitter : float, default=0
        Share of each pause that is left out at random, so that many who failed at the
        same time do not come back at the same time.

    Examples
    --------
    >>> list(RetryPolicy(first_s=0.05, factor=4, longest_s=0.5, tries=4).pauses())
    [0.05, 0.2, 0.5]
    """

    first_s: float
    factor: float = 1.0
    longest_s: float = math.inf
    tries: int | None = None
    patience_s: float = math.inf
    jitter: float = 0.0

    def pauses(self) -> Iterator[float]:
        """Return the pauses before each further try; patience is counted from now."""
        return self._pauses(time.monotonic() + self.patience_s)

    def _pauses(self, limit: float) -> Iterator[float]:
        pause = min(self.first_s, self.longest_s)
        for tried in itertools.count(1):
            if tried == self.tries or time.monotonic() > limit:
                return
            yield pause * random.uniform(1 - self.jitter, 1)  # noqa: S311  no secret
            pause = min(pause * self.factor, self.longest_s)

    def call(
        self, work: Callable[[], T], *, retry_if: Callable[[Exception], bool]
    ) -> T:
        """Do some work, and try it again where that makes sense.

        Parameters
        ----------
        work : callable
            What is done.
        retry_if : callable
            Tells of an error whether another try makes sense.

        Raises
        ------
        Exception
            The last error of `work`, when no try follows.
        """
        pauses = self.pauses()
        while True:
            try:
                return work()
            except Exception as error:
                pause = next(pauses, None) if retry_if(error) else None
                if pause is None:
                    raise
            time.sleep(pause)

    async def call_async(
        self, work: Callable[[], Awaitable[T]], *, retry_if: Callable[[Exception], bool]
    ) -> T:
        """Do as `call`, on an event loop."""
        # the supervisor of a private stack stays small without it
        import asyncio  # noqa: PLC0415

        pauses = self.pauses()
        while True:
            try:
                return await work()
            except Exception as error:
                pause = next(pauses, None) if retry_if(error) else None
                if pause is None:
                    raise
            await asyncio.sleep(pause)


def wait_until(
    is_so: Callable[[], object], *, within_s: float, every_s: float = 0.1
) -> bool:
    """Wait for a condition; return whether it came true in time.

    It is looked at once even if `within_s` is 0.

    Examples
    --------
    >>> wait_until(lambda: True, within_s=0)
    True
    """
    limit = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > limit:
            return False
        time.sleep(every_s)
    return True
