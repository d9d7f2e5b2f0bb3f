"""A job tried again, and clearing away, from the outside: client and command line."""

from __future__ import annotations

from concurrent.futures import CancelledError

import pytest
from click.testing import CliRunner

import jupyter_wrangler as jw
from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.client.verbs import connect
from jupyter_wrangler.errors import Conflict, JobAlreadyFinished
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S


def test_a_cancelled_job_is_tried_again_and_gives_its_result(system, monkeypatch):
    system.service()
    frame = incomplete_frame()
    job = jw.impute(frame, "mean", client=system.client())
    with pytest.raises(Conflict, match="cancel it first"):
        job.retry()
    assert job.cancel()
    with pytest.raises(CancelledError):
        job.result(timeout=CEILING_S)
    assert job.retry() is job
    assert not job.done(), "what ended was the attempt before"
    assert (job.state, job.error) == ("queued", None)
    again = jw.impute(frame, "mean", client=system.client())
    assert (again.id, again.reused) == (job.id, True)
    job.cancel()
    job.wait(timeout=CEILING_S)
    system.worker()
    monkeypatch.setenv("JUPYTER_WRANGLER_URL", f"unix:{system.socket}")
    # a test before this one may have left the client of another service
    monkeypatch.setattr(connect, "_default", None)
    said = CliRunner().invoke(wrangler, ["retry", job.id])
    assert said.exit_code == 0, said.output
    seen = job.refresh()
    assert (seen.state, seen.summary.n_imputed > 0) == ("succeeded", True)
    with pytest.raises(JobAlreadyFinished, match="force=True"):
        job.retry()


def test_the_command_line_clears_away(fresh, monkeypatch):
    url = fresh.database_url.get_secret_value()
    monkeypatch.setenv("JUPYTER_WRANGLER_DATABASE_URL", url)
    monkeypatch.setenv("JUPYTER_WRANGLER_HOME", str(fresh.home))
    said = CliRunner().invoke(wrangler, ["gc"])
    assert (said.exit_code, said.output) == (0, "Nothing to clear away.\n")


def test_without_a_database_there_is_nothing_to_clear(settings, monkeypatch):
    monkeypatch.setenv("JUPYTER_WRANGLER_HOME", str(settings.home))
    said = CliRunner().invoke(wrangler, ["gc"])
    assert "jupyter wrangler up" in str(said.exception)
