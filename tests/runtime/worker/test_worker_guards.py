"""What a worker does about itself, as real processes: it would rather end than harm."""

from __future__ import annotations

import os
import time

import pytest
from sqlalchemy import text

import jupyter_wrangler as jw
from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.runtime.celery_app import QUEUES, celery_app
from jupyter_wrangler.runtime.schema import require_release
from jupyter_wrangler.store.queue import version_lease
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_worker_whose_consumer_is_silent_ends_to_be_started_again(system):
    system.service()
    worker = system.worker(JUPYTER_WRANGLER_LEASE_S="2")
    client = system.client()
    app = celery_app(system.settings)
    for queue in QUEUES:
        app.control.cancel_consumer(queue, reply=True, timeout=5)
    app.close()
    job = jw.impute(incomplete_frame(), "mean", client=client)
    assert worker.wait(CEILING_S) == os.EX_TEMPFAIL, system.logs()
    assert "this worker leaves" in system.logs()
    assert not system.sql("SELECT 1 FROM wrangler.worker"), "it signed off"
    system.worker()
    assert job.result(timeout=CEILING_S).df.notna().to_numpy().all()
    assert job.refresh().seen.attempts == 1


def test_health_reports_parts_that_no_worker_takes_though_others_run(system):
    slow = {"JUPYTER_WRANGLER_LEASE_S": "60"}  # the worker stays for two minutes
    system.service(**slow)
    worker = system.worker(**slow)
    client = system.client()
    job = jw.impute(incomplete_frame(5000, 20), "rf", max_iter=100, client=client)
    until(lambda: system.runners(worker))
    app = celery_app(system.settings)
    for queue in QUEUES:
        app.control.cancel_consumer(queue, reply=True, timeout=5)
    app.close()
    other = jw.impute(incomplete_frame(), "mean", client=client)
    until(lambda: client.job(other.id).state == "queued")
    check = lambda: system.get("/health/ready").json()["checks"]["workers"]  # noqa: E731
    assert check() == "ok"
    system.sql(
        "UPDATE wrangler.job_part SET dispatch_after = now() - interval '70 s'"
        " WHERE job_id = :j",
        j=other.id,
    )
    assert "slots are free (1)" in until(lambda: (said := check()) != "ok" and said)
    assert job.refresh().state == "running"


def test_a_worker_leaves_when_the_service_gets_another_version(system):
    system.service()
    worker = system.worker()
    system.database.run(version_lease.take_charge, "99.0")
    assert worker.wait(CEILING_S) == os.EX_TEMPFAIL, system.logs()
    with pytest.raises(StackFailed, match=r"version 99\.0 and this worker"):
        require_release(system.settings, patience_s=0)


def test_a_worker_that_cannot_renew_its_lease_kills_its_runner(system):
    from tests.acceptance.test_api import _allow

    system.service()
    worker = system.worker()
    job = jw.impute(
        incomplete_frame(20_000, 20), "rf", max_iter=30, client=system.client()
    )
    (runner,) = until(lambda: system.runners(worker))
    url = system.settings.migration_url.get_secret_value()
    url = url.replace("//wrangler@", "//postgres@")
    name = url.split("@/")[1].split("?")[0]
    admin = system.settings.model_copy(
        update={"migration_url": type(system.settings.migration_url)(
            url.replace(name, "postgres"))}
    )  # fmt: skip
    _allow(admin, name, "false")
    try:
        begun = time.monotonic()
        until(lambda: _gone(runner))
        assert worker.poll() is None, "only the runner goes"
        assert time.monotonic() - begun < 30
    finally:
        _allow(admin, name, "true")
    second = until(lambda: system.runners(worker))
    assert second != [runner]
    job.cancel()
    job.wait(timeout=CEILING_S)
    assert job.state == "cancelled"


def test_a_worker_that_cannot_enlist_at_first_tries_again(system):
    """Without a row and a heartbeat it would take parts and lose them all."""
    system.service()
    with system.database.engine.begin() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(text("LOCK TABLE wrangler.worker IN ACCESS EXCLUSIVE MODE"))
        worker = system.start("worker")
        until(lambda: "cannot register" in system.logs())
    enlisted = "SELECT 1 FROM wrangler.worker WHERE pid = :pid"
    until(lambda: system.sql(enlisted, pid=worker.pid))
    job = jw.impute(incomplete_frame(), "mean", client=system.client())
    assert job.wait(timeout=CEILING_S)
    assert (job.state, job.seen.attempts) == ("succeeded", 1)


def test_a_worker_that_was_taken_for_dead_is_on_record_again(system):
    worker = system.worker()
    (before,) = system.sql("DELETE FROM wrangler.worker RETURNING id, pid")
    (after,) = until(lambda: system.sql("SELECT id, pid FROM wrangler.worker"))
    assert after == before
    assert worker.poll() is None
