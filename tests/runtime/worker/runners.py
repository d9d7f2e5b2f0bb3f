"""Looking at runners."""

from __future__ import annotations

import time

import psutil

from jupyter_wrangler.runtime.worker.messages import Answer, StepReport
from jupyter_wrangler.runtime.worker.runner_process import Runner
from tests.waiting import until


def rests(process: psutil.Process) -> bool:
    """Whether it has loaded and warmed up, and takes no time now."""
    before = sum(process.cpu_times()[:2])
    time.sleep(0.5)
    return 0.05 < before == sum(process.cpu_times()[:2])


def last_word(of: Runner) -> Answer:
    def look():
        return [m for m in of.messages() if not isinstance(m, StepReport)]

    return until(look)[0]
