"""Time and memory of pieces of work, taken in turn, so that noise falls on all alike.

The time is the least of the repeats: of the processor, which is the fairer one on a
busy machine as long as all run on one thread, or on the wall.  The memory is what the
process grew by at its peak, as Linux tells it; elsewhere it is not known.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass
class Measured:
    """What one piece of work took, and gave."""

    seconds: float = math.inf
    #: Largest growth of the process, in MiB; NaN where it is not reported.
    peak: float = math.nan
    value: Any = None


def in_turn(
    *works: Callable[[], Any],
    repeat: int,
    now: Callable[[], float] = time.process_time,
) -> list[Measured]:
    """Do all works, again and again; keep the least time and the largest memory."""
    found = [Measured() for _ in works]
    for _ in range(repeat):
        for work, one in zip(works, found, strict=True):
            gc.collect()
            before = _resident(forget=True)
            begun = now()
            one.value = work()
            one.seconds = min(one.seconds, now() - begun)
            # the first growth counts: later runs find the memory that it left
            grown = _resident(forget=False) - before
            one.peak = grown if math.isnan(one.peak) else max(one.peak, grown)
    return found


def _resident(*, forget: bool) -> float:
    """Memory in MiB: now, with the peak forgotten, or at the peak since then."""
    try:
        if forget:
            FORGET.write_text("5")
        reported = dict(
            line.split(":", 1)
            for line in STATUS.read_text().splitlines()
            if ":" in line
        )
        return float(reported["VmRSS" if forget else "VmHWM"].split()[0]) / 1024
    except OSError:
        return math.nan
