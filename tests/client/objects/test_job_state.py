"""What is known of a job, whatever way and order news come in."""

import datetime as dt
import uuid

import pytest

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.job_state import JobTracker
from jupyter_wrangler.errors import JobNotFound

BEGIN = dt.datetime(2026, 11, 22, 14, 2, tzinfo=dt.UTC)
END = BEGIN + dt.timedelta(minutes=3)
ID = uuid.uuid4()


def job(state="running", finished_at=None, **reported):
    return contract.Job(
        id=ID,
        kind="imputation",
        name="penguins",
        state=state,
        dataset_version_id=uuid.uuid4(),
        dataset_name="data",
        spec=contract.ImputationSpec(),
        n_parts=5,
        parts_done=0,
        attempts=1,
        created_at=BEGIN,
        started_at=BEGIN,
        finished_at=finished_at,
        **reported,
    )


@pytest.fixture
def left():
    return []


@pytest.fixture
def known(left):
    return JobTracker(job(), leave=left.append)


def test_news_are_sent_until_the_end_and_then_no_more(known, left):
    heard = []
    known.on_change(lambda: heard.append(known.seen.state))
    known.on_end(lambda: heard.append("over"))
    known.take(job("cancelling"))
    known.take(job("cancelled", END))
    assert heard == ["cancelling", "cancelled", "over"]
    assert known.ended.is_set()
    assert left == [known]
    known.take(job("cancelled", END))
    assert heard == ["cancelling", "cancelled", "over"]


def test_an_answer_of_before_the_end_does_not_undo_it(known):
    before = known.seen
    known.take(job("cancelled", END))
    known.take(job("cancelling"))
    known.take_answer(job("running"), before)
    assert (known.seen.state, known.ended.is_set()) == ("cancelled", True)


def test_an_answer_after_the_end_says_that_it_was_begun_again(known):
    known.take(job("failed", END))
    heard = []
    known.on_change(lambda: heard.append(known.seen.state))
    known.take_answer(job("running"), known.seen)
    assert (known.seen.state, known.ended.is_set()) == ("running", False)
    assert heard == ["running"]
    known.take(job("failed", END))
    assert known.seen.state == "running", "late news of the attempt before"
    known.take(job("succeeded", END + dt.timedelta(minutes=1)))
    assert known.ended.is_set()


def test_a_step_moves_a_queued_job_on_and_an_ended_one_not():
    step = contract.Progress(job_id=ID, done=1, total=4, message="round 1")
    known = JobTracker(job("queued"), leave=print)
    known.take_progress(step)
    assert (known.seen.state, known.seen.progress) == ("running", step)
    known.take(job("running"))
    assert known.seen.progress == step, "an event without a step keeps the last one"
    known.take(job("failed", END))
    known.take_progress(step)
    assert (known.seen.state, known.seen.progress) == ("failed", None)


def test_who_stopped_listening_is_not_called(known):
    heard = []
    known.on_change(lambda: heard.append(1))()
    known.on_end(lambda: heard.append(2))()
    known.take(job("failed", END))
    assert heard == []
    known.on_end(lambda: heard.append(3))
    assert heard == [3]


def test_one_who_fails_keeps_nobody_from_hearing(known, caplog):
    heard = []
    known.on_change(lambda: 1 / 0)
    known.on_change(lambda: heard.append(1))
    known.take(job("running"))
    assert heard == [1]
    assert "ZeroDivisionError" in caplog.text


def test_a_job_that_is_no_more_is_over(known, left):
    gone = JobNotFound("There is no such job.")
    known.take_loss(gone)
    assert (known.lost, known.ended.is_set(), left) == (gone, True, [known])
