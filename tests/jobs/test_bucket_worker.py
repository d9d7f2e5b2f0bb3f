"""A whole job over a bucket, without a shared folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import jupyter_wrangler as jw
from tests.acceptance.system import holes, until
from tests.s3 import BUCKET, bucket


def test_a_job_runs_over_a_bucket_and_its_runner_has_no_credentials(system, tmp_path):
    with bucket(tmp_path) as aws:
        place = {"JUPYTER_WRANGLER_STORAGE": f"s3://{BUCKET}/town", **aws}
        system.service(**place)
        worker = system.worker(**place, JUPYTER_WRANGLER_HOME=str(tmp_path / "away"))
        client = system.client()
        frame = holes(3000, 12)
        job = jw.impute(frame, "rf", max_iter=50, client=client)
        (runner,) = until(lambda: system.runners(worker), seconds=60)
        environment = Path(f"/proc/{runner}/environ").read_bytes()
        assert b"PATH=" in environment
        for secret in ("a-secret-for-tests", "a-key-id-for-tests", "postgresql"):
            assert secret.encode() not in environment
        job.cancel()
        done = jw.impute(frame, "mean", client=client).result(timeout=60)
        assert not done.df.isna().to_numpy().any()
        np.testing.assert_allclose(done.df.mean(), frame.mean())
        job.wait(timeout=30)
        until(lambda: not list((tmp_path / "away/blobs/staging").iterdir()))
        assert {p.name for p in (system.settings.home / "blobs").iterdir()} == {
            "staging"
        }
