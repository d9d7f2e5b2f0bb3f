"""What a list or a stream reads: rows of its owner, however many others have."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, text

from jupyter_wrangler.store.queue import events, jobs
from jupyter_wrangler.store.queue.events import Mark
from jupyter_wrangler.store.rls import for_owner
from tests.store.conftest import SHA

#: Jobs, and events, of everybody else; and jobs of the owner.
OTHERS, EVENTS, OWN = 20_000, 40_000, 300


@pytest.fixture
def crowded(world):
    """Give an owner among others with very many jobs and events."""
    one = world.submit(m=1, seed=1)
    for statement in (
        """INSERT INTO wrangler."user" (kind, name)
           SELECT 'local', 'user-' || n FROM generate_series(2, 50) n""",
        """INSERT INTO wrangler.job (owner_id, kind, spec, brief, input_version_id,
                  priority, app_version, n_parts, state, created_at, finished_at)
           SELECT people.id, kind, spec, brief, input_version_id, priority,
                  app_version, n_parts, 'succeeded', now() - make_interval(secs => g),
                  now()
             FROM generate_series(1, :others) g
             JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n
                     FROM wrangler."user" WHERE id <> :o) people ON n = 1 + g % 49,
                  wrangler.job WHERE job.id = :j""",
        """INSERT INTO wrangler.job (owner_id, kind, spec, brief, input_version_id,
                  priority, app_version, n_parts, state, created_at, finished_at)
           SELECT :o, kind, spec, brief, input_version_id, priority, app_version,
                  n_parts, 'succeeded', now() - make_interval(secs => 7 * g), now()
             FROM generate_series(1, :own) g, wrangler.job WHERE job.id = :j""",
        # below the oldest open transaction, or they would not be reported yet
        """INSERT INTO wrangler.job_event (xid, job_id, owner_id, type)
           SELECT 1 + g * 300 / :events, id, owner_id, 'part'
             FROM generate_series(1, :events) g
             JOIN (SELECT id, owner_id, row_number() OVER (ORDER BY id) AS n
                     FROM wrangler.job) job ON n = 1 + g % 10000""",
        "ANALYZE wrangler.job, wrangler.job_part, wrangler.job_event",
    ):
        given = {"others": OTHERS, "own": OWN, "events": EVENTS}
        given |= {"o": world.owner, "j": one.id}
        named = re.findall(r":(\w+)\b", statement)
        world.sql(statement, **{name: given[name] for name in named})
    return world


def rows_read(world, verb, *args, **options) -> int:
    """Count the rows that the statements of a verb look at, by their plans."""
    heard = []

    def hear(_c, _cursor, statement, params, *_):
        heard.append((statement, params))

    engine = world.database.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        world.database.run(verb, *args, **options)
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    selects = [one for one in heard if one[0].lstrip().startswith(("SELECT", "WITH"))]

    @for_owner
    def plans(c, owner):
        del owner
        return [
            line
            for statement, params in selects
            for line in c.exec_driver_sql(f"EXPLAIN ANALYZE {statement}", params)
            .scalars()
            .all()
        ]

    plan = world.database.run(plans, args[0])
    read = 0.0
    loops = 1.0
    for line in plan:
        if found := re.search(r"actual time=\S+ rows=([\d.]+) loops=(\d+)", line):
            loops = float(found[2])
            read += float(found[1]) * loops
        if found := re.search(r"Rows Removed by \w+(?: \w+)?: (\d+)", line):
            read += float(found[1]) * loops
    assert read > 0, plan
    return int(read)


def test_fault_4_11_the_newest_jobs_are_found_among_those_of_their_owner(crowded):
    owner = crowded.owner
    found = crowded.database.run(jobs.recent, owner, limit=20)
    assert len(found) >= 20
    assert rows_read(crowded, jobs.recent, owner, limit=20) < OTHERS / 10


def test_fault_4_11_missed_events_are_found_among_those_of_their_owner(crowded):
    owner = crowded.owner
    found = crowded.database.run(events.missed, owner, Mark(0, 0), limit=50)
    assert {one.owner_id for one in found} == {owner}
    assert len(found) == 50
    assert rows_read(crowded, events.missed, owner, Mark(0, 0), limit=50) < EVENTS / 20


def test_the_count_of_rows_would_tell(crowded):
    """A statement that walks everybody's jobs is seen to do so."""

    @for_owner
    def walk(c, owner):
        return c.execute(
            text(
                "SELECT count(*) FROM wrangler.job WHERE spec->>'x' IS NULL"
                " AND owner_id <> :o"
            ),
            {"o": owner},
        ).scalar_one()

    assert rows_read(crowded, walk, crowded.owner) >= OTHERS


def test_jobs_on_data_of_a_digest_are_listed_alone(crowded):
    other = crowded.dataset(crowded.owner, "other", sha="cd" * 32)
    wanted = crowded.submit(m=1, seed=2, version=other)
    page = {"after": None, "limit": 50, "state": None}

    def listed(sha: str) -> list:
        found = crowded.database.run(jobs.page, crowded.owner, data_sha256=sha, **page)
        return [job.id for job in found.items]

    assert listed("cd" * 32) == [wanted.id]
    assert listed("00" * 32) == []
    assert len(listed(SHA)) == 50
    assert wanted.id not in listed(SHA)
    given = {"data_sha256": "cd" * 32, **page}
    assert rows_read(crowded, jobs.page, crowded.owner, **given) < OTHERS / 10
