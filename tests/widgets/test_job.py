"""A job's view follows the job, quietly, and says nothing that must not be saved."""

import itertools
import json
import time

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import jupyter_wrangler as jw
from jupyter_wrangler.widgets.job import PACE_S, JobView, bundle
from tests.waiting import CEILING_S, until

DF = pd.DataFrame({"age": [50.0, None, 61.0, 47.0, 55.0, 50.0, 44.0]})


def test_the_view_follows_a_job_to_its_end():
    job = jw.impute(DF, random_state=30, name="<b>ages</b>", force=True)
    shown = JobView(job)
    assert "&lt;b&gt;ages&lt;/b&gt;" in shown.head.value
    until(lambda: "<table>" in shown.body.value)
    assert shown.standing.value == "done"
    assert shown.bar.value == shown.bar.max
    assert shown.bar.layout.display == shown.button.layout.display == "none"
    assert "<mark" in shown.body.value


def test_a_job_that_is_done_is_shown_at_once():
    job = jw.impute(DF, random_state=31).wait(CEILING_S)
    assert "<table>" in JobView(job).body.value


def test_progress_is_shown_a_few_times_a_second_and_cancel_stops(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=32)
    shown = JobView(job)
    times = []
    shown.standing.observe(lambda _: times.append(time.monotonic()), "value")
    until(lambda: "round" in shown.standing.value and shown.bar.value > 0)
    until(lambda: len(times) > 8)
    gaps = [b - a for a, b in itertools.pairwise(times)]
    # changes of state are shown at once; they are few
    assert sum(gap < PACE_S * 0.4 for gap in gaps) <= 2
    shown.button.click()
    assert shown.button.disabled
    until(lambda: "cancelled" in shown.standing.value)
    assert shown.bar.bar_style == "warning"
    before = len(times)
    time.sleep(2 * PACE_S)
    assert len(times) == before


def test_a_cancelled_job_is_retried_and_followed_again(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=36)
    shown = JobView(job)
    assert shown.again.layout.display == "none"
    until(lambda: shown.bar.value > 0)
    shown.button.click()
    until(lambda: "cancelled" in shown.standing.value)
    assert shown.again.layout.display is None
    shown.again.click()
    assert shown.again.layout.display == "none"
    assert shown.bar.layout.display is None
    assert not shown.button.disabled
    until(lambda: "round" in shown.standing.value)
    assert job.state == "running"
    shown.button.click()
    until(lambda: "cancelled" in shown.standing.value)


def test_a_job_that_was_begun_again_elsewhere_is_followed_again(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=37)
    shown = JobView(job)
    job.cancel()
    job.wait(CEILING_S)
    until(lambda: shown.again.layout.display is None)
    jw.job(job.id).retry()
    shown.again.click()
    assert shown.again.layout.display == "none"
    until(lambda: "round" in shown.standing.value)
    jw.job(job.id).cancel()
    until(lambda: "cancelled" in shown.standing.value)


def test_a_view_of_before_follows_a_job_that_a_later_cell_retries(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=40)
    shown = JobView(job)
    job.cancel()
    job.wait(CEILING_S)
    until(lambda: "cancelled" in shown.standing.value)
    job.retry()
    assert shown.again.layout.display == "none"
    until(lambda: "round" in shown.standing.value)
    job.cancel()
    until(lambda: "cancelled" in shown.standing.value)
    assert shown.again.layout.display is None


def test_a_retry_that_is_refused_says_why(client, long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=38)
    shown = JobView(job)
    job.cancel()
    job.wait(CEILING_S)
    until(lambda: shown.again.layout.display is None)
    client.api.delete(job.uuid)
    shown.again.click()
    assert "There is no job" in shown.standing.value
    assert not shown.again.disabled


def test_a_cancel_that_comes_too_late_harms_nobody():
    job = jw.impute(DF, random_state=33).wait(CEILING_S)
    shown = JobView(job)
    shown.button.click()
    assert job.state == "succeeded"


def test_where_nobody_looks_there_is_text_only():
    job = jw.impute(DF, random_state=34, name="ages").wait(CEILING_S)
    assert bundle(job) == {"text/plain": "Job 'ages': 1 imputation by pmm, done"}


@pytest.fixture
def executed(stack_env, monkeypatch):
    """A notebook that shows a job, run by a real kernel."""
    for name, value in stack_env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JUPYTER_WRANGLER_TOKEN", "a-secret-token")
    cells = [
        (
            "import asyncio, pandas as pd, jupyter_wrangler as jw\n"
            "from ipywidgets.widgets.widget import _instances"
        ),
        "df = pd.DataFrame({'age': [50.0, None, 61.0, 47.0, 55.0, 50.0, 44.0]})",
        (
            "job = jw.impute(df, random_state=35, name='ages', force=True)\n"
            "display(job)\n"
            "result = await job\n"
            # nbclient does not store what a view says after its cell has ended
            "seen = lambda: [getattr(w, 'value', 0) for w in [*_instances.values()]]\n"
            "while 'done' not in seen():\n"
            "    await asyncio.sleep(0.05)"
        ),
        "result",
        "job.result()",
        "job",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    return NotebookClient(notebook, timeout=CEILING_S).execute()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_gets_every_form(executed):
    first, again = (executed.cells[i].outputs[-1]["data"] for i in (2, 5))
    assert (
        first["text/plain"]
        == again["text/plain"]
        == ("Job 'ages': 1 imputation by pmm")
    )
    assert "<table>" in again["text/html"]
    view = "application/vnd.jupyter.widget-view+json"
    states = executed.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]
    assert first[view]["model_id"] in states["state"]
    values = [m["state"].get("value") for m in states["state"].values()]
    assert "done" in values
    assert view not in again, "what does not move any more is static"
    result = executed.cells[4].outputs[-1]["data"]
    assert result["text/plain"] == (
        "Result: 1 completed data set of 7 rows × 1 column, 1 cell imputed"  # noqa: RUF001
    )
    saved = json.dumps(executed)
    for secret in ("a-secret-token", "http://", ".sock"):
        assert secret not in saved
