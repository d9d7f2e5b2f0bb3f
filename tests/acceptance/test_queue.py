"""A user's own jobs through the whole system: order, place, priority, finish now."""

from __future__ import annotations

import json
import threading

import pytest
from httpx_sse import connect_sse

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.errors import Conflict, JobAlreadyFinished, NothingFinished
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until


@pytest.fixture
def narrow(system):
    """A service and one worker with one slot."""
    system.service()
    system.worker(JUPYTER_WRANGLER_SLOTS="1")
    return system


def _long(client, *, m: int = 40, seed: int = 0):
    spec = ImputationSpec(n_imputations=m, random_state=seed, max_iter=20)
    return client.submit(incomplete_frame(4000, 12), spec, name=f"long {seed}")


def _short(client, **more):
    spec = ImputationSpec(method="mean", random_state=7)
    return client.submit(incomplete_frame(seed=1), spec, **more)


def test_a_short_job_is_done_while_the_long_one_goes_on(narrow):
    client = narrow.client()
    long = _long(client)
    until(lambda: long.refresh().seen.started_at)
    _short(client).wait(CEILING_S)
    seen = long.refresh().seen
    assert seen.state == "running"
    assert seen.n_finished < 39
    long.cancel()
    assert long.wait(CEILING_S).cancelled()


def test_finish_now_gives_a_result_with_a_summary_of_what_is_done(narrow):
    client = narrow.client()
    job = _long(client)
    with pytest.raises(NothingFinished):
        job.finish()
    until(lambda: job.refresh().seen.can_finish)
    job.finish()
    result = job.result(CEILING_S)
    seen = job.refresh().seen
    assert (seen.state, seen.partial, seen.finishing) == ("succeeded", True, False)
    assert 1 <= result.n_imputations == seen.n_finished < 40
    assert result.partial
    assert result.summary.n_imputed == int(
        incomplete_frame(4000, 12).isna().sum().sum()
    )
    assert not result.df.isna().any(axis=None)
    with pytest.raises(JobAlreadyFinished):
        job.finish()


def test_a_worker_that_is_killed_while_it_finishes_does_not_hold_it_up(narrow):
    client = narrow.client()
    job = _long(client)
    until(lambda: job.refresh().seen.can_finish)
    narrow.processes[1].kill()
    job.finish()
    assert job.refresh().seen.finishing
    narrow.worker()
    assert job.result(CEILING_S).partial


def test_the_place_is_told_and_changes_on_the_stream(narrow):
    client = narrow.client()
    long = _long(client)
    until(lambda: long.refresh().seen.started_at)
    second = _long(client, seed=1)
    place = second.refresh().seen.queue
    assert place.reason == "behind_own_jobs"
    assert [one.id for one in place.own] == [long.uuid]
    heard, ready = [], threading.Event()

    def listen():
        with narrow.http() as http, connect_sse(http, "GET", "/events") as source:
            for event in source.iter_sse():
                ready.set()
                if event.event == "queue":
                    heard.append(json.loads(event.data))
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ready.wait(CEILING_S)
    # a third one of a higher priority goes before it
    third = _long(client, seed=2).set_priority("high")
    thread.join(CEILING_S)
    assert heard[0]["job_id"] in {second.id, third.id}
    until(lambda: second.refresh().seen.queue.place == 2)
    assert second.seen.queue.own[0].id in {long.uuid, third.uuid}
    for job in (long, second, third):
        job.cancel()


def test_a_priority_is_changed_while_the_job_waits(narrow):
    client = narrow.client()
    long = _long(client)
    until(lambda: long.refresh().seen.started_at)
    job = _short(client, priority="low")
    assert job.priority == "low"
    assert job.set_priority("high").priority == "high"
    job.wait(CEILING_S)
    with pytest.raises(Conflict):
        job.set_priority("low")
    assert job.rename("first look").name == "first look"
    assert client.job(job.id).name == "first look"
    long.cancel()
