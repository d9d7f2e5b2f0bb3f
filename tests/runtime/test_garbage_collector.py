"""Clearing away: what is too old goes, what somebody needs never does."""

from __future__ import annotations

import os
import threading
import uuid

import pytest

from jupyter_wrangler.contract import ColumnInfo, DatasetRequest
from jupyter_wrangler.errors import JobNotFound, UploadNotFound
from jupyter_wrangler.runtime.garbage_collector import (
    Cleared,
    GarbageCollector,
    clear_once,
)
from jupyter_wrangler.store import datasets, garbage, uploads
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.queue import jobs, parts
from jupyter_wrangler.store.results import deletion, versions
from jupyter_wrangler.store.results.deletion import DeletionOptions


@pytest.fixture
def blobs(fresh):
    found = open_blobs(fresh)
    found.prepare()
    return found


@pytest.fixture
def clear(fresh, world, blobs):
    return GarbageCollector(fresh, world.database, blobs).clear


def _store(world, blobs, data: bytes) -> tuple[bytes, str]:
    name = uuid.uuid4()
    blobs.staging.write_at(name, 0, data)
    sha, size, key = blobs.adopt(world.owner, name, None)
    kept = world.database.run(uploads.add_blob, world.owner, sha, size, key)
    if kept != key:
        blobs.delete(key)
    return sha, kept


def _version(world, sha: bytes, name: str | None = "frame"):
    columns = (ColumnInfo(name="a", dtype="float64", missing=1),)
    request = DatasetRequest(sha256=sha.hex(), name=name, n_rows=1, columns=columns)
    return world.database.run(datasets.add, world.owner, request, world.quota)[0]


def _age(world, table: str, column: str, days: float) -> None:
    world.sql(
        f"UPDATE wrangler.{table}"  # noqa: S608  words of this file
        f" SET {column} = {column} - make_interval(days => :d)",
        d=days,
    )


def test_bytes_that_nobody_names_go_after_a_while(world, blobs, clear):
    _, key = _store(world, blobs, b"forgotten")
    assert clear().blobs == 0, "they may be wanted soon"
    _age(world, "blob", "last_ref_at", 1)
    assert clear().blobs == 1
    assert list(blobs.keys(older_s=-10)) == []
    assert world.sql("SELECT 1 FROM wrangler.blob WHERE store_key = :k", k=key) == []


def test_bytes_of_datasets_and_results_stay_however_old(world, clear):
    world.done()
    _age(world, "blob", "last_ref_at", 10_000)
    assert clear() == Cleared()
    assert len(world.sql("SELECT 1 FROM wrangler.blob")) == 2


def test_a_job_and_its_results_go_when_their_days_are_over(world, clear):
    job = world.done()
    unfinished = world.submit(seed=1)
    _age(world, "job", "finished_at", 89)
    assert clear().jobs == 0
    _age(world, "job", "finished_at", 2)
    _age(world, "blob", "last_ref_at", 91)
    found = clear()
    assert (found.jobs, found.blobs, found.versions) == (1, 1, 0)
    with pytest.raises(JobNotFound):
        world.job(job)
    assert world.job(unfinished).state == "queued"
    assert world.sql(
        "SELECT 1 FROM wrangler.job_event WHERE job_id = :j", j=job.id
    ) == []  # fmt: skip


def test_a_deleted_dataset_goes_when_no_job_has_it(world, blobs, clear):
    sha, _ = _store(world, blobs, b"deleted")
    version = _version(world, sha, "mine")
    job = world.done(version=version)
    world.database.run(datasets.delete, world.owner, version.dataset_id)
    for table, column in (("dataset", "deleted_at"), ("blob", "last_ref_at")):
        _age(world, table, column, 1)
    _age(world, "dataset", "created_at", 1)
    assert clear().versions == 0, "the job's result needs it"
    world.sql("DELETE FROM wrangler.job WHERE id = :j", j=job.id)
    found = clear()
    assert (found.versions, found.datasets, found.blobs) == (1, 1, 2)


