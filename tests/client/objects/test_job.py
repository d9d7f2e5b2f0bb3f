"""A job is a Future that outlives the process which submitted it."""

import asyncio
import concurrent.futures
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest
from jupyter_client.manager import start_new_kernel

import jupyter_wrangler as jw
from jupyter_wrangler import contract, errors
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.widgets.panel import judge
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.usefixtures("client")


def test_a_job_is_like_a_future(patients):
    job = jw.impute(patients, random_state=10)
    heard = []
    job.add_done_callback(heard.append)
    result = job.result(timeout=CEILING_S)
    assert result is job.result()
    assert (job.done(), job.running(), job.cancelled()) == (True, False, False)
    assert job.exception() is None
    until(lambda: heard == [job])
    job.add_done_callback(heard.append)
    assert heard == [job, job]


def test_a_job_that_another_kernel_began_again_is_known_when_asked(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=39)
    job.cancel()
    job.wait(CEILING_S)
    elsewhere = jw.job(job.id).retry()
    assert job.done(), "nobody asked"
    assert not job.refresh().done()
    with pytest.raises(errors.Conflict, match="only a job that has ended"):
        job.retry()
    elsewhere.cancel()
    with pytest.raises(concurrent.futures.CancelledError):
        job.result(timeout=CEILING_S)


def test_a_callback_that_fails_harms_nobody(patients, caplog, capfd):
    job = jw.impute(patients, random_state=11)
    heard = threading.Event()
    job.add_done_callback(lambda _: 1 / 0)
    job.add_done_callback(lambda _: heard.set())
    assert heard.wait(CEILING_S)
    assert "ZeroDivisionError" in caplog.text
    assert capfd.readouterr() == ("", "")


def test_await_leaves_the_loop_alive(patients):
    async def main():
        job = jw.impute(patients, random_state=12, force=True)
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.005)

        ticking = asyncio.create_task(tick())
        result = await asyncio.wait_for(job, 60)
        ticking.cancel()
        return result, ticks

    result, ticks = asyncio.run(main())
    assert result.df.isna().sum().sum() == 0
    assert ticks > 3


