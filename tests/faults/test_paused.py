"""The whole stack stopped for longer than a lease, and going on: like sleep.

`docker pause`, a SIGSTOP, a virtual machine that is saved: the clock of the database
goes on, and nobody can renew a lease meanwhile.
"""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path

import psutil
import pytest

from jupyter_wrangler.contract import ImputationSpec
from tests.acceptance.system import System, incomplete_frame, until
from tests.faults.invariants import check_book

pytestmark = pytest.mark.slow

#: Seconds that a part may take: longer than it computes, shorter than with the pause.
LIMIT_S = 25
#: Some seconds of work.
WORK = ImputationSpec(max_iter=60, n_imputations=2)


@pytest.fixture(scope="module")
def system(fresh_module):
    with tempfile.TemporaryDirectory(prefix="jwp-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            # the service says how often a part is tried
            found.serving = found.service(JUPYTER_WRANGLER_MAX_ATTEMPTS="1")
            found.working = found.worker(JUPYTER_WRANGLER_PART_TIMEOUT_S=str(LIMIT_S))
            yield found
        finally:
            found.close()


def _all(system) -> list[psutil.Process]:
    """Service, worker, fork server and runners."""
    found = []
    for process in (system.serving, system.working):
        top = psutil.Process(process.pid)
        found += [top, *top.children(recursive=True)]
    return found


def _pause(system, *, over_s: float) -> None:
    """Stop all until a lease has been over for some seconds, and let all go on."""
    stopped = _all(system)
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    try:
        until(
            lambda: system.sql(
                """
                SELECT 1 FROM wrangler.job_part
                 WHERE state = 'running'
                   AND lease_until < now() - make_interval(secs => :s)""",
                s=over_s,
            ),
            seconds=over_s + 60,
        )
    finally:
        for process in stopped:
            process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("over_s", [1, 6, 25])
def test_fault_3_10_a_pause_longer_than_a_lease_spends_no_attempt(system, over_s):
    """With one attempt each, a part that is spent would end its job."""
    spec = WORK.model_copy(update={"random_state": over_s})
    job = system.client().submit(incomplete_frame(3000, 10), spec)
    until(lambda: len(system.runners(system.working)) == 2, seconds=60)
    _pause(system, over_s=over_s)
    assert job.exception(timeout=120) is None, system.logs()
    assert job.seen.attempts == 1
    reported = job.history()["event"].tolist()
    assert not {"lost", "requeued", "released", "retried"} & set(reported), reported
    assert system.working.poll() is None
    check_book(system)


def test_a_worker_that_died_in_the_pause_is_noticed_after_it(system):
    """Patience after a pause has an end."""
    job = system.client().submit(
        incomplete_frame(3000, 10), WORK.model_copy(update={"random_state": 77})
    )
    until(lambda: system.runners(system.working), seconds=60)
    system.serving.send_signal(signal.SIGSTOP)
    system.working.kill()
    system.working.wait()
    until(
        lambda: system.sql("""
            SELECT 1 FROM wrangler.job_part
             WHERE state = 'running' AND lease_until < now() - interval '2 s'"""),
        seconds=60,
    )
    system.serving.send_signal(signal.SIGCONT)
    assert job.wait(timeout=60).state == "quarantined"
