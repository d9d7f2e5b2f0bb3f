"""What holds after every fault, whatever it was.

Every job that was accepted is in exactly one final state, each success has exactly
one result, and nothing is left behind: no lease, no process, no file, no connection.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import psutil
import pyarrow.parquet as pq

from jupyter_wrangler.runtime.garbage_collector import GarbageCollector
from jupyter_wrangler.store.blobs.choose import open_blobs
from tests.acceptance.system import System
from tests.faults.cluster import Cluster
from tests.waiting import until

FINAL = ("succeeded", "failed", "timed_out", "cancelled", "quarantined")


def check_book(system: System, *, seconds: float = 90) -> None:
    """Wait until every job has ended, then look at the rows and the bytes.

    For a system of which a test has killed or cut off something that is not back, so
    that its processes and connections say nothing.

    Raises
    ------
    AssertionError
        Saying what is not as it should be.
    """
    _all_ended(system, seconds)
    _one_end_each(system)
    _one_result_each(system, rows=None)


def check(cluster: Cluster, *, seconds: float = 90) -> None:
    """Wait until every job has ended, then look everywhere.

    Raises
    ------
    AssertionError
        Saying what is not as it should be.
    """
    _all_ended(cluster, seconds)
    known = {str(row.id) for row in cluster.sql("SELECT id FROM wrangler.job")}
    lost = [job.id for job in cluster.jobs if str(job.id) not in known]
    assert not lost, f"accepted, and not on record: {lost}"
    _one_end_each(cluster)
    until(lambda: not _runners(cluster), seconds=15)
    # what the killed left lies there for a day, in which nobody can mistake it
    clearing = GarbageCollector(
        cluster.settings, cluster.database, open_blobs(cluster.settings)
    )
    until(lambda: clearing.clear(grace_s=0, stale_s=0))
    _nothing_left(cluster)
    _one_result_each(cluster, rows=1)


def _all_ended(cluster: System, seconds: float) -> None:
    open_jobs = "SELECT id, state FROM wrangler.job WHERE finished_at IS NULL"
    try:
        until(lambda: not cluster.sql(open_jobs), seconds=seconds, pause=0.1)
    except AssertionError as late:
        raise AssertionError(f"{cluster.sql(open_jobs)}\n{cluster.logs()}") from late


def _one_end_each(cluster: System) -> None:
    wrong = cluster.sql(
        """
        SELECT j.id, j.state, count(e.seq) AS ends, min(e.type) AS told
          FROM wrangler.job j
          LEFT JOIN wrangler.job_event e
            ON e.job_id = j.id AND e.type = ANY(:final)
         GROUP BY j.id HAVING count(e.seq) <> 1 OR min(e.type) <> j.state""",
        final=list(FINAL),
    )
    assert not wrong, f"jobs without exactly one end: {wrong}"
    wrong = cluster.sql("""
        SELECT j.id, j.state, p.stage, p.k, p.state AS part, p.attempt
          FROM wrangler.job_part p JOIN wrangler.job j ON j.id = p.job_id
         WHERE p.finished_at IS NULL OR p.lease_owner IS NOT NULL
            OR p.attempt > p.max_attempts
            OR (j.state = 'succeeded') > (p.state = 'succeeded')""")
    assert not wrong, f"parts that do not fit their job: {wrong}"
    wrong = cluster.sql("""
        SELECT a.* FROM wrangler.job_attempt a
          JOIN wrangler.job_part p ON p.id = a.part_id WHERE a.ended_at IS NULL""")
    assert not wrong, f"attempts that never ended: {wrong}"


def _one_result_each(cluster: System, *, rows: int | None) -> None:
    """Each success has a blob, whose bytes are those that the digest promises.

    `rows` is how many a result has, where all are alike.
    """
    wrong = cluster.sql("""
        SELECT p.id FROM wrangler.job_part p
         WHERE p.state = 'succeeded' AND p.stage = 0 AND p.result_sha IS NULL""")
    assert not wrong, f"successes without a result: {wrong}"
    results = {
        bytes(row.result_sha)
        for row in cluster.sql("""
            SELECT result_sha FROM wrangler.job_part WHERE result_sha IS NOT NULL""")
    }
    blobs = cluster.settings.home / "blobs"
    for row in cluster.sql("SELECT sha256, store_key FROM wrangler.blob"):
        path = blobs / row.store_key
        data = path.read_bytes()
        assert hashlib.sha256(data).digest() == bytes(row.sha256), path
        if rows is not None and bytes(row.sha256) in results:
            assert pq.ParquetFile(path).metadata.num_rows == rows, path


def _nothing_left(cluster: Cluster) -> None:
    blobs = cluster.settings.home / "blobs"
    assert not list((blobs / "staging").iterdir())
    kept = {row.store_key for row in cluster.sql("SELECT store_key FROM wrangler.blob")}
    files = {
        str(path.relative_to(blobs))
        for path in blobs.rglob("*")
        if path.is_file() and "staging" not in path.parts
    }
    assert files == kept, f"files without a row: {files - kept}"
    # each worker has the folder of its fork server; a killed one cannot clear it away
    strange = [p for p in cluster.temporary.iterdir() if not p.name.startswith("pymp-")]
    assert not strange, strange
    until(lambda: not _orphans(cluster), seconds=15)
    _few_connections(cluster)


def _runners(cluster: Cluster) -> list[int]:
    return [pid for worker in cluster.living() for pid in cluster.runners(worker)]


def _orphans(cluster: Cluster) -> list[psutil.Process]:
    """Processes of our workers whose worker is no more."""
    mark = f"TMPDIR={cluster.temporary}".encode()
    ours = {process.pid for process in cluster.processes if process.poll() is None}
    left = []
    for process in psutil.process_iter():
        try:
            environ = Path(f"/proc/{process.pid}/environ").read_bytes()
            family = {process.pid, *(p.pid for p in process.parents())}
        except (OSError, psutil.Error):
            continue
        if mark in environ.split(b"\0") and not family & ours:
            left.append(process)
    return left


def _few_connections(cluster: Cluster) -> None:
    """No more connections and files than the pools may keep open."""
    most = 33 + sum(slots + 2 for slots in _slots(cluster)) + 3
    query = """
        SELECT count(*) AS n FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'wrangler%'"""
    assert cluster.sql(query)[0].n <= most
    for process in [cluster.served_by, *cluster.living()]:
        count = len(os.listdir(f"/proc/{process.pid}/fd"))  # noqa: PTH208  quick
        assert count < 120, f"{count} files are open in {process.args}"


def _slots(cluster: Cluster) -> list[int]:
    return [row.slots for row in cluster.sql("SELECT slots FROM wrangler.worker")]
