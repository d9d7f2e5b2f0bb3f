"""The main job, end to end, through service, PostgreSQL, Valkey and Celery."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.contract import ImputationSpec
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until

DATA = Path(__file__).parent.parent.parent / "notebooks" / "data"


def test_penguins_are_imputed_as_in_process(shared):
    df = pd.read_csv(DATA / "penguins.csv")
    job = shared.client().submit(df, ImputationSpec(n_imputations=3, random_state=1))
    result = job.result(timeout=CEILING_S)
    assert job.state == "succeeded"
    assert result.mask.to_numpy().sum() == 19
    for completed in result.datasets:
        assert completed.notna().all(axis=None)
        pd.testing.assert_series_equal(completed.dtypes, df.dtypes)
        seen = df.notna()
        assert (completed.where(seen) == df.where(seen)).to_numpy()[seen].all()
    assert not result.datasets[0].equals(result.datasets[1])
    summary = shared.client().job(job.id).result().summary
    assert {c.name: c.n_imputed for c in summary.columns}["sex"] == 11
    here = jw.Imputer(method="pmm", random_state=1).fit_transform(df)
    pd.testing.assert_frame_equal(result.datasets[0], here)


def test_the_same_job_again_is_free_and_force_is_not(running):
    client = running.client()
    spec = ImputationSpec(method="mean")
    job = client.submit(incomplete_frame(), spec)
    job.result(timeout=CEILING_S)
    assert client.submit(incomplete_frame(), spec).id == job.id
    assert client.submit(incomplete_frame(), spec, force=True).id != job.id
    assert running.sql("SELECT count(*) AS n FROM wrangler.blob")[0].n <= 3


def test_a_later_process_finds_the_result_with_its_index(shared):
    df = incomplete_frame().set_index(
        pd.Index([f"r{i}" for i in range(200)], name="who")
    )
    job = shared.client().submit(df, ImputationSpec(method="median"))
    job.result(timeout=CEILING_S)
    found = shared.client().job(str(job.id)[:8]).result()
    pd.testing.assert_index_equal(found.df.index, df.index)
    assert found.df.notna().all(axis=None)


def test_progress_arrives_while_it_runs_and_rises(shared):
    job = shared.client().submit(
        incomplete_frame(4000, 12), ImputationSpec(max_iter=300, n_imputations=2)
    )
    seen = []

    def look():
        if job.progress:
            seen.append(job.progress.fraction)
        return job.done()

    until(look, pause=0.02)
    job.result(timeout=CEILING_S)
    assert len(set(seen)) > 3
    assert seen == sorted(seen)


def test_cancel_stops_a_running_job_and_keeps_what_was_finished(running):
    client = running.client()
    job = client.submit(
        incomplete_frame(3000, 10), ImputationSpec(max_iter=100, n_imputations=300)
    )
    until(lambda: running.get(f"/jobs/{job.id}").json()["parts_done"] >= 2)
    assert job.cancel()
    until(lambda: client.job(job.id).state == "cancelled")
    until(job.cancelled)
    kept = job.partial_result()
    assert 2 <= len(kept.datasets) < 300
    assert kept.datasets[0].notna().all(axis=None)
    until(lambda: not running.runners(running.first_worker))


def test_a_callback_and_an_await_get_the_outcome(shared):
    job = shared.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    called = threading.Event()
    job.add_done_callback(lambda done: called.set() if done is job else None)

    async def wait():
        return await job

    assert asyncio.run(wait()).df.notna().all(axis=None)
    assert called.wait(5)


@pytest.mark.parametrize(
    ("method", "kind"), [("nonsense", "unknown_method"), ("constant", "invalid_spec")]
)
def test_a_job_that_cannot_run_says_why(shared, method, kind):
    job = shared.client().submit(incomplete_frame(), ImputationSpec(method=method))
    error = job.exception(timeout=CEILING_S)
    assert error.code == kind
    with pytest.raises(errors.InvalidSpec):
        job.result()
    assert job.state == "failed"
    answer = shared.get(f"/jobs/{job.id}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_result")
    assert answer.json()["details"]["error"]["code"] == kind


def test_the_event_stream_replays_from_where_it_was_left(shared):
    with shared.http() as http:
        client = shared.client()
        client.submit(incomplete_frame(), ImputationSpec(method="mean")).result(
            timeout=CEILING_S
        )
        until(lambda: _marks(http, None))
        first = [mark for mark in _marks(http, None) if mark][-1]
        job = client.submit(incomplete_frame(), ImputationSpec(method="median"))
        job.result(timeout=CEILING_S)
        until(lambda: _jobs(http, first)[-1:] == [(str(job.id), "succeeded")])
        # a place that was never reached is one of another database, before it was
        # restored or made again: silence would hide every job of this one
        assert (str(job.id), "succeeded") in _jobs(http, "9" * 15 + "-0")


def _read(http, last, kind):
    found = []
    # silence of three seconds is the end
    calm = httpx.Timeout(1, read=3)
    headers = {} if last is None else {"Last-Event-ID": last}
    with http.stream("GET", "/events", headers=headers, timeout=calm) as stream:
        event = {}
        with contextlib.suppress(httpx.ReadTimeout):  # a stream has no end
            for line in stream.iter_lines():
                if not line:
                    if event.get("event") == "job":
                        found.append(event.get(kind, ""))
                    event = {}
                else:
                    key, _, value = line.partition(": ")
                    event[key] = value
    return found


def _marks(http, last):
    return _read(http, last, "id")


def _jobs(http, last):
    bodies = [json.loads(data) for data in _read(http, last, "data")]
    return [(body["id"], body["state"]) for body in bodies]


def test_a_frame_over_the_limit_is_refused_with_the_setting_to_raise(system):
    system.service(JUPYTER_WRANGLER_MAX_CELLS="500")
    with pytest.raises(errors.DatasetTooLarge, match="JUPYTER_WRANGLER_MAX_CELLS"):
        system.client().submit(incomplete_frame(), ImputationSpec())
    assert system.sql("SELECT 1 FROM wrangler.job") == []


def test_data_uploaded_once_are_not_sent_again(running):
    client, df = running.client(), incomplete_frame(500, 6)
    client.submit(df, ImputationSpec(method="mean")).result(timeout=CEILING_S)
    client.submit(df, ImputationSpec(method="median")).result(timeout=CEILING_S)
    rows = running.sql(
        "SELECT (SELECT count(*) FROM wrangler.dataset_version) AS versions,"
        " (SELECT count(*) FROM wrangler.upload) AS uploads"
    )
    # a finished upload is kept for a while, for those who ask again
    assert (rows[0].versions, rows[0].uploads) == (1, 1)


def test_imputed_values_are_numbers_of_the_engine(shared):
    df = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [2.0, 4.0, np.nan]})
    spec = ImputationSpec(method="mean", methods={"b": "constant"}, fill_value=9.0)
    result = shared.client().submit(df, spec).result(timeout=CEILING_S)
    assert result.df.to_dict("list") == {"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 9.0]}