def test_a_frame_without_a_name_goes_and_a_named_one_stays(world, blobs, clear):
    sha, _ = _store(world, blobs, b"a frame")
    _version(world, sha, None)
    _version(world, sha, "named")
    assert clear().versions == 0
    for table in ("dataset", "dataset_version"):
        _age(world, table, "created_at", 91)
    _age(world, "blob", "last_ref_at", 91)
    found = clear()
    assert (found.versions, found.datasets, found.blobs) == (1, 1, 0)
    names = {row.name for row in world.sql("SELECT name FROM wrangler.dataset")}
    assert names == {"frame", "named"}


def test_a_saved_result_outlives_its_job_its_data_set_and_retention(
    world, blobs, clear
):
    sha, _ = _store(world, blobs, b"saved")
    version = _version(world, sha, None)
    saved, _ = world.save(world.done(version=version))
    forgotten = world.done(version=version, seed=1)
    world.database.run(datasets.delete, world.owner, version.dataset_id)
    for table, column, days in (
        ("job", "finished_at", 91),
        ("dataset", "deleted_at", 91),
        ("dataset", "created_at", 91),
        ("dataset_version", "created_at", 91),
        ("blob", "last_ref_at", 91),
    ):
        _age(world, table, column, days)
    found = clear()
    assert (found.jobs, found.versions, found.datasets, found.blobs) == (2, 0, 0, 0)
    with pytest.raises(JobNotFound):
        world.job(forgotten)
    kept = world.database.run(versions.kept, world.owner, saved.result_id, 1)
    assert kept.dataset.sha256 == sha.hex()
    assert [part.size for part, _ in kept.cells] == [5]
    world.database.run(
        deletion.delete_result, world.owner, saved.result_id, DeletionOptions()
    )
    found = clear()
    assert (found.versions, found.datasets, found.blobs) == (1, 1, 2)


def test_no_bytes_are_lost_to_clearing_while_a_result_is_saved(world, blobs):
    """Jobs are deleted, and cleared away without grace, while they are saved."""
    ended = threading.Event()
    # bytes have an hour of grace until a part names them; here they have none
    unnamed = threading.Lock()

    def sweep():
        while not ended.is_set():
            with unnamed:
                for key in world.database.run(garbage.blobs, grace_s=0, limit=10):
                    blobs.delete(key)
            ended.wait(0.001)

    def forget(job):
        world.database.run(jobs.delete, world.owner, job.id)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    saved = 0
    try:
        for n in range(30):
            job = world.submit(seed=n)
            (part,) = world.dispatch()
            claim = world.claim(part)
            with unnamed:
                sha, _ = _store(world, blobs, f"cells {n}".encode())
                world.database.run(
                    parts.succeed, claim.ticket, result_sha=sha, summary=None, usage={}
                )
            for summary in world.dispatch():
                world.succeed(world.claim(summary))
            deleter = threading.Thread(target=forget, args=(job,))
            deleter.start()
            try:
                world.save(job, f"n{n}")
            except JobNotFound:
                pass
            else:
                saved += 1
            deleter.join()
    finally:
        ended.set()
        sweeper.join()
    rows = world.sql("""
        SELECT b.store_key FROM wrangler.result_part p
          JOIN wrangler.blob b ON b.owner_id = p.owner_id AND b.sha256 = p.sha256""")
    assert len(rows) == saved
    assert saved, "the test must have had something to lose"
    assert {row.store_key for row in rows} <= set(blobs.keys(older_s=-10))


def test_an_upload_that_is_not_continued_is_given_up(world, blobs, clear):
    upload = world.database.run(
        uploads.begin, world.owner, bytes(32), 5, quota=world.quota
    )
    blobs.staging.write_at(upload.id, 0, b"abc")
    assert clear().uploads == 0
    _age(world, "upload", "updated_at", 2)
    assert clear().uploads == 1
    assert list(blobs.staging.left(older_s=-10)) == []
    with pytest.raises(UploadNotFound):
        world.database.run(uploads.get, world.owner, upload.id)