def test_a_loop_that_was_closed_harms_nobody(long_work):
    job = jw.impute(long_work, n_imputations=30)

    async def give_up():
        await asyncio.wait_for(job, 0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    assert job.cancel()
    assert job.wait(CEILING_S).cancelled()


def test_cancel_stops_a_running_job(long_work):
    job = jw.impute(long_work, n_imputations=4, name="long")
    until(lambda: job.progress is not None and job.progress.done > 0)
    assert job.running()
    assert not job.done()
    with pytest.raises(TimeoutError, match="it goes on"):
        job.result(timeout=0.1)
    with pytest.raises(errors.ResultNotReady):
        job.partial_result()
    began = time.monotonic()
    assert job.cancel()
    with pytest.raises(
        concurrent.futures.CancelledError, match="before any of its imp"
    ) as reported:
        job.result(CEILING_S)
    assert "partial_result" not in str(reported.value)
    assert time.monotonic() - began < 10
    assert job.cancelled()
    assert job.cancel()
    with pytest.raises(concurrent.futures.CancelledError):
        job.exception()
    with pytest.raises(errors.NoResult, match="before any part"):
        job.partial_result()


def test_a_job_is_asked_for_before_its_parts_are_refused(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=40)
    held, go_on = threading.Event(), threading.Event()
    here = threading.current_thread()

    def hold(_):
        # in the thread that hears events: no later one arrives
        if threading.current_thread() is not here:
            held.set()
            go_on.wait(CEILING_S)

    job.on_change(hold)
    assert held.wait(CEILING_S)
    try:
        job._api.cancel(job.uuid)
        until(lambda: job._api.job(job.uuid).final)
        # the end may have been asked for, never heard of
        with pytest.raises(errors.NoResult, match="before any part"):
            job.partial_result()
        assert job.seen.state == "cancelled"
    finally:
        go_on.set()


def test_a_finished_job_cannot_be_cancelled(patients):
    job = jw.impute(patients, random_state=13).wait(CEILING_S)
    assert not job.cancel()
    assert job.state == "succeeded"


def test_parts_say_how_each_imputation_stands(patients):
    job = jw.impute(patients, n_imputations=3, random_state=14).wait(CEILING_S)
    parts = job.parts()
    assert list(parts.columns) == [
        "stage",
        "k",
        "kind",
        "state",
        "attempts",
        "max_attempts",
        "started_at",
        "finished_at",
        "error",
    ]
    assert parts["kind"].tolist() == ["imputation"] * 3 + ["summary"]
    assert parts["k"].tolist() == [0, 1, 2, 0]
    assert set(parts["state"]) == {"succeeded"}
    assert (parts["attempts"] >= 1).all()
    assert (parts["started_at"] <= parts["finished_at"]).all()
    assert parts["error"].isna().all()
    # what `impute` would refuse at once
    asked = contract.JobRequest(
        dataset_version_id=job.seen.dataset_version_id,
        spec=contract.ImputationSpec(method="no such method"),
    )
    broken = jw.job(str(job._api.submit(asked).id)).wait(CEILING_S)
    failed = broken.parts().set_index(["stage", "k"]).loc[(0, 0)]
    assert failed["state"] == "failed"
    assert failed["error"] == broken.error.message


def test_what_was_finished_before_the_stop_is_kept():
    df = pd.DataFrame({"a": [1.0, None] * 40_000, "b": np.arange(8e4)})
    df = pd.concat([df, df.add_suffix("2").sample(frac=1.0, random_state=0)], axis=1)
    job = jw.impute(df, n_imputations=200)
    until(lambda: job.refresh().seen.parts_done >= 1)
    assert job.cancel()
    job.wait(CEILING_S)
    partial = job.partial_result()
    assert partial.partial
    assert 1 <= partial.n_imputations < 200
    assert len(partial.numbers) == partial.n_imputations
    assert partial.df.isna().sum().sum() == 0
    assert "(partial)" in repr(partial)
    with pytest.raises(errors.NotFound, match="There is no finished imputation 199"):
        partial.complete(199)


def test_a_result_that_lacks_its_first_imputation_is_explained_too():
    """Of a job that was finished early, a later imputation may be the first done."""
    df = pd.DataFrame({"a": [1.0, None, 3.0, 4.0, 5.0] * 8}, index=[0] * 40)
    whole = jw.impute(df, "sample", n_imputations=2, random_state=0).result(CEILING_S)
    later = whole._manifest.imputations[1:]
    manifest = whole._manifest.model_copy(update={"imputations": later})
    res = Result(whole._api, manifest, df)
    assert res.numbers == [1]
    assert res.df["a"].iloc[1] == whole.complete(1)["a"].iloc[1]
    # labels that many rows have: the draws are told
    assert judge.why(res, 1, 0, "a") == (
        f"a, row 1: imputed as {whole.complete(1)['a'].iloc[1]:g}."
    )


def test_a_fresh_process_gets_the_result_by_a_short_id(patients, stack_env, tmp_path):
    job = jw.impute(patients, random_state=14)
    expected = job.result(CEILING_S).df
    script = (
        "import sys, jupyter_wrangler as jw\n"
        f"df = jw.job({job.id[:8]!r}).result(60).df\n"
        "df.to_pickle(sys.argv[1])\n"
    )
    path = tmp_path / "fresh.pickle"
    subprocess.run(
        [sys.executable, "-c", script, str(path)],
        check=True,
        env={**os.environ, **stack_env},
    )
    pd.testing.assert_frame_equal(pd.read_pickle(path), expected)  # noqa: S301  ours


@pytest.mark.parametrize(
    ("job_id", "words"), [("zz99zz", "begins with"), ("ab", "too short")]
)
def test_an_id_that_fits_nothing_is_reported(job_id, words):
    with pytest.raises(errors.JobNotFound, match=words):
        jw.job(job_id)


LONG_JOB = """
import numpy as np, pandas as pd, jupyter_wrangler as jw
rng = np.random.default_rng(6)
x = rng.normal(size=(60_000, 40)); x[rng.random(x.shape) < 0.2] = np.nan
job = jw.impute(pd.DataFrame(x), random_state=98)
"""


def test_ctrl_c_detaches_and_says_how_to_come_back(stack_env):
    """The job goes on: what was interrupted is only the waiting."""
    script = (
        "import sys, numpy as np, pandas as pd, jupyter_wrangler as jw\n"
        "rng = np.random.default_rng(5)\n"
        "x = rng.normal(size=(60_000, 40)); x[rng.random(x.shape) < 0.2] = np.nan\n"
        "job = jw.impute(pd.DataFrame(x), random_state=99)\n"
        "print(job.id, flush=True)\n"
        "job.result()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **stack_env},
    )
    job_id = process.stdout.readline().strip()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=CEILING_S)
    assert process.returncode == -signal.SIGINT
    assert f'the job goes on. Come back to it with jw.job("{job_id[:8]}").' in said
    job = jw.job(job_id[:8])
    assert job.state in {"queued", "running"}
    job.cancel()
    assert job.wait(CEILING_S).cancelled()


def test_a_stop_in_a_notebook_shows_one_sentence_and_no_traceback(stack_env):
    manager, kernel = start_new_kernel(env={**os.environ, **stack_env})
    try:
        job_id = _said_by(kernel, f"{LONG_JOB}\nprint(job.id)").strip()
        sent = kernel.execute("print('waiting', flush=True); job.result()")
        _until_said(kernel, sent, "waiting")
        time.sleep(1.0)
        manager.interrupt_kernel()
        reply = kernel.get_shell_msg(timeout=CEILING_S)["content"]
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)
    back = f'Come back to it with jw.job("{job_id[:8]}").'
    assert reply["traceback"] == [f"Stopped waiting; the job goes on. {back}"]
    job = jw.job(job_id)
    assert job.state in {"queued", "running"}
    job.cancel()
    job.wait(CEILING_S)


