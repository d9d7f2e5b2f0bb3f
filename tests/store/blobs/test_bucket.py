"""Bytes in a bucket behave as those in a folder, over a real S3 protocol."""

from __future__ import annotations

import hashlib
import uuid

import pytest

from jupyter_wrangler.errors import DigestMismatch, StorageUnreachable
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.blobs.folder import BlobFolder
from tests.s3 import BUCKET, bucket
from tests.store.test_blobs import test_what_is_stored_is_known_by_its_size

__all__ = ["test_what_is_stored_is_known_by_its_size"]

OWNER = uuid.uuid4()


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    with bucket(tmp_path_factory.mktemp("s3")) as env:
        yield env


@pytest.fixture
def blobs(aws, monkeypatch, tmp_path):
    for name, value in aws.items():
        monkeypatch.setenv(name, value)
    place = f"s3://{BUCKET}/{uuid.uuid4().hex}"
    found = open_blobs(Settings(home=tmp_path, storage=place))
    found.prepare()
    return found


def _adopt(blobs, data: bytes, expected: bytes | None = None):
    name = uuid.uuid4()
    blobs.staging.write_at(name, 0, data)
    return blobs.adopt(OWNER, name, expected)


def test_bytes_come_back_as_they_went_in(blobs):
    data = bytes(range(256)) * 80_000  # more than one part of a multipart upload
    sha, size, key = _adopt(blobs, data)
    assert (sha, size) == (hashlib.sha256(data).digest(), len(data))
    assert b"".join(blobs.read(key)) == data
    assert list(blobs.staging.folder.iterdir()) == []


def test_a_runner_gets_a_local_file(blobs):
    _, _, key = _adopt(blobs, b"cells")
    name = uuid.uuid4()
    path = blobs.local(key, name)
    assert path == blobs.staging.path(name)
    assert path.read_bytes() == b"cells"


def test_deleting_is_for_good_and_may_be_repeated(blobs):
    _, _, first = _adopt(blobs, b"same")
    _, _, second = _adopt(blobs, b"same")
    assert sorted(blobs.keys(older_s=-60)) == sorted([first, second])
    for _ in range(2):
        blobs.delete(first)
    assert list(blobs.keys(older_s=-60)) == [second]
    assert list(blobs.keys(older_s=3600)) == [], "what is new is not listed as old"
    with pytest.raises(FileNotFoundError):
        b"".join(blobs.read(first))


def test_other_bytes_than_announced_do_not_arrive(blobs):
    with pytest.raises(DigestMismatch):
        _adopt(blobs, b"x", bytes(32))
    assert list(blobs.keys(older_s=-60)) == []


@pytest.mark.usefixtures("blobs")
def test_a_bucket_in_trouble_is_named(tmp_path):
    nowhere = open_blobs(Settings(home=tmp_path, storage="s3://no-such-bucket/x"))
    nowhere.prepare()
    with pytest.raises(StorageUnreachable, match="JUPYTER_WRANGLER_STORAGE"):
        _adopt(nowhere, b"x")


def test_without_a_bucket_it_is_a_folder(tmp_path):
    assert isinstance(open_blobs(Settings(home=tmp_path)), BlobFolder)
    other = open_blobs(Settings(home=tmp_path, storage=str(tmp_path / "x")))
    assert other.root == tmp_path / "x"


def test_bytes_are_found_by_their_digest(blobs):
    sha, size, key = _adopt(blobs, b"same")
    _adopt(blobs, b"other")
    assert blobs.find(OWNER, sha, younger_s=60) == [(key, size)]
    assert blobs.find(OWNER, sha, younger_s=-60) == []
    assert blobs.find(uuid.uuid4(), sha, younger_s=60) == []
