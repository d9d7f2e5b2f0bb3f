"""Logs: ids in every line, and nothing that is nobody's business."""

from __future__ import annotations

import io
import json
import logging
import tempfile
import threading
from pathlib import Path

import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime import logging_setup
from jupyter_wrangler.runtime.dispatcher import Dispatcher, Reaper
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S

PRIVATE = "Salary of Alice"


def test_a_line_of_json_has_the_facts_of_its_work_and_its_traceback():
    log = logging.getLogger("tests.journal")
    with logging_setup.bound(job="6fd3", attempt=2):
        record = log.makeRecord(
            log.name, logging.ERROR, "f", 1, "%s ended\nbadly", ("it",), None
        )
        assert logging_setup._add_facts(record)
    line = logging_setup.JsonLines().format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert said["message"] == "it ended\nbadly"
    assert (said["job"], said["attempt"], said["level"]) == ("6fd3", "2", "error")
    assert "part" not in said
    assert record.facts == " job=6fd3 attempt=2"
    assert dict(logging_setup.current()) == {}


@pytest.fixture
def lines():
    """What the dispatcher's file logs meanwhile, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logging_setup._add_facts)
    handler.setFormatter(logging_setup.JsonLines())
    log = logging.getLogger(Dispatcher.__module__)
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    log.removeHandler(handler)
    log.setLevel(before)


def test_the_reaper_names_the_job_and_the_part_as_facts(world, fresh, lines):
    job = world.submit()
    (part,) = world.dispatch(lease_s=-1)
    late = world.submit(seed=1)
    world.sql("UPDATE wrangler.job SET deadline_at = now() WHERE id = :j", j=late.id)
    reaper = Reaper(fresh, world.database, wake=list, ended=threading.Event())
    assert reaper.reap() == 2
    reported = {line["message"]: line for line in lines()}
    lease = reported["the lease of a part ran out: queued"]
    assert (lease["job"], lease["part"]) == (str(job.id), str(part))
    deadline = reported["the deadline of a job ran out: timed_out"]
    assert (deadline["job"], "part" in deadline) == (str(late.id), False)


@pytest.mark.slow
def test_the_service_and_a_worker_log_ids_and_no_data(fresh):
    with tempfile.TemporaryDirectory(prefix="jwj-") as folder:
        system = System(fresh, Path(folder))
        system.env["JUPYTER_WRANGLER_LOG_FORMAT"] = "json"
        system.env["JUPYTER_WRANGLER_LOG_LEVEL"] = "debug"
        try:
            system.service()
            system.worker()
            df = incomplete_frame().rename(columns={"x0": PRIVATE})
            spec = ImputationSpec(method="mean")
            job = system.client().submit(df, spec, name=PRIVATE)
            job.result(timeout=CEILING_S)
            with system.http() as http:
                token = {"Authorization": "token 0123456789abcdef"}
                http.get(f"/jobs/{job.id}", headers={**token, "X-Request-ID": "r-17"})
        finally:
            system.close()
        texts = {log.name: log.read_text("utf-8") for log in Path(folder).glob("*.log")}
    lines = {
        name: [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        for name, text in texts.items()
    }
    begun = [line for line in lines["worker-1.log"] if line["message"] == "part begins"]
    assert {line["job"] for line in begun} == {str(job.id)}
    assert len({line["part"] for line in begun}) == 2
    assert {line["attempt"] for line in begun} == {"1"}
    asked = [line for line in lines["service-0.log"] if line.get("request") == "r-17"]
    assert any("GET /jobs/{job_id}: 200" in line["message"] for line in asked)
    assert {line.get("job") for line in asked} == {str(job.id)}
    for name, text in texts.items():
        telling = [line for line in text.splitlines() if PRIVATE in line]
        assert not telling, (name, telling[0][:300])
        assert "0123456789abcdef" not in text
        assert "Traceback" not in text
