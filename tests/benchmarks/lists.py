"""What lists and streams cost beside 100 000 jobs and a million events of everybody.

Run it on a quiet machine:  python tests/benchmarks/lists.py
Each statement as it is beside the one it replaced, on the same rows, with its plan.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection, event, text

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, paths
from jupyter_wrangler.store import admin, datasets, migrate, quotas
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import schema_engine, sync_engine
from jupyter_wrangler.store.queue import events, jobs
from jupyter_wrangler.store.rls import for_owner, for_system

#: What stands in a job's spec: a mapping of so many columns.
COLUMNS = 200
FILL = """
    SET session_replication_role = replica;
    INSERT INTO wrangler."user" (id, kind, name)
    SELECT md5('u' || u)::uuid, 'local', 'user' || u FROM generate_series(1, :users) u;
    INSERT INTO wrangler.blob (owner_id, sha256, size, store_key)
    SELECT id, decode(repeat('ab', 32), 'hex'), 1000, name FROM wrangler."user";
    INSERT INTO wrangler.dataset (id, owner_id, name)
    SELECT id, id, 'frame' FROM wrangler."user";
    INSERT INTO wrangler.dataset_version
           (id, dataset_id, n, owner_id, blob_sha, n_rows, n_columns, columns)
    SELECT id, id, 1, id, decode(repeat('ab', 32), 'hex'), 100, 5, '[]'
      FROM wrangler."user";
    INSERT INTO wrangler.job (id, owner_id, kind, spec, brief, n_parts, meta_bytes,
           input_version_id, state, app_version, created_at, started_at, finished_at)
    SELECT md5('j' || j)::uuid, md5('u' || 1 + j % :users)::uuid, 'imputation',
           (SELECT jsonb_build_object('kind', 'imputation', 'method', 'pmm', 'methods',
                   jsonb_object_agg('column' || c || '_' || j, 'pmm'))
              FROM generate_series(1, :columns) c),
           '{"kind": "imputation", "method": "pmm"}', 2, 5000,
           md5('u' || 1 + j % :users)::uuid,
           CASE WHEN j > :jobs - 200 THEN 'queued' ELSE 'succeeded' END, '1',
           now() - make_interval(secs => 10 * (:jobs - j)), now(),
           CASE WHEN j > :jobs - 200 THEN NULL ELSE now() END
      FROM generate_series(1, :jobs) j;
    INSERT INTO wrangler.job_part (job_id, owner_id, stage, k, state, queue,
           max_attempts, finished_at)
    SELECT id, owner_id, stage, 0,
           CASE WHEN finished_at IS NULL THEN 'queued' ELSE 'succeeded' END,
           'jw.small', 3, finished_at
      FROM wrangler.job, generate_series(0, 1) stage;
    INSERT INTO wrangler.job_event (xid, job_id, owner_id, type)
    -- below the oldest open transaction, or they would not be reported yet
    SELECT e * 500 / :events, md5('j' || 1 + e % :jobs)::uuid,
           md5('u' || 1 + (1 + e % :jobs) % :users)::uuid, 'part'
      FROM generate_series(1, :events) e;
    SET session_replication_role = DEFAULT;
"""
# ruff: noqa: S608  statements of our own
OLD_JOB = """
    SELECT j.*, d.name AS dataset_name, p.n_parts, p.parts_done, p.attempts,
           p.parts_kept, extract(epoch FROM now() - j.started_at) AS running_s
      FROM wrangler.job j
      JOIN wrangler.dataset_version v ON v.id = j.input_version_id
      JOIN wrangler.dataset d ON d.id = v.dataset_id
      JOIN LATERAL (
           SELECT count(*) AS n_parts, max(attempt) AS attempts,
                  count(*) FILTER (WHERE state = 'succeeded') AS parts_done,
                  count(*) FILTER (WHERE state = 'succeeded'
                                     AND finished_at < j.started_at) AS parts_kept
             FROM wrangler.job_part WHERE job_id = j.id) p ON true
     WHERE j.owner_id = :o """
OLD = {
    "recent": (
        OLD_JOB
        + """
     AND (j.finished_at IS NULL OR j.id IN (
          SELECT id FROM wrangler.job WHERE owner_id = :o
           ORDER BY created_at DESC, id DESC LIMIT 20))
   ORDER BY j.created_at, j.id"""
    ),
    "page": (
        OLD_JOB
        + """
     AND (CAST(:after AS uuid) IS NULL OR (j.created_at, j.id) <
          (SELECT created_at, id FROM wrangler.job
            WHERE id = :after AND owner_id = :o))
     AND (CAST(:state AS text) IS NULL OR j.state = :state)
   ORDER BY j.created_at DESC, j.id DESC LIMIT 51"""
    ),
    "missed": """
     SELECT xid, seq, job_id, owner_id, type FROM wrangler.job_event
      WHERE (xid, seq) > (0, 0)
        AND xid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
        AND (CAST(:owner AS uuid) IS NULL OR owner_id = :owner)
      ORDER BY xid, seq LIMIT 500""",
}


def timed(what: Callable[[], object], times: int) -> float:
    """Milliseconds, the median."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        what()
        found.append(time.perf_counter() - begun)
    return statistics.median(found) * 1000