def test_files_without_a_row_go_and_those_with_one_stay(world, blobs, clear):
    _, kept = _store(world, blobs, b"kept")
    name, staged = uuid.uuid4(), uuid.uuid4()
    blobs.staging.write_at(name, 0, b"lost")
    _, _, lost = blobs.adopt(world.owner, name, None)
    blobs.staging.write_at(staged, 0, b"left")
    assert clear().lost_files == 0, "somebody may be about to record it"
    for path in (blobs.path(kept), blobs.path(lost), blobs.staging.path(staged)):
        os.utime(path, (0, 0))
    assert clear().lost_files == 2
    assert list(blobs.keys(older_s=-10)) == [kept]


def test_what_others_keep_in_the_same_folder_is_theirs(world, blobs, clear):
    """Files of people, of their disks, and of another database."""
    name = uuid.uuid4()
    blobs.staging.write_at(name, 0, b"theirs")
    _, _, elsewhere = blobs.adopt(uuid.uuid4(), name, None)
    others = [
        blobs.path(elsewhere),
        blobs.root / "thesis/data/measured.csv",
        blobs.root / str(world.owner) / "notes.txt",
        blobs.staging.folder / ".nfs0000000000000001",
    ]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"theirs")
        os.utime(path, (0, 0))
    assert clear() == Cleared()
    assert all(path.exists() for path in others)


def test_silent_workers_are_forgotten(world, clear):
    world.register()
    assert clear().workers == 0
    _age(world, "worker", "heartbeat_at", 8)
    assert clear().workers == 1


def test_one_clears_at_a_time(world, clear, fresh):
    with world.database.alone("jupyter_wrangler:clearing") as mine:
        assert mine
        assert clear() is None
        assert clear_once(fresh) is None
    assert clear_once(fresh) == Cleared()


def test_no_bytes_are_lost_to_clearing_while_they_are_named(world, blobs):
    """Clearing without grace, against somebody who names the same bytes again."""
    ended = threading.Event()
    cleared = []

    def sweep():
        while not ended.is_set():
            for key in world.database.run(garbage.blobs, grace_s=0, limit=10):
                blobs.delete(key)
                cleared.append(key)

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for n in range(60):
            data = b"the same bytes" if n % 2 else b"others"
            while True:
                sha, _ = _store(world, blobs, data)
                try:
                    version = _version(world, sha, f"n{n}")
                except UploadNotFound:
                    continue  # cleared before they were named: upload them again
                break
            found = world.database.run(uploads.find, world.owner, sha)
            assert b"".join(blobs.read(found.key)) == data
            if n % 3 == 0:
                world.sql(
                    "DELETE FROM wrangler.dataset_version WHERE blob_sha = :s", s=sha
                )
                world.sql("DELETE FROM wrangler.dataset WHERE id = :d",
                          d=version.dataset_id)  # fmt: skip
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert cleared, "the test must have had something to race with"
    rows = world.sql("SELECT store_key FROM wrangler.blob WHERE size > 10 OR size = 6")
    there = set(blobs.keys(older_s=-10))
    assert {row.store_key for row in rows} <= there


def test_a_result_of_the_same_bytes_is_not_lost_either(world, blobs):
    """Two imputations may be equal: the second names the blob of the first."""
    job = world.submit(m=2)
    claims = [world.claim(part) for part in world.dispatch()]
    first = _store(world, blobs, b"cells")
    second = _store(world, blobs, b"cells")
    assert first == second
    assert len(list(blobs.keys(older_s=-10))) == 1
    for claim in claims:
        assert world.succeed(claim, sha=first[0].hex())
    assert world.database.run(garbage.blobs, grace_s=0, limit=10) == []
    assert world.job(job).parts_done == 2
