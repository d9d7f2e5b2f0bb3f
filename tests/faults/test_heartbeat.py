"""The heartbeat outlives whatever PostgreSQL says, and a worker without one leaves."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.store.engines import schema_engine
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow


@pytest.fixture
def system(fresh):
    """A service whose worker beats often, but may be silent for 15 s."""
    with tempfile.TemporaryDirectory(prefix="jwh-") as folder:
        found = System(fresh, Path(folder))
        found.env["JUPYTER_WRANGLER_LEASE_S"] = "15"
        try:
            found.service()
            yield found
        finally:
            found.close()


@contextlib.contextmanager
def locked(system, table: str):
    """Hold a table so that not even its rows can be read."""
    with system.database.engine.begin() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(
            text(f"LOCK TABLE wrangler.{table} IN ACCESS EXCLUSIVE MODE")
        )
        yield


def ends(system, job) -> int:
    query = """
        SELECT count(*) AS n FROM wrangler.job_event
         WHERE job_id = :j AND type = 'succeeded'"""
    return system.sql(query, j=job.id)[0].n


@pytest.mark.parametrize("table", ["worker", "job_part"])
def test_a_table_locked_for_longer_than_a_statement_waits_costs_nothing(system, table):
    """The lock timeout is 5 s; what runs goes on, and the heartbeat comes back."""
    worker = system.worker()
    job = system.client().submit(
        incomplete_frame(9000, 12), ImputationSpec(max_iter=1000, n_imputations=1)
    )
    runners = set(until(lambda: system.runners(worker)))
    with locked(system, table):
        time.sleep(6.5)
    beats = "SELECT now() AS now, heartbeat_at AS last FROM wrangler.worker"
    begun = system.sql(beats)[0].now
    # one more lease of 15 s, in which the heartbeat must have come back
    until(lambda: (system.sql(beats)[0].last - begun).total_seconds() > 15)
    # where the machine is fast the job is done by now, at its first attempt
    assert job.done() or runners <= set(system.runners(worker)), system.logs()
    assert job.wait(timeout=CEILING_S), system.logs()
    assert (job.state, job.seen.attempts) == ("succeeded", 1)
    assert ends(system, job) == 1
    assert worker.poll() is None


def test_a_worker_whose_heartbeat_fails_for_a_lease_leaves_and_claims_nothing(system):
    """As after a failover that left it with a server that takes no writes."""
    url = system.settings.database_url.get_secret_value()
    worker = system.worker(
        JUPYTER_WRANGLER_LEASE_S="4", JUPYTER_WRANGLER_DATABASE_URL=url
    )
    name = url.split("@/")[1].split("?")[0]
    owner = schema_engine(system.settings, application="tests")
    # for connections to come; those that are there are ended
    with owner.begin() as connection:
        read_only = f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'
        connection.execute(text(read_only))
    owner.dispose()
    try:
        system.sql("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'wrangler-worker'
               AND datname = current_database()""")
        assert worker.wait(CEILING_S) == os.EX_TEMPFAIL, system.logs()
    finally:
        with owner.begin() as connection:
            connection.execute(text("SET TRANSACTION READ WRITE"))
            connection.execute(
                text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
            )
        owner.dispose()
    assert "this worker leaves" in system.logs()
    job = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    system.worker()
    assert job.wait(timeout=CEILING_S)
    assert (job.state, job.seen.attempts) == ("succeeded", 1)


def test_a_part_that_fails_stops_the_others_before_the_next_heartbeat(system):
    worker = system.worker(JUPYTER_WRANGLER_LEASE_S="120")  # a heartbeat each 20 s
    job = system.client().submit(
        incomplete_frame(9000, 12), ImputationSpec(max_iter=1000, n_imputations=2)
    )
    runners = until(lambda: len(found := system.runners(worker)) == 2 and found)
    system.sql("UPDATE wrangler.job_part SET max_attempts = attempt WHERE attempt > 0")
    os.kill(runners[0], signal.SIGKILL)
    begun = time.monotonic()
    until(lambda: job.refresh().state == "quarantined", seconds=15)
    assert time.monotonic() - begun < 15
    assert not system.runners(worker)