class Bench:
    """A database with many jobs, and what is measured in it."""

    owner: uuid.UUID

    def __init__(self, settings: Settings, times: int) -> None:
        self.database = SyncDatabase(sync_engine(settings, application="bench", size=2))
        self.times = times
        self.heard: list[tuple[str, dict]] = []
        event.listen(self.database.engine, "before_cursor_execute", self._hear)

    def one(self, query: str):
        return self.database.run(
            for_system(lambda c: c.execute(text(query)).scalar_one())
        )

    def _hear(self, _c, _cursor, statement, params, *_: object) -> None:
        self.heard.append((statement, params))

    def now(self, name: str, verb, *args, **options) -> None:
        self.heard.clear()
        self.database.run(verb, *args, **options)
        statement, params = next(
            one for one in self.heard if one[0].lstrip().startswith("SELECT")
        )
        took = timed(lambda: self.database.run(verb, *args, **options), self.times)
        self._tell(name, "now", took, statement, params, verb)

    def before(self, name: str, statement: str, **params: object) -> None:
        @for_owner
        def verb(c: Connection, owner: uuid.UUID) -> list:
            del owner
            return list(c.execute(text(statement), params))

        self.heard.clear()
        self.database.run(verb, self.owner)
        took = timed(
            lambda: self.database.run(verb, self.owner), max(3, self.times // 5)
        )
        sent, given = self.heard[-1]
        self._tell(name, "before", took, sent, given, verb)

    def _tell(self, name, when, took, statement, params, verb) -> None:
        scope = for_system if verb.__dict__["scope"] == "machinery" else for_owner

        @scope
        def explain(c: Connection, *_: object) -> list[str]:
            found = c.exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {statement}", params
            )
            return list(found.scalars())

        plan = self.database.run(explain, self.owner)
        scans = [
            line.split("->")[-1].strip()
            for line in plan
            if "Scan" in line and "Subquery" not in line and "CTE" not in line
        ]
        pages = next((line.strip() for line in plan if "Buffers" in line), "")
        print(
            f"| {name} | {when} | {took:.1f} ms | {pages.removeprefix('Buffers: ')} |"
        )
        for line in scans:
            print(f"    {line}", file=sys.stderr)


def fill(settings: Settings, counts: dict[str, int]) -> None:
    """Make the rows, as the superuser of the private server."""
    owners = settings.migration_url.get_secret_value()
    elsewhere = SecretStr(owners.replace("wrangler@/", "postgres@/"))
    engine = schema_engine(
        settings.model_copy(update={"migration_url": elsewhere}), application="bench"
    )
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(text(statement), counts)
        connection.commit()
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--times", type=int, default=50)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="jwb-"))
    folder.chmod(0o711)
    settings = Settings(home=folder / "home", runtime_dir=folder / "run")
    launch.ensure(settings, components=("postgres", "valkey"))
    try:
        places = paths.locate(settings)
        settings = settings.model_copy(
            update={
                "database_url": SecretStr(places.database_url),
                "migration_url": SecretStr(places.migration_url),
                "redis_url": SecretStr(places.redis_url),
            }
        )
        migrate.upgrade(settings)
        counts = {"jobs": asked.jobs, "events": asked.events, "users": asked.users}
        fill(settings, {**counts, "columns": COLUMNS})
        measure(settings, asked.times)
    finally:
        launch.stop(Settings(home=folder / "home", runtime_dir=folder / "run"))


def measure(settings: Settings, times: int) -> None:
    """Print one row for each list."""
    bench = Bench(settings, times)
    newest = "SELECT owner_id FROM wrangler.job ORDER BY created_at DESC LIMIT 1"
    latest = "SELECT max(xid) FROM wrangler.job_event"
    owner = bench.owner = bench.one(newest)
    mark = events.Mark(bench.one(latest) - 1, 0)
    every = {"after": None, "limit": 50, "state": None}
    some = {**every, "state": "queued"}
    bench.before("begin of a stream", OLD["recent"], o=owner)
    bench.now("begin of a stream", jobs.recent, owner, limit=20)
    bench.before("list of jobs", OLD["page"], o=owner, after=None, state=None)
    bench.now("list of jobs", jobs.page, owner, **every)
    bench.before("list by state", OLD["page"], o=owner, after=None, state="queued")
    bench.now("list by state", jobs.page, owner, **some)
    bench.before("events missed", OLD["missed"], owner=owner)
    bench.now("events missed", events.missed, owner, mark, limit=500)
    bench.now("list of data sets", datasets.page, owner, after=None, limit=50)
    bench.now("usage of a user", quotas.usage, owner)
    bench.now("everybody's jobs", admin.jobs, **every)
    bench.database.close()


if __name__ == "__main__":
    main()
