"""The event stream: nothing durable is ever missed, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import create_engine, event, make_url, text

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.pubsub import PubSub
from jupyter_wrangler.store.queue.job_completion import record
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S, until


@pytest.fixture(scope="module")
def system(fresh_module):
    """A service without a worker: jobs wait, and change as the tests say."""
    with tempfile.TemporaryDirectory(prefix="jwe-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            found.service()
            yield found
        finally:
            found.close()


class Listener(threading.Thread):
    """Reads a stream until it ends."""

    def __init__(self, system, last: str | None = None) -> None:
        super().__init__(daemon=True)
        self.heard: list[tuple[str, str, dict]] = []
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.connect(str(system.socket))
        # an older HTTP, in which an answer is not sent in chunks
        head = "GET /v1/events HTTP/1.0\r\nHost: w\r\n"
        head += f"Last-Event-ID: {last}\r\n" if last else ""
        self._sock.sendall(f"{head}\r\n".encode())
        self.start()
        until(lambda: "ready" in self.kinds())

    def run(self) -> None:
        item: dict = {}
        with self._sock.makefile("r", encoding="utf-8") as lines:
            for line in map(str.rstrip, lines):
                if line:
                    key, _, value = line.partition(": ")
                    item[key] = value
                elif item.get("event"):
                    data = json.loads(item["data"])
                    self.heard.append((item["event"], item.get("id", ""), data))
                    item = {}

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.heard]

    @property
    def last(self) -> str:
        return next(mark for _, mark, _ in reversed(self.heard) if mark)

    def names(self) -> list[str]:
        return [data["name"] for kind, _, data in self.heard if kind == "job"]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self.join(CEILING_S)
        self._sock.close()


@pytest.fixture
def listen(system):
    """Begin to listen; ends with the test."""
    with contextlib.ExitStack() as open_ones:

        def begin(last: str | None = None) -> Listener:
            return open_ones.enter_context(
                contextlib.closing(Listener(system, last=last))
            )

        yield begin


@pytest.fixture
def job(system, request):
    spec = ImputationSpec(method="mean")
    return system.client().submit(
        incomplete_frame(), spec, name=request.node.name, force=True
    )


@pytest.fixture
def engine(system):
    made = sync_engine(system.settings, application="tests", size=3)
    # transactions that the tests end, and that see everybody's rows
    found = made.execution_options(isolation_level="READ COMMITTED")

    def begun(connection):
        connection.exec_driver_sql("SET LOCAL wrangler.machinery = 'on'")

    event.listen(found, "begin", begun)
    yield found
    made.dispose()


def rename(connection, job, name: str) -> None:
    """Change a job and say so, as every verb does."""
    (row,) = connection.execute(
        text("UPDATE wrangler.job SET name = :n WHERE id = :j RETURNING owner_id"),
        {"n": name, "j": job.uuid},
    )
    record(connection, job.uuid, row.owner_id, "part")


@contextlib.contextmanager
def jobs_cannot_be_read(engine):
    """Events can, so that the service knows that it has something to tell."""
    # an event is to be seen when all older transactions are over: one that was begun
    # before this one is seen, one that is begun meanwhile is not
    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE wrangler.dataset IN ACCESS EXCLUSIVE MODE"))
        yield
        holder.rollback()


@contextlib.contextmanager
def changed_while_it_cannot_be_read(engine, job, name: str):
    with engine.connect() as changing:
        rename(changing, job, name)
        with jobs_cannot_be_read(engine):
            changing.commit()
            yield


def waits(engine) -> list[int]:
    """Sessions of the service that wait for the lock."""
    with engine.connect() as connection:
        return list(
            connection.execute(
                text("""
                SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                   AND application_name = 'wrangler-service'""")
            ).scalars()
        )


# ── transactions that commit in another order than they were numbered ──


@pytest.mark.parametrize("resumed", [False, True])
def test_an_event_that_is_committed_late_is_heard(system, engine, listen, job, resumed):
    first = listen()
    until(lambda: job.name in first.names())
    other = system.client().submit(
        incomplete_frame(seed=2), ImputationSpec(method="mean"), force=True
    )
    until(lambda: first.heard[-1][2].get("id") == other.id)
    last = first.last
    with engine.connect() as slow:
        rename(slow, job, "numbered first, committed last")
        with engine.begin() as quick:
            rename(quick, other, "numbered last, committed first")
        with engine.connect() as reader:
            seqs = reader.execute(
                text("SELECT job_id FROM wrangler.job_event ORDER BY seq DESC LIMIT 1")
            ).scalars()
            assert list(seqs) == [other.uuid], "the other is not to be seen yet"
        if resumed:
            # comes back while the older transaction is still open
            first.close()
            first = listen(last)
        slow.commit()
    both = {"numbered first, committed last", "numbered last, committed first"}
    until(lambda: both <= set(first.names()))
    after = listen(last)
    until(lambda: both <= set(after.names()))  # so does who comes back later


def test_marks_rise_so_that_who_is_cut_off_has_missed_nothing(
    system, engine, listen, job
):
    """The order in which jobs were made is not that in which they changed."""
    client, spec = system.client(), ImputationSpec(method="mean")
    jobs = [
        job,
        *(client.submit(incomplete_frame(), spec, force=True) for _ in range(5)),
    ]
    listener = listen()
    before = len(listener.heard)
    with engine.begin() as at_once:
        for one in reversed(jobs):
            rename(at_once, one, "changed")

    def marked() -> list[tuple[str, str]]:
        """Changes that a listener may go on from, in the order in which they came.

        While an older transaction is open they come without a mark first, and again.
        """
        return [
            (mark, data["id"])
            for kind, mark, data in listener.heard[before:]
            if kind == "job" and data["name"] == "changed" and mark
        ]

    until(lambda: {job_id for _, job_id in marked()} == {one.id for one in jobs})
    marks = [tuple(map(int, mark.split("-"))) for mark, _ in marked()]
    assert marks == sorted(marks)


def test_somebody_elses_long_transaction_holds_no_news_up(system, engine, listen, job):
    """Not even one in another database, which PostgreSQL counts with ours."""
    listener = listen()
    until(lambda: job.name in listener.names())
    url = make_url(system.settings.database_url.get_secret_value())
    elsewhere = create_engine(url.set(database="postgres"))
    with elsewhere.connect() as long:
        long.execute(text("SELECT pg_current_xact_id()"))
        with engine.begin() as quick:
            rename(quick, job, "changed meanwhile")

        def marks() -> list[str]:
            return [
                mark
                for kind, mark, data in listener.heard
                if kind == "job" and data["name"] == "changed meanwhile"
            ]

        until(marks)
        # others may still come before it, so that nobody may go on from there
        assert marks() == [""]
    elsewhere.dispose()
    until(lambda: any(marks()))


def test_who_has_heard_half_of_the_beginning_cannot_go_on_from_there(
    system, listen, job
):
    client, spec = system.client(), ImputationSpec(method="mean")
    for _ in range(3):
        client.submit(incomplete_frame(), spec, force=True)
    listener = listen()
    # changes may follow the snapshot, and carry marks too: the first mark ends it
    marks = until(
        lambda: (
            [mark for kind, mark, _ in listener.heard if kind == "job"]
            if any(mark for kind, mark, _ in listener.heard if kind == "job")
            else None
        )
    )
    unmarked = marks.index(next(filter(None, marks)))
    assert unmarked >= 3
    assert job.name in listener.names()


# ── a database in trouble between reading what is new and telling it ──


def test_news_that_could_not_be_sent_is_sent_when_it_can(engine, listen, job):
    """PostgreSQL ends the session in which the job is read: it is read again."""
    listener = listen()
    with changed_while_it_cannot_be_read(engine, job, "told late"):
        for pid in until(lambda: waits(engine)):
            with engine.begin() as ending:
                ending.execute(text("SELECT pg_terminate_backend(:p)"), {"p": pid})
    until(lambda: "told late" in listener.names())
    assert listener.is_alive()


def test_a_client_that_does_not_read_is_cut_off_and_resumes(
    system, engine, listen, job
):
    """A query that times out is nothing that goes by: the listener asks again."""
    listener = listen()
    until(lambda: job.name in listener.names())
    with changed_while_it_cannot_be_read(engine, job, "heard afterwards"):
        listener.join(CEILING_S)
        assert not listener.is_alive()
    again = listen(listener.last)
    until(lambda: "heard afterwards" in again.names())
    (log,) = system.folder.glob("service-*.log")
    assert "could not be reported" in log.read_text("utf-8")


def test_progress_goes_on_after_a_query_that_timed_out(system, engine, listen, job):
    listener = listen()
    with engine.begin() as starting:
        starting.execute(
            text("""
            UPDATE wrangler.job SET state = 'running', started_at = now()
             WHERE id = :j"""),
            {"j": job.uuid},
        )
    (row,) = system.sql("SELECT owner_id FROM wrangler.job WHERE id = :j", j=job.uuid)
    pubsub = PubSub(system.settings)

    def tick(done: int) -> None:
        step = {"done": done, "total": 9, "imputation": 0, "message": f"step {done}"}
        pubsub.progress(job.uuid, row.owner_id, "0", step)

    def steps() -> list[str]:
        return [d["message"] for kind, _, d in listener.heard if kind == "progress"]

    def arrives(done: int) -> bool:
        # one tick may be lost, as on a host so slow that Redis is not waited for
        tick(done)
        return f"step {done}" in steps()

    with jobs_cannot_be_read(engine):
        # told again and again, since one tick may be lost
        until(lambda: tick(1) or waits(engine), pause=0.3)
        until(lambda: not waits(engine))
    until(lambda: arrives(2), pause=0.3)
    with Redis.from_url(system.settings.redis_url.get_secret_value()) as redis:
        for junk in ("[1]", '"x"', "7", "null", "{", '{"tick": 1, "owner": 5}'):
            assert redis.publish(pubsub.keys.events, junk)
    until(lambda: arrives(3), pause=0.3)
    pubsub.close()
