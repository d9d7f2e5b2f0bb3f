"""Bytes: whole or not at all, never under a key that was used before."""

from __future__ import annotations

import os
import uuid

import pytest

from jupyter_wrangler.errors import DigestMismatch, StorageUnreachable
from jupyter_wrangler.store.blobs.folder import BlobFolder
from jupyter_wrangler.store.blobs.staging import OwnStaging

OWNER = uuid.uuid4()


@pytest.fixture
def blobs(tmp_path):
    found = BlobFolder(tmp_path / "blobs")
    found.prepare()
    return found


def _adopt(blobs, data: bytes, expected: bytes | None = None):
    name = uuid.uuid4()
    blobs.staging.write_at(name, 0, data)
    return blobs.adopt(OWNER, name, expected)


def test_bytes_come_back_as_they_went_in(blobs):
    sha, size, key = _adopt(blobs, b"x" * 3_000_000)
    assert (len(sha), size) == (32, 3_000_000)
    assert b"".join(blobs.read(key)) == b"x" * 3_000_000
    assert blobs.local(key, uuid.uuid4()).stat().st_mode & 0o077 == 0
    assert list(blobs.staging.folder.iterdir()) == []


def test_a_chunk_sent_again_overwrites_itself(blobs):
    name = uuid.uuid4()
    for offset, data in ((0, b"abc"), (3, b"def"), (3, b"def")):
        blobs.staging.write_at(name, offset, data)
    _, _, key = blobs.adopt(OWNER, name, None)
    assert b"".join(blobs.read(key)) == b"abcdef"


def test_the_same_bytes_get_another_key(blobs):
    first, second = _adopt(blobs, b"same"), _adopt(blobs, b"same")
    assert first[0] == second[0]
    assert first[2] != second[2]
    blobs.delete(first[2])
    blobs.delete(first[2])
    assert b"".join(blobs.read(second[2])) == b"same"


def test_what_is_stored_is_known_by_its_size(blobs):
    _, size, key = _adopt(blobs, b"same")
    assert blobs.has(key, size)
    assert not blobs.has(key, size + 1)
    blobs.delete(key)
    assert not blobs.has(key, size)


def test_a_folder_that_is_not_mounted_has_lost_nothing(blobs):
    _, size, key = _adopt(blobs, b"same")
    blobs.root.rename(blobs.root.with_name("elsewhere"))
    with pytest.raises(StorageUnreachable, match="mounted"):
        blobs.has(key, size)


def test_other_bytes_than_announced_are_dropped(blobs):
    with pytest.raises(DigestMismatch, match="upload them again"):
        _adopt(blobs, b"x", bytes(32))
    assert list(blobs.staging.folder.iterdir()) == []
    assert list(blobs.keys(older_s=-10)) == []


def test_what_is_old_is_listed(blobs):
    _, _, old = _adopt(blobs, b"old")
    _, _, new = _adopt(blobs, b"new")
    os.utime(blobs.path(old), (0, 0))
    left = uuid.uuid4()
    blobs.staging.write_at(left, 0, b"x")
    assert list(blobs.keys(older_s=60)) == [old]
    assert sorted(blobs.keys(older_s=-10)) == sorted([old, new])
    assert list(blobs.staging.left(older_s=60)) == []
    assert list(blobs.staging.left(older_s=-10)) == [left]


def test_bytes_are_found_by_their_digest(blobs):
    sha, size, key = _adopt(blobs, b"same")
    _adopt(blobs, b"other")
    assert blobs.find(OWNER, sha, younger_s=60) == [(key, size)]
    assert blobs.find(OWNER, sha, younger_s=-60) == []
    assert blobs.find(uuid.uuid4(), sha, younger_s=60) == []


def test_fault_4_12_folders_and_files_are_private_whatever_the_umask(tmp_path):
    store = BlobFolder(tmp_path / "shared" / "disk" / "blobs")
    before = os.umask(0)
    try:
        store.prepare()
        name, owner = uuid.uuid4(), uuid.uuid4()
        # as a runner writes its result, by an open of its own
        store.staging.path(name).write_bytes(b"PAR1")
        store.adopt(owner, name, None)
        name = uuid.uuid4()
        store.staging.write_at(name, 0, b"PAR1x")
        own = OwnStaging(tmp_path / "other" / "staging")
        own.prepare()
    finally:
        os.umask(before)
    own_mode = own.folder.stat().st_mode & 0o777
    made = [path for path in tmp_path.rglob("*") if path != own.folder]
    own.close()
    assert own_mode == 0o700
    for path in made:
        if path.exists():
            wanted = 0o700 if path.is_dir() else 0o600
            assert path.stat().st_mode & 0o777 == wanted, path


def test_a_folder_that_an_administrator_made_keeps_its_mode(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o770)
    BlobFolder(shared).prepare()
    assert shared.stat().st_mode & 0o777 == 0o770
    assert (shared / "staging").stat().st_mode & 0o777 == 0o700
