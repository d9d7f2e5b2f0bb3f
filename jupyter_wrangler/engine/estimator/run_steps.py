"""Run steps to their end in this process, without looking at them."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from jupyter_wrangler.engine.models.threads import controller

R = TypeVar("R")

#: Frames of more cells have products large enough to be shared out among threads.
MANY = 10_000_000


def finish(steps: Generator[object, None, R], cells: int) -> R:
    """Pull all steps and give what the generator returns.

    The linear algebra runs on one thread meanwhile, unless there are many cells: the
    chained equations are thousands of small products, and threads that wait for one
    another at each of them cost up to a hundred times what they give where other
    programs run too.

    Examples
    --------
    >>> def three():
    ...     yield 1
    ...     yield 2
    ...     return 3
    >>> finish(three(), 10)
    3
    """
    limits = None if cells > MANY else 1
    with controller().limit(limits=limits, user_api="blas"):
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                found: R = stop.value
                return found
