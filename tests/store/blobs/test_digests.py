"""The digest of what arrives in pieces is known when the last one has come."""

from __future__ import annotations

import hashlib
import uuid

import pytest

from jupyter_wrangler.store.blobs import digests
from jupyter_wrangler.store.blobs.staging import Staging

PIECES = [b"a" * 100_000, b"b" * 50_000, b"c"]
WHOLE = b"".join(PIECES)
SHA = hashlib.sha256(WHOLE).digest()


@pytest.fixture
def staging(tmp_path):
    found = Staging(tmp_path / "staging")
    found.prepare()
    return found


def write(staging, pieces, at=0, name=None):
    name = name or uuid.uuid4()
    for piece in pieces:
        staging.write_at(name, at, piece)
        at += len(piece)
    return name


def test_what_came_in_order_is_not_read_again(staging):
    name = write(staging, PIECES)
    # so that reading it would be noticed
    staging.path(name).write_bytes(bytes(len(WHOLE)))
    assert staging.digest(name) == (SHA, len(WHOLE))


def test_it_is_reported_once(staging):
    name = write(staging, PIECES)
    assert staging.digest(name) == (SHA, len(WHOLE))
    staging.path(name).write_bytes(b"other")
    assert staging.digest(name) == (hashlib.sha256(b"other").digest(), 5)


def test_what_a_service_before_had_begun_is_read(staging):
    name = write(staging, PIECES[:1])
    after = Staging(staging.folder)
    write(after, PIECES[1:], at=len(PIECES[0]), name=name)
    assert after.digest(name) == (SHA, len(WHOLE))


def test_what_was_sent_again_is_read(staging):
    name = write(staging, PIECES[:2])
    staging.write_at(name, len(PIECES[0]), PIECES[1])
    staging.write_at(name, len(PIECES[0] + PIECES[1]), PIECES[2])
    assert staging.digest(name) == (SHA, len(WHOLE))


def test_what_was_begun_again_is_read(staging):
    name = write(staging, [b"x" * len(PIECES[0])])
    write(staging, PIECES, name=name)
    assert staging.digest(name) == (SHA, len(WHOLE))


def test_what_comes_too_fast_is_read(staging, monkeypatch):
    monkeypatch.setattr(digests, "WAITING", 0)
    name = write(staging, PIECES)
    assert staging._digests._held[name][1] is None
    assert staging.digest(name) == (SHA, len(WHOLE))


def test_what_is_discarded_is_forgotten(staging):
    name = write(staging, PIECES)
    staging.discard(name)
    assert not staging._digests._held


def test_the_oldest_of_many_is_forgotten(staging, monkeypatch):
    monkeypatch.setattr(digests, "NAMES", 2)
    first, *later = [write(staging, PIECES) for _ in range(3)]
    assert list(staging._digests._held) == later
    assert staging.digest(first) == (SHA, len(WHOLE))


def test_of_two_that_write_the_same_place_the_last_is_in_the_file(staging):
    name = write(staging, [b"x" * 5])
    staging.write_at(name, 0, b"y" * 5)
    assert staging.digest(name) == (hashlib.sha256(b"y" * 5).digest(), 5)
