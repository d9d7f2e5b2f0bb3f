"""Servers, workers and runners are killed, cut off and filled up under work.

Each test does one harm while jobs run and wait, and closes with the same invariant.
The faults of other tests are named in docs/promises.md.
"""

from __future__ import annotations

import pytest

from tests.faults import faults
from tests.faults.invariants import check
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

#: Done one by one elsewhere, with what is special about each.
ELSEWHERE = {"kill_a_runner", "kill_the_service", "end_a_worker"}
HERE = [fault for fault in faults.ALL if fault.__name__ not in ELSEWHERE]


@pytest.mark.parametrize("fault", HERE, ids=lambda fault: fault.__name__)
def test_every_job_has_one_end_and_nothing_is_left(cluster, fault):
    running = cluster.submit_long()
    waiting = [cluster.submit() for _ in range(2)]
    cluster.a_runner()
    fault(cluster)
    for job in (running, *waiting):
        assert job.wait(timeout=CEILING_S), cluster.logs()
        assert job.state == "succeeded", (job.state, job.exception())
    check(cluster)


def test_a_redis_that_may_evict_queues_is_reported(cluster):
    def health() -> tuple[int, str]:
        answer = cluster.get("/health/ready")
        return answer.status_code, answer.json()["checks"]["redis"]

    until(lambda: health() == (200, "ok"))
    with faults.connect(cluster) as connection:
        connection.config_set("maxmemory-policy", "allkeys-lru")
        try:
            status, said = health()
        finally:
            connection.config_set("maxmemory-policy", "volatile-lru")
    assert status == 503
    assert "set maxmemory-policy volatile-lru" in said
