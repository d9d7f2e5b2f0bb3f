"""How the end of a part is written, whatever PostgreSQL or the runner say."""

from __future__ import annotations

import errno
import math
import threading
import time

import pytest
from sqlalchemy import text

from jupyter_wrangler.runtime.worker.messages import Cancelled, Done, Failed
from jupyter_wrangler.runtime.worker.runner_process import Runner
from jupyter_wrangler.runtime.worker.supervisor import Supervisor
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.pubsub import PubSub


@pytest.fixture
def supervise(world, fresh):
    """Claim the next part, and give who supervises it."""
    pubsub, blobs = PubSub(fresh), open_blobs(fresh)
    blobs.prepare()

    def claim(start=Runner, *, data: bytes | None = None) -> Supervisor:
        (part,) = world.dispatch(1)
        claim = world.claim(part)
        if data is not None:
            path = blobs.path(claim.input_key)
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
        return Supervisor(fresh, world.database, pubsub, blobs, claim, start)

    yield claim
    pubsub.close()


def _summing_up(supervise) -> Supervisor:
    first = supervise()
    first.blobs.staging.write_at(first._output.name, 0, b"cells")
    first._write_end(Done(stored=True))
    return supervise()


def test_what_postgresql_has_no_characters_for_is_left_out(world, supervise):
    job = world.submit()
    supervise()._write_end(
        Failed(
            code="nothing_observed",
            message="Column 'a\0b' is odd: \ud800.",
            details={"column": "a\0b", "other\0": ["\0", {"x": "\ud800"}]},
        )
    )
    done = world.job(job)
    assert (done.state, done.error.code) == ("failed", "nothing_observed")
    assert done.error.message == "Column 'ab' is odd: ?."
    assert done.error.details == {"column": "ab", "other": ["", {"x": "?"}]}


def test_an_end_that_cannot_be_written_fails_the_part_and_says_where_to_look(
    world, supervise, caplog
):
    job = world.submit()
    summary = {"n_rows": math.nan}
    _summing_up(supervise)._write_end(Done(stored=False, summary=summary))
    done = world.job(job)
    assert (done.state, done.error.code) == ("failed", "internal")
    assert done.attempts == 1
    assert done.error.details["reference"] in done.error.message
    assert done.error.details["reference"] in caplog.text


def test_a_result_waits_for_a_lock_and_is_not_thrown_away(world, supervise):
    """Longer than a statement waits, and longer than it is tried again at once."""
    job = world.submit()
    summary = {
        "n_rows": 3, "n_columns": 1, "n_missing": 1, "n_imputed": 1, "columns": []
    }  # fmt: skip
    last = _summing_up(supervise)
    locked = threading.Event()

    def hold():
        with world.database.engine.begin() as connection:
            connection.exec_driver_sql("BEGIN; SET LOCAL wrangler.machinery = 'on'")
            connection.execute(text("SELECT FROM wrangler.job FOR UPDATE"))
            locked.set()
            time.sleep(12)

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait()
    last._write_end(Done(stored=False, summary=summary))
    holder.join()
    done = world.job(job)
    assert (done.state, done.attempts, done.summary.n_imputed) == ("succeeded", 1, 1)


def test_a_host_that_can_start_no_process_costs_no_attempt(world, supervise):
    job = world.submit()

    def start():
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    supervisor = supervise(start, data=b"never read")
    assert supervisor.run(lambda: False) is None
    seen = world.job(job)
    assert (seen.state, seen.attempts) == ("running", 0)
    ((state, why),) = world.sql(
        "SELECT state, error_message FROM wrangler.job_part WHERE stage = 0"
    )
    assert state == "queued"
    assert "cannot start a process" in why


def test_a_cancel_that_concerned_an_earlier_attempt_costs_none(world, supervise):
    """A notification may be late; only the database knows whether it is still meant."""
    job = world.submit()
    supervise()._write_end(Cancelled())
    (part,) = world.sql("SELECT state, attempt FROM wrangler.job_part WHERE stage = 0")
    assert tuple(part) == ("queued", 0)
    assert world.job(job).state == "running"
