"""A saved result outlives its job, its data set, retention, and the process."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from jupyter_wrangler import errors
from jupyter_wrangler.contract import ImputationSpec, SaveRequest
from jupyter_wrangler.runtime.garbage_collector import GarbageCollector
from jupyter_wrangler.store.blobs.choose import open_blobs
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until

#: What another process does, which has neither the job nor the frame.
LATER = """
import sys
import pandas as pd
import jupyter_wrangler as jw

jw.connect(sys.argv[1])
found = jw.load("patients@1")
assert found.saved.note == "kept" and not found.saved.job_exists
assert not found.partial and found.n_imputations == 2
expected = pd.read_pickle(sys.argv[2])
for k, df in enumerate(expected["datasets"]):
    pd.testing.assert_frame_equal(found.complete(k), df)
pd.testing.assert_frame_equal(found.mask, expected["mask"])
pd.testing.assert_frame_equal(found.imputed, expected["imputed"])
assert found.summary == expected["summary"]
assert found.events == expected["summary"].events
pooled = found.pool(lambda df: (df.mean().to_dict(), df.var().div(len(df)).to_dict()))
pd.testing.assert_frame_equal(pooled.to_frame(), expected["pooled"])
completed = found.recipe.transform(expected["new"])
pd.testing.assert_frame_equal(completed, expected["transformed"])
assert found.plot.overlay("x0").sentence
assert repr(found).startswith("Result: 2 completed data sets of 200 rows")
assert "x0" in found._repr_html_()
"""


def clear(system, **more) -> None:
    """Clear away all that may go, as if retention was over long ago."""
    settings = system.settings.model_copy(update={"retention_days": 1e-9})
    collector = GarbageCollector(settings, system.database, open_blobs(settings))
    assert collector.clear(grace_s=0, **more) is not None


def fit(df):
    return df.mean().to_dict(), df.var().div(len(df)).to_dict()


def test_a_later_process_loads_what_outlived_its_job(running, tmp_path):
    shared, client = running, running.client()
    job = client.submit(
        incomplete_frame(), ImputationSpec(n_imputations=2, random_state=3)
    )
    result = job.result(timeout=CEILING_S)
    saved = result.save("patients", note="kept")
    assert (saved.label, result.saved) == ("patients@1", saved)
    forgotten = client.submit(incomplete_frame(), ImputationSpec(random_state=4))
    forgotten.result(timeout=CEILING_S)
    pd.to_pickle(
        {
            "datasets": result.datasets,
            "new": incomplete_frame(20, seed=9),
            "transformed": result.recipe.transform(incomplete_frame(20, seed=9)),
            "mask": result.mask,
            "imputed": result.imputed,
            "summary": result.summary,
            "pooled": result.pool(fit).to_frame(),
        },
        tmp_path / "expected",
    )
    client.api.delete(job.uuid)
    clear(shared)
    with pytest.raises(errors.JobNotFound):
        client.job(forgotten.id)
    # of the forgotten job not even the bytes are left: cells and models of two
    # imputations, and the data
    assert shared.sql("SELECT count(*) AS n FROM wrangler.blob")[0].n == 5
    done = subprocess.run(
        [sys.executable, "-c", LATER, f"unix:{shared.socket}", tmp_path / "expected"],
        env=shared.env,
        check=False,
        capture_output=True,
        text=True,
        timeout=CEILING_S,
    )
    assert done.returncode == 0, done.stderr
    # deleted, it goes for good
    client.results()["patients"].delete()
    clear(shared)
    assert shared.sql("SELECT count(*) AS n FROM wrangler.blob")[0].n == 0
    with pytest.raises(errors.ResultNotFound, match="nothing is saved yet"):
        client.load("patients")


def test_a_part_of_a_cancelled_job_is_kept(shared):
    client = shared.client()
    job = client.submit(
        incomplete_frame(3000, 10), ImputationSpec(max_iter=100, n_imputations=300)
    )
    until(lambda: shared.get(f"/jobs/{job.id}").json()["parts_done"] >= 1)
    with pytest.raises(errors.ResultNotReady):
        client.api.save_result(SaveRequest(name="part", job_id=job.uuid))
    job.cancel()
    until(lambda: client.job(job.id).state == "cancelled")
    saved = job.partial_result().save("part")
    assert saved.partial
    assert 1 <= saved.n_imputations < saved.n_wanted == 300
    client.api.delete(job.uuid)
    clear(shared)
    loaded = client.load("part")
    assert (loaded.partial, loaded.summary) == (True, None)
    assert len(loaded.datasets) == saved.n_imputations
    assert loaded.df.notna().all(axis=None)
    assert "(partial)" in repr(loaded)
