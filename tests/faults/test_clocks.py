"""Processes whose clock is wrong, by Debian's `faketime`: in Python, libc and C code.

Their monotonic clock is left alone, as it is on a machine whose time was set wrong.
"""

from __future__ import annotations

import re
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jupyter_wrangler import errors
from jupyter_wrangler.contract import ImputationSpec
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S

#: The one for programs with threads.
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(LIBRARY is None, reason="wants Debian's package faketime"),
]

AHEAD, BEHIND = "+1h", "-1h"
#: The two are never wrong by the same time.
WRONG = [(AHEAD, BEHIND), (BEHIND, AHEAD)]


def _clock(wrong: str) -> dict[str, str]:
    # not by the command `faketime`, whose child has another process id
    return {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": wrong,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # a worker empties its environment, and it would be read again
        "FAKETIME_CACHE_DURATION": "86400",
    }


@pytest.fixture(scope="module", params=WRONG, ids=["service ahead", "service behind"])
def system(request, fresh_module):
    service, worker = request.param
    with tempfile.TemporaryDirectory(prefix="jwc-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            found.service(**_clock(service))
            found.working = found.worker(**_clock(worker))
            found.wrong = {"service": service, "worker": worker}
            # the same work would be found again
            found.seed = WRONG.index(request.param)
            yield found
        finally:
            found.close()


def _off(system, what: str) -> timedelta:
    """How far the clock of a process is from ours, by what it logged last."""
    (log,) = system.folder.glob(f"{what}-*.log")
    reported = re.findall(r"^20[-0-9]+ [:0-9]+", log.read_text("utf-8"), re.MULTILINE)
    return datetime.fromisoformat(reported[-1]) - datetime.now()  # noqa: DTZ005  as logged


def test_nothing_ends_too_soon_or_never(system):
    """Only the database's clock counts for what several must agree on."""
    client = system.client()
    spec = ImputationSpec(max_iter=40, n_imputations=2, random_state=system.seed)
    job = client.submit(incomplete_frame(3000, 10), spec)
    assert job.wait(timeout=CEILING_S), system.logs()
    assert job.state == "succeeded", job.error
    (row,) = system.sql(
        """
        SELECT (SELECT max(attempt) FROM wrangler.job_part
                 WHERE job_id = :j) AS attempts,
               (SELECT abs(extract(epoch FROM now() - max(heartbeat_at)))
                  FROM wrangler.worker) AS silent,
               (SELECT abs(extract(epoch FROM now() - finished_at))
                  FROM wrangler.job WHERE id = :j) AS since""",
        j=job.id,
    )
    assert row.attempts == 1
    assert row.silent < 30
    assert row.since < 60
    assert system.get("/health/ready").json()["status"] == "ok"
    hour = timedelta(hours=1)
    for what, wrong in system.wrong.items():
        off = _off(system, what) - (hour if wrong == AHEAD else -hour)
        assert abs(off) < timedelta(minutes=5), "the clock was not wrong"


def test_deadlines_and_cancels_come_as_on_a_right_clock(system):
    client = system.client()
    endless = ImputationSpec(max_iter=500, random_state=system.seed)
    job = client.submit(incomplete_frame(3000, 10), endless)
    assert not job.done()
    job.cancel()
    assert job.wait(timeout=CEILING_S), system.logs()
    assert job.state == "cancelled"
    # a lease of 5 s runs out by the clock of the database
    system.working.kill()
    system.working.wait()
    job = client.submit(
        incomplete_frame(), ImputationSpec(method="mean", random_state=system.seed)
    )
    with pytest.raises(TimeoutError):
        job.result(timeout=2)
    system.working = system.worker(**_clock(system.wrong["worker"]))
    assert job.exception(timeout=CEILING_S) is None
    with pytest.raises(errors.JobAlreadyFinished):
        job.retry()
