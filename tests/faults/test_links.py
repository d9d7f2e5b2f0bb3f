"""Links that break at the worst moment, or that are dead without saying so."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import make_url

from jupyter_wrangler import frames
from jupyter_wrangler.contract import DatasetRequest, ImputationSpec, JobRequest
from tests.acceptance.system import System, incomplete_frame
from tests.faults.invariants import check_book
from tests.faults.proxy import Proxy
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def links(fresh_module):
    """Proxies to PostgreSQL and Valkey, and the settings that lead through them."""
    with tempfile.TemporaryDirectory(prefix="jwl-") as folder:
        url = make_url(fresh_module.database_url.get_secret_value())
        name = ".s.PGSQL.5432"
        postgres = Proxy(Path(folder) / name, Path(str(url.query["host"])) / name)
        there = urlsplit(fresh_module.redis_url.get_secret_value())
        valkey = Proxy(Path(folder) / "v", Path(unquote(there.path)))
        here = url.set(query={"host": folder})
        through = {
            "JUPYTER_WRANGLER_DATABASE_URL": here.render_as_string(hide_password=False),
            "JUPYTER_WRANGLER_REDIS_URL": f"unix://{folder}/v?db=0",
        }
        yield postgres, valkey, through
        postgres.close()
        valkey.close()


@pytest.fixture(scope="module")
def system(fresh_module):
    with tempfile.TemporaryDirectory(prefix="jwn-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            yield found
        finally:
            found.close()


def test_an_answer_that_was_lost_after_the_commit_makes_no_second_job(system, links):
    """PostgreSQL has the job, the service does not know, the client asks again."""
    postgres, _, through = links
    system.service(**through)
    client = system.client()
    packed = frames.to_parquet(incomplete_frame())
    client.api.upload(packed.data, packed.sha256)
    version = client.api.make_dataset(
        DatasetRequest(
            sha256=packed.sha256, n_rows=packed.n_rows, columns=packed.columns
        )
    )
    body = JobRequest(
        dataset_version_id=version.id,
        spec=ImputationSpec(method="mean"),
        idempotency_key="the same",
        force=True,
    ).model_dump_json()
    json = {"Content-Type": "application/json"}
    postgres.cut_after(b"INSERT INTO wrangler.job ", b"COMMIT")
    with system.http() as http:
        lost = http.post("/jobs", content=body, headers=json)
        assert lost.status_code == 503, lost.text
        assert lost.headers["retry-after"]
        assert postgres.cuts == 1
        again = http.post("/jobs", content=body, headers=json)
        assert again.status_code == 200, again.text
    (row,) = system.sql("SELECT id FROM wrangler.job")
    assert str(row.id) == again.json()["id"]


def test_a_worker_whose_links_are_half_open_is_replaced(system, links):
    """It hears nothing, and nothing tells it so; nobody waits for it."""
    postgres, valkey, through = links
    deaf = system.worker(**through)
    job = system.client().submit(
        # so long that both parts are being computed when the links are cut
        incomplete_frame(3000, 10, seed=4),
        ImputationSpec(max_iter=300, n_imputations=2),
    )
    runners = until(lambda: system.runners(deaf))
    postgres.hold()
    valkey.hold()
    held = time.monotonic()
    healthy = system.worker()
    assert job.wait(timeout=CEILING_S), system.logs()
    assert job.state == "succeeded"
    assert time.monotonic() - held < 120
    # it must not go on, be it that it cannot send a heartbeat, or hears by a new link
    # that its part is another's
    until(lambda: not set(runners) & set(system.runners(deaf)))
    ends = system.sql(
        "SELECT count(*) AS n FROM wrangler.job_event"
        " WHERE job_id = :j AND type = 'succeeded'",
        j=job.id,
    )
    assert ends[0].n == 1
    assert healthy.poll() is None
    # nor stay for ever, unless its heartbeat has found a new link
    beats = """
        SELECT 1 FROM wrangler.worker
         WHERE pid = :p AND heartbeat_at > now() - interval '2 s'"""
    until(
        lambda: deaf.poll() == os.EX_TEMPFAIL or system.sql(beats, p=deaf.pid),
        seconds=60,
    )
    deaf.kill()
    check_book(system)
    healthy.kill()
    healthy.wait()


def test_an_answer_that_never_comes_keeps_no_part_for_ever(system, links):
    """The heartbeat goes on, so nobody else would ever end this part."""
    postgres, _, through = links
    worker = system.worker(**through)
    held = postgres.cuts
    postgres.hold_at(b"finished_at = now(), result_sha", b"COMMIT")
    job = system.client().submit(
        incomplete_frame(seed=5), ImputationSpec(method="mean")
    )
    assert job.wait(timeout=CEILING_S), system.logs()
    assert job.state == "succeeded"
    assert postgres.cuts == held + 1
    assert worker.poll() is None
    check_book(system)
