"""A whole job over a bucket, without a shared folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from tests.acceptance.system import incomplete_frame
from tests.s3 import BUCKET, bucket
from tests.waiting import CEILING_S, until


def test_a_job_runs_over_a_bucket_and_its_runner_has_no_credentials(system, tmp_path):
    with bucket(tmp_path) as aws:
        place = {"JUPYTER_WRANGLER_STORAGE": f"s3://{BUCKET}/town", **aws}
        system.service(**place)
        worker = system.worker(**place, JUPYTER_WRANGLER_HOME=str(tmp_path / "away"))
        client = system.client()
        frame = incomplete_frame(3000, 12)
        job = jw.impute(frame, "rf", max_iter=50, client=client)
        (runner,) = until(lambda: system.runners(worker))
        environment = Path(f"/proc/{runner}/environ").read_bytes()
        assert b"PATH=" in environment
        for secret in ("a-secret-for-tests", "a-key-id-for-tests", "postgresql"):
            assert secret.encode() not in environment
        job.cancel()
        done = jw.impute(frame, "mean", client=client).result(timeout=CEILING_S)
        assert not done.df.isna().to_numpy().any()
        np.testing.assert_allclose(done.df.mean(), frame.mean())
        job.wait(timeout=CEILING_S)
        until(lambda: not list((tmp_path / "away/blobs/staging").glob("*/*")))
        assert {p.name for p in (system.settings.home / "blobs").iterdir()} == {
            "staging"
        }


def test_what_a_killed_worker_had_fetched_goes_with_the_next_one(system, tmp_path):
    with bucket(tmp_path) as aws:
        place = {"JUPYTER_WRANGLER_STORAGE": f"s3://{BUCKET}/town", **aws}
        home = {"JUPYTER_WRANGLER_HOME": str(tmp_path / "away")}
        system.service(**place)
        worker = system.worker(**place, **home)
        job = jw.impute(
            incomplete_frame(3000, 12), "rf", max_iter=50, client=system.client()
        )
        until(lambda: system.runners(worker))
        (left,) = (tmp_path / "away/blobs/staging").glob("process-*/*")
        worker.kill()
        worker.wait()
        assert left.exists()
        system.worker(**place, **home)
        until(lambda: not left.parent.exists())
        job.cancel()
        job.wait(timeout=CEILING_S)


def test_a_bucket_that_is_away_for_a_while_costs_no_attempt(system, tmp_path):
    """Neither where data are fetched nor where a result is kept."""
    with bucket(tmp_path) as aws:
        place = {"JUPYTER_WRANGLER_STORAGE": f"s3://{BUCKET}/town", **aws}
        system.service(**place)
        worker = system.worker(**place, JUPYTER_WRANGLER_HOME=str(tmp_path / "away"))
        client = system.client()
        frame = incomplete_frame(3000, 10)
        client.submit(frame, ImputationSpec(method="mean")).result(timeout=CEILING_S)
        computing = client.submit(frame, ImputationSpec(max_iter=200, n_imputations=1))
        until(lambda: system.runners(worker))
        with aws.away():
            fetching = client.submit(frame, ImputationSpec(method="median"))
            waiting = """
                SELECT 1 FROM wrangler.job_part
                 WHERE job_id = :j AND state = 'queued' AND attempt = 0
                   AND error_message LIKE 'The bucket%does not answer%'"""
            for job in (computing, fetching):
                until(lambda j=job: system.sql(waiting, j=j.id))
            shown = fetching.refresh().seen.progress
            assert "The bucket where data and results lie" in shown.message
        for job in (computing, fetching):
            assert job.wait(timeout=CEILING_S), system.logs()
            assert (job.state, job.seen.attempts) == ("succeeded", 1)
        assert not system.sql(
            "SELECT 1 FROM wrangler.job_part WHERE error_message <> ''"
        )
        assert worker.poll() is None
