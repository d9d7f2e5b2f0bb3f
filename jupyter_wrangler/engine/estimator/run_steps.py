"""Run steps to their end in this process, without looking at them."""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TypeVar

from threadpoolctl import ThreadpoolController

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
    with _controller().limit(limits=limits, user_api="blas"):
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                found: R = stop.value
                return found


#: The BLAS libraries as they were found, and how many modules were loaded then.
_found: tuple[int, ThreadpoolController] | None = None


def _controller() -> ThreadpoolController:
    """Find the BLAS libraries, again where something was loaded since.

    To look for them takes a millisecond or two, as long as a small imputation.
    """
    global _found  # noqa: PLW0603  what the process has loaded is as global
    loaded = len(sys.modules)
    if _found is None or _found[0] != loaded:
        _found = loaded, ThreadpoolController()
    return _found[1]
