"""Harm that can be done to a deployment, each as one function, in no order.

The tests of this folder do them one by one, and `soak.py` in random order for as long
as one likes.  Whatever was ended is started again before a deed returns; what it
cost must be fixed by the system itself.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable

import psutil
import redis
from sqlalchemy import create_engine, text

from jupyter_wrangler.runtime.celery_app import QUEUES, celery_app, publish
from jupyter_wrangler.stack import paths
from jupyter_wrangler.store.connections import SILENCE_S
from tests.faults.cluster import Cluster
from tests.waiting import CEILING_S, until

Fault = Callable[[Cluster], None]


def connect(cluster: Cluster) -> redis.Redis:
    """A connection to the deployment's Valkey."""
    return redis.Redis.from_url(cluster.settings.redis_url.get_secret_value())


def kill_a_runner(cluster: Cluster) -> None:
    cluster.hurt_a_runner(signal.SIGKILL)


def crash_a_runner(cluster: Cluster) -> None:
    """A fault in some C library."""
    cluster.hurt_a_runner(signal.SIGSEGV)


def kill_a_worker(cluster: Cluster) -> None:
    victim = cluster.rng.choice(cluster.living())
    victim.kill()
    victim.wait()
    cluster.worker()


def end_a_worker(cluster: Cluster) -> None:
    """As systemd or a deployment does."""
    victim = cluster.rng.choice(cluster.living())
    victim.send_signal(signal.SIGTERM)
    cluster.worker()
    victim.wait(CEILING_S)


def hang_a_worker(cluster: Cluster) -> None:
    """Longer than its lease, so that others take over; then it wakes up."""
    victim = cluster.rng.choice(cluster.living())
    victim.send_signal(signal.SIGSTOP)
    time.sleep(7)
    victim.send_signal(signal.SIGCONT)


def lose_messages(cluster: Cluster) -> None:
    """A worker that has taken messages off the queue dies before it says so.

    This is where Celery over Redis loses them: they are in nobody's list.
    """
    for worker in cluster.living():
        worker.send_signal(signal.SIGSTOP)
    for _ in range(3):
        cluster.submit()
    time.sleep(0.5)
    for worker in list(cluster.living()):
        worker.kill()
        worker.wait()
    for _ in range(2):
        cluster.worker()


def kill_the_service(cluster: Cluster) -> None:
    cluster.served_by.kill()
    cluster.served_by.wait()
    cluster.service()


def kill_postgres(cluster: Cluster) -> None:
    _end(cluster, "postgres", signal.SIGKILL)


def restart_postgres(cluster: Cluster) -> None:
    _end(cluster, "postgres", signal.SIGINT)


def cut_every_session(cluster: Cluster) -> None:
    """As an administrator, or a failover, does."""
    places = paths.locate(cluster.stack)
    url = f"postgresql+psycopg://postgres@/wrangler?host={places.postgres_sockets}"
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(
            text("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name LIKE 'wrangler%'""")
        )
    engine.dispose()


def hang_a_session(cluster: Cluster) -> None:
    """A process of PostgreSQL says nothing any more, as one whose disk hangs."""
    query = """
        SELECT pid FROM pg_stat_activity
         WHERE application_name LIKE 'wrangler%' ORDER BY pid"""
    # which may have ended by then
    with contextlib.suppress(psutil.NoSuchProcess):
        victim = psutil.Process(cluster.rng.choice(cluster.sql(query)).pid)
        victim.send_signal(signal.SIGSTOP)
        # longer than anybody waits for it
        time.sleep(SILENCE_S + 2)
        victim.send_signal(signal.SIGCONT)


def kill_valkey(cluster: Cluster) -> None:
    _end(cluster, "valkey", signal.SIGKILL)


def flush_redis(cluster: Cluster) -> None:
    with connect(cluster) as connection:
        connection.flushall()


def fill_redis(cluster: Cluster) -> None:
    """Somebody else's cache takes all memory: queues must stay, caches may go."""
    with connect(cluster) as connection:
        before = connection.config_get("maxmemory")["maxmemory"]
        used = connection.info("memory")["used_memory"]
        connection.config_set("maxmemory", used + 3 * 2**20)
        try:
            cluster.submit()
            for n in range(80):
                connection.set(f"other:{n}", b"x" * 100_000, ex=600)
            assert connection.info("stats")["evicted_keys"] > 0
        finally:
            connection.config_set("maxmemory", before)
            for n in range(80):
                connection.delete(f"other:{n}")


def send_twice(cluster: Cluster) -> None:
    """Every message that could be on its way arrives many times more."""
    app = celery_app(cluster.settings)
    query = """
        SELECT id FROM wrangler.job_part
         WHERE state NOT IN ('succeeded', 'failed') ORDER BY random() LIMIT 5"""
    with app.connection_for_write():
        for row in cluster.sql(query):
            for _ in range(10):
                publish(app, row.id, QUEUES[0])
    app.close()


def drain_a_worker(cluster: Cluster) -> None:
    """As an administrator does before taking a host down."""
    victim = cluster.rng.choice(cluster.living())
    (row,) = cluster.sql("SELECT id FROM wrangler.worker WHERE pid = :p", p=victim.pid)
    with cluster.http() as http:
        assert http.post(f"/admin/workers/{row.id}/drain").status_code == 202
    cluster.worker()
    idle = "SELECT 1 FROM wrangler.job_part WHERE lease_owner = :w"
    until(lambda: not cluster.sql(idle, w=row.id))
    victim.send_signal(signal.SIGTERM)
    victim.wait(CEILING_S)


def cancel_something(cluster: Cluster) -> None:
    job = cluster.submit_long()
    time.sleep(cluster.rng.random() * 2)
    if job.refresh().state in {"queued", "running"}:
        job.cancel()


ALL: tuple[Fault, ...] = (
    kill_a_runner,
    crash_a_runner,
    kill_a_worker,
    end_a_worker,
    hang_a_worker,
    lose_messages,
    kill_the_service,
    kill_postgres,
    restart_postgres,
    cut_every_session,
    hang_a_session,
    kill_valkey,
    flush_redis,
    fill_redis,
    send_twice,
    drain_a_worker,
    cancel_something,
)


def _end(cluster: Cluster, name: str, how: signal.Signals) -> None:
    """End a server, and wait until the supervisor's next one answers."""
    before: psutil.Process = cluster.server(name)
    before.send_signal(how)
    # a server that dies again and again is started again ever later, 30 s at most
    until(lambda: cluster.server(name).pid != before.pid)
    checks = lambda: cluster.get("/health/ready").json()["checks"]  # noqa: E731
    word = {"postgres": "database", "valkey": "redis"}[name]
    until(lambda: checks()[word] == "ok")