def _said_by(kernel, code: str) -> str:
    said: list[str] = []
    kernel.execute_interactive(
        code,
        timeout=CEILING_S,
        output_hook=lambda message: said.append(message["content"].get("text", "")),
    )
    return "".join(said)


def _until_said(kernel, sent: str, word: str) -> None:
    while True:
        message = kernel.get_iopub_msg(timeout=CEILING_S)
        mine = message["parent_header"].get("msg_id") == sent
        if mine and word in message["content"].get("text", ""):
            return


def test_a_job_that_was_deleted_meanwhile_ends_with_that_error(client, patients):
    job = jw.impute(patients, random_state=15).wait(CEILING_S)
    client.api.delete(job.uuid)
    with pytest.raises(errors.JobNotFound):
        jw.job(job.id)


def test_without_front_end_a_job_shows_as_text(patients):
    job = jw.impute(patients, random_state=16, name="shown").wait(CEILING_S)
    assert repr(job) == f"Job {job.id[:8]} 'shown': 1 imputation by pmm, done"
    found = job._repr_mimebundle_()
    assert found["text/plain"] == "Job 'shown': 1 imputation by pmm, done"
    with pytest.raises(NotImplementedError):
        job._ipython_display_()


def test_several_imputations_are_pooled_and_diagnosed(patients):
    result = jw.impute(patients, n_imputations=3, random_state=17).result(CEILING_S)
    here = jw.Imputer("pmm", random_state=17).impute(patients, 3)
    there = result.imputations
    pd.testing.assert_frame_equal(there.complete("long"), here.complete("long"))
    pd.testing.assert_frame_equal(there.chain_mean, here.chain_mean)
    pd.testing.assert_frame_equal(there.chain_var, here.chain_var)
    pd.testing.assert_frame_equal(result.diagnostics, here.diagnostics)
    pd.testing.assert_frame_equal(there.donors("chol", 2), here.donors("chol", 2))

    def mean(done):
        return done["chol"].mean(), done["chol"].var() / len(done)

    assert result.pool(mean)["x0"] == here.pool(mean)["x0"]
    (chol,) = [c for c in result.summary.columns if c.name == "chol"]
    assert chol.convergence.rhat == here.diagnostics.loc["chol", "rhat_mean"]
    assert len(chol.convergence.chain_mean) == 3


def test_formulas_and_shifts_of_classes_travel(patients):
    patients["ratio"] = patients["chol"] / patients["age"]
    plan = {"ratio": "~ chol / age", "smokes": "logreg"}
    job = jw.impute(patients, plan, delta={"smokes": {True: 50.0}}, random_state=13)
    assert job.spec.delta == {"smokes": {"True": 50.0}}
    result = job.result(timeout=CEILING_S)
    missing = patients["ratio"].isna()
    expected = result.df["chol"] / result.df["age"]
    pd.testing.assert_series_equal(
        result.df["ratio"][missing], expected[missing], check_names=False
    )
    assert result.df["smokes"][patients["smokes"].isna()].all()
    here = jw.Imputer(
        methods=plan, delta={"smokes": {True: 50.0}}, random_state=13
    ).impute(patients, 1)
    pd.testing.assert_frame_equal(result.df, here.complete(0))
    (column,) = (c for c in job.summary.columns if c.name == "ratio")
    assert column.method == "~ chol / age"


def test_cells_and_a_start_travel(patients):
    where = patients.isna().to_numpy(copy=True)
    where[:5, 1] = True  # observed values of chol, too
    where[3, 0] = False  # and one missing value of age is to stay
    start = pd.DataFrame({"chol": 150.0}, index=patients.index)
    settings = {"max_iter": 2, "random_state": 14}
    job = jw.impute(patients, "pmm", start=start, where=where, **settings)
    result = job.result(timeout=CEILING_S)
    here = jw.Imputer("pmm", start=start, where=where, **settings).impute(patients, 1)
    pd.testing.assert_frame_equal(result.df, here.complete(0))
    np.testing.assert_array_equal(result.mask.to_numpy(), where)
    assert result.df["age"].isna().sum() == 1
    again = jw.impute(patients, "pmm", start=start, where=where, **settings)
    assert again.reused
    frame = pd.DataFrame(where, index=patients.index, columns=patients.columns)
    turned = frame[patients.columns[::-1]].astype("boolean")
    assert jw.impute(patients, "pmm", start=start, where=turned, **settings).reused
    assert not jw.impute(patients, "pmm", **settings).reused


def test_cells_of_another_shape_are_refused_at_once(patients):
    with pytest.raises(errors.InvalidSpec, match="Begin with"):
        jw.impute(patients, where=np.ones((3, 3), dtype=bool))
    with pytest.raises(errors.InvalidSpec, match=r"other row labels .* where.reindex"):
        jw.impute(patients, where=patients.isna().set_axis(patients.index[::-1]))
    with pytest.raises(errors.InvalidSpec, match="start has 1 rows"):
        jw.impute(patients, start=pd.DataFrame({"age": [1.0]}))
    with pytest.raises(errors.UnknownColumn):
        jw.impute(patients, start=pd.DataFrame({"agee": 1.0}, index=patients.index))
