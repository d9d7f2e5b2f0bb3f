"""A job as a widget: it follows the job, quietly, in any thread."""

import itertools
import re
import time

import pandas as pd

import jupyter_wrangler as jw
from jupyter_wrangler.widgets.job_view import PACE_S, JobView
from tests.waiting import CEILING_S, until

DF = pd.DataFrame({"age": [50.0, None, 61.0, 47.0, 55.0, 50.0, 44.0]})


def share(shown):
    """Per cent done, as those hear it who do not see the bar."""
    found = re.search('value="([0-9]+)".*aria-label="Progress of [^"]', shown.bar.value)
    assert found
    return int(found[1])


def test_the_view_follows_a_job_to_its_end():
    job = jw.impute(DF, random_state=30, name="<b>ages</b>", force=True)
    shown = JobView(job)
    assert "&lt;b&gt;ages&lt;/b&gt;" in shown.head.value
    until(lambda: "<table>" in shown.body.value)
    assert shown.standing.value == "done"
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
    until(lambda: "round" in shown.standing.value and share(shown) > 0)
    until(lambda: len(times) > 8)
    gaps = [b - a for a, b in itertools.pairwise(times)]
    # changes of state are shown at once; they are few
    assert sum(gap < PACE_S * 0.4 for gap in gaps) <= 2
    shown.button.click()
    assert shown.button.disabled
    until(lambda: "cancelled" in shown.standing.value)
    assert shown.bar.layout.display == "none"
    before = len(times)
    time.sleep(2 * PACE_S)
    assert len(times) == before


def test_a_cancelled_job_is_retried_and_followed_again(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=36)
    shown = JobView(job)
    assert shown.again.layout.display == "none"
    until(lambda: share(shown) > 0)
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


def test_a_view_that_is_closed_follows_no_more(long_work):
    job = jw.impute(long_work, n_imputations=30, random_state=41)
    shown = JobView(job)
    until(lambda: share(shown) > 0)
    until(lambda: job._stream.thread is not None)
    shown.close()
    # nothing else is live: the stream and its thread end with the next event
    until(lambda: job._stream.thread is None)
    jw.job(job.id).cancel()
